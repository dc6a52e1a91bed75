"""Records in JSON: an array, or one a line; with errors that name the line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsal.errors import DataError, Location
from wsal.items.raw import decode, excerpt

__all__ = ["JsonRecord", "as_lines", "parse_json", "read_json_records"]


@dataclass(frozen=True)
class JsonRecord:
    """A record and where it stands.

    Parameters
    ----------
    line : int
        The line in a file of lines, else the number of the record in its array, from 1.
    data : mapping
    where : str
        Names it in errors: ``line 3`` or ``record 3``.
    """

    line: int
    data: Mapping[str, Any]
    where: str

    def get(self, *path: str) -> Any:  # noqa: ANN401  # whatever stands there
        """Return what stands under nested keys; None where there is nothing."""
        found: Any = self.data
        for key in path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(key)
        return found


def read_json_records(path: Path) -> tuple[JsonRecord, ...]:
    """Read a file that holds an array of objects, or one object a line.

    Raises
    ------
    DataError
        The file is not there, is no JSON, or holds something other than objects; with the line.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}", hint=f"looked in {Path.cwd()}")
    text = decode(path, str(path))
    if text.lstrip().startswith("["):
        return tuple(
            JsonRecord(number, _object(data, path, f"record {number}", None), f"record {number}")
            for number, data in enumerate(parse_json(text, path), start=1)
        )
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            data = _object(parse_json(line, path, number), path, f"line {number}", number)
            records.append(JsonRecord(number, data, f"line {number}"))
    return tuple(records)


def as_lines(records: Iterable[Mapping[str, Any]]) -> str:
    """Return records as JSON, one a line."""
    return "".join(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records)


def parse_json(text: str, path: Path, line: int | None = None) -> Any:  # noqa: ANN401  # any JSON
    """Parse JSON, or one line of a file of lines.

    Raises
    ------
    DataError
        It is none, or is nested too deeply; with file, line and column.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = Location(str(path), line or error.lineno, error.colno, excerpt(text) if line else None)
        raise DataError(f"this is no JSON: {error.msg}", location=at, hint="export it again") from error
    except RecursionError as error:
        raise DataError("this JSON is nested too deeply", location=Location(str(path), line)) from error


def _object(data: object, path: Path, where: str, line: int | None) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise DataError(
            f"{where} is no object but a {type(data).__name__}",
            location=Location(str(path), line),
            hint="a file holds an array of objects, or one object a line",
        )
    return data
