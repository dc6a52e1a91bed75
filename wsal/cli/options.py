"""Options and output that several verbs share."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, redirect_stdout
from functools import wraps
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from wsal.errors import ConfigError
from wsal.markup import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from wsal.project import MultiLabelProject, Project

__all__ = [
    "as_json",
    "console",
    "echo_json",
    "for_each_label",
    "note",
    "open_any",
    "open_project",
    "percent",
    "plain",
    "say",
    "say_about",
    "table",
]

_HEADING = 8  # characters that a heading may have, however short what stands below
_ANY_WIDTH = 10_000  # a table is measured as if the terminal were this wide

F = TypeVar("F", bound=Callable[..., Any])


def as_json(function: F) -> F:
    """Add ``--json`` to a reading verb."""
    return click.option("--json", "json_", is_flag=True, help="Print JSON, for other programs.")(function)


def for_each_label(function: F) -> F:
    """Let a verb run for each label in turn where items have several and none was named; ``--json`` gathers by label.

    The exit code is the worst of all.
    """

    @wraps(function)
    def each(folder: Path, **options: Any) -> None:  # noqa: ANN401  # as the verb
        folders = _label_folders(folder)
        if not folders:
            function(folder, **options)
            return
        gathered, code = {}, 0
        for label, own in folders.items():
            said = io.StringIO()
            with redirect_stdout(said) if options.get("json_") else nullcontext():
                if not options.get("json_"):
                    say(f"── {label}")
                try:
                    function(own, **options)
                except click.exceptions.Exit as stopped:
                    code = max(code, stopped.exit_code)
            if options.get("json_"):
                gathered[label] = json.loads(said.getvalue())
        if gathered:
            echo_json(gathered)
        click.get_current_context().exit(code)

    return cast("F", each)


def _label_folders(folder: Path) -> Mapping[str, Path]:
    """Return the folder of each label's project; nothing where items have one label each."""
    from wsal.config import find_config, read_config

    try:
        config = read_config(find_config(folder))
    except ConfigError:  # the verb says it, where it needs a project
        return {}
    if not config.multi_label:
        return {}
    from wsal.project.multi_label.project import label_folder

    return {label: label_folder(config, label) for label in config.labels}


def open_any(folder: Path) -> Project | MultiLabelProject:
    """Open the project that a folder is in, whether its items have one label each or several."""
    from wsal.project import MultiLabelProject

    return MultiLabelProject.open(folder) if _label_folders(folder) else open_project(folder)


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


def say(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Print text that may come from data or rules."""
    click.echo(plain(text), err=err, nl=newline)


def say_about(head: str, text: str) -> None:
    """Print a line of a list of facts: what it is about, then what is said, broken under itself on a terminal.

    In a pipe a fact stays on one line, where other programs find it.
    """
    line = f"{head:<7} {text}"
    if sys.stdout.isatty():
        line = click.wrap_text(
            plain(line), width=shutil.get_terminal_size().columns, subsequent_indent=" " * 8
        )
    say(line)


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
