"""The contract checks must fail on plug-ins that break their promises."""

from dataclasses import replace

import numpy as np
import pytest

from wsal.label_models import LabelModel
from wsal.selection import Batch, Draw, select
from wsal.testing import ContractViolation, check_label_model, check_strategy


class _Wrapped:
    """A fitted model with one thing changed."""

    def __init__(self, fitted, spoil):
        self._fitted, self._spoil = fitted, spoil

    def __getattr__(self, name):
        return getattr(self._fitted, name)

    def predict_proba(self, votes):
        return self._spoil(self._fitted.predict_proba(votes))


def _spoilt(spoil):
    class Spoilt:
        def fit(self, votes, human=None, class_balance=None):
            return _Wrapped(LabelModel().fit(votes, human, class_balance), spoil)

    return Spoilt


@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        (lambda P: P * 2, "sum to 1"),
        (lambda P: P.astype(np.float32), "float64"),
        (lambda P: P[:, ::-1], "most probable class"),
        (lambda P: P + np.random.default_rng().normal(scale=1e-4, size=P.shape), "the same bits"),
        (lambda P: np.vstack([P[1:], P[:1]]), "most probable class"),
    ],
)
def test_a_spoilt_label_model_is_found_out(spoil, promise):
    with pytest.raises(ContractViolation, match=promise):
        check_label_model(_spoilt(spoil))


def test_a_model_that_ignores_answers_is_found_out():
    class Deaf:
        def fit(self, votes, human=None, class_balance=None):  # noqa: ARG002  # that is its fault
            return LabelModel().fit(votes, None, class_balance)

    with pytest.raises(ContractViolation, match="answer"):
        check_label_model(Deaf)


def test_a_model_that_favours_the_first_class_is_found_out():
    def favour(P):
        Q = P * np.r_[2.0, np.ones(P.shape[1] - 1)]
        return Q / Q.sum(axis=1, keepdims=True)

    class Unfair:
        def fit(self, votes, human=None, class_balance=None):
            fitted = LabelModel().fit(votes, human, class_balance)
            wrapped = _Wrapped(fitted, favour)
            wrapped.predict = lambda votes: np.full(votes.n_items, -1)
            return wrapped

    with pytest.raises(ContractViolation, match="swapping the classes"):
        check_label_model(Unfair)


def test_a_model_that_reseeds_numpy_is_found_out():
    class Reseeding:
        def fit(self, votes, human=None, class_balance=None):
            np.random.seed(0)  # noqa: NPY002  # the very thing that is forbidden
            return LabelModel().fit(votes, human, class_balance)

    with pytest.raises(ContractViolation, match="global random state"):
        check_label_model(Reseeding)


def _changed(**changes):
    def strategy(*args, **kwargs):
        batch = select(*args, **kwargs)
        return replace(batch, **{name: change(batch) for name, change in changes.items()})

    return strategy


@pytest.mark.parametrize(
    ("changes", "promise"),
    [
        ({"item_ids": lambda b: b.item_ids[:1] * 2 + b.item_ids[2:]}, "twice"),
        ({"item_ids": lambda b: b.item_ids[:-1]}, "asked for"),
        ({"item_ids": lambda b: ("nobody", *b.item_ids[1:])}, "one of the votes' items"),
        ({"reasons": lambda b: ("",) * len(b)}, "reason"),
        ({"gains": lambda b: (-1.0,) * len(b)}, "gains"),
        ({"group_sizes": lambda b: (0,) * len(b)}, "alike"),
        ({"propensities": lambda b: (0.5,) * len(b)}, "NaN"),
        ({"draws": lambda b: tuple(d for d in b.draws if d.purpose != "audit")}, "fresh draws are the items"),
        ({"draws": lambda b: (*b.draws, Draw(b.item_ids[0], "audit", "", 0.1, fresh=True))}, "fresh unless"),
    ],
)
def test_a_spoilt_strategy_is_found_out(changes, promise):
    with pytest.raises(ContractViolation, match=promise):
        check_strategy(_changed(**changes))


def test_a_strategy_that_asks_answered_items_again_is_found_out():
    def forgetful(votes, model, *, human=None, **kwargs):
        return select(votes, LabelModel().fit(votes), **kwargs)

    with pytest.raises(ContractViolation, match="answered"):
        check_strategy(forgetful)


def test_a_strategy_without_a_seed_is_found_out():
    def moody(*args, rng, **kwargs):
        return select(*args, rng=None, **kwargs)

    with pytest.raises(ContractViolation, match="same seed"):
        check_strategy(moody)


def test_a_batch_knows_its_length():
    assert len(Batch((), (), (), (), (), (), ())) == 0
