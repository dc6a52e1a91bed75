"""Dask: a task for each part, on the cluster of the current client, or on processes started for the while."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

from wsal.engines.parts.shipping import pack, run_packed
from wsal.errors import InputError, WsalError
from wsal.items.parts import FramePart, frame_kinds

__all__ = ["dask_partitions", "is_dask_frame", "run_on_dask"]

T = TypeVar("T")

_TRIES_AGAIN: Final = (
    2  # a disk or a network that failed for a moment; dead workers are counted by Dask itself
)


def run_on_dask(
    task: Callable[[Any], T], parts: Sequence[Any], *, workers: int = 1
) -> Generator[T, None, None]:
    """Run a task on each part; see `PartEngine`.

    The parts are what the task is given, or `Delayed` values of it: partitions of a Dask data frame, which then never
    come to this process. Where a worker dies, its parts run elsewhere.
    """
    dask, distributed = _dask()
    with _client(workers) as client:
        packed = dask.delayed(pack(task), traverse=False)
        run = dask.delayed(run_packed, pure=False)
        delayed = [
            run(packed, part if _is_delayed(part) else dask.delayed(part, traverse=False)) for part in parts
        ]
        futures = client.compute(delayed, retries=_TRIES_AGAIN)
        number = {future.key: i for i, future in enumerate(futures)}
        done = distributed.as_completed(futures)
        del futures, delayed  # a result is let go as soon as it is handed on
        try:
            for future in done:
                yield _result(future, _name(parts, number[future.key]), distributed)
                future.release()
        finally:
            if pending := list(done.futures):
                client.cancel(pending)


def dask_partitions(frame: Any, *, id_column: str | None) -> list[Any]:  # noqa: ANN401  # dask.dataframe.DataFrame
    """Return the partitions of a Dask data frame as parts, each still to be computed."""
    dask, _ = _dask()
    kinds = frame_kinds(dict(frame.dtypes))
    make = dask.delayed(partial(FramePart, id_column=id_column, kinds=kinds), pure=False)
    return [make(number, partition) for number, partition in enumerate(frame.to_delayed())]


def is_dask_frame(source: object) -> bool:
    """Whether a source is a Dask data frame; Dask is not imported to find out."""
    return type(source).__module__.partition(".")[0] in {"dask", "dask_expr"} and hasattr(
        source, "to_delayed"
    )


def _name(parts: Sequence[Any], number: int) -> str:
    return f"partition {number}" if _is_delayed(parts[number]) else str(parts[number].name)


def _is_delayed(part: object) -> bool:
    return hasattr(part, "__dask_graph__")


def _result(future: Any, name: str, distributed: Any) -> Any:  # noqa: ANN401  # distributed's future and module
    try:
        return future.result()
    except distributed.KilledWorker as error:
        raise WsalError(
            f"{name} killed the workers that worked on it, one after the other\n"
            "  hint: they may have run out of memory; write smaller row groups or partitions, or give them more"
        ) from error
    except Exception as error:
        raise WsalError(f"{name} failed {_TRIES_AGAIN + 1} times: {type(error).__name__}: {error}") from error


@contextmanager
def _client(workers: int) -> Iterator[Any]:
    """Give the current client; where there is none, that of a cluster of so many processes on this machine."""
    _, distributed = _dask()
    try:
        client = distributed.get_client()
    except ValueError:
        client = None
    if client is not None:
        yield client
        return
    with (
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as own,
        distributed.Client(own) as started,
    ):
        yield started


def _dask() -> tuple[Any, Any]:
    try:
        import dask
        import distributed
    except ImportError:
        raise InputError(
            'engine="dask" needs Dask, which is not installed', hint="pip install 'wsal[dask]'"
        ) from None
    return dask, distributed
