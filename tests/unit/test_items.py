"""Reading items: what comes in is what was written, or there is one clear error."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wsal.errors import DataError
from wsal.items import Items, read_items
from wsal.items.columns import Column


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def csv(tmp_path: Path, content: str | bytes) -> Path:
    return write(tmp_path / "items.csv", content)


def jsonl(tmp_path: Path, content: str | bytes) -> Path:
    return write(tmp_path / "items.jsonl", content)


# What a CSV holds


def test_ids_and_texts_of_a_csv_stay_as_written(tmp_path):
    items = read_items(csv(tmp_path, "id,text\n007,1\n7,2.50\n"))
    assert items.item_ids.tolist() == ["007", "7"]
    assert items.column("id") == ("007", "7")
    assert items.column("text") == ("1", "2.50")


def test_only_an_empty_cell_is_missing_in_a_csv(tmp_path):
    items = read_items(csv(tmp_path, 'id,text\na,NA\nb,\nc,null\nd,None\ne,nan\nf,""\n'))
    assert items.column("text") == ("NA", None, "null", "None", "nan", None)


def test_a_csv_column_of_numbers_is_numeric(tmp_path):
    items = read_items(csv(tmp_path, "id,whole,real,gap\na,1,1,5\nb,-2,2.5e3,\n"))
    assert items.column("whole") == (1, -2)
    assert [type(v) for v in items.column("whole")] == [int, int]
    assert items.column("real") == (1.0, 2500.0)
    assert items.column("gap")[0] == 5
    assert np.isnan(items.column("gap")[1])


@pytest.mark.parametrize(
    "cell", ["NA", "inf", "1_000", "0x1", "1e999", "01234", "+491234", "٣", "12345678901234567890"]
)
def test_a_column_with_one_cell_that_writes_no_plain_finite_number_is_text(tmp_path, cell):
    assert read_items(csv(tmp_path, f"id,x\na,5\nb,{cell}\n")).column("x") == ("5", cell)


def test_the_named_text_column_of_a_csv_is_text(tmp_path):
    path = csv(tmp_path, "id,body\na,5\n")
    assert read_items(path, text="body").column("body") == ("5",)
    assert read_items(path).column("body") == (5,)


def test_quotes_newlines_commas_byte_order_mark_and_crlf_are_csv(tmp_path):
    content = b'\xef\xbb\xbfid,text\r\na,"one,\r\ntwo ""three"""\r\n\r\nb,caf\xc3\xa9 \xe2\x80\xa8 x\r\n'
    items = read_items(csv(tmp_path, content))
    assert items.columns == ("id", "text")
    assert items.column("text") == ('one,\r\ntwo "three"', "café \u2028 x")


def test_a_cell_may_be_longer_than_pythons_default_limit(tmp_path):
    long = "x" * 200_000
    assert read_items(csv(tmp_path, f"id,text\na,{long}\n")).column("text") == (long,)


def test_a_column_without_a_name_is_called_after_its_place(tmp_path):
    assert read_items(csv(tmp_path, ",id\n0,a\n")).columns == ("column_1", "id")


# JSON lines and Parquet: values


def test_json_lines_keep_nested_values_and_fill_missing_keys(tmp_path):
    lines = '{"id": 7, "v": [1, 2.5]}\n\n{"id": "b", "v": null, "meta": {"a": [1]}}\r\n'
    items = read_items(jsonl(tmp_path, lines))
    assert items.item_ids.tolist() == ["7", "b"]
    assert items.column("v") == ([1.0, 2.5], None)
    assert items.column("meta") == (None, {"a": [1]})
    assert items.columns == ("id", "v", "meta")


def test_records_do_not_gain_keys_from_other_rows(tmp_path):
    assert read_items(jsonl(tmp_path, '{"m": {"a": 1}}\n{"m": {"b": 2}}\n')).column("m") == (
        {"a": 1},
        {"b": 2},
    )


def test_json_lines_keep_mixed_cells_and_lone_surrogates(tmp_path):
    items = read_items(jsonl(tmp_path, '{"x": 1, "s": "\\ud800"}\n{"x": "one", "s": "b"}\n{"x": true}\n'))
    assert items.column("x") == (1, "one", True)
    assert items.column("s") == ("\ud800", "b", None)
    assert len(items.fingerprint) == 64


def test_a_line_separator_inside_a_text_ends_no_json_line(tmp_path):
    text = "one\u2028two\x85three"
    line = json.dumps({"id": "a", "text": text}, ensure_ascii=False)
    assert read_items(jsonl(tmp_path, line + "\n")).column("text") == (text,)


def test_parquet_ids_become_texts(tmp_path):
    pd.DataFrame({"id": [7, 8], "text": ["a", None]}).to_parquet(tmp_path / "x.parquet")
    items = read_items(tmp_path / "x.parquet")
    assert items.item_ids.tolist() == ["7", "8"]
    assert items.column("id") == ("7", "8")
    assert items.column("text") == ("a", None)


# Data frames


def test_ids_of_a_frame_are_kept_as_given():
    items = read_items(pd.DataFrame({"id": [7, 8], "text": ["a", "b"]}))
    assert items.item_ids.tolist() == [7, 8]
    assert items.item_ids.dtype == np.int64
    assert read_items(pd.DataFrame({"id": ["7", 8]})).item_ids.tolist() == ["7", 8]


def test_row_numbers_are_ids_where_there_is_no_id_column_and_it_is_said(tmp_path):
    items = read_items(pd.DataFrame({"text": ["a", "b"]}, index=[5, 9]))
    assert items.item_ids.tolist() == [0, 1]
    assert items.notes == ("no id column: the row numbers 0 to 1 are used as ids",)
    assert items.id_column is None
    from_file = read_items(csv(tmp_path, "text\na\nb\n"))
    assert from_file.item_ids.tolist() == ["0", "1"]


def test_an_index_called_id_gives_the_ids():
    frame = pd.DataFrame({"text": ["a", "b"]}, index=pd.Index(["x", "y"], name="id"))
    assert read_items(frame).item_ids.tolist() == ["x", "y"]
    assert read_items(frame).notes == ()
    assert read_items(frame, id_column="id").item_ids.tolist() == ["x", "y"]


def test_missing_cells_of_every_pandas_kind_are_missing():
    frame = pd.DataFrame(
        {
            "f": [1.0, np.nan],
            "i": pd.array([1, None], dtype="Int64"),
            "s": pd.array(["a", None], dtype="string"),
            "o": ["a", np.nan],
            "b": pd.array([True, None], dtype="boolean"),
            "t": pd.to_datetime(["2024-01-02", None]),
            "c": pd.Categorical(["u", None]),
            "mixed": ["a", pd.NA],
            "x": [dt.date(2024, 1, 2), None],
        }
    )
    items = read_items(frame)
    for name in frame.columns:
        first, second = items.column(name)
        assert first is not None
        assert second is None or np.isnan(second), name
        assert (second is None) == (name not in {"f", "i"}), name
    assert items.column("i")[0] == 1
    assert items.column("c")[0] == "u"
    assert items.column("t")[0] == pd.Timestamp("2024-01-02")


def test_writing_into_the_frame_later_changes_nothing():
    numbers, whole = np.array([1.0, 2.0]), np.array([1, 2])
    frame = pd.DataFrame({"x": numbers, "n": whole, "t": ["a", "b"]}, copy=False)
    items = read_items(frame)
    numbers[0] = whole[0] = 99
    frame.loc[0, "t"] = "changed"
    assert items.column("x") == (1.0, 2.0)
    assert items.column("n") == (1, 2)
    assert items.column("t") == ("a", "b")
    same = read_items(pd.DataFrame({"x": [1.0, 2.0], "n": [1, 2], "t": ["a", "b"]}))
    assert items.fingerprint == same.fingerprint


def test_writing_into_ids_of_pandas_own_whole_numbers_later_changes_nothing():
    frame = pd.DataFrame({"id": [1, 2], "x": [1.5, 2.5]}).astype({"id": "Int64", "x": "Float64"})
    items = read_items(frame)
    frame.loc[0, "id"], frame.loc[0, "x"] = 99, 99.0
    assert items.item_ids.tolist() == [1, 2]
    assert items.column("x") == (1.5, 2.5)


def test_reading_does_not_change_the_frame():
    frame = pd.DataFrame({"id": [1, 2], "x": [None, "a"]})
    copy = frame.copy(deep=True)
    read_items(frame).to_frame()
    pd.testing.assert_frame_equal(frame, copy)


def test_rows_slices_and_frames_show_the_same_cells():
    frame = pd.DataFrame({"id": ["a", "b", "c"], "n": [1, 2, 3], "v": [[1.0], [2.0, 3.0], None]})
    items = read_items(frame)
    assert items.row(1) == {"id": "b", "n": 2, "v": [2.0, 3.0]}
    part = items.slice(1, 99)
    assert (part.n_items, part.columns, part.column("n")) == (2, ("id", "n", "v"), (2, 3))
    back = items.to_frame()
    assert back["n"].dtype == np.int64
    assert back["v"].tolist() == [[1.0], [2.0, 3.0], None]
    assert read_items(back).fingerprint == items.fingerprint


def test_an_unknown_column_is_named_with_the_nearest():
    with pytest.raises(DataError, match=r"no column 'txt'; there are id, text\n.*did you mean 'text'"):
        read_items(pd.DataFrame({"id": [1], "text": ["a"]})).column("txt")


# Fingerprints


def example() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "text": ["Hello", 'NA, "x"\né', None],
            "n": [1, 2, 3],
            "f": [0.1, None, 1e-300],
            "none": [None, None, None],
        }
    )


def all_formats(frame: pd.DataFrame, tmp_path: Path) -> list[Items]:
    frame.to_csv(tmp_path / "x.csv", index=False)
    frame.to_parquet(tmp_path / "x.parquet")
    pq.write_table(
        pa.table(
            {
                "none": pa.array([None] * 3, pa.float32()),
                "f": pa.chunked_array(
                    [pa.array(frame["f"], from_pandas=True).slice(0, 1), pa.array([None, 1e-300])]
                ),
                "n": pa.array([1, 2, 3], pa.int8()),
                "text": pa.array(frame["text"].tolist(), from_pandas=True).dictionary_encode(),
                "id": pa.array(["-", "a", "b", "c", "-"]).slice(1, 3),
            }
        ),
        tmp_path / "y.parquet",
    )
    records = json.loads(frame.to_json(orient="records"))
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    return [read_items(tmp_path / f"{name}") for name in ("x.csv", "x.parquet", "y.parquet", "x.jsonl")]


def test_the_fingerprint_is_the_same_for_every_format_and_column_order(tmp_path):
    frame = example()
    prints = {items.fingerprint for items in [read_items(frame), *all_formats(frame, tmp_path)]}
    assert len(prints) == 1


def test_the_fingerprint_is_the_same_in_another_process(tmp_path):
    path = csv(tmp_path, "id,text,n\na,x,1\nb,y,2\n")
    (tmp_path / "o.jsonl").write_text('{"m": {"b": 1, "a": [true, "x"]}, "k": [1, 2]}\n')
    for source in (path, tmp_path / "o.jsonl"):
        code = f"from wsal.items import read_items; print(read_items({str(source)!r}).fingerprint)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == read_items(source).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(text=["Hello", "other", None]),
        lambda f: f.assign(text=["Hello", 'NA, "x"\né', ""]),
        lambda f: f.assign(id=["a", "b", "d"]),
        lambda f: f.assign(n=[1, 2, 4]),
        lambda f: f.assign(n=[1.0, 2.0, 3.0]),
        lambda f: f.assign(n=["1", "2", "3"]),
        lambda f: f.assign(f=[None, 0.1, 1e-300]),
        lambda f: f.iloc[[1, 0, 2]],
        lambda f: f.iloc[:2],
        lambda f: f.rename(columns={"n": "m"}),
        lambda f: f.drop(columns="none"),
    ],
)
def test_the_fingerprint_changes_with_any_value_id_name_type_or_row_order(change):
    assert read_items(change(example())).fingerprint != read_items(example()).fingerprint


def test_cells_that_run_together_do_not_collide():
    for one, other in [
        (["ab", "c"], ["a", "bc"]),
        (["", None], [None, ""]),
        ([[1.0], [2.0]], [[1.0, 2.0], []]),
        ([[], None], [None, []]),
        ([{"a": "b"}], [{"a": "b", "c": None}]),
        ([["a", "b"]], [["a"], ["b"]]),
        ([True], [1]),
    ]:
        assert Column.from_values(one).fingerprint != Column.from_values(other).fingerprint


def test_a_slice_of_an_arrow_array_has_the_fingerprint_of_its_cells():
    for values in (
        ["x", "a", None, "b", "y"],
        [9, 1, None, 2, 9],
        [[9.0], [1.0], None, [2.0, 3.0], []],
        [True, False, None, True, True],
    ):
        whole = pa.array(values)
        part = pa.chunked_array([whole.slice(1, 1), whole.slice(2, 0), whole.slice(2, 2)])
        expected = Column.from_values(values[1:4])
        assert Column.from_arrow(part).fingerprint == expected.fingerprint
        assert Column.from_arrow(whole.slice(1, 3)).fingerprint == expected.fingerprint
        assert str(Column.from_arrow(part).values) == str(expected.values)  # NaN is not equal to itself


def test_a_vector_column_is_one_whatever_list_type_holds_it():
    vectors = [[1.5, 2.0], [3.0, 4.0]]
    prints = {
        Column.from_values(vectors).fingerprint,
        Column.from_values([np.array(v) for v in vectors]).fingerprint,
        Column.from_arrow(pa.array(vectors, pa.list_(pa.float32(), 2))).fingerprint,
        Column.from_arrow(pa.array(vectors, pa.large_list(pa.float64()))).fingerprint,
    }
    assert len(prints) == 1


def test_a_fingerprint_of_some_columns_ignores_the_others():
    one, other = read_items(example()), read_items(example().assign(n=[7, 8, 9]))
    assert one.fingerprint_of(["text", "f"]) == other.fingerprint_of(["f", "text", "text"])
    assert one.fingerprint_of(["text", "n"]) != other.fingerprint_of(["text", "n"])
    with pytest.raises(DataError, match=r"no column 'm'"):
        one.fingerprint_of(["m"])


def test_an_object_that_cannot_be_hashed_is_an_error_with_its_type():
    items = read_items(pd.DataFrame({"f": [object(), "a"]}))
    with pytest.raises(DataError, match="a cell of type object has no fingerprint that is the same in every"):
        _ = items.fingerprint


def test_a_cell_nested_too_deeply_is_an_error(tmp_path):
    (tmp_path / "deep.jsonl").write_text('{"a": ' + "[" * 900 + '"x"' + "]" * 900 + "}\n")
    items = read_items(tmp_path / "deep.jsonl")
    with pytest.raises(DataError, match="nested too deeply"):
        _ = items.fingerprint


OBJECTS = """
import dataclasses, datetime, pathlib, uuid
import pandas as pd
from wsal.items import read_items
@dataclasses.dataclass
class Words:
    words: object
cells = [Words({"a", "b", "c", "d", "e"}), Words(frozenset("xyz")), uuid.UUID(int=5), 1j,
         datetime.timedelta(1), pathlib.PurePosixPath("a"), {"s": {"p", "q", "r"}}]
print(read_items(pd.DataFrame({"id": range(len(cells)), "o": cells})).fingerprint)
"""


def test_objects_with_sets_in_them_have_one_fingerprint_in_every_process():
    seen = {
        subprocess.run(
            [sys.executable, "-c", OBJECTS],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(2)
    }
    assert len(seen) == 1
    assert len(seen.pop()) == 65


def test_objects_that_differ_inside_have_different_fingerprints():
    cells = [{1}, {2}, uuid.UUID(int=1), uuid.UUID(int=2), 1j, 2j]
    prints = [read_items(pd.DataFrame({"id": [1], "o": [cell]})).fingerprint for cell in cells]
    assert len(set(prints)) == len(cells)


def test_a_number_of_thousands_of_digits_is_an_error_in_json_lines_and_a_text_in_csv(tmp_path):
    (tmp_path / "long.jsonl").write_text('{"n": 1}\n{"n": ' + "9" * 5000 + "}\n")
    with pytest.raises(DataError, match="more than 4300 digits") as caught:
        read_items(tmp_path / "long.jsonl")
    assert (caught.value.location.line, caught.value.hint) == (2, "write it as a text, in double quotes")
    items = read_items(csv(tmp_path, "n,m,o\n1,1.5,-9223372036854775808\n" + ("9" * 5000 + ",") * 2 + "7\n"))
    assert items.column("n") == ("1", "9" * 5000)
    assert items.column("m") == ("1.5", "9" * 5000)
    assert items.column("o") == (-(2**63), 7)


# Errors: (file name, content, what the message says, line, hint)


MALFORMED = [
    ("a.csv", "", "the file is empty", None, "header line"),
    ("a.csv", "\n \n", "the file is empty", None, "header line"),
    ("a.csv", "id,text\n", r"there is a header \(id, text\) but no item", 1, "below the header"),
    ("a.csv", b"id,text\na,ok\nb,caf\xe9\n", "not UTF-8: byte 6 of line 3 is 0xe9", 3, "windows-1252"),
    ("a.csv", "id,text\na,b\n".encode("utf-16"), "not UTF-8: byte 1 of line 1", 1, "utf-16"),
    ("a.csv", 'id,text\na,"x\ny"\nb,c,d\n', "3 cells, the header has 2", 4, "double quotes"),
    ("a.csv", "id,text\na\n", "1 cells, the header has 2", 2, "comma"),
    ("a.csv", 'id,text\na,b\nc,"open\nd,e\n', "no CSV: unexpected end of data", 3, "close every quote"),
    ("a.csv", 'id,text\na,"b" c\n', "no CSV", 2, "quote"),
    ("a.csv", "id,x,x\na,1,2\n", "column 'x' stands twice: columns 2 and 3", 1, "own name"),
    ("a.csv", "id,text\na,x\nb,y\na,z\n", "id 'a' stands twice: line 2 and line 4", 4, "rename"),
    ("a.csv", "id,text\na,x\n,y\n", "line 3 has no id in column 'id'", 3, "give every item an id"),
    ("a.jsonl", "", "the file is empty", None, "one item a line"),
    ("a.jsonl", '{"id": "a"}\n{"id": b}\n', "no JSON: Expecting value", 2, "double quotes"),
    ("a.jsonl", '[{"id": "a"}]\n', "JSON array, not an object", 1, "no list around"),
    ("a.jsonl", '{"id": "a"}\n\n{"id": "a"}\n', "id 'a' stands twice: line 1 and line 3", 3, "rename"),
    ("a.jsonl", '{"id": "a"}\n{"text": "x"}\n', "line 2 has no id", 2, "give every item an id"),
    ("a.jsonl", '{"id": [1]}\n', r"the id \[1\] \(list\)", 1, "text or a whole number"),
    ("a.jsonl", b'{"id": "\xff"}\n', "not UTF-8: byte 9 of line 1 is 0xff", 1, "iconv"),
    ("a.ndjson", "{}\n", "no keys", 1, "id"),
    ("a.parquet", "", "the file is empty", None, "items"),
    ("a.parquet", "nonsense", "no Parquet file", None, "again"),
    ("a.xlsx", "x", "unknown kind of file '.xlsx'", None, ".parquet, .csv, .jsonl or .ndjson"),
]


@pytest.mark.parametrize(("name", "content", "message", "line", "hint"), MALFORMED)
def test_a_malformed_file_gives_one_error_with_file_line_and_cure(
    tmp_path, name, content, message, line, hint
):
    path = write(tmp_path / name, content)
    with pytest.raises(DataError, match=message) as caught:
        read_items(path)
    assert caught.value.location.file == str(path)
    assert caught.value.location.line == line
    assert hint in caught.value.hint


def test_a_bad_json_line_names_the_column_and_shows_the_line(tmp_path):
    with pytest.raises(DataError) as caught:
        read_items(jsonl(tmp_path, '{"id": "a"}\n{"id": b}\n'))
    assert (caught.value.location.column, caught.value.location.text) == (8, '{"id": b}')


def test_an_id_with_half_a_character_is_refused_where_it_stands(tmp_path):
    path = jsonl(tmp_path, '{"id": "a"}\n{"id": "b\\ud83d"}\n')
    with pytest.raises(DataError, match=r"half a character in its id 'b\\ud83d'") as caught:
        read_items(path)
    assert caught.value.location.line == 2
    whole = jsonl(tmp_path, '{"id": "b\\ud83d\\ude00"}\n')
    assert read_items(whole).item_ids.tolist() == ["b\U0001f600"]


def test_a_parquet_file_without_rows_or_with_a_damaged_page_is_an_error(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"id": []}).to_parquet(path)
    with pytest.raises(DataError, match="no items"):
        read_items(path)
    pd.DataFrame({"id": ["a"], "text": ["b" * 100]}).to_parquet(path)
    write(path, path.read_bytes()[:-20])
    with pytest.raises(DataError, match="no Parquet file"):
        read_items(path)


def test_a_missing_file_or_a_folder_is_named_with_the_nearest(tmp_path):
    csv(tmp_path, "id\na\n")
    with pytest.raises(DataError, match=r"there is no file .*item\.csv\n.*did you mean 'items\.csv'"):
        read_items(tmp_path / "item.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_items(tmp_path)


def test_a_missing_id_or_text_column_is_named_with_the_nearest(tmp_path):
    path = csv(tmp_path, "id,text\na,b\n")
    with pytest.raises(DataError, match=r"no column 'ids'; there are id, text\n.*did you mean 'id'"):
        read_items(path, id_column="ids")
    with pytest.raises(DataError, match=r"no column 'txet'.*\n.*did you mean 'text'"):
        read_items(path, text="txet")


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_a_header_without_commas_says_what_separates_cells(tmp_path, separator, word):
    header, row = ("id", "text", "price"), ("a", '"b, c"', "1,50")
    path = csv(tmp_path, "".join(separator.join(cells) + "\r\n" for cells in (header, row)))
    items = read_items(path)
    assert items.columns == header
    assert items.row(0) == {"id": "a", "text": "b, c", "price": "1,50"}
    csv(tmp_path, separator.join(["id", "text\n"]) + separator.join(["a", "b", "c\n"]))
    with pytest.raises(DataError, match="3 cells, the header has 2") as caught:
        read_items(path)
    assert f"a cell that holds a {word} in double quotes" in caught.value.hint


def test_a_comma_in_the_header_separates_whatever_else_stands_there(tmp_path):
    assert read_items(csv(tmp_path, "id,text;or so\na,b;c\n")).columns == ("id", "text;or so")


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ('"text; or so"\na;b\n', ("text; or so",)),
        ('"yes|no\there"\na\n', ("yes|no\there",)),
        ('"id";"Name, first"\na;b, c\n', ("id", "Name, first")),
        ('id|"say ""a, b"""\na|b\n', ("id", 'say "a, b"')),
        ('"a;\r\nb";"c, d"\r\ne;f\r\n', ("a;\r\nb", "c, d")),
        ('size 5";text\na;b"\n', ('size 5"', "text")),
    ],
)
def test_what_stands_in_quotes_in_the_header_separates_nothing(tmp_path, content, columns):
    assert read_items(csv(tmp_path, content)).columns == columns


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"id": []}), "no items"),
        (pd.DataFrame(index=[1, 2]), "no columns"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "column 'x' stands twice"),
        (pd.DataFrame({"id": [1, 1]}), "id 1 stands twice: row 1 and row 2"),
        (pd.DataFrame({"id": ["a", None]}), "row 2 has no id"),
        (pd.DataFrame({"id": ["a", " "]}), "row 2 has no id"),
        (pd.DataFrame({"id": [1.5]}), "the id 1.5"),
        (pd.DataFrame({"id": [True]}), "the id True"),
    ],
)
def test_a_malformed_frame_gives_one_error(frame, message):
    with pytest.raises(DataError, match=message) as caught:
        read_items(frame)
    assert caught.value.hint


def test_what_is_no_source_of_items_is_named():
    with pytest.raises(DataError, match="got a list"):
        read_items([{"id": 1}])


def test_a_part_of_items_keeps_the_types_of_the_whole_and_its_first_items_are_known_by_their_fingerprint():
    frame = pd.DataFrame({"id": ["a", "b", "c"], "n": [1.0, 2.0, 2.5], "text": ["x", None, "z"]})
    items = read_items(frame)
    part, taken = items.part(0, 2), items.take([2, 0])
    assert (part.column("n"), part.item_ids.tolist()) == ((1.0, 2.0), ["a", "b"])
    assert (taken.column("text"), taken.item_ids.tolist()) == (("z", "x"), ["c", "a"])
    columns = ["n", "text"]
    assert items.fingerprint_of(columns, first=3) == items.fingerprint_of(columns)
    assert items.fingerprint_of(columns, first=2) == read_items(frame.iloc[:2]).fingerprint_of(columns)
    assert items.fingerprint_of(columns, first=2) != items.fingerprint_of(columns, first=1)
