"""Options and output that several verbs share."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from wsal.project import Project

__all__ = ["as_json", "console", "echo_json", "note", "open_project", "percent", "plain", "say", "table"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_HEADING = 8  # characters that a heading may have, however short what stands below
_ANY_WIDTH = 10_000  # a table is measured as if the terminal were this wide

F = TypeVar("F", bound=Callable[..., Any])


def as_json(function: F) -> F:
    """Add ``--json`` to a reading verb."""
    return click.option("--json", "json_", is_flag=True, help="Print JSON, for other programs.")(function)


def open_project(folder: Path) -> Project:
    """Open the project that a folder is in."""
    from wsal.project import Project

    return Project.open(folder)


def echo_json(value: object) -> None:
    """Print a value as JSON; NaN, which JSON does not know, becomes null before it gets here."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    # Half a character, which UTF-8 cannot write, is escaped as JSON does it.
    click.echo(text.encode("utf-8", "backslashreplace").decode())


def console() -> Console:
    """Make a console for drawing; plain where the output is no terminal."""
    from rich.console import Console

    # A file or a pipe has no width; tables are then as wide as they need.
    return Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 250)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: int = 0) -> None:
    """Draw a table, its last ``numeric`` columns to the right. Text is printed as it is, never as markup."""
    from rich import box
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for i, name in enumerate(columns):
        right = i >= len(columns) - numeric
        # Names and figures stay whole; the text between them gives way.
        drawn.add_column(name, justify="right" if right else "left", no_wrap=right or i == 0, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(plain(cell)) for cell in row))
    where = console()
    if Measurement.get(where, where.options.update(max_width=_ANY_WIDTH), drawn).maximum > where.width:
        drawn.padding = (0, 1, 0, 0)
        _narrow_headings(drawn, numeric)
    where.print(drawn)


def _narrow_headings(drawn: Table, numeric: int) -> None:
    """Break headings over figures that are no wider, so that the text keeps the room and no figure is cut."""
    from rich.cells import cell_len

    for column in drawn.columns[len(drawn.columns) - numeric :] if numeric else ():
        name = str(column.header)
        cells = max((cell_len(str(cell)) for cell in column.cells), default=0)
        words = max(map(len, name.split()), default=0)
        column.header = "\n".join(wrap(name, max(cells, words, _HEADING)))


def plain(text: str) -> str:
    r"""Replace control characters: what stands in data or rules must not steer a terminal.

    Examples
    --------
    >>> plain("a\x1b[2Jb")
    'a�[2Jb'
    """
    return _CONTROL.sub("�", text)


def say(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Print text that may come from data or rules."""
    click.echo(plain(text), err=err, nl=newline)


def note(text: str) -> None:
    """Say something beside the result, on standard error."""
    say(f"note: {text}", err=True)


def percent(share: float) -> str:
    """Write a share as a percentage; nothing for a share of nothing.

    Examples
    --------
    >>> percent(0.1234), percent(float("nan"))
    ('12.3 %', '–')
    """
    return "–" if share != share else f"{100 * share:.1f} %"  # noqa: PLR0124  # NaN is unequal to itself
