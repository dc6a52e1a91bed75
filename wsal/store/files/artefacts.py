"""Files by run, which the ledger names by their hash: Parquet, JSON, and NumPy's npz for bare arrays.

A file is written before the event that names it, so that the ledger never names a file that is not there. It
is read back only if its bytes still have the hash that the ledger holds.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.audit import FileRef, Json, canonical, parse
from wsal.errors import StoreError
from wsal.labels import SoftLabels
from wsal.store.failures import store_error
from wsal.store.files.atomic import checked_path, write_atomically
from wsal.types import ItemId, LabelSpace
from wsal.votes import LFFailure, VoteMatrix, by_column, lightest, side_by_side

__all__ = [
    "RUNS",
    "read_arrays",
    "read_json",
    "read_soft_labels",
    "read_votes",
    "write_arrays",
    "write_json",
    "write_soft_labels",
    "write_votes",
]

RUNS: Final = ".wsal/runs"
"""Where runs keep their files, relative to the project's folder."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_KEY: Final = b"wsal"
_ABOUT: Final = "wsal"
_ROW_GROUP: Final = 1 << 17  # rows, which bounds what is held beside the votes


def write_votes(votes: VoteMatrix, *, root: str | Path, run: str) -> FileRef:
    """Write a label matrix as ``.wsal/runs/RUN/votes.parquet``.

    Parameters
    ----------
    votes : VoteMatrix
        n items, m functions.
    root : str or Path
        The project's folder.
    run : str
        Id of the run: letters, digits, ``.``, ``_`` and ``-``.

    Returns
    -------
    FileRef
        What the event of the run names.

    Raises
    ------
    StoreError
        The id is no name of a folder, or the file cannot be written.

    Notes
    -----
    Columns: the item id (``id``, or ``id_`` … where a function has that name), then one int8 column a
    function, -1 where it abstains. Labels, fingerprints and failures stand in the schema's
    metadata under ``wsal``.
    """
    name = "id"
    while name in votes.lf_names:
        name += "_"

    def columns(rows: slice) -> dict[str, Any]:
        return dict(zip(votes.lf_names, by_column(votes.values[rows]), strict=True))

    about = {
        "labels": votes.labels.names,
        "lf_names": votes.lf_names,
        "lf_fingerprints": votes.lf_fingerprints,
        "failures": votes.failures,
    }
    return _write_parquet(columns, about, name, votes.item_ids, Path(root), _relative(run, "votes.parquet"))


def read_votes(file: FileRef, *, root: str | Path) -> VoteMatrix:
    """Read a label matrix back.

    Raises
    ------
    StoreError
        There is no such file, or it is none of `write_votes`.
    LedgerError
        Its bytes are not those that the ledger names.
    """
    table, about, ids = _read_parquet(file, Path(root))
    names = tuple(about["lf_names"])
    values = side_by_side([lightest(table.column(name).to_numpy()) for name in names])
    values.flags.writeable = False
    return VoteMatrix(
        values,
        LabelSpace(tuple(about["labels"])),
        names,
        ids,
        tuple(about["lf_fingerprints"]),
        tuple(LFFailure(**failure) for failure in about["failures"]),
    )


def write_soft_labels(soft: SoftLabels, *, root: str | Path, run: str) -> FileRef:
    """Write soft labels as ``.wsal/runs/RUN/soft_labels.parquet``.

    Parameters
    ----------
    soft : SoftLabels
        n items, k classes.
    root, run
        As for `write_votes`.

    Returns
    -------
    FileRef

    Raises
    ------
    StoreError
        As for `write_votes`.

    Notes
    -----
    Columns: ``id``, one float64 column ``p_LABEL`` a class, and ``source``.
    """

    def columns(rows: slice) -> dict[str, Any]:
        shares = {f"p_{label}": soft.probabilities[rows, j] for j, label in enumerate(soft.labels.names)}
        return shares | {"source": soft.sources[rows].tolist()}

    about = {"labels": soft.labels.names}
    return _write_parquet(
        columns, about, "id", soft.item_ids, Path(root), _relative(run, "soft_labels.parquet")
    )


def read_soft_labels(file: FileRef, *, root: str | Path) -> SoftLabels:
    """Read soft labels back; see `read_votes`."""
    table, about, ids = _read_parquet(file, Path(root))
    labels = LabelSpace(tuple(about["labels"]))
    columns = [table.column(f"p_{label}").to_numpy() for label in labels.names]
    sources = np.array(table.column("source").to_pylist(), dtype=np.str_)
    return SoftLabels(np.stack(columns, axis=1), labels, ids, sources)


def write_json(tree: object, *, root: str | Path, run: str, name: str = "model.json") -> FileRef:
    """Write parameters as canonical JSON, ``.wsal/runs/RUN/NAME``.

    Parameters
    ----------
    tree : object
        What `wsal.audit.canonical` takes.
    root, run
        As for `write_votes`.
    name : str

    Returns
    -------
    FileRef

    Raises
    ------
    DataError
        It is no JSON.
    StoreError
        As for `write_votes`.
    """
    body = canonical(tree)
    relative = _relative(run, name)

    def write(path: Path) -> None:
        path.write_bytes(body)

    return FileRef(relative, write_atomically(Path(root) / relative, write))


def read_json(file: FileRef, *, root: str | Path) -> Json:
    """Read parameters back; see `read_votes`."""
    return parse(checked_path(file, Path(root)).read_bytes())


def write_arrays(
    arrays: Mapping[str, NDArray[Any]], about: object, *, root: str | Path, run: str, name: str
) -> FileRef:
    """Write arrays as a compressed npz, ``.wsal/runs/RUN/NAME``; without pickle.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Numbers or booleans; no name is ``wsal``.
    about : object
        What `wsal.audit.canonical` takes; stands in the file as an array of bytes named ``wsal``.
    root, run
        As for `write_votes`.
    name : str

    Returns
    -------
    FileRef

    Raises
    ------
    StoreError
        As for `write_votes`; or an array of objects, which only pickle could write.
    DataError
        ``about`` is no JSON.
    """
    relative = _relative(run, name)
    for key, array in arrays.items():
        if key == _ABOUT or array.dtype.hasobject:
            raise store_error(
                f"array {key!r} cannot be written", "give numbers or booleans, not named 'wsal'"
            )
    described = np.frombuffer(canonical(about), dtype=np.uint8)

    def write(path: Path) -> None:
        with path.open("wb") as file:  # given a path, NumPy would put .npz at its end
            np.savez_compressed(file, allow_pickle=False, **{_ABOUT: described}, **arrays)

    return FileRef(relative, write_atomically(Path(root) / relative, write))


def read_arrays(file: FileRef, *, root: str | Path) -> tuple[dict[str, NDArray[Any]], Json]:
    """Read arrays and what stands about them back; see `read_votes`."""
    path = checked_path(file, Path(root))
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
        about = parse(arrays.pop(_ABOUT).tobytes())
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StoreError(f"{path} is none of wsal's files of arrays: {error}") from error
    return arrays, about


def _relative(run: str, name: str) -> str:
    for part in (run, name):
        if not _NAME.fullmatch(part):
            raise store_error(
                f"{part!r} is no name of a run or its file", "use letters, digits, '.', '_' and '-'"
            )
    return f"{RUNS}/{run}/{name}"


def _write_parquet(
    columns: Callable[[slice], Mapping[str, Any]],
    about: Mapping[str, object],
    id_name: str,
    ids: NDArray[Any],
    root: Path,
    relative: str,
) -> FileRef:
    import pyarrow as pa
    import pyarrow.parquet as pq

    id_column, as_json = _id_column(ids)
    metadata = {_KEY: canonical({"v": 1, "id": id_name, "id_json": as_json, **about})}

    def group(start: int) -> Any:  # noqa: ANN401  # pyarrow has no types
        rows = slice(start, start + _ROW_GROUP)
        arrays = {name: pa.array(values) for name, values in columns(rows).items()}
        return pa.table({id_name: id_column[rows]} | arrays).replace_schema_metadata(metadata)

    def write(path: Path) -> None:
        first = group(0)
        # Ids are all different, and of numbers zstd alone makes as little in less time: only texts get a dictionary.
        texts = [one.name for one in first.schema if one.name != id_name and pa.types.is_string(one.type)]
        with pq.ParquetWriter(path, first.schema, compression="zstd", use_dictionary=texts) as writer:
            writer.write_table(first)
            for start in range(_ROW_GROUP, len(ids), _ROW_GROUP):
                writer.write_table(group(start))

    return FileRef(relative, write_atomically(root / relative, write))


def _id_column(item_ids: NDArray[Any]) -> tuple[Any, bool]:
    """Return ids as a column: whole numbers, or texts, or (where both occur) JSON."""
    import pyarrow as pa

    ids = item_ids.tolist()
    kinds = set(map(type, ids))
    if not kinds <= {int, str}:
        ids = [item.item() if isinstance(item, np.generic) else item for item in ids]
        kinds = set(map(type, ids))
    if kinds <= {int}:
        return pa.array(ids, type=pa.int64()), False
    if kinds <= {str}:
        return pa.array(ids, type=pa.string()), False
    return pa.array([json.dumps(item) for item in ids], type=pa.string()), True


def _read_parquet(file: FileRef, root: Path) -> tuple[Any, dict[str, Any], NDArray[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = checked_path(file, root)
    try:
        # pq.read_table would take folder names like a=1 for columns of the data.
        table = pq.ParquetFile(path).read()
        about: Any = json.loads(table.schema.metadata[_KEY])
    except (pa.ArrowException, TypeError, KeyError, ValueError) as error:
        raise StoreError(f"{path} is none of wsal's Parquet files: {error}") from error
    return table, about, _ids(table.column(about["id"]), as_json=about["id_json"])


def _ids(column: Any, *, as_json: bool) -> NDArray[Any]:  # noqa: ANN401  # pyarrow has no types
    import pyarrow as pa

    values: Iterable[ItemId] = column.to_pylist()
    if pa.types.is_integer(column.type):
        ids: NDArray[Any] = np.asarray(values, dtype=np.int64)
    else:
        ids = np.empty(len(column), dtype=object)
        ids[:] = [json.loads(item) for item in values] if as_json else list(values)  # type: ignore[arg-type]  # texts
    ids.flags.writeable = False
    return ids
