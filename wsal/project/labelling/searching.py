"""Seed search in a project, and sub-pools that items are chosen from on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError, did_you_mean
from wsal.features import FeatureMatrix
from wsal.features.search import ItemSearch
from wsal.items import Items
from wsal.labels import SoftLabels
from wsal.project.history import History
from wsal.project.labelling.tasks import first_field, hints_of
from wsal.types import ABSTAIN, ItemId
from wsal.votes import VoteMatrix

__all__ = ["OutlierReport", "SearchHit", "SearchReport", "SubPool", "outlier_report", "search_report"]


@dataclass(frozen=True)
class SubPool:
    """Where items are chosen from on purpose; audit draws fall on all items all the same.

    Parameters
    ----------
    rules : tuple of str
        Items where one of these rules votes.
    words : str
    like : tuple of str
        Anchors, by id: items that resemble the words or one of them.
    size : int
        So many of those that resemble them most.
    """

    rules: tuple[str, ...] = ()
    words: str = ""
    like: tuple[str, ...] = ()
    size: int = 1000

    def __bool__(self) -> bool:
        """Tell whether there is any restriction."""
        return bool(self.rules or self.words or self.like)

    def describe(self) -> tuple[str, ...]:
        """Say what the sub-pool is, for the ledger."""
        near = [repr(self.words)] if self.words else []
        near += [f"item {item}" for item in self.like]
        return (
            *(f"where rule {name} votes" for name in self.rules),
            *([f"the {self.size} items nearest to {', '.join(near)}"] if near else []),
        )

    def mask(self, votes: VoteMatrix, items: Items, features: FeatureMatrix | None) -> NDArray[np.bool_]:
        """Return which items are inside; shape (n,). With rules and anchors: those that both allow.

        Raises
        ------
        InputError
            A rule or an item is unknown, nothing can be searched, or no item is inside.
        """
        inside = np.ones(votes.n_items, dtype=np.bool_)
        if self.rules:
            for name in self.rules:
                if name not in votes.lf_names:
                    raise InputError(
                        f"there is no rule {name!r} in the last run",
                        hint=did_you_mean(name, votes.lf_names) or "`wsal rules` lists them",
                    )
            columns = [votes.lf_names.index(name) for name in self.rules]
            inside = (votes.values[:, columns] != ABSTAIN).any(axis=1)
        if self.words or self.like:
            search = _item_search(items, features)
            scores = search.scores(words=self.words, rows=_rows_of(items, self.like))
            inside &= search.nearest(np.where(inside, scores, 0.0), self.size)
        if not inside.any():
            raise InputError(
                f"no item is {' and '.join(self.describe())}",
                hint="take another rule, or more words or examples",
            )
        return np.asarray(inside, dtype=np.bool_)


@dataclass(frozen=True)
class SearchHit:
    """An item that was found.

    Parameters
    ----------
    item_id : str or int
    score : float
        Cosine to what was searched for, at most 1; of an outlier: its mean cosine to its nearest neighbours.
    text : str
        What it shows first.
    votes : tuple of str
        What the rules of the last run of `apply` say.
    label : str or None
        The label of the last run of `fit`.
    source : str
        Where that label comes from; ``none`` where there is none.
    answers : tuple of str
        What people said, as of now.
    """

    item_id: ItemId
    score: float
    text: str
    votes: tuple[str, ...]
    label: str | None
    source: str
    answers: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the hit for JSON."""
        values = asdict(self)
        return {"item": values.pop("item_id"), **values}


@dataclass(frozen=True)
class SearchReport:
    """What a search found.

    Parameters
    ----------
    what : str
        What was searched for.
    n_found : int
        Items with a score above 0 (that nobody answered, if only those were asked for).
    hits : tuple of SearchHit
        The highest scores first.
    unknown : tuple of str
        Words that stand in no text.
    """

    what: str
    n_found: int
    hits: tuple[SearchHit, ...]
    unknown: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self) | {"hits": [hit.to_dict() for hit in self.hits]}


@dataclass(frozen=True)
class OutlierReport:
    """Items that lie alone.

    Parameters
    ----------
    fence : float
        Density below which an item is an outlier: a quarter of the median.
    n_items : int
    outliers : tuple of SearchHit
        The loneliest first.
    """

    fence: float
    n_items: int
    outliers: tuple[SearchHit, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self) | {"outliers": [hit.to_dict() for hit in self.outliers]}


def search_report(
    items: Items,
    features: FeatureMatrix | None,
    history: History,
    *,
    words: str,
    like: Sequence[str],
    most: int,
    only_open: bool,
) -> SearchReport:
    """Search items, and say what is known of those found.

    Raises
    ------
    InputError
        As for `wsal.features.search.ItemSearch.scores`; or an example is unknown.
    """
    search = _item_search(items, features)
    examples = _rows_of(items, like)
    scores = search.scores(words=words, rows=examples)
    facts = _Facts.of(items, history)
    hidden = facts.answered if only_open else np.zeros(items.n_items, dtype=np.bool_)
    scores = np.where(hidden, 0.0, np.round(scores, 12))
    order = np.lexsort((np.arange(len(scores)), -scores))
    found = order[scores[order] > 0]
    what = " or ".join([*([repr(words)] if words.strip() else []), *(f"item {item}" for item in like)])
    hits = tuple(facts.hit(int(row), float(scores[row])) for row in found[:most])
    return SearchReport(what, len(found), hits, search.unknown(words) if words.strip() else ())


def outlier_report(items: Items, features: FeatureMatrix | None, history: History) -> OutlierReport:
    """List the items that lie alone.

    Raises
    ------
    InputError
        There are no features.
    """
    if features is None:
        raise InputError(
            "there are no features to see outliers by", hint="name columns under [features] in wsal.toml"
        )
    density = features.density
    at = density.at(np.arange(items.n_items))
    facts = _Facts.of(items, history)
    rows = np.flatnonzero(at < density.fence)
    rows = rows[np.argsort(at[rows], kind="stable")]
    listed = tuple(facts.hit(int(row), float(at[row])) for row in rows)
    return OutlierReport(density.fence, items.n_items, listed)


@dataclass(frozen=True, eq=False)
class _Facts:
    """What is known of items by now; votes and labels only where there are runs on these very items."""

    items: Items
    answers: Mapping[ItemId, tuple[str, ...]]
    votes: VoteMatrix | None
    soft: SoftLabels | None

    @classmethod
    def of(cls, items: Items, history: History) -> _Facts:
        said: dict[ItemId, tuple[str, ...]] = {}
        for answer in history.store.answers():
            if answer.label is not None:
                said[answer.item] = (*said.get(answer.item, ()), answer.label)
        applied, fitted = (history.store.latest_run(kind) for kind in ("run_applied", "run_fitted"))
        votes = None if applied is None else history.votes()
        soft = None if fitted is None else history.soft_labels()
        if votes is not None and not np.array_equal(votes.item_ids, items.item_ids):
            votes = None
        if soft is not None and not np.array_equal(soft.item_ids, items.item_ids):
            soft = None
        return cls(items, said, votes, soft)

    @cached_property
    def hard(self) -> NDArray[np.int64] | None:
        return None if self.soft is None else self.soft.hard()

    @property
    def answered(self) -> NDArray[np.bool_]:
        return np.array([item in self.answers for item in self.items.item_ids.tolist()], dtype=np.bool_)

    def hit(self, row: int, score: float) -> SearchHit:
        item: ItemId = self.items.item_ids[row : row + 1].tolist()[0]
        labels = None if self.soft is None else self.soft.labels
        return SearchHit(
            item,
            score,
            first_field(self.items, row),
            () if self.votes is None else hints_of(self.votes, item),
            None if labels is None or self.hard is None else labels.name(int(self.hard[row])),
            "none" if self.soft is None else str(self.soft.sources[row]),
            self.answers.get(item, ()),
        )


def _item_search(items: Items, features: FeatureMatrix | None) -> ItemSearch:
    """Make what searches the items: by their text, or without one by their features.

    Raises
    ------
    InputError
        There is neither.
    """
    if items.text_column is not None:
        return ItemSearch.of_texts(items.column(items.text_column))
    if features is None:
        raise InputError(
            "there is nothing to search: the data has neither a text column nor features",
            hint='name them in wsal.toml: text = "body" under [data], or columns under [features]',
        )
    return ItemSearch.of_features(features)


def _rows_of(items: Items, wanted: Sequence[str]) -> list[int]:
    """Find items by what the user typed.

    Raises
    ------
    InputError
        There is no such item.
    """
    known: dict[str, int] = {str(item): row for row, item in enumerate(items.item_ids.tolist())}
    for item in wanted:
        if item not in known:
            raise InputError(f"there is no item {item!r}", hint=did_you_mean(item, list(known)[:10_000]))
    return [known[item] for item in wanted]
