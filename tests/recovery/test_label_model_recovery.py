"""The label model on votes whose truth was put in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wsal.label_models import LabelModel, MajorityVote
from wsal.labels import HumanLabels
from wsal.testing import Copies, make_votes, share_accuracy


def random_answers(made, n, seed=0):
    rows = np.random.default_rng(seed).choice(made.votes.n_items, n, replace=False)
    frame = pd.DataFrame({"item": rows, "label": made.gold[rows], "propensity": 1 / made.votes.n_items})
    return HumanLabels.from_frame(frame)


def test_many_answers_recover_the_precision_of_each_function():
    made = make_votes(20_000, accuracies=(0.9, 0.8, 0.65, 0.55), coverage=0.3, rng=1)
    model = LabelModel().fit(made.votes, random_answers(made, 4000))
    P = np.exp(model.log_posterior)
    for j, accuracy in enumerate(made.accuracies):
        for y in range(2):
            # About 600 answers a source; the prior of 20 answers at .78 pulls by less than .01.
            assert abs(P[2 * j + y, y] - accuracy) < 0.06


def test_correlated_functions_are_recovered_as_well():
    args = {"accuracies": (0.9, 0.75, 0.6), "coverage": 0.3, "rng": 5}
    made = make_votes(20_000, copies=[Copies(of=2, n=4, dropout=0.2), Copies(of=0, n=2, dropout=0.3)], **args)
    P = np.exp(LabelModel().fit(made.votes, random_answers(made, 4000)).log_posterior)
    for j, accuracy in enumerate(made.accuracies):
        for y in range(2):
            # 420 to 600 answers a source: two standard errors are .04 to .05, the prior pulls by up to .01.
            assert abs(P[2 * j + y, y] - accuracy) < 0.06


def test_precisions_are_recovered_where_one_item_in_two_hundred_is_positive():
    precisions = (0.9, 0.6, 0.3, 0.99)
    made = make_votes(
        100_000,
        accuracies=precisions,
        coverage=(0.003, 0.004, 0.008, 0.5),
        polarities=(1, 1, 1, 0),
        class_balance=(0.995, 0.005),
        rng=6,
    )
    # Everything is answered that a rule for the rare class fires on, about 1,400 items, as an audit by strata would;
    # so these three are recovered, while the rule for the common class is seen where others contradict it.
    rows = np.flatnonzero((made.votes.values[:, :3] == 1).any(axis=1))
    frame = pd.DataFrame({"item": rows, "label": made.gold[rows], "propensity": 1 / len(rows)})
    P = np.exp(LabelModel().fit(made.votes, HumanLabels.from_frame(frame)).log_posterior)
    for j, precision in enumerate(precisions[:3]):
        voted = made.votes.values[:, j] >= 0
        true = float((made.gold[voted] == made.votes.values[voted, j]).mean())
        assert abs(true - precision) < 0.06  # what the generator made
        # 300 to 800 answers a source; the prior of 20 answers at .78 pulls a rule of .3 by up to .02.
        assert abs(P[2 * j + 1, 1] - precision) < 0.08


def test_answers_bring_the_labels_close_to_the_best_that_votes_allow():
    made = make_votes(20_000, accuracies=(0.95, 0.9, 0.55, 0.55, 0.55, 0.55), coverage=0.6, rng=2)
    covered = (made.votes.values >= 0).any(axis=1)
    best = share_accuracy(made.posterior(), made.gold, rows=covered)
    blind = share_accuracy(LabelModel().fit(made.votes).predict_proba(made.votes), made.gold, rows=covered)
    told = LabelModel().fit(made.votes, random_answers(made, 400)).predict_proba(made.votes)
    assert best - blind > 0.03
    assert best - share_accuracy(told, made.gold, rows=covered) < 0.02


def test_six_near_copies_of_a_weak_rule_do_not_drag_the_others_down():
    args = {
        "accuracies": (0.8, 0.8, 0.85, 0.55),
        "coverage": (0.4, 0.4, 0.4, 0.45),
        "polarities": (0, 1, 1, 0),
    }
    clean = make_votes(5000, rng=3, **args)
    attacked = make_votes(5000, rng=3, copies=[Copies(of=3, n=6, dropout=0.15)], **args)
    covered = (clean.votes.values >= 0).any(axis=1)

    def quality(model, made):
        return share_accuracy(model.fit(made.votes).predict_proba(made.votes), made.gold, rows=covered)

    assert (clean.gold == attacked.gold).all()
    assert quality(LabelModel(), attacked) > quality(LabelModel(), clean) - 0.01
    assert quality(MajorityVote(), attacked) < quality(MajorityVote(), clean) - 0.05


def test_a_class_balance_that_is_known_helps_where_one_class_is_rare():
    made = make_votes(
        10_000,
        accuracies=(0.6, 0.6, 0.95, 0.95),
        coverage=(0.1, 0.1, 0.3, 0.3),
        class_balance=(0.85, 0.15),
        polarities=(1, 1, 0, 0),
        rng=4,
    )
    covered = (made.votes.values >= 0).any(axis=1)
    balance = np.bincount(made.gold[covered], minlength=2) / covered.sum()
    off = []
    for given in (None, balance):
        P = LabelModel().fit(made.votes, class_balance=given).predict_proba(made.votes)[covered]
        off.append(abs(P[:, 1].mean() - balance[1]))
    assert off[1] < off[0]
