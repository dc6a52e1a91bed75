"""apply_in_parts: labelling functions and items that do not fit into memory in, a folder of votes out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wsal.engines.atomic_files import sweep
from wsal.engines.parts.dask_engine import dask_partitions, is_dask_frame
from wsal.engines.parts.files import PARTS, storing
from wsal.engines.parts.pattern_counts import PatternSum
from wsal.engines.parts.repeated_ids import refuse_repeated_ids
from wsal.engines.parts.running import engine_of, gathered
from wsal.engines.parts.spark_engine import is_spark_frame, spark_partitions
from wsal.engines.parts.vote_job import VoteJob, columns_read
from wsal.engines.parts.vote_parts import VotePart, VoteParts
from wsal.engines.progress import show_count
from wsal.engines.voted import AnyLF
from wsal.errors import DataError, InputError, did_you_mean
from wsal.items.parts import ParquetParts, read_parts
from wsal.lf import Rule
from wsal.types import LabelSpace

__all__ = ["apply_in_parts"]


def apply_in_parts(  # noqa: PLR0913  # as `wsal.apply`
    lfs: Sequence[AnyLF],
    source: Any,  # noqa: ANN401  # a path, a ParquetParts, or a data frame of Dask or Spark
    *,
    labels: LabelSpace | None,
    out: str | os.PathLike[str],
    id_column: str | None = None,
    fault_tolerant: bool = False,
    progress: bool = False,
    engine: str = "local",
    workers: int = 1,
) -> VoteParts:
    """Let labelling functions vote on items part by part; see `wsal.apply`, which checks the functions.

    Raises
    ------
    InputError
        The labels are not known, or the source is none that comes in parts.
    DataError
        An id that stands twice, in whatever parts; a cell, an id or an answer that cannot be used.
    """
    run = engine_of(engine)
    if labels is None:
        raise InputError(
            "the labels are not known before all parts are done",
            hint='pass them: labels=["ham", "spam"]',
        )
    parts, columns, total, notes = _parts_of(source, id_column, engine)
    _require_columns(lfs, columns)
    folder = Path(os.fspath(out)).resolve()
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    sweep(folder / PARTS)
    job = VoteJob(tuple(lfs), labels, folder, columns_read(lfs, columns), fault_tolerant)
    patterns = PatternSum(labels, job.lf_names)
    done: list[VotePart] = []
    n_reused = 0
    with show_count("items", total, wanted=progress) as advance:
        for voted in gathered(run(job, parts, workers=workers)):
            if not voted.receipt.n_items:
                continue  # a partition of a data frame may be empty
            patterns.add(voted.votes, voted.counts)
            done.append(VotePart.of(voted))
            n_reused += voted.reused
            advance(voted.receipt.n_items)
    done.sort(key=lambda part: part.number)
    refuse_repeated_ids(folder, done)
    votes = VoteParts(
        folder, labels, job.lf_names, job.fingerprints, tuple(done), patterns.result(), n_reused, notes
    )
    votes.save()
    return votes


def _parts_of(
    source: Any,  # noqa: ANN401  # as above
    id_column: str | None,
    engine: str,
) -> tuple[Any, tuple[str, ...], int | None, tuple[str, ...]]:
    """Return the parts, the columns of all, the number of items where it is known, and notes."""
    for name, is_frame, partitions in (
        ("Dask", is_dask_frame, dask_partitions),
        ("Spark", is_spark_frame, spark_partitions),
    ):
        if is_frame(source):
            needed = name.lower()
            if engine != needed:
                raise InputError(
                    f'a {name} data frame is for engine="{needed}", not {engine!r}',
                    hint=f'write engine="{needed}"',
                )
            return partitions(source, id_column=id_column), tuple(map(str, source.columns)), None, ()
    if isinstance(source, ParquetParts):
        read = source
    elif isinstance(source, str | os.PathLike):
        # Workers elsewhere have folders of their own to start from.
        read = read_parts(source if engine == "local" else Path(source).resolve(), id_column=id_column)
    else:
        raise DataError(
            "items in parts are a Parquet file, a folder of them, or a data frame of Dask or Spark, "
            f"got a {type(source).__name__}",
            hint="leave out `out` for what fits into memory",
        )
    return read.parts, read.columns, read.n_items, read.notes


def _require_columns(lfs: Sequence[AnyLF], columns: Sequence[str]) -> None:
    for lf in lfs:
        for name in (lf.fields or ()) if isinstance(lf, Rule) else ():
            if name not in columns:
                raise DataError(
                    f"rule '{lf.name}' reads column {name!r}, which the items do not have",  # type: ignore[attr-defined]
                    location=lf.location if isinstance(lf, Rule) else None,
                    hint=did_you_mean(name, columns) or f"the columns are {', '.join(columns)}",
                )
