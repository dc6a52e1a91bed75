"""Selection and duplicates: nobody is asked for two of a group."""

from __future__ import annotations

import numpy as np
import pytest

from wsal.features.duplicates import DuplicateGroups
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.selection import select, strategies, strategy
from wsal.testing import make_features, make_votes
from wsal.training import deliver

N = 120
MADE = make_votes(N, coverage=0.3, rng=4)
X = make_features(MADE.gold, rng=6)
# Items 4j … 4j+3 are a group: 4j and 4j+1 exact duplicates, the others near ones.
CODES = np.arange(N) // 4 * 4
EXACT = np.where(np.arange(N) % 4 == 1, CODES, np.arange(N))
GROUPS = DuplicateGroups(np.arange(N), CODES, EXACT, np.ones(N))


def run(answers=None, *, features=X, duplicates=GROUPS):
    human = None if answers is None else HumanLabels.from_pairs(answers)
    model = LabelModel().fit(MADE.votes, human)
    return deliver(MADE.votes, model, human=human, features=features, duplicates=duplicates)


def batches(n, **options):
    for seed in range(20):
        made = run(**options)
        yield made, select(MADE.votes, made.model, n=n, delivered=made, rng=seed)


@pytest.mark.parametrize("features", [X, None])
def test_no_targeted_item_is_a_duplicate_of_another_item_of_the_batch_or_of_an_answered_one(features):
    answers = {0: 0, 6: 1, 11: 0}
    taken = {0, 4, 8}
    for _, batch in batches(10, answers=answers, features=features):
        groups = [int(CODES[i]) for i in batch.item_ids]
        targeted = [g for g, why in zip(groups, batch.purposes, strict=True) if why != "audit"]
        audited = [g for g, why in zip(groups, batch.purposes, strict=True) if why == "audit"]
        assert len(set(targeted)) == len(targeted) == 7
        assert not set(targeted) & (taken | set(audited))


def test_an_audit_draw_asks_for_a_near_duplicate_of_an_answered_item_but_not_for_an_exact_one():
    fresh, stale = set(), set()
    for _, batch in batches(40, answers={0: 0}):
        for draw in batch.draws:
            if draw.purpose == "audit":
                (fresh if draw.fresh else stale).add(draw.item_id)
    assert {2, 3} <= fresh
    assert not {0, 1} & fresh
    assert 1 in stale


def test_a_batch_ends_when_every_group_has_one():
    made = run()
    batch = select(MADE.votes, made.model, n=2 * N, delivered=made, rng=0)
    targeted = [i for i, why in zip(batch.item_ids, batch.purposes, strict=True) if why != "audit"]
    groups = [int(CODES[i]) for i in targeted]
    assert len(set(groups)) == len(groups)
    assert {int(CODES[i]) for i in batch.item_ids} == set(CODES.tolist())


def test_a_duplicate_of_an_item_set_aside_is_not_asked_for_either():
    made = run()
    for seed in range(10):
        batch = select(MADE.votes, made.model, n=20, delivered=made, rng=seed, exclude=(8,))
        targeted = [i for i, why in zip(batch.item_ids, batch.purposes, strict=True) if why != "audit"]
        assert 9 not in batch.item_ids
        assert 8 not in CODES[targeted]


@pytest.mark.parametrize("name", strategies())
def test_every_strategy_asks_for_one_of_a_group(name):
    made = run({0: 0, 6: 1, 11: 0})
    human = made.human
    for n in (10, N):
        batch = strategy(name)(MADE.votes, made.model, n=n, human=human, features=X, delivered=made, rng=0)
        targeted = [i for i, why in zip(batch.item_ids, batch.purposes, strict=True) if why != "audit"]
        groups = CODES[targeted].tolist()
        assert len(set(groups)) == len(groups)
        assert len(groups) >= 10 * (1 - strategy(name).audit_share)
        assert not {0, 4, 8} & set(groups)


def test_groups_of_one_change_no_batch():
    rows = np.arange(N)
    alone = DuplicateGroups(rows, rows, rows, np.ones(N))
    for seed in range(5):
        one, other = (
            select(MADE.votes, made.model, n=10, delivered=made, rng=seed)
            for made in (run(duplicates=alone), run(duplicates=None))
        )
        assert repr(one) == repr(other)


def test_where_all_items_are_one_a_batch_asks_for_one():
    all_alike = DuplicateGroups(np.arange(N), np.zeros(N, dtype=int), np.zeros(N, dtype=int), np.ones(N))
    made = run(duplicates=all_alike)
    batch = select(MADE.votes, made.model, n=10, delivered=made, rng=1)
    assert len(batch.item_ids) == 1
