"""The contract of a query strategy, as a function that anyone can call on theirs."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.selection import Batch
from wsal.testing.contract import demand, leaves_numpy_alone
from wsal.testing.synthetic import SyntheticVotes, make_features, make_votes
from wsal.types import ItemId, Rng
from wsal.votes import VoteMatrix

__all__ = ["Strategy", "check_strategy"]


class Strategy(Protocol):
    """A function that chooses items, called as `wsal.select` is."""

    def __call__(  # noqa: D102  # the contract is check_strategy's docstring; as wsal.select
        self,
        votes: VoteMatrix,
        model: Any,  # noqa: ANN401  # any fitted label model
        *,
        n: int = 10,
        human: HumanLabels | None = None,
        features: Any = None,  # noqa: ANN401  # FeatureMatrix, array or sparse matrix
        rng: Rng = 0,
        exclude: tuple[ItemId, ...] = (),
    ) -> Batch: ...


def check_strategy(strategy: Strategy) -> None:
    """Put a query strategy through the promises that the rest of wsal relies on.

    Parameters
    ----------
    strategy : callable
        Called as `wsal.select` is, and returns a `Batch`.

    Raises
    ------
    ContractViolation
        At the first promise that is not kept.

    Notes
    -----
    On small synthetic sets, with and without features, answers and excluded items, a strategy promises:

    - never more than ``n`` items, none twice, none unknown, none answered, none excluded; exactly ``n`` while
      that many are open, all of them when fewer are, and an empty batch when none is;
    - the same batch for the same seed, numpy's global random state left alone, no argument changed;
    - a purpose, a reason in words, a propensity, a gain and a group size for each item;
    - an audit item has a propensity in (0, 1], any other item has NaN;
    - the draws that are fresh are the items, in order; an audit draw of an answered, excluded or repeated
      item is kept as one that is not fresh.
    """
    for case, features in _cases():
        human = _answers(case, range(0, case.votes.n_items, 5))
        ids = case.votes.item_ids.tolist()
        for answered in (None, human):
            for exclude in ((), tuple(ids[1:30:3])):
                _check_batch(strategy, case, features, answered, exclude)
        _check_the_end(strategy, case, features)


def _cases() -> list[tuple[SyntheticVotes, Any]]:
    two = make_votes(200, coverage=0.2, rng=4)
    four = make_votes(
        150, accuracies=(0.9, 0.7, 0.8, 0.6), class_balance=(0.4, 0.3, 0.2, 0.1), coverage=0.3, rng=5
    )
    return [
        (two, None),
        (two, make_features(two.gold, rng=6)),
        (four, None),
        (four, make_features(four.gold, rng=7)),
    ]


def _answers(case: SyntheticVotes, rows: range) -> HumanLabels:
    ids = case.votes.item_ids.tolist()
    return HumanLabels.from_pairs({ids[i]: int(case.gold[i]) for i in rows})


def _check_batch(
    strategy: Strategy,
    case: SyntheticVotes,
    features: Any,  # noqa: ANN401  # FeatureMatrix, array or sparse matrix
    human: HumanLabels | None,
    exclude: tuple[ItemId, ...],
) -> None:
    votes, model = case.votes, LabelModel().fit(case.votes, human)
    before = None if features is None else features.copy()

    def ask(seed: int) -> Batch:
        return strategy(votes, model, n=10, human=human, features=features, rng=seed, exclude=exclude)

    batch = leaves_numpy_alone(lambda: ask(3))
    demand(before is None or np.array_equal(before, features), "the features are left as they were")
    demand(_content(batch) == _content(ask(3)), "the same seed gives the same batch")
    closed = set(exclude) | set(human.items() if human is not None else ())
    _check_items(batch, votes, closed, expected=10)
    _check_draws(batch, closed)


def _check_items(batch: Batch, votes: VoteMatrix, closed: set[ItemId], *, expected: int) -> None:
    demand(
        len(batch.item_ids) == expected,
        f"{expected} items were asked for and open, got {len(batch.item_ids)}",
    )
    demand(len(set(batch.item_ids)) == len(batch.item_ids), "no item stands twice in a batch")
    demand(
        all(votes.find(item) is not None for item in batch.item_ids), "every item is one of the votes' items"
    )
    demand(not closed & set(batch.item_ids), "no item is answered or excluded")
    columns = (batch.purposes, batch.reasons, batch.propensities, batch.gains, batch.group_sizes)
    demand(
        all(len(c) == expected for c in columns), "purpose, reason, propensity, gain and size for each item"
    )
    demand(all(batch.purposes) and all(batch.reasons), "every item has a purpose and a reason in words")
    demand(all(math.isfinite(g) and g >= 0 for g in batch.gains), "gains are finite and not negative")
    demand(all(size >= 1 for size in batch.group_sizes), "an item is alike at least itself")
    for purpose, p in zip(batch.purposes, batch.propensities, strict=True):
        _check_propensity(purpose, p)


def _check_propensity(purpose: str, p: float) -> None:
    if purpose == "audit":
        demand(0 < p <= 1, f"an audit item has a propensity in (0, 1], got {p}")
    else:
        demand(math.isnan(p), f"an item chosen on purpose has no propensity (NaN), got {p}")


def _check_draws(batch: Batch, closed: set[ItemId]) -> None:
    seen: set[ItemId] = set()
    for draw in batch.draws:
        _check_propensity(draw.purpose, draw.propensity)
        demand(
            draw.fresh == (draw.item_id not in closed and draw.item_id not in seen),
            "a draw is fresh unless its item is answered, excluded or drawn before in the batch",
        )
        seen.add(draw.item_id)
    fresh = [(draw.item_id, draw.purpose) for draw in batch.draws if draw.fresh]
    items = list(zip(batch.item_ids, batch.purposes, strict=True))
    demand(fresh == items, "the fresh draws are the items of the batch, in order")


def _check_the_end(strategy: Strategy, case: SyntheticVotes, features: Any) -> None:  # noqa: ANN401  # as above
    votes = case.votes
    for n_open in (3, 0):
        human = _answers(case, range(votes.n_items - n_open))
        model = LabelModel().fit(votes, human)
        batch = strategy(votes, model, n=10, human=human, features=features, rng=1)
        _check_items(batch, votes, set(human.items()), expected=n_open)


def _content(batch: Batch) -> list[object]:
    return [
        batch.item_ids,
        batch.purposes,
        batch.reasons,
        [repr(p) for p in batch.propensities],
        list(batch.gains),
        list(batch.group_sizes),
        repr(batch.draws),
    ]
