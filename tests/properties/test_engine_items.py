"""Items come back from every file as they were written, and fingerprints see what differs."""

from __future__ import annotations

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.items import read_items
from wsal.items.columns import Column

cells = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.lists(st.none() | st.integers(-3, 3) | st.floats(-1, 1) | st.text(max_size=2), max_size=3)
    | st.dictionaries(st.text(max_size=2), st.integers(0, 2), max_size=2),
    max_size=4,
)


@settings(max_examples=100)
@given(one=cells, other=cells)
def test_columns_share_a_fingerprint_exactly_if_they_show_the_same_cells(one, other):
    _check_fingerprints(one, other)


@pytest.mark.soak
@settings(max_examples=5_000)
@given(one=cells, other=cells)
def test_columns_share_a_fingerprint_exactly_if_they_show_the_same_cells_at_length(one, other):
    _check_fingerprints(one, other)


def _check_fingerprints(one, other) -> None:
    first, second = Column.from_values(one), Column.from_values(other)
    same = repr(first.values).replace("nan", "None") == repr(second.values).replace("nan", "None")
    assert (first.fingerprint == second.fingerprint) == (same or _same_records(first.values, second.values))


def _same_records(one, other) -> bool:
    """Say whether two columns of objects are equal but for the order of keys, which no fingerprint sees."""

    def plain(cell):
        return sorted(map(repr, cell.items())) if isinstance(cell, dict) else repr(cell)

    return any(isinstance(c, dict) for c in one) and [plain(c) for c in one] == [plain(c) for c in other]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(st.tuples(texts, st.none() | numbers), min_size=1, max_size=6),
    # Python's writer leaves a lone CR unquoted unless rows end in CRLF; nobody could read that back.
    style=st.sampled_from([(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_MINIMAL, "\r\n")]),
    mark=st.booleans(),
)
def test_every_format_gives_back_the_same_cells_with_one_fingerprint(rows, style, mark, tmp_path_factory):
    quoting, ends = style
    whole = all(isinstance(n, int) for _, n in rows if n is not None)
    rows = [(f" {i}", text, n if n is None or whole else float(n)) for i, (text, n) in enumerate(rows)]
    folder = tmp_path_factory.mktemp("items")
    with (folder / "x.csv").open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as file:
        writer = csv.writer(file, quoting=quoting, lineterminator=ends)
        writer.writerows([("id", "text", "n"), *rows])
    cells = {"id": [r[0] for r in rows], "text": [r[1] or None for r in rows], "n": [r[2] for r in rows]}
    missing = None if set(cells["n"]) == {None} else float("nan")
    numbers_read = [missing if n is None else n for n in cells["n"]]
    lines = [json.dumps(dict(zip(cells, row, strict=True))) for row in zip(*cells.values(), strict=True)]
    (folder / "x.jsonl").write_text(ends.join(lines), encoding="utf-8", newline="")
    pq.write_table(pa.table({name: pa.array(values) for name, values in cells.items()}), folder / "x.parquet")
    read = [read_items(folder / f"x.{kind}") for kind in ("csv", "jsonl", "parquet")]
    for items in read:
        assert items.column("text") == tuple(cells["text"])
        assert items.item_ids.tolist() == cells["id"]
        assert repr(items.column("n")) == repr(tuple(numbers_read))  # repr: NaN is not equal to itself
    assert len({items.fingerprint for items in read}) == 1
