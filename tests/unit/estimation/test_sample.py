from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError
from wsal.estimation import AuditSample, Labelling, class_share, precision
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.selection import Draw, select
from wsal.testing import make_votes
from wsal.types import LabelSpace

SPACE = LabelSpace(("ham", "spam"))
IDS = list("abcdefghij")


def draw(item, p=0.1, purpose="audit", *, fresh=True):
    return Draw(item, purpose, "", p, fresh)


def test_repeats_and_answered_items_count_and_targeted_answers_do_not():
    human = HumanLabels.from_pairs({"a": 1, "b": 0, "c": 1})
    draws = [draw("a"), draw("b", fresh=False), draw("a", fresh=False), draw("c", float("nan"), "hunt")]
    sample = AuditSample.from_draws(draws, human, item_ids=IDS, labels=SPACE)
    assert sample.rows.tolist() == [0, 1, 0]
    assert sample.observed[:, 1].tolist() == [1, 0, 1]
    assert sample.n_left_out == 1
    assert len(sample) == 3


def test_an_item_of_several_annotators_is_a_share():
    human = HumanLabels.from_frame(
        pd.DataFrame({"item": ["a", "a"], "label": [0, 1], "annotator": ["ana", "ben"]})
    )
    sample = AuditSample.from_draws([draw("a")], human, item_ids=IDS, labels=SPACE)
    assert sample.observed.tolist() == [[0.5, 0.5]]


def test_a_draw_without_an_answer_is_missing():
    human = HumanLabels.from_pairs({"a": 1})
    sample = AuditSample.from_draws([draw("a"), draw("b")], human, item_ids=IDS, labels=SPACE)
    assert sample.missing.tolist() == [False, True]


def test_answers_without_draws_are_refused():
    human = HumanLabels.from_pairs({"a": 1, "b": 0})
    for draws in ([], [draw("a", float("nan"), "uncertain")]):
        with pytest.raises(DataError, match="answers without a draw cannot estimate") as caught:
            AuditSample.from_draws(draws, human, item_ids=IDS, labels=SPACE)
        assert "audit items are drawn" in str(caught.value)


def test_what_does_not_fit_is_refused():
    human = HumanLabels.from_pairs({})
    for draws, ids, message in (
        ([draw("z")], IDS, "'z'"),
        ([draw("a")], ["a", "a"], "twice"),
        ([draw("a", float("nan"))], IDS, "propensity nan"),
        ([draw("a", 1.5)], IDS, "propensity 1.5"),
    ):
        with pytest.raises(DataError, match=message):
            AuditSample.from_draws(draws, human, item_ids=ids, labels=SPACE)
    with pytest.raises(DataError, match="do not fit together"):
        AuditSample(np.zeros(2, dtype=np.int64), np.full(1, 0.1), ("",) * 2, np.zeros((2, 2)), 10, SPACE)
    with pytest.raises(DataError, match="row 10 of 10"):
        AuditSample(np.array([10]), np.full(1, 0.1), ("",), np.zeros((1, 2)), 10, SPACE)


def test_cells_that_contradict_the_propensities_are_refused():
    human = HumanLabels.from_pairs({})
    cells = np.array([0] * 5 + [1] * 5)
    draws = [draw("a", 0.15), draw("f", 0.05)]
    AuditSample.from_draws(draws, human, item_ids=IDS, labels=SPACE, cells=cells)
    with pytest.raises(DataError, match=r"sum to 0\.75"):
        AuditSample.from_draws(
            [draw("a", 0.1), draw("f", 0.05)], human, item_ids=IDS, labels=SPACE, cells=cells
        )
    with pytest.raises(DataError, match="no codes"):
        AuditSample.from_draws(draws, human, item_ids=IDS, labels=SPACE, cells=cells[:4])


def test_uniform_draws_need_no_cells_and_unequal_ones_do():
    human = HumanLabels.from_pairs({})
    uniform = AuditSample.from_draws([draw("a"), draw("b")], human, item_ids=IDS, labels=SPACE)
    unequal = AuditSample.from_draws([draw("a"), draw("b", 0.2)], human, item_ids=IDS, labels=SPACE)
    elsewhere = AuditSample.from_draws([draw("a", 0.2)], human, item_ids=IDS, labels=SPACE)
    assert uniform.known_cells.tolist() == [0] * 10
    assert unequal.known_cells is None
    assert elsewhere.known_cells is None


def test_the_draws_of_a_hunt_give_the_share_of_the_class():
    made = make_votes(2000, class_balance=(0.9, 0.1), polarities=(0, 1, 1, 0, 1, 1), coverage=0.08, rng=1)
    model = LabelModel().fit(made.votes)
    batch = select(made.votes, model, n=500, hunt="class-1", rng=2)
    human = HumanLabels.from_pairs({item: int(made.gold[item]) for item in batch.item_ids})
    sample = AuditSample.from_draws(
        batch.draws, human, item_ids=made.votes.item_ids, labels=made.votes.labels
    )
    assert sample.n_left_out == 400
    assert len(set(sample.strata)) > 1
    q = model.predict_proba(made.votes)
    covered = (made.votes.values >= 0).any(axis=1)
    labels = np.where(covered, q.argmax(axis=1), -1)
    share, found = class_share(sample, 1), precision(sample, Labelling.fixed(labels), 1)
    assert share.low <= np.mean(made.gold == 1) <= share.high
    assert found.low <= np.mean(made.gold[labels == 1] == 1) <= found.high


def test_draws_of_two_ways_of_drawing_have_no_cells():
    human = HumanLabels.from_pairs({"a": 1, "b": 0})
    cells = np.array([0] * 5 + [1] * 5)
    with pytest.raises(DataError, match="different propensities"):
        AuditSample.from_draws(
            [draw("a", 0.1), draw("b", 0.15)], human, item_ids=IDS, labels=SPACE, cells=cells
        )
