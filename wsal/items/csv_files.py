"""Items from CSV, read so that a text stays the text it was.

Cells are separated by commas, or by what the header says: where it has no comma, by its semicolons (as spreadsheets
write in much of the world), tabs or bars. What stands in quotes there separates nothing.

An empty cell is missing, and nothing else is: ``NA``, ``null`` and ``None`` are texts. The id column and
the text column are texts always (``007`` stays ``007``). Another column is numeric if every cell that is not
empty writes a finite number, and writes it as a number: leading zeros and plus signs (post codes, telephone
numbers) and whole numbers beyond 64 bits make it a column of texts.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path

from wsal.errors import DataError, Location
from wsal.items.columns import Column
from wsal.items.raw import RawTable, decode, excerpt

__all__ = ["read_csv"]

_NUMBER = re.compile(r"\s*-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*", re.ASCII)
_WHOLE = re.compile(r"\s*-?[0-9]+\s*", re.ASCII)
_LONGEST_WHOLE = len(str(-(2**63)))
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_QUOTED = re.compile(r'(?<![^,;\t|\r\n])"(?:[^"]|"")*"')
_MOST_OF_HEADER = 1 << 16  # characters that are looked at for a separator


def read_csv(path: Path, name: str, *, texts: frozenset[str]) -> RawTable:
    """Read a CSV file: a header, double quotes around cells with separators, quotes or newlines.

    Parameters
    ----------
    path : Path
    name : str
        The path as the user wrote it.
    texts : frozenset of str
        Columns that are texts even if every cell looks like a number.

    Raises
    ------
    DataError
        Not UTF-8, no header, no rows, a row with too few or too many cells, a quote that is never closed.

    Notes
    -----
    O(bytes); the file is held in memory.
    """
    content = decode(path, name)
    if not content.strip():
        raise DataError(
            "the file is empty", location=Location(name), hint="write a header line, then one item a line"
        )
    header, rows, lines = _parse(content, name)
    if not rows:
        raise DataError(
            f"there is a header ({', '.join(header)}) but no item",
            location=Location(name, 1),
            hint="write one item a line below the header",
        )
    columns = {
        column: _typed([row[j] or None for row in rows], text=column in texts)
        for j, column in enumerate(header)
    }
    return RawTable(columns, len(rows), name, lines)


def _parse(content: str, name: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Return the header, the rows, and the line on which each row begins."""
    # The limit is the process's own (131,072 characters a cell by default) and is only ever raised, as long
    # texts are no error; lowering it again could break another thread that is reading.
    csv.field_size_limit(max(csv.field_size_limit(), len(content)))
    separator = _separator(content)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for row in reader:
            if row and not header:
                header = _header(row, name, begins)
            elif row:  # a blank line is no row
                if len(row) != len(header):
                    raise _ragged(row, header, separator, Location(name, begins, text=_line(content, begins)))
                rows.append(row)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"the row that begins here is no CSV: {error}",
            location=Location(name, begins, text=_line(content, begins)),
            hint='close every quote; write a quote inside a quoted cell twice: "say ""hello"""',
        ) from None
    return header, rows, lines


def _header(row: Sequence[str], name: str, line: int) -> list[str]:
    """Check the names of the columns; a column without a name is called after its place."""
    header = [cell if cell.strip() else f"column_{j + 1}" for j, cell in enumerate(row)]
    for j, column in enumerate(header):
        if column in header[:j]:
            raise DataError(
                f"column {column!r} stands twice: columns {header.index(column) + 1} and {j + 1}",
                location=Location(name, line, text=excerpt(",".join(row))),
                hint="give every column its own name",
            )
    return header


def _separator(content: str) -> str:
    """Return what separates the cells of the header: a comma if one is there outside of quotes."""
    unquoted = _QUOTED.sub('""', content[:_MOST_OF_HEADER])
    header = next((line for line in io.StringIO(unquoted, newline=None) if line.strip()), "")
    return next((sign for sign in _SEPARATORS if sign in header), ",")


def _ragged(row: Sequence[str], header: Sequence[str], separator: str, location: Location) -> DataError:
    word = _SEPARATORS[separator]
    if len(row) > len(header):
        hint = f'put a cell that holds a {word} in double quotes: "one{separator} two"'
    else:
        hint = f"leave a cell empty where there is no value, but write its {word}"
    return DataError(
        f"this row has {len(row)} cells, the header has {len(header)}: {', '.join(header)}",
        location=location,
        hint=hint,
    )


def _line(content: str, number: int) -> str | None:
    """Return a line of the file; CR, LF and CRLF end one, as for the reader that counted it."""
    lines = io.StringIO(content, newline=None).read().split("\n")
    return excerpt(lines[number - 1]) if number <= len(lines) else None


def _typed(cells: list[str | None], *, text: bool) -> Column:
    """Make a column of whole numbers, of numbers or of texts."""
    written = [cell for cell in cells if cell is not None]
    if text or not written or not all(_NUMBER.fullmatch(cell) for cell in written):
        return Column.from_values(cells)
    if all(_WHOLE.fullmatch(cell) for cell in written):
        if not all(_fits(cell) for cell in written):
            return Column.from_values(cells)
        return Column.from_values([int(cell) if cell is not None else None for cell in cells])
    numbers = [float(cell) if cell is not None else None for cell in cells]
    finite = all(math.isfinite(number) for number in numbers if number is not None)
    return Column.from_values(numbers if finite else cells)


def _fits(whole: str) -> bool:
    """Whether a whole number fits into 64 bits; one of thousands of digits is not turned into a number."""
    return len(whole.strip()) <= _LONGEST_WHOLE and -(2**63) <= int(whole) < 2**63
