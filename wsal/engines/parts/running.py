"""Engines for parts: they call a task on each part, wherever they like, and hand back what it returns."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from wsal.engines.local.workers import check_workers
from wsal.engines.parts.dask_engine import run_on_dask
from wsal.engines.parts.part_error import PartError, portable
from wsal.engines.parts.spark_engine import run_on_spark
from wsal.errors import InputError, WsalError, did_you_mean

__all__ = ["PART_ENGINES", "PartEngine", "engine_of", "gathered"]

T = TypeVar("T")
R = TypeVar("R", bound="Numbered")


class Numbered(Protocol):
    """What a task returns: it has the number of its part."""

    @property
    def number(self) -> int:
        """The number of the part."""
        ...


class PartEngine(Protocol):
    """Runs a task on parts. Every engine passes ``tests/contracts/test_part_engines.py``."""

    def __call__(
        self, task: Callable[[Any], T], parts: Sequence[Any], *, workers: int
    ) -> Generator[T, None, None]:
        """Call the task on every part.

        Parameters
        ----------
        task : callable
            Given a part, returns a small result, or a `PartError` where trying again would not help. What it raises
            may be tried again. It can be pickled if what is in it can.
        parts : sequence
            Each can be pickled.
        workers : int
            Processes, where the engine starts its own.

        Yields
        ------
        object
            What the task returned, in any order, as soon as it is there; nothing is held back.

        Raises
        ------
        WsalError
            Workers die again and again, or the task goes on raising.
        """
        ...


def run_locally(
    task: Callable[[Any], T], parts: Sequence[Any], *, workers: int = 1
) -> Generator[T, None, None]:
    """Run in this process, or in forks of it; see `PartEngine`."""
    check_workers(workers)
    if workers == 1:
        for part in parts:
            yield task(part)
        return
    executor = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("fork"), initializer=_begin, initargs=(task,)
    )
    try:
        futures = {executor.submit(_run, part): part for part in parts}
        for future in as_completed(futures):
            futures.pop(future)
            yield future.result()
    except BrokenProcessPool:
        raise WsalError(
            "a worker process was killed\n"
            "  hint: it may have run out of memory; try fewer workers; parts that are finished are kept"
        ) from None
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


_task: Callable[[Any], Any] | None = None


def _begin(task: Callable[[Any], Any]) -> None:
    global _task  # noqa: PLW0603  # a worker has one task, which it is born with
    _task = task
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # Ctrl-C ends it without a word; the parent says what there is


def _run(part: Any) -> Any:  # noqa: ANN401  # as the task
    if _task is None:
        raise RuntimeError("a worker was not told its task")
    done = _task(part)
    return replace(done, error=portable(done.error)) if isinstance(done, PartError) else done


PART_ENGINES: Mapping[str, PartEngine] = MappingProxyType(
    {"local": run_locally, "dask": run_on_dask, "spark": run_on_spark}
)
"""Engines for parts by name."""


def engine_of(name: str) -> PartEngine:
    """Return an engine by its name.

    Raises
    ------
    InputError
        There is none.
    """
    if name not in PART_ENGINES:
        raise InputError(
            f"there is no engine {name!r} for data in parts; there are {', '.join(PART_ENGINES)}",
            hint=did_you_mean(name, PART_ENGINES),
        )
    return PART_ENGINES[name]


def gathered(results: Generator[R | PartError, None, None]) -> Iterator[R]:
    """Pass results on as they come; raise the error of the first part that has one, whatever the order.

    It is raised as soon as every part before it is done, so that the same error is told in every run.

    Parameters
    ----------
    results : iterator
        Of all parts, numbered from 0.

    Raises
    ------
    WsalError
    """
    errors: dict[int, WsalError] = {}
    done: set[int] = set()
    first = 0  # the first part that is not done
    with closing(results):  # here, and not whenever it is collected: an engine may have work to call off
        for one in results:
            done.add(one.number)
            if isinstance(one, PartError):
                errors[one.number] = one.error
            else:
                yield one
            while first in done:
                done.remove(first)
                if first in errors:
                    raise errors[first]
                first += 1
