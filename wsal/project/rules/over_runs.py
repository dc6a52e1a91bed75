"""What a rule did from run to run of `apply`: by an edit of its own, and by new data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from wsal.analysis import holm
from wsal.analysis.contingency import exact_p_value
from wsal.estimation import clopper_pearson
from wsal.project.history import History
from wsal.types import ABSTAIN
from wsal.votes import VoteMatrix

__all__ = ["RunPoint", "rule_runs"]

_RUNS = 10


@dataclass(frozen=True)
class RunPoint:
    """A run of `apply`, as far as one rule goes.

    Parameters
    ----------
    run, time : str
    version : int, optional
        Number of its version; None where it had no fingerprint.
    n_items, n_votes : int
    low, high : float
        Interval of the share of items on which it votes.
    gained, lost, flipped : int
        Votes on items that were there in the run before: new ones, ones that went, ones for another class.
    n_new : int
        Items that were not there in the run before.
    new_votes : int
        Votes on those.
    adjusted : float, optional
        Where the version stayed and items were added: p-value that it votes as often on the new items as on the
        others, by Fisher's test, adjusted by Holm's method over these runs.
    """

    run: str
    time: str
    version: int | None
    n_items: int
    n_votes: int
    low: float
    high: float
    gained: int = 0
    lost: int = 0
    flipped: int = 0
    n_new: int = 0
    new_votes: int = 0
    adjusted: float | None = None

    @property
    def rate(self) -> float:
        """Share of the items on which it votes."""
        return self.n_votes / self.n_items


def rule_runs(
    rule: str, history: History, *, version_numbers: Mapping[str, int], level: float
) -> tuple[RunPoint, ...]:
    """Follow a rule through the last ten runs of `apply` that it was in, the oldest first."""
    runs = [
        run for run in history.store.runs("run_applied") if any(ref.name == rule for ref in run.payload.rules)
    ][-_RUNS:]
    points: list[RunPoint] = []
    before: tuple[VoteMatrix, int] | None = None
    for run in runs:
        votes = history.votes(run.run)
        j = votes.lf_names.index(rule)
        n_votes = int((votes.values[:, j] != ABSTAIN).sum())
        share = clopper_pearson(n_votes, votes.n_items, level=level)
        number = version_numbers.get(votes.lf_fingerprints[j] or "")
        point = RunPoint(run.run, run.time, number, votes.n_items, n_votes, share.low, share.high)
        points.append(point if before is None else _compared(point, *before, votes, j))
        before = votes, j
    tested = [i for i, point in enumerate(points) if point.adjusted is not None]
    adjusted = holm([points[i].adjusted or 0.0 for i in tested]).tolist()
    for i, p in zip(tested, adjusted, strict=True):
        points[i] = replace(points[i], adjusted=p)
    return tuple(points)


def _compared(point: RunPoint, old: VoteMatrix, i: int, new: VoteMatrix, j: int) -> RunPoint:
    """Say what changed since the run before, item by item."""
    found = [old.find(item) for item in new.item_ids.tolist()]
    kept = np.array([row is not None for row in found], dtype=np.bool_)
    then = old.values[np.array([row for row in found if row is not None], dtype=np.int64), i]
    now = new.values[:, j]
    stayed, fresh = now[kept], now[~kept]
    voted = int((fresh != ABSTAIN).sum())
    p = None
    if len(fresh) and len(stayed) and old.lf_fingerprints[i] == new.lf_fingerprints[j]:
        p = exact_p_value(voted, len(fresh), int((stayed != ABSTAIN).sum()), len(stayed))
    return replace(
        point,
        gained=int(((then == ABSTAIN) & (stayed != ABSTAIN)).sum()),
        lost=int(((then != ABSTAIN) & (stayed == ABSTAIN)).sum()),
        flipped=int(((then != ABSTAIN) & (stayed != ABSTAIN) & (then != stayed)).sum()),
        n_new=len(fresh),
        new_votes=voted,
        adjusted=p,
    )
