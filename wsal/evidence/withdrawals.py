"""Withdrawals: what would change in all labels if a rule were withdrawn; reverse lineage of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError, did_you_mean
from wsal.evidence.label_parts import LabelParts, LabelsThen
from wsal.patterns import VotePatterns
from wsal.training import Delivered
from wsal.types import ABSTAIN, Floats, ItemId, LabelSpace

__all__ = ["BlastRadius", "LabelFlow", "Withdrawals"]


@dataclass(frozen=True)
class LabelFlow:
    """How many items go from one label to another; None is no label."""

    before: str | None
    after: str | None
    n_items: int


@dataclass(frozen=True, eq=False)
class BlastRadius:
    """What withdrawing rules would change, all parameters fixed: nothing is fitted again.

    Parameters
    ----------
    rules : tuple of str
        The columns of votes that are withdrawn together.
    labels : LabelSpace
    n_items : int
        All n.
    n_voted : int
        Items on which any of these rules votes.
    n_standing : int
        Of these, items whose label is an answer or an exact copy of one, which no rule changes.
    n_uncovered : int
        Items that no other rule covers.
    n_unlabelled : int
        Items with a label before and none after.
    rows : ndarray of int64, shape (d,)
        Items on which these rules are decisive: whose label changes without them. Ascending.
    item_ids : ndarray, shape (d,)
    before, after : ndarray of int64, shape (d,)
        Class index, or ABSTAIN where there is no label.
    probabilities_before, probabilities_after : ndarray of float64, shape (d, k)
        Of these items.
    mean_before, mean_after : ndarray of float64, shape (k,)
        Mean probability of each class over the items of which something speaks before and after; zeros where there
        are none.
    mean_shift : float
        Mean of ½·Σ|Δp| over the items voted on of which something speaks after: how far labels move, 0 to 1.
    """

    rules: tuple[str, ...]
    labels: LabelSpace
    n_items: int
    n_voted: int
    n_standing: int
    n_uncovered: int
    n_unlabelled: int
    rows: NDArray[np.int64]
    item_ids: NDArray[Any]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    probabilities_before: Floats
    probabilities_after: Floats
    mean_before: Floats
    mean_after: Floats
    mean_shift: float

    @property
    def n_decisive(self) -> int:
        """Items whose label changes, d."""
        return len(self.rows)

    @property
    def flows(self) -> tuple[LabelFlow, ...]:
        """Count the items whose label changes by label before and after; the largest flow first."""
        k = len(self.labels)
        counts = np.bincount(self.before % (k + 1) * (k + 1) + self.after % (k + 1), minlength=(k + 1) ** 2)
        found = np.argsort(-counts, kind="stable")
        names = (*self.labels.names, None)  # ABSTAIN is −1, which is k modulo k + 1
        return tuple(
            LabelFlow(names[code // (k + 1)], names[code % (k + 1)], int(counts[code]))
            for code in found[counts[found] > 0].tolist()
        )

    def changes(
        self, start: int = 0, most: int | None = None
    ) -> tuple[tuple[ItemId, str | None, str | None], ...]:
        """Return (item, label before, label after) of the items whose label changes, in the order of the data."""
        page = slice(start, None if most is None else start + most)
        return tuple(
            (item, self.labels.name(before), self.labels.name(after))
            for item, before, after in zip(
                self.item_ids[page].tolist(),
                self.before[page].tolist(),
                self.after[page].tolist(),
                strict=True,
            )
        )

    def to_dict(self, start: int = 0, most: int | None = None) -> dict[str, Any]:
        """Return it for JSON, with one page of the items whose label changes."""
        names = self.labels.names
        return {
            "rules": list(self.rules),
            "n_items": self.n_items,
            "n_voted": self.n_voted,
            "n_standing": self.n_standing,
            "n_decisive": self.n_decisive,
            "n_uncovered": self.n_uncovered,
            "n_unlabelled": self.n_unlabelled,
            "flows": [{"before": f.before, "after": f.after, "n_items": f.n_items} for f in self.flows],
            "mean_before": dict(zip(names, self.mean_before.tolist(), strict=True)),
            "mean_after": dict(zip(names, self.mean_after.tolist(), strict=True)),
            "mean_shift": self.mean_shift,
            "start": start,
            "items": [{"item": i, "before": b, "after": a} for i, b, a in self.changes(start, most)],
        }


class Withdrawals:
    """What the labels of a run would be without some of its rules.

    Parameters
    ----------
    delivered : Delivered
        The run. What does not depend on votes is made ready at the first question, and serves all of them.

    Notes
    -----
    What the label model says is evaluated anew for each pattern of votes in which the rules vote; the items get it by
    one gather and one array operation with what classifiers and answers say: O(p·m + r·k) for r items voted on.
    Rules that refer to a withdrawn rule keep their votes.

    Examples
    --------
    >>> from wsal.label_models import LabelModel
    >>> from wsal.training import deliver
    >>> from wsal.votes import VoteMatrix
    >>> votes = VoteMatrix.from_array([[1, -1], [1, 0], [-1, 0]], ["ham", "spam"], lf_names=["prize", "greeting"])
    >>> blast = Withdrawals(deliver(votes, LabelModel().fit(votes))).of("prize")
    >>> blast.n_voted, blast.n_uncovered, blast.changes()
    (2, 1, ((0, 'spam', None), (1, None, 'ham')))
    """

    def __init__(self, delivered: Delivered) -> None:
        self.delivered = delivered

    @cached_property
    def parts(self) -> LabelParts:
        """What does not depend on votes."""
        return LabelParts.of(self.delivered)

    @cached_property
    def _total(self) -> tuple[Floats, int]:
        """Sum of the probabilities of the items of which something speaks, and how many they are."""
        spoken = self._spoken
        return spoken.astype(np.float64) @ self.delivered.soft.probabilities, int(spoken.sum())

    @cached_property
    def _spoken(self) -> NDArray[np.bool_]:
        return np.asarray(self.delivered.soft.sources != "none")

    def of(self, *lf_names: str) -> BlastRadius:
        """Withdraw some rules together.

        Raises
        ------
        InputError
            No rule is named, or there is no such rule.
        """
        votes, patterns = self.delivered.votes, self.delivered.votes.patterns()
        lfs = _columns(lf_names, votes.lf_names)
        codes = patterns.require_inverse()
        voted = (patterns.votes[:, lfs] != ABSTAIN).any(axis=1)
        changed = np.flatnonzero(voted)
        rest = _abstaining(patterns, changed, lfs)
        with np.errstate(divide="ignore"):  # models of plain shares say 0
            log_q = np.log(self.delivered.model.pattern_proba(rest))
        place = np.zeros(patterns.n_patterns, dtype=np.int64)
        place[changed] = np.arange(len(changed))

        all_rows = np.flatnonzero(voted[codes])
        rows = all_rows[~self.parts.standing[all_rows]]
        at = place[codes[rows]]
        then = self.parts.labels(log_q[at], rest.covered[at], rows)
        before = LabelsThen(self.delivered.soft.probabilities[rows], self._spoken[rows])
        was, now = before.hard, then.hard
        decisive = np.flatnonzero(was != now)
        mean_before, mean_after, shift = self._means(before, then, n_standing=len(all_rows) - len(rows))
        return BlastRadius(
            rules=tuple(lf_names),
            labels=votes.labels,
            n_items=votes.n_items,
            n_voted=len(all_rows),
            n_standing=len(all_rows) - len(rows),
            n_uncovered=int(patterns.counts[changed][~rest.covered].sum()),
            n_unlabelled=int(((was != ABSTAIN) & (now == ABSTAIN)).sum()),
            rows=rows[decisive],
            item_ids=votes.item_ids[rows[decisive]],
            before=was[decisive],
            after=now[decisive],
            probabilities_before=before.probabilities[decisive],
            probabilities_after=then.probabilities[decisive],
            mean_before=mean_before,
            mean_after=mean_after,
            mean_shift=shift,
        )

    def _means(
        self, before: LabelsThen, then: LabelsThen, *, n_standing: int
    ) -> tuple[Floats, Floats, float]:
        total, n = self._total
        both = then.spoken & before.spoken
        n_kept = n - int(before.spoken.sum()) + int(both.sum())
        others = total - before.spoken @ before.probabilities
        n_moved = n_standing + int(both.sum())
        moved = both @ np.abs(then.probabilities - before.probabilities)
        return (
            (others + both @ before.probabilities) / max(n_kept, 1),
            (others + both @ then.probabilities) / max(n_kept, 1),
            float(0.5 * moved.sum() / max(n_moved, 1)),
        )


def _columns(asked: Sequence[str], names: Sequence[str]) -> list[int]:
    if not asked:
        raise InputError("no rule is named", hint=f"the rules are {', '.join(names)}")
    for name in asked:
        if name not in names:
            raise InputError(f"no labelling function {name!r}", hint=did_you_mean(name, names))
    return [names.index(name) for name in dict.fromkeys(asked)]


def _abstaining(patterns: VotePatterns, codes: NDArray[np.int64], lfs: Sequence[int]) -> VotePatterns:
    """Return some patterns with some functions abstaining; rows may then be equal."""
    votes = patterns.votes[codes]
    votes[:, lfs] = ABSTAIN
    return VotePatterns(votes, patterns.counts[codes], patterns.labels, patterns.lf_names)
