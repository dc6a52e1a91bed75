"""DawidSkene on crowds whose truth is known, and on real crowds."""

from __future__ import annotations

import numpy as np
import pytest

from wsal.label_models import DawidSkene, MajorityVote
from wsal.testing import make_votes, share_accuracy
from wsal.votes import VoteMatrix


def drawn_crowd(tables, gold, coverage, rng):
    """Votes of people with the tables (m, k, k) given, on a share of the items."""
    m, k, _ = tables.shape
    upper = np.cumsum(tables, axis=2)[:, gold]  # (m, n, k)
    L = (rng.random((m, len(gold), 1)) >= upper[:, :, :-1]).sum(axis=2).T
    L[rng.random(L.shape) >= coverage] = -1
    return VoteMatrix.from_array(L, [f"class {y}" for y in range(k)])


def quality(model, made):
    covered = (made.votes.values >= 0).any(axis=1)
    return share_accuracy(model.fit(made.votes).predict_proba(made.votes), made.gold, rows=covered)


def test_confusion_tables_and_balance_are_recovered():
    rng = np.random.default_rng(1)
    balance = np.array([0.6, 0.3, 0.1])
    gold = rng.choice(3, 20_000, p=balance)
    tables = np.stack(
        [rng.dirichlet(10 * np.roll([0.7, 0.2, 0.1], y), size=15) for y in range(3)], axis=1
    )  # people mistake each class for the next one
    model = DawidSkene().fit(drawn_crowd(tables, gold, 0.4, rng))
    # The rarest class has about 800 answers a person: a standard error of .016, and the crowd's pull is .01.
    assert np.abs(model.confusions - tables).max() < 0.06
    assert np.abs(model.confusions - tables).mean() < 0.01
    assert np.abs(model.class_balance - balance).max() < 0.01


def test_accuracies_are_recovered_where_one_item_in_two_hundred_is_positive():
    made = make_votes(
        60_000,
        accuracies=(0.98, 0.97, 0.95, 0.99, 0.96, 0.98),
        coverage=0.9,
        class_balance=(0.995, 0.005),
        rng=2,
    )
    model = DawidSkene().fit(made.votes)
    assert np.abs(model.accuracies - made.accuracies).max() < 0.005
    assert abs(model.class_balance[1] - 0.005) < 0.002


def test_labels_are_nearly_as_good_as_knowing_everybodys_accuracy():
    accuracies = np.random.default_rng(3).beta(6, 3, 40).tolist()
    made = make_votes(3000, accuracies=accuracies, coverage=0.12, class_balance=(0.5, 0.3, 0.2), rng=3)
    covered = (made.votes.values >= 0).any(axis=1)
    best = share_accuracy(made.posterior(), made.gold, rows=covered)
    assert best - quality(MajorityVote(), made) > 0.03
    assert best - quality(DawidSkene(), made) < 0.015


def test_somebody_who_is_always_wrong_is_as_good_a_witness():
    rng = np.random.default_rng(4)
    gold = rng.integers(0, 2, 2000)
    good = [np.where(rng.random(2000) < 0.75, gold, 1 - gold) for _ in range(4)]
    liars = [np.where(rng.random(2000) < 0.95, 1 - gold, gold) for _ in range(2)]
    votes = VoteMatrix.from_array(np.stack([*good, *liars], axis=1), ["no", "yes"])
    model = DawidSkene().fit(votes)
    assert (model.accuracies[4:] < 0.15).all()
    assert share_accuracy(model.predict_proba(votes), gold) > 0.95
    assert share_accuracy(MajorityVote().fit(votes).predict_proba(votes), gold) < 0.75


def test_the_pooled_table_pays_where_most_people_answer_little():
    """With a few answers each, tables of their own are noise; drawn towards the crowd they are not."""
    pooled, alone, votes = [], [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        share = rng.pareto(1.2, 80) + 0.2
        made = make_votes(
            400,
            accuracies=np.maximum(0.3, rng.beta(6, 3, 80)).tolist(),
            coverage=np.minimum(0.9, 4 * share / share.sum()).tolist(),
            class_balance=(0.4, 0.3, 0.2, 0.1),
            rng=rng,
        )
        pooled.append(quality(DawidSkene(), made))
        alone.append(quality(DawidSkene(person_strength=0.5), made))
        votes.append(quality(MajorityVote(), made))
    assert np.mean(pooled) > np.mean(alone) + 0.02
    assert np.mean(pooled) > np.mean(votes) + 0.01


@pytest.mark.parametrize(("name", "k"), [("crowd_rte", 2), ("crowd_dog", 4)])
def test_real_crowds_are_a_point_above_majority_vote(shared_data, name, k):
    frame = shared_data(name, "train")
    columns = [c for c in frame.columns if c.startswith("lf_")]
    votes = VoteMatrix.from_array(frame[columns].to_numpy(), [f"class {y}" for y in range(k)])
    ours, majority = (
        share_accuracy(model.fit(votes).predict_proba(votes), frame["label"])
        for model in (DawidSkene(), MajorityVote())
    )
    assert ours > majority + 0.01  # measured: .9237 against .8969 (rte), .8327 against .8222 (dog)
