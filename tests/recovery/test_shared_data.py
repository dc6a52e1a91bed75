"""The label model on real votes: above majority vote, never a point below it, better with answers."""

from __future__ import annotations

import os
from functools import cache

import numpy as np
import pandas as pd
import pytest

from wsal.features import numeric_features, text_features
from wsal.label_models import LabelModel, MajorityVote, SnorkelModel
from wsal.labels import HumanLabels
from wsal.testing import log_loss, share_accuracy
from wsal.training import deliver
from wsal.votes import VoteMatrix

SETS = ("youtube", "sms", "trec", "census", "imdb_cosine")
CLASSES = {"trec": 6}


@pytest.fixture(scope="session")
def train_split(shared_data):
    @cache
    def read(name):
        frame = shared_data(name, "train")
        columns = [c for c in frame.columns if c.startswith("lf_")]
        labels = [f"class {y}" for y in range(CLASSES.get(name, 2))]
        votes = VoteMatrix.from_array(frame[columns].to_numpy(), labels, item_ids=frame["id"].tolist())
        return frame, votes, frame["label"].to_numpy(), (votes.values >= 0).any(axis=1)

    return read


@pytest.fixture(scope="session")
def features(train_split):
    @cache
    def read(name):
        frame = train_split(name)[0]
        if "text" in frame.columns:
            return text_features(frame["text"].tolist())
        return numeric_features({c: frame[c].tolist() for c in frame if c[0] == "f" and c[1:].isdigit()})

    return read


def quality(model, split):
    _, votes, gold, covered = split
    return share_accuracy(model.fit(votes).predict_proba(votes), gold, rows=covered)


@pytest.mark.parametrize("name", SETS)
def test_the_label_model_is_never_a_point_below_majority_vote(train_split, name):
    split = train_split(name)
    assert quality(LabelModel(), split) > quality(MajorityVote(), split) - 0.01


def test_the_label_model_is_above_majority_vote_on_average(train_split):
    gains = [
        quality(LabelModel(), train_split(name)) - quality(MajorityVote(), train_split(name)) for name in SETS
    ]
    assert np.mean(gains) > 0.02  # measured: .0238; one and a half points are wanted


def test_the_log_loss_is_less_than_half_of_that_of_vote_shares(train_split):
    losses = []
    for name in SETS:
        _, votes, gold, covered = train_split(name)
        losses.append(
            [
                log_loss(model.fit(votes).predict_proba(votes), gold, rows=covered, floor=1e-12)
                for model in (LabelModel(), MajorityVote())
            ]
        )
    ours, shares = np.mean(losses, axis=0)
    assert ours < 0.5 * shares  # measured: .596 against 4.08


def log_losses(split):
    _, votes, gold, covered = split
    patterns = votes.patterns()
    powers = np.exp(patterns.tally())
    softmax = patterns.expand(powers / powers.sum(axis=1, keepdims=True))
    ours = LabelModel().fit(votes).predict_proba(votes)
    return log_loss(ours, gold, rows=covered), log_loss(softmax, gold, rows=covered)


def test_the_log_loss_is_below_that_of_the_softmax_of_vote_counts_on_average(train_split):
    ours, softmax = np.mean([log_losses(train_split(name)) for name in SETS], axis=0)
    assert ours < softmax - 0.005  # measured: .596 against .610


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.xfail(
                name == "trec",
                strict=True,
                reason="1.347/1.319: three rules are exact copies and right in 99 of 100 cases; counts let them "
                "vote three times, LabelModel once",
            ),
        )
        for name in SETS
    ],
)
def test_the_log_loss_is_below_that_of_the_softmax_of_vote_counts(train_split, name):
    ours, softmax = log_losses(train_split(name))
    assert ours < softmax


@pytest.mark.parametrize("name", SETS)
def test_the_label_model_is_above_snorkels(train_split, name):
    if os.environ.get("WSAL_CI") != "1":
        pytest.importorskip("snorkel", reason="snorkel is not installed (pip install 'wsal[snorkel]')")
    split = train_split(name)
    assert quality(LabelModel(), split) > quality(SnorkelModel(), split)


def test_a_class_balance_from_thirty_audit_answers_makes_labels_better_on_average(train_split):
    with_it, without, losses, below = [], [], [], []
    for name in SETS:
        _, votes, gold, covered = train_split(name)
        majority = MajorityVote().fit(votes).predict_proba(votes)
        for seed in range(8):
            drawn = np.random.default_rng(seed).choice(votes.n_items, 30, replace=False)
            human = HumanLabels.from_frame(
                pd.DataFrame(
                    {"item": votes.item_ids[drawn], "label": gold[drawn], "propensity": 1 / votes.n_items}
                )
            )
            others = covered.copy()
            others[drawn] = False
            fits = [LabelModel().fit(votes, human, class_balance=b) for b in ("audit", None)]
            scores = [share_accuracy(m.predict_proba(votes), gold, rows=others) for m in fits]
            losses.append([log_loss(m.predict_proba(votes), gold, rows=others) for m in fits])
            with_it.append(scores[0])
            without.append(scores[1])
            below.append(scores[0] - share_accuracy(majority, gold, rows=others))
    assert np.mean(with_it) > np.mean(without)
    assert np.mean(losses, axis=0)[0] < np.mean(losses, axis=0)[1]
    assert np.reshape(below, (len(SETS), -1)).mean(axis=1).min() > -0.005


@pytest.mark.parametrize("name", SETS)
def test_two_fits_and_shuffled_rows_give_the_same_bits(train_split, name):
    _, votes, gold, _ = train_split(name)
    human = HumanLabels.from_pairs(
        {item: int(y) for item, y in zip(votes.item_ids[::50].tolist(), gold[::50], strict=True)}
    )
    order = np.random.default_rng(1).permutation(votes.n_items)
    first = LabelModel().fit(votes, human).predict_proba(votes)
    shuffled = votes.select_items(order)
    second = LabelModel().fit(shuffled, human).predict_proba(shuffled)
    assert first[order].tobytes() == second.tobytes()


def test_a_hundred_random_answers_make_labels_of_other_items_better(train_split):
    before, after = [], []
    for name in SETS:
        _, votes, gold, covered = train_split(name)
        start = LabelModel().fit(votes).predict_proba(votes)
        for seed in range(3):
            drawn = np.random.default_rng(seed).choice(votes.n_items, 100, replace=False)
            answers = pd.DataFrame(
                {"item": votes.item_ids[drawn], "label": gold[drawn], "propensity": 1 / votes.n_items}
            )
            soft = LabelModel().fit(votes, HumanLabels.from_frame(answers)).predict_proba(votes)
            others = covered.copy()
            others[drawn] = False
            before.append(share_accuracy(start, gold, rows=others))
            after.append(share_accuracy(soft, gold, rows=others))
    assert np.mean(after) > np.mean(before) + 0.005  # measured over ten seeds: .8030 to .8115


def test_near_copies_of_the_weakest_function_cost_at_most_a_point(train_split):
    costs, unguarded = [], []
    for name in SETS:
        _, votes, gold, covered = train_split(name)
        weakest = min(_firing_often(votes), key=lambda j: _precision(votes, gold, j))
        rng = np.random.default_rng(0)
        copies = np.repeat(votes.values[:, [weakest]], 6, axis=1)
        copies[rng.random(copies.shape) < 0.15] = -1
        attacked = VoteMatrix.from_array(np.hstack([votes.values, copies]), votes.labels)
        for model, out in ((LabelModel(), costs), (LabelModel(copy_similarity=1.0), unguarded)):
            clean = share_accuracy(model.fit(votes).predict_proba(votes), gold, rows=covered)
            out.append(
                clean - share_accuracy(model.fit(attacked).predict_proba(attacked), gold, rows=covered)
            )
    assert np.mean(costs) < 0.01  # measured: .0023
    assert np.mean(unguarded) > 0.02  # the attack is real: .0297 where copies are not looked for


def _firing_often(votes):
    return np.flatnonzero((votes.values >= 0).sum(axis=0) >= 30).tolist()


def _precision(votes, gold, j):
    voted = votes.values[:, j] >= 0
    return float((votes.values[voted, j] == gold[voted]).mean())


@pytest.mark.parametrize("n_answers", [0, 100])
def test_classifiers_make_delivered_labels_better_on_average(train_split, features, n_answers):
    gains, uncovered = [], []
    for name in ("youtube", "sms", "census", "imdb_cosine"):  # trec takes 3 s a fit
        _, votes, gold, covered = train_split(name)
        drawn = np.random.default_rng(0).choice(votes.n_items, n_answers, replace=False)
        human = HumanLabels.from_frame(
            pd.DataFrame(
                {"item": votes.item_ids[drawn], "label": gold[drawn], "propensity": 1 / votes.n_items}
            )
        )
        model = LabelModel().fit(votes, human)
        delivered = deliver(votes, model, human=human, features=features(name))
        others = np.ones(votes.n_items, dtype=bool)
        others[drawn] = False
        rules = share_accuracy(model.predict_proba(votes), gold, rows=others & covered)
        gains.append(share_accuracy(delivered.soft.probabilities, gold, rows=others & covered) - rules)
        uncovered.append(share_accuracy(delivered.soft.probabilities, gold, rows=others & ~covered))
        assert set(delivered.soft.sources[others]) <= {"rules", "model"}
        assert gains[-1] > -0.02, name  # the worst: youtube without answers, −.0143
    assert (
        np.mean(gains) > 0.004
    )  # measured: .0052 without answers, .0082 with a hundred (other seeds differ)
    assert np.mean(uncovered) > 0.65
