"""Files by run, which the ledger names by their hash: Parquet, JSON, and NumPy's npz for bare arrays.

A file is written before the event that names it, so that the ledger never names a file that is not there. It
is read back only if its bytes still have the hash that the ledger holds.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.arrays import arrow_numbers, arrow_texts, numpy_numbers
from wsal.audit import FileRef, Json, canonical, parse
from wsal.errors import StoreError
from wsal.labels import SoftLabels
from wsal.patterns import VotePatterns
from wsal.store.failures import store_error
from wsal.store.files.atomic import checked_path, write_atomically
from wsal.types import ABSTAIN, ItemId, LabelSpace, VoteArray
from wsal.votes import LFFailure, VoteMatrix, lightest, unwritten

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
_BY_PATTERN: Final = 2  # the version of a file of votes; in version 1 each function has a column
_ID: Final = "id"
_VOTES: Final = "votes"
_ROW_GROUP: Final = 1 << 17  # rows, which bounds what is held beside the votes
_LARGEST_DICTIONARY: Final = 1 << 24  # votes; to write and read a row in it takes 400 bytes beside the row


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
    Columns: ``id``, and ``votes``, a byte a function (int8; -1, which is ``ff``, where it abstains) in the order of
    ``lf_names``. Parquet keeps each different row once, as its dictionary, and a number an item; or, where patterns
    are too many for that, the rows as they are. Names, labels, fingerprints and failures stand in the schema's metadata
    under ``wsal``. O(items + patterns × functions), where votes know their patterns.
    """
    patterns = votes.patterns()
    few = patterns.votes.size <= _LARGEST_DICTIONARY
    rows = _as_bytes(patterns.votes) if few else None

    def columns(items: slice) -> dict[str, Any]:
        import pyarrow as pa

        codes = patterns.require_inverse()[items]
        if rows is None:
            return {_VOTES: _as_fixed_bytes(patterns.votes[codes])}
        return {_VOTES: pa.DictionaryArray.from_arrays(arrow_numbers(codes), rows)}

    about = {
        "v": _BY_PATTERN,
        "labels": votes.labels.names,
        "lf_names": votes.lf_names,
        "lf_fingerprints": votes.lf_fingerprints,
        "failures": votes.failures,
    }
    # Every group of rows would repeat the dictionary.
    group = max(votes.n_items, 1) if few else _ROW_GROUP
    return _write_parquet(
        columns, about, votes.item_ids, Path(root), _relative(run, "votes.parquet"), group=group
    )


def _as_bytes(rows: VoteArray) -> Any:  # noqa: ANN401  # pyarrow has no types
    """Return rows of votes as an Arrow array of bytes."""
    import pyarrow as pa

    ends = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    buffers = [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(rows))]
    return pa.BinaryArray.from_buffers(pa.binary(), len(rows), buffers)


def _as_fixed_bytes(rows: VoteArray) -> Any:  # noqa: ANN401  # as above
    """As `_as_bytes`, for any number of votes: Arrow keeps no offsets of 32 bits."""
    import pyarrow as pa

    stored = pa.py_buffer(np.ascontiguousarray(rows))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, stored])


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
    labels = LabelSpace(tuple(about["labels"]))
    try:
        values = _read_values(table, about["v"], labels, names)
    except (TypeError, KeyError, ValueError, NotImplementedError) as error:  # as pyarrow's own are
        raise StoreError(f"{file.path} holds no votes that can be read: {error}") from error
    return VoteMatrix(
        values,
        labels,
        names,
        ids,
        tuple(about["lf_fingerprints"]),
        tuple(LFFailure(**failure) for failure in about["failures"]),
    )


def _read_values(table: Any, version: int, labels: LabelSpace, names: tuple[str, ...]) -> VoteArray:  # noqa: ANN401  # as above
    if version > _BY_PATTERN:
        raise ValueError(f"they are of version {version}, which a later wsal writes")
    if version < _BY_PATTERN:
        return unwritten(tuple(lightest(table.column(name).to_numpy()) for name in names))
    column = table.column(_VOTES)
    if column.null_count:
        raise ValueError("some are missing")
    if hasattr(column.type, "value_type"):
        return unwritten(_patterns(column, labels, names))
    values = np.concatenate([_rows(chunk, len(names)) for chunk in column.chunks])
    _require_votes(values, labels)
    values.flags.writeable = False
    return values


def _patterns(column: Any, labels: LabelSpace, names: tuple[str, ...]) -> VotePatterns:  # noqa: ANN401  # as above
    """Return the patterns of votes that were written, and which item has which."""
    kept, codes = [np.empty((0, len(names)), dtype=np.int8)], [np.empty(0, dtype=np.int64)]
    for chunk in column.chunks:
        codes.append(numpy_numbers(chunk.indices) + sum(map(len, kept)))
        kept.append(_rows(chunk.dictionary, len(names)))
    rows = np.concatenate(kept)
    _require_votes(rows, labels)
    different = VotePatterns.from_rows(rows, labels, names)
    inverse = different.require_inverse()[np.concatenate(codes)]
    inverse.flags.writeable = False
    counts = np.bincount(inverse, minlength=different.n_patterns)
    return replace(different, counts=counts, inverse=inverse)


def _rows(cells: Any, m: int) -> VoteArray:  # noqa: ANN401  # as above
    """Return cells of m bytes as rows of votes; Arrow refuses cells of another length."""
    import pyarrow as pa

    fixed = cells.cast(pa.binary(m))
    stored = fixed.buffers()[1] if m and len(fixed) else b""
    votes = np.frombuffer(stored, dtype=np.int8)[fixed.offset * m : (fixed.offset + len(fixed)) * m]
    return votes.reshape(len(fixed), m)


def _require_votes(rows: VoteArray, labels: LabelSpace) -> None:
    if rows.size and not ABSTAIN <= rows.min() <= rows.max() < len(labels):
        raise ValueError(f"a vote is no class of {len(labels)}")


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
    return _write_parquet(columns, about, soft.item_ids, Path(root), _relative(run, "soft_labels.parquet"))


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
    ids: NDArray[Any],
    root: Path,
    relative: str,
    *,
    group: int = _ROW_GROUP,
) -> FileRef:
    import pyarrow as pa
    import pyarrow.parquet as pq

    id_column, as_json = _id_column(ids)
    metadata = {_KEY: canonical({"v": 1, "id": _ID, "id_json": as_json, **about})}

    def rows(start: int) -> Any:  # noqa: ANN401  # pyarrow has no types
        part = slice(start, start + group)
        return pa.table({_ID: id_column[part], **columns(part)}).replace_schema_metadata(metadata)

    def write(path: Path) -> None:
        first = rows(0)
        # Ids are all different, and of numbers zstd alone makes as little in less time.
        repeating = [one.name for one in first.schema if one.name != _ID and _repeats(one.type)]
        with pq.ParquetWriter(
            path,
            first.schema,
            compression="zstd",
            use_dictionary=repeating,
            dictionary_pagesize_limit=2 * _LARGEST_DICTIONARY,
        ) as writer:
            writer.write_table(first, row_group_size=group)
            for start in range(group, len(ids), group):
                writer.write_table(rows(start))

    return FileRef(relative, write_atomically(root / relative, write))


def _repeats(kind: Any) -> bool:  # noqa: ANN401  # as above
    """Whether a column of some type holds the same few cells again and again."""
    import pyarrow.types as pt

    return bool(pt.is_string(kind) or pt.is_dictionary(kind))


def _id_column(item_ids: NDArray[Any]) -> tuple[Any, bool]:
    """Return ids as a column: whole numbers, or texts, or (where both occur) JSON."""
    ids = item_ids.tolist()
    kinds = set(map(type, ids))
    if not kinds <= {int, str}:
        ids = [item.item() if isinstance(item, np.generic) else item for item in ids]
        kinds = set(map(type, ids))
    if kinds <= {int}:
        return arrow_numbers(np.array(ids, dtype=np.int64)), False
    if kinds <= {str}:
        return arrow_texts(ids), False
    return arrow_texts([json.dumps(item) for item in ids]), True


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
