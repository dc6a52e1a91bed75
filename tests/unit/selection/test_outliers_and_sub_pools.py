"""Outliers come later; sub-pools restrict what is chosen on purpose, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from wsal.errors import DataError
from wsal.label_models import LabelModel
from wsal.selection import select
from wsal.selection.outliers import outliers_later
from wsal.selection.pool import Choice, Pool
from wsal.selection.queue import batch_of
from wsal.testing import make_features, make_votes
from wsal.training import deliver

N = 200
MADE = make_votes(N, coverage=0.3, rng=4)
X = 0.3 * make_features(MADE.gold, rng=6) + 3.0  # all in one direction …
X[7] = -X[7]  # … but one
MODEL = LabelModel().fit(MADE.votes)
DELIVERED = deliver(MADE.votes, MODEL, features=X)


def pool(**options):
    return Pool.of(MADE.votes, DELIVERED, human=None, features=DELIVERED.features, exclude=(), **options)


def test_the_margin_of_an_outlier_is_raised_and_all_others_stay():
    choice = Choice(pool())
    scores = np.full(N, 0.5)
    scores[7] = 0.0
    later = outliers_later(choice, scores, 10)
    assert later[7] == 1.0
    assert (np.delete(later, 7) == 0.5).all()
    assert scores[7] == 0.0
    scores[7] = 1.0
    scores[8:] = 0.1
    assert outliers_later(choice, scores, 1) is scores  # it is not among the lowest, so nobody looks at it


def test_an_outlier_is_asked_for_when_nothing_else_is_left_and_drawn_by_the_audit_before():
    seen = set()
    for seed in range(60):
        batch = select(MADE.votes, MODEL, n=20, delivered=DELIVERED, rng=seed)
        seen |= {purpose for item, purpose in zip(batch.item_ids, batch.purposes, strict=True) if item == 7}
    assert seen == {"audit"}
    assert 7 in select(MADE.votes, MODEL, n=N, delivered=DELIVERED, rng=0).item_ids


def test_targeted_items_come_from_the_sub_pool_and_audit_draws_from_everywhere():
    inside = np.arange(N) % 4 == 0
    audited = set()
    for hunt in (None, MADE.votes.labels.names[1]):
        for seed in range(20):
            batch = select(MADE.votes, MODEL, n=20, delivered=DELIVERED, rng=seed, within=inside, hunt=hunt)
            assert len(batch) == 20
            for item, purpose in zip(batch.item_ids, batch.purposes, strict=True):
                assert inside[item] or purpose == "audit"
                if purpose == "audit":
                    audited.add(item)
    assert (~inside[list(audited)]).mean() > 0.5


def test_the_draws_of_the_audit_do_not_depend_on_the_sub_pool():
    inside = np.arange(N) < 10
    one, other = (
        [
            d
            for d in select(MADE.votes, MODEL, n=20, delivered=DELIVERED, rng=3, within=w).draws
            if d.purpose == "audit"
        ]
        for w in (None, inside)
    )
    assert one == other


def test_a_batch_is_short_where_the_sub_pool_is_exhausted():
    batch = select(MADE.votes, MODEL, n=20, delivered=DELIVERED, rng=0, within=np.arange(N) < 3)
    targeted = {
        item for item, purpose in zip(batch.item_ids, batch.purposes, strict=True) if purpose != "audit"
    }
    assert targeted == {0, 1, 2} - set(batch.item_ids[:6])
    assert len(batch) == 6 + len(targeted)


@pytest.mark.parametrize("wrong", [np.ones(3, dtype=bool), np.ones(N)])
def test_a_sub_pool_of_another_shape_or_kind_is_refused(wrong):
    with pytest.raises(DataError, match="one truth value for each of 200 items"):
        select(MADE.votes, MODEL, delivered=DELIVERED, within=wrong)


def test_a_queue_holds_free_items_with_the_reason_and_no_propensity():
    batch = batch_of(pool(), [5, 9, 5], reason="found by search for 'prize'", hunted=1)
    assert batch.item_ids == (5, 9)
    assert batch.purposes == ("hunt", "hunt")
    assert all(reason.startswith("found by search for 'prize'") for reason in batch.reasons)
    assert np.isnan(batch.propensities).all()
    assert batch_of(pool(), [5], reason="x").purposes == ("explore",)
