from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wsal.errors import DataError
from wsal.items import read_items
from wsal.items.parts import FramePart, frame_kinds, read_parts
from wsal.items.parts import part as part_module


def write(path: Path, columns: dict, *, group: int = 3) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=group)
    return path


def cells(parts, name: str) -> list:
    return [
        value
        for part in parts.parts
        for batch in part.batches(parts.columns)
        for value in batch.items.column(name)
    ]


def ids(parts) -> list:
    return [i for part in parts.parts for batch in part.batches(()) for i in batch.items.item_ids.tolist()]


def test_batches_hold_the_cells_that_reading_the_whole_file_gives(tmp_path, monkeypatch):
    monkeypatch.setattr("wsal.items.parts.parquet.BATCH", 2)
    assert part_module.BATCH > 2
    data = {
        "id": ["a", "b", "c", "d", "e", "f", "g"],
        "text": pa.array(["x", None, "", "y", "z", "x", None]).dictionary_encode(),
        "n": pa.array([None, None, None, 1, None, 3, 4], pa.int32()),
        "share": pa.array([0.5, float("nan"), None, None, None, None, 1.0]),
        "nothing": pa.nulls(7, pa.float64()),
        "vector": pa.array([[1.0], [2.0], None, [3.0], [4.0], [], [5.0]], pa.list_(pa.float32())),
        "flag": pa.array([True, None, False, None, None, None, True]),
        "day": pa.array([None, None, None, 1, 2, 3, 4], pa.date32()),
    }
    file = write(tmp_path / "items.parquet", data)
    whole, parts = read_items(file), read_parts(file)
    assert (parts.n_items, len(parts.parts), parts.columns) == (7, 3, whole.columns)
    assert ids(parts) == whole.item_ids.tolist()
    for name in whole.columns:
        assert repr(cells(parts, name)) == repr(list(whole.column(name))), name


def test_files_of_a_folder_come_in_the_order_of_their_names_and_notes_beside_them_are_passed_over(tmp_path):
    (tmp_path / "day=2").mkdir()
    write(tmp_path / "day=2" / "x.parquet", {"n": [5, 6]})
    write(tmp_path / "b.parquet", {"n": [3, 4]})
    write(tmp_path / "a.parquet", {"n": [1, 2]})
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / "_temporary").mkdir()
    write(tmp_path / "_temporary" / "half.parquet", {"n": [9]})
    parts = read_parts(tmp_path)
    assert cells(parts, "n") == [1, 2, 3, 4, 5, 6]
    assert ids(parts) == [0, 1, 2, 3, 4, 5]
    assert parts.notes == ("no id column: the row numbers 0 to 5 are used as ids",)


def test_ids_from_files_are_texts(tmp_path):
    parts = read_parts(write(tmp_path / "a.parquet", {"key": pa.array([7, 8], pa.uint8())}), id_column="key")
    assert ids(parts) == ["7", "8"]
    assert cells(parts, "key") == ["7", "8"]


def test_a_column_without_values_in_one_file_takes_the_type_of_the_others(tmp_path):
    write(tmp_path / "a.parquet", {"id": ["a"], "n": pa.nulls(1)})
    write(tmp_path / "b.parquet", {"id": ["b"], "n": [2]})
    (first, second) = cells(read_parts(tmp_path), "n")
    assert np.isnan(first)
    assert second == 2


def test_the_digest_follows_what_is_read_and_nothing_else(tmp_path):
    def digest(columns: dict, read: tuple[str, ...]) -> str:
        return read_parts(write(tmp_path / "a.parquet", columns)).parts[0].digest(read)

    data = {"id": ["a", "b"], "text": ["x", "y"], "other": [1, 2]}
    assert digest(data, ("text",)) == digest({**data, "other": [1, 3]}, ("text",))
    assert digest(data, ("text",)) != digest({**data, "text": ["x", "z"]}, ("text",))
    assert digest(data, ("text",)) != digest({**data, "id": ["a", "c"]}, ("text",))
    assert digest(data, ("text",)) != digest(data, ("other",))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"id": ["b"]}, r"b\.parquet: error: column 'n' is in .*a\.parquet, but not here"),
        (
            {"id": ["b"], "n": [1], "more": [1]},
            r"a\.parquet: error: column 'more' is in .*b\.parquet, but not here",
        ),
        ({"id": ["b"], "n": ["1"]}, r"b\.parquet: error: column 'n' is text here, and int64 in .*a\.parquet"),
        ({"id": ["b"], "n": [1.5]}, r"b\.parquet: error: column 'n' is double here, and int64 in"),
    ],
)
def test_files_that_differ_are_refused_with_both_names(tmp_path, other, message):
    write(tmp_path / "a.parquet", {"id": ["a"], "n": [1]})
    write(tmp_path / "b.parquet", other)
    with pytest.raises(DataError, match=message):
        read_parts(tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a", "b", "c", "d", None], r"row 2 of row group 1 has no id in column 'id'"),
        (["a", "b", "c", " ", "e"], r"row 1 of row group 1 has no id in column 'id'"),
        (["a", "b", "c", "d", "wsal-synthetic:1"], r"row 2 of row group 1 is a synthetic item"),
    ],
)
def test_an_id_that_is_none_is_named_by_file_row_group_and_row(tmp_path, given, message):
    parts = read_parts(write(tmp_path / "a.parquet", {"id": given}))
    with pytest.raises(DataError, match=rf"a\.parquet: error: {message}"):
        ids(parts)


def test_what_is_no_folder_of_items_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no file or folder"):
        read_parts(tmp_path / "missing")
    with pytest.raises(DataError, match="there is no Parquet file in the folder"):
        read_parts(tmp_path)
    write(tmp_path / "none.parquet", {"id": pa.nulls(0, pa.string())})
    with pytest.raises(DataError, match="holds no items"):
        read_parts(tmp_path)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DataError, match=r"bad\.parquet: error: this is no Parquet file that can be read"):
        read_parts(tmp_path)
    file = write(tmp_path / "numbers.parquet", {"id": [1.5]})
    with pytest.raises(DataError, match="the ids in column 'id' are of type double"):
        read_parts(file)
    with pytest.raises(DataError, match=r"no column 'idd'"):
        read_parts(file, id_column="idd")


def test_a_partition_of_a_frame_keeps_the_types_of_the_whole_frame():
    whole = pd.DataFrame({"id": ["a", "b"], "n": [None, 1.0], "text": [None, "x"]})
    first = FramePart(0, whole.iloc[:1], kinds=frame_kinds(dict(whole.dtypes)))
    (batch,) = first.batches(("n", "text"))
    assert np.isnan(batch.items.column("n")[0])
    assert batch.items.column("text") == (None,)
    assert list(FramePart(1, whole.iloc[:0]).batches(("n",))) == []


def test_a_name_in_capitals_is_read_and_other_files_are_named_in_a_note(tmp_path):
    write(tmp_path / "a.PARQUET", {"id": ["a"]})
    write(tmp_path / "b.parquet", {"id": ["b"]})
    assert read_parts(tmp_path).notes == ()
    for number in range(7):
        (tmp_path / f"x{number}.csv").write_text("id\nc\n")
    (tmp_path / "_notes.txt").write_text("of Spark")
    parts = read_parts(tmp_path)
    assert ids(parts) == ["a", "b"]
    (note,) = parts.notes
    assert note.endswith("do not end in .parquet: x0.csv, x1.csv, x2.csv, x3.csv, x4.csv and 2 more")
