"""Workers: several processes vote on parts of the items.

A worker is a fork of this process, so it has the functions and the items (Arrow arrays, in shared memory) without
anything being pickled; what comes back are votes. Parts are put together in their order, so votes, counts of failures
and the error that is raised are those of one process.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from wsal.engines.local.groups import Group
from wsal.engines.progress import NO_PROGRESS, Progress
from wsal.engines.voted import Voted
from wsal.errors import DataError, InputError, WsalError
from wsal.items import Items
from wsal.types import LabelSpace
from wsal.votes import LFCost, LFFailure

__all__ = ["check_workers", "vote_in_workers"]

_PARTS_A_WORKER = 4  # so that one with slow items does not keep the others waiting


def check_workers(workers: object) -> None:
    """See that there can be so many workers.

    Raises
    ------
    InputError
        Less than one, no whole number, or a system whose processes cannot fork.
    """
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError(
            f"workers={workers!r} is no number of processes", hint="write 1, or as many as there are cores"
        )
    if workers > 1 and "fork" not in multiprocessing.get_all_start_methods():
        raise InputError(
            f"workers={workers}: on this system processes cannot be forked",
            hint="leave workers out: one process votes",
        )


@dataclass(frozen=True)
class _Job:
    """What a worker needs to know; it is there since the fork."""

    groups: Sequence[Group]
    items: Items
    labels: LabelSpace | None
    fault_tolerant: bool
    chunk: int

    def chunk_of(self, g: int) -> int:
        return self.chunk * self.groups[g].chunks_at_once

    def vote(self, g: int, start: int, stop: int) -> list[Voted]:
        group = self.groups[g]
        return list(
            group.vote(
                group.lfs,
                self.items.part(start, stop),
                self.labels,
                fault_tolerant=self.fault_tolerant,
                progress=NO_PROGRESS,
                chunk=self.chunk_of(g),
            )
        )


_job: _Job | None = None


def vote_in_workers(
    groups: Sequence[Group],
    items: Items,
    labels: LabelSpace | None,
    *,
    fault_tolerant: bool,
    progress: Progress,
    chunk: int,
    workers: int,
) -> Iterator[Voted]:
    """Let groups vote on parts of the items in other processes; parameters as `wsal.engines.voted.Engine`.

    Raises
    ------
    WsalError
        A worker was killed.
    """
    job = _Job(groups, items, labels, fault_tolerant, chunk)
    executor = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("fork"), initializer=_begin, initargs=(job,)
    )
    try:
        waiting = [
            [
                (part, executor.submit(_vote_part, g, *part))
                for part in _parts(group, items.n_items, job.chunk_of(g), workers)
            ]
            for g, group in enumerate(groups)
        ]
        for g, group in enumerate(groups):
            progress.begin(group.title, items.n_items)
            parts = []
            for part, future in waiting[g]:
                parts.append(_result(job, g, part, future))
                progress.advance(part[1] - part[0])
            progress.finish(len(group.lfs))
            yield from _joined(parts)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _begin(job: _Job) -> None:
    global _job  # noqa: PLW0603  # a worker has one job, which it is born with
    _job = job
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # Ctrl-C ends it without a word; the parent says what there is to say


def _vote_part(g: int, start: int, stop: int) -> list[Voted] | None:
    """Vote on a part, in a worker; None where something was raised, which need not be such that it can be sent."""
    if _job is None:
        raise RuntimeError("a worker was not told its job")
    try:
        return _job.vote(g, start, stop)
    except Exception:  # noqa: BLE001  # raised again in the parent, where it has its traceback and its cause
        return None


def _result(job: _Job, g: int, part: tuple[int, int], future: Future[list[Voted] | None]) -> list[Voted]:
    try:
        voted = future.result()
    except BrokenProcessPool:
        raise WsalError(
            f"a worker process was killed while '{job.groups[g].title}' voted on items {part[0] + 1} to {part[1]}\n"
            "  hint: it may have run out of memory; try fewer workers, or find the function with one"
        ) from None
    if voted is not None:
        return voted
    # The whole chunk again, as one process would vote on it: where several functions raise, the same one is named.
    chunk = job.chunk_of(g)
    start = part[0] // chunk * chunk
    try:
        again = job.vote(g, start, min(start + chunk, job.items.n_items))
    except DataError:
        if start:
            job.vote(g, 0, part[1])  # rows are counted from the first item given: so the error names the row
        raise
    return [replace(one, votes=one.votes[part[0] - start : part[1] - start]) for one in again]


def _parts(group: Group, n_items: int, chunk: int, workers: int) -> list[tuple[int, int]]:
    """Cut the items into parts, none of which lies in two chunks."""
    size = chunk if group.in_chunks else min(chunk, max(1, ceil(n_items / (workers * _PARTS_A_WORKER))))
    ends = [min(start + chunk, n_items) for start in range(0, n_items, chunk)]
    return [
        (start, min(start + size, end))
        for begin, end in zip(range(0, n_items, chunk), ends, strict=True)
        for start in range(begin, end, size)
    ]


def _joined(parts: Sequence[list[Voted]]) -> Iterator[Voted]:
    """Put the parts of each function's votes together."""
    for pieces in zip(*parts, strict=True):
        votes = np.concatenate([piece.votes for piece in pieces])
        failures = [piece.failure for piece in pieces if piece.failure is not None]
        failure: LFFailure | None = None
        if failures:
            failure = replace(failures[0], count=sum(one.count for one in failures))
        yield Voted(pieces[0].position, votes, failure, _summed([piece.cost for piece in pieces]))


def _summed(costs: Sequence[LFCost | None]) -> LFCost | None:
    known = [cost for cost in costs if cost is not None]
    if not known:
        return None
    return LFCost(
        sum(cost.cpu_seconds for cost in known), sum(cost.n_items for cost in known), known[0].n_sharing
    )
