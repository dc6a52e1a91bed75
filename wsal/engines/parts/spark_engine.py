"""Spark: a task for each part through ``mapInPandas``, in the current session or in one on this machine."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wsal.engines.parts.shipping import pack, run_packed
from wsal.errors import InputError, WsalError
from wsal.items.parts import FramePart

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SparkPartitions", "is_spark_frame", "run_on_spark", "spark_partitions"]

T = TypeVar("T")

_WAVE: Final = 8  # parts a slot of the cluster, whose results are in the driver's memory together
_KINDS: Final = {
    "tinyint": "int64",
    "smallint": "int64",
    "int": "int64",
    "bigint": "int64",
    "float": "double",
}


@dataclass(frozen=True, eq=False)
class SparkPartitions:
    """The partitions of a Spark data frame, which never come to this process.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
    make : callable
        From the number of a partition and its rows to a part.
    """

    frame: Any
    make: Callable[..., FramePart]


def spark_partitions(frame: Any, *, id_column: str | None) -> SparkPartitions:  # noqa: ANN401  # pyspark.sql.DataFrame
    """Return the partitions of a Spark data frame as parts."""
    kinds = {name: _KINDS.get(kind, kind) for name, kind in frame.dtypes}
    return SparkPartitions(frame, partial(FramePart, id_column=id_column, kinds=kinds))


def is_spark_frame(source: object) -> bool:
    """Whether a source is a Spark data frame; Spark is not imported to find out."""
    return type(source).__module__.partition(".")[0] == "pyspark" and hasattr(source, "mapInPandas")


def run_on_spark(
    task: Callable[[Any], T], parts: Sequence[Any] | SparkPartitions, *, workers: int = 1
) -> Generator[T, None, None]:
    """Run a task on each part; see `PartEngine`.

    Parts go out in waves, so that the results of all parts are never in the driver's memory together; partitions of a
    data frame go out together. Spark itself runs what failed again.
    """
    with _session(workers) as session:
        packed = session.sparkContext.broadcast(pack(task))
        if isinstance(parts, SparkPartitions):
            run = _on_partition(packed, parts.make)
            yield from _collected(parts.frame.mapInPandas(run, "done binary"))
            return
        size = _WAVE * max(1, session.sparkContext.defaultParallelism)
        run = _on_parts(packed)
        for start in range(0, len(parts), size):
            wave = [(pickle.dumps(part),) for part in parts[start : start + size]]
            rows = session.sparkContext.parallelize(wave, len(wave))  # a part a task
            yield from _collected(
                session.createDataFrame(rows, "part binary").mapInPandas(run, "done binary")
            )


def _on_parts(packed: Any) -> Callable[..., Any]:  # noqa: ANN401  # pyspark.Broadcast
    """Return what a worker of Spark runs on rows that hold parts."""

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import pandas as pd

        for frame in frames:
            parts = (pickle.loads(part) for part in frame["part"])  # noqa: S301  # packed by the driver
            yield pd.DataFrame({"done": [pickle.dumps(run_packed(packed.value, part)) for part in parts]})

    return run


def _on_partition(packed: Any, make: Callable[..., FramePart]) -> Callable[..., Any]:  # noqa: ANN401  # as above
    """Return what a worker of Spark runs on the rows of a partition."""

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import pandas as pd
        from pyspark import TaskContext

        context = TaskContext.get()
        number = 0 if context is None else context.partitionId()
        chunks = list(frames)
        if chunks:
            part = make(number, pd.concat(chunks, ignore_index=True))
            yield pd.DataFrame({"done": [pickle.dumps(run_packed(packed.value, part))]})

    return run


def _collected(frame: Any) -> Iterator[Any]:  # noqa: ANN401  # pyspark.sql.DataFrame
    from pyspark.errors import PySparkException

    try:
        rows = frame.collect()
    except PySparkException as error:
        first = str(error).strip().splitlines()[0]
        raise WsalError(f"Spark gave up on a part after trying it again: {first}") from error
    for row in rows:
        yield pickle.loads(bytes(row["done"]))  # noqa: S301  # packed by the workers


@contextmanager
def _session(workers: int) -> Iterator[Any]:
    """Give the current session; where there is none, one on this machine with so many processes."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError(
            'engine="spark" needs PySpark, which is not installed', hint="pip install 'wsal[spark]'"
        ) from None
    session = SparkSession.getActiveSession()
    if session is not None:
        yield session
        return
    builder = SparkSession.builder.master(f"local[{workers}]").appName("wsal")
    # The setting spark.pyspark.python is read by spark-submit alone; without this, workers are whatever python3 is.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in {"spark.ui.enabled": "false", "spark.log.level": "ERROR"}.items():
        builder = builder.config(name, value)
    own = builder.getOrCreate()
    try:
        yield own
    finally:
        own.stop()
