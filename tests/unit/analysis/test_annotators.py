"""How often people are right, and what their answers count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.analysis import annotator_reliability, annotator_weights, log_loss, share_accuracy
from wsal.errors import DataError
from wsal.labels import HumanLabels

LABELS = ["no", "yes"]


def crowd(rng, *, n=300, accuracies=(0.95, 0.85, 0.7), per_item=3, k=2):
    """Draw answers of people who err on their own; return them, and the truth."""
    gold = rng.integers(k, size=n)
    rows = []
    for i in range(n):
        for j in rng.choice(len(accuracies), per_item, replace=False):
            right = rng.random() < accuracies[j]
            rows.append((i, f"p{j}", gold[i] if right else (gold[i] + rng.integers(1, k)) % k))
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    return HumanLabels.from_frame(frame), gold


def test_people_are_put_in_their_order():
    human, _ = crowd(np.random.default_rng(1))
    people = {one.annotator: one for one in annotator_reliability(human, LABELS)}
    assert people["p0"].accuracy > people["p1"].accuracy > people["p2"].accuracy
    assert people["p0"].accuracy == pytest.approx(0.95, abs=0.04)
    assert people["p2"].n_overlaps == people["p2"].n_answers == 300
    assert people["p0"].agreement > people["p2"].agreement


@pytest.mark.parametrize(
    ("n", "n_people", "per_item", "k"), [(100, 4, 2, 2), (300, 10, 3, 2), (300, 10, 3, 4), (60, 3, 3, 2)]
)
def test_intervals_cover_the_true_accuracy(n, n_people, per_item, k):
    rng, covered = np.random.default_rng(5), []
    for _ in range(12):
        accuracies = rng.uniform(0.55, 0.97, n_people)
        human, _ = crowd(rng, n=n, accuracies=accuracies, per_item=per_item, k=k)
        covered += [
            one.low <= accuracies[int(one.annotator[1:])] <= one.high
            for one in annotator_reliability(human, [str(y) for y in range(k)])
        ]
    assert np.mean(covered) >= 0.88  # nominal .95; docs/explanation/annotators.md has longer runs


def test_a_person_with_few_shared_answers_is_taken_for_a_typical_one_with_a_wide_interval():
    human, _ = crowd(np.random.default_rng(2), accuracies=(0.9, 0.9, 0.9))
    frame = pd.DataFrame(
        {"item": human.item_ids, "annotator": human.annotators, "label": human.values.tolist()}
    )
    new = pd.DataFrame({"item": [0, 1000], "annotator": "new", "label": [1 - int(frame["label"][0]), 1]})
    people = {
        one.annotator: one
        for one in annotator_reliability(HumanLabels.from_frame(pd.concat([frame, new])), LABELS)
    }
    assert (people["new"].n_answers, people["new"].n_overlaps) == (2, 1)
    assert 0.7 < people["new"].accuracy < people["p0"].accuracy
    assert people["new"].high - people["new"].low > 3 * (people["p0"].high - people["p0"].low)


def test_answers_that_nobody_shares_say_nothing():
    frame = pd.DataFrame({"item": range(40), "annotator": ["ana", "ben"] * 20, "label": [0, 1] * 20})
    for one in annotator_reliability(HumanLabels.from_frame(frame), LABELS):
        assert (one.n_overlaps, one.agreement) == (0, None)
        assert one.high - one.low > 0.5


def test_audit_items_are_reported_apart():
    rng = np.random.default_rng(3)
    easy, _ = crowd(rng, n=100, accuracies=(0.95, 0.95, 0.95))
    hard, _ = crowd(rng, n=100, accuracies=(0.6, 0.6, 0.6))
    frame = pd.concat(
        [
            pd.DataFrame({"item": [f"{name}{i}" for i in one.item_ids], "annotator": one.annotators}).assign(
                label=one.values, propensity=p
            )
            for name, one, p in (("easy", easy, 0.01), ("hard", hard, None))
        ]
    )
    for one in annotator_reliability(HumanLabels.from_frame(frame), LABELS):
        assert (one.n_overlaps, one.n_audit_overlaps) == (200, 100)
        assert one.audit_accuracy > one.accuracy + 0.05
        assert one.audit_low < one.audit_accuracy < one.audit_high


def test_second_opinions_do_not_measure_people():
    human, _ = crowd(np.random.default_rng(4), n=60)
    frame = pd.DataFrame({"item": human.item_ids, "annotator": human.annotators, "label": human.values})
    again = pd.DataFrame({"item": range(60), "annotator": "boss", "label": 0, "purpose": "overlap"})
    both = HumanLabels.from_frame(pd.concat([frame.assign(purpose=""), again]))
    assert annotator_reliability(both, LABELS) == annotator_reliability(human, LABELS)
    assert annotator_weights(both, LABELS) == annotator_weights(human, LABELS)


def test_one_person_alone_is_an_error_with_a_cure():
    with pytest.raises(DataError, match=r"at least two people(.|\n)*second person"):
        annotator_reliability(HumanLabels.from_pairs({1: 0, 2: 1}), LABELS)
    human, _ = crowd(np.random.default_rng(1), n=20)
    with pytest.raises(DataError, match="confidence=1"):
        annotator_reliability(human, LABELS, confidence=1)
    with pytest.raises(DataError, match="no class index"):
        annotator_reliability(
            HumanLabels.from_frame(pd.DataFrame({"item": [1, 1], "annotator": ["a", "b"], "label": [0, 5]})),
            LABELS,
        )


def test_weights_follow_reliability_from_ten_shared_answers_on():
    human, _ = crowd(np.random.default_rng(1))
    weights = annotator_weights(human, LABELS)
    assert weights["p0"] > 1 > weights["p2"] > 0
    few, _ = crowd(np.random.default_rng(1), n=9)
    assert annotator_weights(few, LABELS) == {}
    assert annotator_weights(HumanLabels.from_pairs(dict.fromkeys(range(50), 0)), LABELS) == {}


def test_an_unknown_annotator_counts_one():
    human, _ = crowd(np.random.default_rng(1))
    names = ["" if who == "p0" else who for who in human.annotators]
    frame = pd.DataFrame({"item": human.item_ids, "annotator": names, "label": human.values})
    assert annotator_weights(HumanLabels.from_frame(frame), LABELS)[""] == 1.0


def test_weighed_answers_are_right_more_often():
    rng = np.random.default_rng(7)
    human, gold = crowd(rng, n=600, accuracies=(0.97, 0.6, 0.6, 0.6, 0.95), per_item=3)
    weighed = human.weighing(annotator_weights(human, LABELS))
    plain, ours = (np.array(list(one.shares(2).values())) for one in (human, weighed))
    assert share_accuracy(ours, gold) > share_accuracy(plain, gold) + 0.05


@pytest.mark.parametrize(("name", "k"), [("crowd_rte", 2), ("crowd_dog", 4)])
@pytest.mark.parametrize("per_item", [2, 3, 5, 10])
def test_weighed_answers_of_real_crowds_are_never_worse_than_plain_shares(shared_data, name, k, per_item):
    frame = shared_data(name)
    L = frame[[c for c in frame.columns if c.startswith("lf_")]].to_numpy()
    gold, rng = frame["label"].to_numpy(), np.random.default_rng(0)
    rows = [
        (i, f"p{j}", int(L[i, j]))
        for i in range(len(L))
        for j in rng.permutation(np.flatnonzero(L[i] >= 0))[:per_item]
    ]
    human = HumanLabels.from_frame(pd.DataFrame(rows, columns=["item", "annotator", "label"]))
    weighed = human.weighing(annotator_weights(human, [str(y) for y in range(k)]))
    plain, ours = (np.array(list(one.shares(k).values())) for one in (human, weighed))
    assert share_accuracy(ours, gold) > share_accuracy(plain, gold)  # measured: .3 to 8.6 points
    assert log_loss(ours, gold, floor=1e-3) < log_loss(plain, gold, floor=1e-3)
