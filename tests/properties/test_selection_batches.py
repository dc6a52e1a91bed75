"""Batches keep their promises whatever the votes, the answers and the features; audit draws are unbiased."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.selection import select
from wsal.selection.margin import margins
from wsal.testing import make_votes
from wsal.training import deliver
from wsal.votes import VoteMatrix


@dataclass(frozen=True, eq=False)
class Pool:
    """What a batch is chosen from. Nothing is fitted while Hypothesis draws."""

    votes: VoteMatrix
    human: HumanLabels
    aside: tuple[str, ...]
    features: np.ndarray | None
    hunted: str

    def deliver(self):
        model = LabelModel().fit(self.votes, self.human)
        return deliver(self.votes, model, human=self.human, features=self.features)


@st.composite
def pools(draw, *, duplicates=True):
    """Votes, answers, items set aside, features with many duplicates or with none."""
    k, m, n = draw(st.integers(2, 4)), draw(st.integers(1, 5)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    silence = draw(st.floats(0, 0.9))
    L = np.where(rng.random((n, m)) < silence, -1, rng.integers(k, size=(n, m))).astype(np.int8)
    votes = VoteMatrix.from_array(L, [f"class-{y}" for y in range(k)], item_ids=[f"i{i}" for i in range(n)])
    answered = rng.choice(n, size=draw(st.integers(0, n)), replace=False).tolist()
    human = HumanLabels.from_pairs({f"i{i}": int(rng.integers(k)) for i in answered})
    aside = tuple(f"i{i}" for i in rng.choice(n, size=draw(st.integers(0, n)), replace=False).tolist())
    features = rng.integers(2, size=(n, 3)).astype(float) if duplicates else rng.normal(size=(n, 3))
    return Pool(votes, human, aside, features if draw(st.booleans()) else None, f"class-{rng.integers(k)}")


@settings(max_examples=150, deadline=None)
@given(pools(), st.integers(1, 50), st.booleans(), st.integers(0, 5))
def test_a_batch_has_no_repeats_and_nothing_closed_and_is_full_while_anything_is_free(pool, n, hunting, seed):
    votes, human, aside, delivered = pool.votes, pool.human, pool.aside, pool.deliver()
    hunt = pool.hunted if hunting else None
    batch = select(votes, delivered.model, n=n, delivered=delivered, exclude=aside, hunt=hunt, rng=seed)
    free = set(votes.item_ids.tolist()) - set(human.items()) - set(aside)
    assert len(batch) == min(n, len(free))
    assert len(set(batch.item_ids)) == len(batch)
    assert set(batch.item_ids) <= free
    assert [d.item_id for d in batch.draws if d.fresh] == list(batch.item_ids)
    again = select(votes, delivered.model, n=n, delivered=delivered, exclude=aside, hunt=hunt, rng=seed)
    assert repr(again) == repr(batch)
    for purpose, p in zip(batch.purposes, batch.propensities, strict=True):
        assert math.isnan(p) == (purpose != "audit")


@settings(max_examples=100, deadline=None)
@given(pools(duplicates=False), st.integers(2, 10), st.integers(0, 5))
def test_no_pattern_comes_twice_while_another_pattern_has_had_no_turn(pool, n, seed):
    votes, aside, delivered = pool.votes, pool.aside, pool.deliver()
    batch = select(votes, delivered.model, n=n, delivered=delivered, exclude=aside, rng=seed)
    patterns = votes.patterns()
    code = patterns.require_inverse()
    targeted = [votes.row_of(i) for i, p in zip(batch.item_ids, batch.purposes, strict=True) if p != "audit"]
    closed = set(pool.human.items()) | set(aside) | set(batch.item_ids)
    untouched = {
        int(code[row])
        for row, item in enumerate(votes.item_ids.tolist())
        if item not in closed and patterns.covered[code[row]]
    } - {int(code[votes.row_of(i)]) for i in batch.item_ids}
    seen = [int(code[row]) for row in targeted if patterns.covered[code[row]]]
    if untouched:
        assert len(seen) == len(set(seen))


@settings(max_examples=60, deadline=None)
@given(pools(), st.data())
def test_renaming_the_classes_changes_nothing_about_the_choice(pool, data):
    """Which of several patterns of equal margin and size comes first is the one thing that may differ."""
    votes, k, aside = pool.votes, pool.votes.n_classes, pool.aside
    new = np.array(data.draw(st.permutations(range(k))))
    L = np.where(votes.values < 0, -1, new[votes.values]).astype(np.int8)
    names = np.empty(k, dtype=object)
    names[new] = votes.labels.names
    renamed = VoteMatrix.from_array(L, names.tolist(), item_ids=votes.item_ids.tolist())
    told = zip(pool.human.item_ids, pool.human.values.tolist(), strict=True)
    human = HumanLabels.from_pairs({item: int(new[y]) for item, y in told})
    choices = []
    for these, answers in ((votes, pool.human), (renamed, human)):
        model = LabelModel().fit(these, answers)
        batch = select(these, model, n=8, exclude=aside)
        margin = margins(model.predict_proba(these, answers=False)).round(9)
        targeted = [
            (purpose, margin[these.row_of(item)], size)
            for item, purpose, size in zip(batch.item_ids, batch.purposes, batch.group_sizes, strict=True)
            if purpose != "audit"
        ]
        choices.append(([repr(d) for d in batch.draws if d.purpose == "audit"], targeted))
    assert choices[0][0] == choices[1][0]
    assert [c[0::2] for c in choices[0][1]] == [c[0::2] for c in choices[1][1]]
    first, second = ([c[1] for c in choice[1]] for choice in choices)
    assert first == pytest.approx(second, abs=1e-8)


@pytest.mark.parametrize("hunt", [None, "class-1"], ids=["uniform", "stratified by rule output"])
def test_audit_draws_estimate_a_rate_without_bias(hunt):
    """Over 600 batches of a run in which 70 % of the items of one class are answered."""
    made = make_votes(300, class_balance=(0.9, 0.1), coverage=0.3, rng=3)
    rng = np.random.default_rng(4)
    answered = np.flatnonzero((made.gold == 1) & (rng.random(300) < 0.7)).tolist()
    human = HumanLabels.from_pairs(dict.fromkeys(answered, 1))
    delivered = deliver(made.votes, LabelModel().fit(made.votes, human), human=human)
    total, fresh_total, n_draws, n_fresh = 0.0, 0.0, 0, 0
    for _ in range(600):
        batch = select(made.votes, delivered.model, n=10, delivered=delivered, rng=rng, hunt=hunt)
        for draw in batch.draws:
            if draw.purpose == "audit":
                value = made.gold[draw.item_id] / (300 * draw.propensity)
                total, n_draws = total + value, n_draws + 1
                fresh_total, n_fresh = fresh_total + value * draw.fresh, n_fresh + draw.fresh
    truth = made.gold.mean()
    assert total / n_draws == pytest.approx(truth, abs=0.02)
    assert fresh_total / n_fresh < truth - 0.03  # what dropping the hits on answered items would say
