"""Items from JSON lines: one object a line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from wsal.errors import DataError, Location
from wsal.items.columns import Column
from wsal.items.raw import RawTable, decode, excerpt

__all__ = ["read_jsonl"]


def read_jsonl(path: Path, name: str) -> RawTable:
    """Read a file with one JSON object a line.

    A key that an object does not have is missing there, as are ``null`` and ``NaN``. Blank lines are passed
    over.

    Parameters
    ----------
    path : Path
    name : str
        The path as the user wrote it.

    Raises
    ------
    DataError
        Not UTF-8, no object, or a line that is no JSON object.

    Notes
    -----
    O(bytes); the file is held in memory.
    """
    cells: dict[str, list[object]] = {}
    lines: list[int] = []
    # Not splitlines(): texts may hold U+2028 and its like, which end no JSON line.
    for number, line in enumerate(decode(path, name).split("\n"), start=1):
        if not line.strip():
            continue
        item = _parse(line.rstrip("\r"), Location(name, number))
        for key in item:
            if key not in cells:
                cells[key] = [None] * len(lines)
        for key, column in cells.items():
            column.append(item.get(key))
        lines.append(number)
    if not lines:
        raise DataError(
            "the file is empty",
            location=Location(name),
            hint='write one item a line: {"id": "a1", "text": "…"}',
        )
    if not cells:
        raise DataError(
            "the items have no keys",
            location=Location(name, lines[0]),
            hint='write {"id": "a1", "text": "…"}',
        )
    columns = {key: Column.from_values(cells[key]) for key in cells}
    return RawTable(columns, len(lines), name, lines)


def _parse(line: str, location: Location) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(
            f"this is no JSON: {error.msg}",
            location=Location(location.file, location.line, error.colno, excerpt(line)),
            hint="write one JSON object a line, with keys and texts in double quotes",
        ) from None
    except ValueError:
        # The one other thing that Python's reader refuses: turning so many digits into a number takes too long.
        raise DataError(
            f"a number in this line has more than {sys.get_int_max_str_digits()} digits",
            location=Location(location.file, location.line, text=excerpt(line)),
            hint="write it as a text, in double quotes",
        ) from None
    except RecursionError:
        raise DataError("this object is nested too deeply", location=location, hint="flatten it") from None
    if not isinstance(item, dict):
        raise DataError(
            f"this line is a JSON {_JSON_NAMES[type(item)]}, not an object",
            location=Location(location.file, location.line, text=excerpt(line)),
            hint='write one object a line: {"id": "a1", "text": "…"}; no list around them all',
        )
    return item


_JSON_NAMES = {
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "truth value",
    type(None): "null",
}
