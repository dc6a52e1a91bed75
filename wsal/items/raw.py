"""What a file or frame holds before its id and text columns are known, and how text files are decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wsal.errors import DataError, Location
from wsal.items.columns import Column

__all__ = ["RawTable", "decode", "excerpt"]

_LONGEST_EXCERPT = 200  # characters; a longer line helps nobody in an error


@dataclass(frozen=True, eq=False)
class RawTable:
    """Columns as read.

    Parameters
    ----------
    columns : mapping of str to Column
        At least one, all of one length.
    n_rows : int
    file : str, optional
        Where they come from; None for a data frame.
    lines : sequence of int, optional
        The line on which each row begins, from 1; None where rows have no lines.
    ids : Sequence of object, optional
        Ids that stand in no column: a data frame's index called ``id``.
    notes : tuple of str
    """

    columns: Mapping[str, Column]
    n_rows: int
    file: str | None = None
    lines: Sequence[int] | None = None
    ids: Sequence[object] | None = None
    notes: tuple[str, ...] = ()

    def location(self, row: int | None = None) -> Location | None:
        """Return where a row (from 0) stands, or the file; None for a data frame."""
        if self.file is None:
            return None
        return Location(self.file, self.lines[row] if row is not None and self.lines is not None else None)

    def name_row(self, row: int) -> str:
        """Name a row in a message: its line where it has one, else its number from 1."""
        return f"line {self.lines[row]}" if self.lines is not None else f"row {row + 1}"


def decode(path: Path, name: str) -> str:
    """Read a text file as UTF-8, with or without a byte order mark.

    Raises
    ------
    DataError
        It is not UTF-8: with the line, the byte's place in that line and its value.
    """
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        content = error.object
        line = content.count(b"\n", 0, error.start) + 1
        place = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise DataError(
            f"this is not UTF-8: byte {place} of line {line} is {content[error.start]:#04x}",
            location=Location(name, line),
            hint=f"save it as UTF-8: iconv -f {_guess(content)} -t utf-8 {path.name} > new{path.suffix}",
        ) from None


def excerpt(line: str) -> str | None:
    """Return a line for an error, or None where it is too long to be shown."""
    return line if len(line) <= _LONGEST_EXCERPT else None


def _guess(content: bytes) -> str:
    return "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "windows-1252"
