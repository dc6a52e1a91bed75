"""The contract of a label model, as a function that anyone can call on theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wsal.errors import NotFittedError
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.testing.contract import demand, leaves_numpy_alone, same_bits
from wsal.testing.synthetic import Copies, SyntheticVotes, make_votes
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray
from wsal.votes import VoteMatrix

__all__ = ["FittedModel", "Model", "check_label_model"]


class FittedModel(Protocol):
    """What ``fit`` returns."""

    @property
    def labels(self) -> LabelSpace: ...  # noqa: D102  # as VoteMatrix has it
    @property
    def lf_names(self) -> tuple[str, ...]: ...  # noqa: D102  # as VoteMatrix has it
    @property
    def n_iter(self) -> int: ...  # noqa: D102  # steps taken
    @property
    def stop_reason(self) -> str: ...  # noqa: D102  # in words
    @property
    def history(self) -> Sequence[float]: ...  # noqa: D102  # one number a step
    def predict_proba(self, votes: VoteMatrix | VotePatterns, /) -> Floats: ...  # noqa: D102  # (n, k)
    def predict(self, votes: VoteMatrix | VotePatterns, /) -> NDArray[Any]: ...  # noqa: D102  # (n,)


class Model(Protocol):
    """A label model before ``fit``: settings only."""

    def fit(  # noqa: D102  # the contract is check_label_model's docstring
        self,
        votes: VoteMatrix | VotePatterns,
        human: HumanLabels | None = None,
        class_balance: Sequence[float] | None = None,
    ) -> FittedModel: ...


def check_label_model(make_model: Callable[[], Model]) -> None:
    """Put a label model through the promises that the rest of wsal relies on.

    Parameters
    ----------
    make_model : callable
        The model's class, or a function without arguments that makes one.

    Raises
    ------
    ContractViolation
        At the first promise that is not kept.

    Notes
    -----
    On small synthetic sets (two and four classes, one-class and many-class functions, copies, uncovered
    items, a function that never votes) a model promises:

    - ``fit`` returns a new object that says why it stopped, and changes neither its arguments nor numpy's
      global random state; a second fit gives the same bits;
    - probabilities have shape (n, k), are float64, finite, not negative, and sum to 1;
    - the order of the items and the way the patterns were put together make no difference to the bits;
    - patterns instead of votes give the same bits;
    - swapping the names of the classes swaps the columns and nothing else, within 1e-9;
    - an answered item carries the share of its answers;
    - hard labels abstain where every function abstains;
    - where the model offers ``terms``, they sum to its log probabilities up to a constant, within 1e-9;
    - a model that was not fitted refuses to predict with `NotFittedError`.
    """
    for case in _cases():
        _check_fit(make_model, case)
        _check_probabilities(make_model, case)
        _check_order(make_model, case)
        _check_relabelling(make_model, case)
        _check_answers(make_model, case)
        _check_terms(make_model, case)
    _check_unfitted(make_model())


def _cases() -> list[SyntheticVotes]:
    return [
        make_votes(300, coverage=0.3, rng=1),
        make_votes(
            400,
            accuracies=(0.9, 0.7, 0.8, 0.6, 0.9, 0.5),
            coverage=(0.1, 0.2, 0.15, 0.1, 0.3, 0.0),
            class_balance=(0.4, 0.3, 0.2, 0.1),
            polarities=(0, 1, 2, 0, None, None),
            copies=[Copies(of=1, n=2), Copies(of=0, n=1, dropout=0.2)],
            rng=2,
        ),
        make_votes(60, accuracies=(0.8,), coverage=0.5, rng=3),
    ]


def _some_answers(case: SyntheticVotes, every: int = 7) -> HumanLabels:
    rows = range(0, case.votes.n_items, every)
    return HumanLabels.from_pairs({case.votes.item_ids.tolist()[i]: int(case.gold[i]) for i in rows})


def _check_fit(make_model: Callable[[], Model], case: SyntheticVotes) -> None:
    votes, human = case.votes, _some_answers(case)
    given, answers = votes.values.copy(), human.values.copy()
    model = make_model()
    first = leaves_numpy_alone(lambda: model.fit(votes, human))
    demand(id(first) != id(model), "fit returns a new fitted object and leaves the model as it was")
    demand(same_bits(votes.values, given), "fit leaves the votes as they were")
    demand(same_bits(human.values, answers), "fit leaves the answers as they were")
    demand(first.labels == votes.labels, "the fitted model has the labels of the votes")
    demand(tuple(first.lf_names) == votes.lf_names, "the fitted model has the function names of the votes")
    demand(first.n_iter >= 0, "n_iter counts the steps")
    demand(bool(first.stop_reason), "stop_reason says in words why the fit stopped")
    demand(
        np.isfinite(np.asarray(list(first.history), dtype=float)).all(), "the history holds finite numbers"
    )
    second = make_model().fit(votes, human)
    demand(same_bits(first.predict_proba(votes), second.predict_proba(votes)), "two fits give the same bits")


def _check_probabilities(make_model: Callable[[], Model], case: SyntheticVotes) -> None:
    votes = case.votes
    fitted = make_model().fit(votes)
    P = leaves_numpy_alone(lambda: fitted.predict_proba(votes))
    demand(P.shape == (votes.n_items, votes.n_classes), f"probabilities have shape (n, k), got {P.shape}")
    demand(P.dtype == np.float64, f"probabilities are float64, got {P.dtype}")
    demand(bool(np.isfinite(P).all() and (P >= 0).all()), "probabilities are finite and not negative")
    demand(bool(np.allclose(P.sum(axis=1), 1, atol=1e-9)), "probabilities sum to 1")
    hard = np.asarray(fitted.predict(votes))
    covered = votes.patterns().covered[votes.patterns().require_inverse()]
    demand(hard.shape == (votes.n_items,), "hard labels have shape (n,)")
    demand(bool((hard[~covered] == ABSTAIN).all()), "hard labels abstain where every function abstains")
    sure = covered & (hard != ABSTAIN)
    best = P[sure, hard[sure]] >= P[sure].max(axis=1) - 1e-9
    demand(bool(best.all()), "a hard label is the most probable class")


def _check_order(make_model: Callable[[], Model], case: SyntheticVotes) -> None:
    votes = case.votes
    order = np.random.default_rng(5).permutation(votes.n_items)
    P = make_model().fit(votes).predict_proba(votes)
    shuffled = votes.select_items(order)
    demand(
        same_bits(P[order], make_model().fit(shuffled).predict_proba(shuffled)),
        "the order of the items makes no difference to the bits",
    )
    half = votes.n_items // 2
    parts = [votes.select_items(np.arange(half)), votes.select_items(np.arange(half, votes.n_items))]
    merged = parts[0].patterns().merge(parts[1].patterns())
    for patterns, what in ((votes.patterns(), "patterns"), (merged, "merged patterns")):
        demand(
            same_bits(P, make_model().fit(patterns).predict_proba(votes)),
            f"a fit on {what} gives the same bits",
        )


def _check_relabelling(make_model: Callable[[], Model], case: SyntheticVotes) -> None:
    votes, k = case.votes, case.votes.n_classes
    new = np.roll(np.arange(k), 1)  # class y becomes class new[y]
    values: VoteArray = np.where(votes.values == ABSTAIN, ABSTAIN, new[votes.values]).astype(np.int8)
    renamed = VoteMatrix.from_array(
        values, votes.labels, lf_names=votes.lf_names, item_ids=votes.item_ids.tolist()
    )
    human = _some_answers(case)
    swapped = HumanLabels.from_pairs(
        {item: int(new[y]) for item, y in zip(human.item_ids, human.values, strict=True)}
    )
    P = make_model().fit(votes, human).predict_proba(votes)
    Q = make_model().fit(renamed, swapped).predict_proba(renamed)
    demand(
        bool(np.allclose(P, Q[:, new], atol=1e-9)), "swapping the classes swaps the columns and nothing else"
    )


def _check_answers(make_model: Callable[[], Model], case: SyntheticVotes) -> None:
    import pandas as pd

    votes, k = case.votes, case.votes.n_classes
    ids = votes.item_ids.tolist()
    frame = pd.DataFrame(
        {"item": [ids[0], ids[0], ids[1]], "label": [0, k - 1, k - 1], "annotator": ["ana", "ben", "ana"]}
    )
    P = make_model().fit(votes, HumanLabels.from_frame(frame)).predict_proba(votes)
    split = np.zeros(k)
    split[0] = split[k - 1] = 0.5
    demand(bool(np.allclose(P[0], split)), "an item with several answers carries their shares")
    demand(bool(np.allclose(P[1], np.eye(k)[k - 1])), "an answered item carries its answer")


def _check_terms(make_model: Callable[[], Model], case: SyntheticVotes) -> None:
    fitted: Any = make_model().fit(case.votes, _some_answers(case))
    if not hasattr(fitted, "terms"):
        return
    patterns = case.votes.patterns()
    log_p = np.log(fitted.pattern_proba(patterns))
    for row, expected in zip(patterns.votes, log_p, strict=True):
        total = np.sum([term.log_scores for term in fitted.terms(row)], axis=0)
        difference = total - expected
        demand(
            bool(np.ptp(difference) <= 1e-9),
            f"terms sum to the log probabilities; off by {np.ptp(difference)}",
        )


def _check_unfitted(model: Any) -> None:  # noqa: ANN401  # whether it has predict_proba is the question
    if not hasattr(model, "predict_proba"):
        return
    try:
        model.predict_proba(make_votes(5, rng=0).votes)
    except NotFittedError:
        return
    demand(False, "a model that was not fitted raises NotFittedError")
