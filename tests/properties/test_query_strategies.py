"""Classic strategies keep their promises whatever the votes, the answers and the features."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.selection import strategies, strategy
from wsal.votes import VoteMatrix

QUICK = {"expected-error-reduction": {"max_candidates": 2, "max_evaluated": 5}}


@st.composite
def pools(draw):
    """Votes, answers, features or none, and whether a classifier goes by them."""
    k, m, n = draw(st.integers(2, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    L = np.where(rng.random((n, m)) < draw(st.floats(0, 1)), -1, rng.integers(k, size=(n, m))).astype(np.int8)
    answered = rng.choice(n, size=draw(st.integers(0, n)), replace=False).tolist()
    answers = {i: int(rng.integers(k)) for i in answered}
    X = draw(
        st.sampled_from(
            [None, rng.normal(size=(n, 2)), rng.integers(2, size=(n, 2)).astype(float), np.zeros((n, 1))]
        )
    )
    return L, k, answers, X, X is not None and draw(st.booleans())


def _ask(name, pool, *, n, order=None, classes=None, audit_share=0.0):
    """Ask a strategy; items in another order, classes under other numbers. Ids stay."""
    L, k, answers, X, classifier = pool
    rows = np.arange(len(L)) if order is None else order
    names = np.arange(k) if classes is None else classes
    votes = VoteMatrix.from_array(
        np.where(L[rows] < 0, -1, names[L[rows]]).astype(np.int8),
        [f"class-{y}" for y in np.argsort(names)],
        item_ids=rows.tolist(),
    )
    human = HumanLabels.from_pairs({i: int(names[y]) for i, y in answers.items()}) if answers else None
    asked = strategy(name, audit_share=audit_share, **QUICK.get(name, {}))
    by = {"classifier": LogisticRegression(max_iter=1000)} if classifier else {}
    features = None if X is None else X[rows]
    return asked(votes, LabelModel().fit(votes, human), n=n, human=human, features=features, rng=1, **by)


@pytest.mark.parametrize("name", strategies())
@settings(max_examples=25, deadline=None)
@given(pools(), st.integers(1, 30), st.sampled_from([0.0, 0.3]))
def test_a_batch_is_full_while_anything_is_free(name, pool, n, audit_share):
    batch = _ask(name, pool, n=n, audit_share=audit_share)
    free = set(range(len(pool[0]))) - set(pool[2])
    assert len(batch) == min(n, len(free))
    assert set(batch.item_ids) <= free
    assert len(set(batch.item_ids)) == len(batch)
    assert all(batch.reasons)
    assert [d.item_id for d in batch.draws if d.fresh] == list(batch.item_ids)


# Without ties, whatever draws nothing must choose alike under any names of classes and any order of items.
EXACT = ("least-confidence", "margin", "entropy", "expected-model-change", "density-weighted", "core-set")


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.integers(2, 4))
def test_neither_names_of_classes_nor_the_order_of_items_matter(name, seed, classifier, k):
    rng = np.random.default_rng(seed)
    L = np.where(rng.random((20, 3)) < 0.5, -1, rng.integers(k, size=(20, 3))).astype(np.int8)
    answers = {i: i % k for i in range(6)}
    pool = (L, k, answers, rng.normal(size=(20, 3)), classifier)
    plain = _ask(name, pool, n=4).item_ids
    assert _ask(name, pool, n=4, classes=rng.permutation(k)).item_ids == plain
    assert _ask(name, pool, n=4, order=rng.permutation(20)).item_ids == plain
