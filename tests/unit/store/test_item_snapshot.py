"""Items come from a snapshot exactly as long as it is one of the file as it is now."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from wsal.errors import DataError
from wsal.items import Items, read_items
from wsal.store import read_through_snapshot
from wsal.store.files import item_snapshot

FRAME = pd.DataFrame(
    {
        "id": ["007", "b", "ü"],
        "text": ["free", None, "naïve\n😀"],
        "whole": [1, 2, 3],
        "real": [1.5, None, -0.0],
        "yes": [True, False, True],
        "vector": [[1.0, 2.0], [3.0], None],
        "nothing": [None, None, None],
    }
)


@pytest.fixture(autouse=True)
def _any_age(monkeypatch):
    """Believe files at once, which these tests have just written."""
    monkeypatch.setattr(item_snapshot, "_SETTLED_AFTER_NS", 0)


def read(path: Path, folder: Path, **how) -> Items:
    return read_through_snapshot(folder, path, least=0, **how)


def parquet(tmp_path: Path, frame: pd.DataFrame = FRAME) -> Path:
    path = tmp_path / "items.parquet"
    frame.to_parquet(path)
    return path


def assert_same(left: Items, right: Items) -> None:
    assert left.item_ids.tolist() == right.item_ids.tolist()
    assert left.item_ids.dtype == right.item_ids.dtype
    assert not left.item_ids.flags.writeable
    assert (left.columns, left.id_column, left.text_column, left.notes, left.fingerprint) == (
        right.columns,
        right.id_column,
        right.text_column,
        right.notes,
        right.fingerprint,
    )
    for name in left.columns:
        assert repr(left.column(name)) == repr(right.column(name))
        assert left.data[name].cells.type == right.data[name].cells.type


@pytest.mark.parametrize("how", [{}, {"id_column": "text", "text": "id"}, {"id_column": "whole"}])
def test_the_second_reading_parses_nothing_and_gives_the_same_items(tmp_path, monkeypatch, how):
    path = parquet(tmp_path, FRAME.assign(text=["free", "x", "naïve\n😀"]))
    first = read(path, tmp_path / "kept", **how)
    monkeypatch.setattr(item_snapshot, "read_items", None)
    second = read(path, tmp_path / "kept", **how)
    assert_same(first, second)
    assert_same(second, read_items(path, **how))


def test_items_without_an_id_column_keep_their_note_and_csv_its_types(tmp_path, monkeypatch):
    path = tmp_path / "items.csv"
    path.write_text("text,n,post code\nfree,1,01234\n,,5\n")
    first = read(path, tmp_path / "kept")
    monkeypatch.setattr(item_snapshot, "read_items", None)
    assert_same(first, read(path, tmp_path / "kept"))
    assert "row numbers" in first.notes[0]


def same_size_and_date(path: Path) -> None:
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"free", b"paid"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def another_file_in_its_place(path: Path) -> None:
    other = path.with_name("other.csv")
    other.write_bytes(path.read_bytes().replace(b"free", b"paid"))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def longer(path: Path) -> None:
    with path.open("a") as file:
        file.write("c,more\n")


@pytest.mark.parametrize("change", [same_size_and_date, another_file_in_its_place, longer])
def test_a_file_that_changed_is_read_again(tmp_path, change):
    path = tmp_path / "items.csv"
    path.write_text("id,text\na,free\nb,x\n")
    before = read(path, tmp_path / "kept")
    change(path)
    after = read(path, tmp_path / "kept")
    assert after.fingerprint != before.fingerprint
    assert_same(after, read_items(path))
    assert_same(read(path, tmp_path / "kept"), after)
    assert before.column("text") == ("free", "x")  # what was mapped before stays as it was


def test_another_way_of_reading_is_no_snapshot_of_it(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("id,text,n\n1,free,5\n")
    read(path, tmp_path / "kept")
    assert read(path, tmp_path / "kept", text="n").column("n") == ("5",)
    assert read(path, tmp_path / "kept", id_column="n").item_ids.tolist() == ["5"]
    assert read(path, tmp_path / "kept").column("n") == (5,)


def test_a_file_that_has_just_changed_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.undo()
    path = parquet(tmp_path)
    read(path, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_file_that_changes_while_it_is_read_has_no_snapshot(tmp_path, monkeypatch):
    path = tmp_path / "items.csv"
    path.write_text("id,text\na,free\n")

    def slowly(source, **how):
        items = read_items(source, **how)
        longer(path)
        return items

    monkeypatch.setattr(item_snapshot, "read_items", slowly)
    read(path, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_small_files_and_what_arrow_cannot_hold_have_none(tmp_path):
    path = parquet(tmp_path)
    read_through_snapshot(tmp_path / "kept", path)
    dated = parquet(tmp_path, FRAME.assign(day=date(2026, 1, 1)))
    assert read(dated, tmp_path / "kept").column("day")[0] == date(2026, 1, 1)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.soak)])
def test_a_damaged_snapshot_is_never_believed(tmp_path, step):
    path = parquet(tmp_path)
    sound = read(path, tmp_path / "kept")
    place = tmp_path / "kept" / "items.arrow"
    whole = place.read_bytes()
    for position in range(0, len(whole), step):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        place.write_bytes(damaged)
        assert read(path, tmp_path / "kept").fingerprint == sound.fingerprint, position
    for length in range(0, len(whole), step):
        place.write_bytes(whole[:length])
        assert_same(read(path, tmp_path / "kept"), sound)


def test_a_forged_snapshot_is_never_believed(tmp_path):
    path = parquet(tmp_path)
    sound = read(path, tmp_path / "kept")
    place = tmp_path / "kept" / "items.arrow"
    batch = pa.ipc.open_file(place.read_bytes()).get_batch(0)
    columns = {name: batch.column(name) for name in batch.schema.names}
    columns["text"] = pa.array(["paid", None, "x"], pa.large_string())
    forged = pa.record_batch(columns).replace_schema_metadata(batch.schema.metadata)
    with pa.OSFile(str(place), "wb") as file, pa.ipc.new_file(file, forged.schema) as writer:
        writer.write_batch(forged)
    assert json.loads(forged.schema.metadata[b"wsal"])["fingerprint"] == sound.fingerprint
    assert_same(read(path, tmp_path / "kept"), sound)


def test_a_folder_that_cannot_be_written_to_costs_time_alone(tmp_path):
    (tmp_path / "kept").write_text("in the way")
    assert_same(read(parquet(tmp_path), tmp_path / "kept"), read_items(parquet(tmp_path)))


def test_errors_are_those_of_reading(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        read(tmp_path / "absent.csv", tmp_path / "kept")
    (tmp_path / "twice.csv").write_text("id,text\na,x\na,y\n")
    with pytest.raises(DataError, match="stands twice"):
        read(tmp_path / "twice.csv", tmp_path / "kept")


def test_a_column_of_a_snapshot_cannot_be_written_into(tmp_path):
    path = parquet(tmp_path)
    read(path, tmp_path / "kept")
    whole = read(path, tmp_path / "kept").data["whole"].cells.to_numpy()
    with pytest.raises(ValueError, match="read-only"):
        whole[0] = np.int64(9)
