"""Small pieces of HTML for notebooks: escaped, without scripts, as good in the dark as in the light."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import Final, Protocol

__all__ = ["MOST_ROWS", "Html", "as_text", "block", "interval", "percent", "plain", "table", "votes_block"]

MOST_ROWS: Final = 20
"""Rows of a table that are shown."""

_MOST_FUNCTIONS: Final = 12
"""Labelling functions that a table of votes shows."""

_MOST_CHARACTERS: Final = 200
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Colours are those of the page around, so that a dark notebook stays dark; lines are grey on both.
_CELL: Final = "padding:.15em .7em;border-bottom:1px solid rgba(128,128,128,.3);vertical-align:top;"


def plain(text: str) -> str:
    r"""Replace control characters: what stands in data or rules must not steer a terminal, or turn a text around.

    Examples
    --------
    >>> plain("a\x1b[2Jb")
    'a�[2Jb'
    """
    return _CONTROL.sub("�", text)


class Html(str):
    """What is HTML already, made here and not of anybody's text."""

    __slots__ = ()


def as_text(value: object) -> str:
    """Write a value as text that a page may hold: a number to four digits, a long text cut, HTML as it is.

    Examples
    --------
    >>> as_text("<b>"), as_text(0.123456), as_text(float("nan")), as_text(None)
    ('&lt;b&gt;', '0.1235', '', '')
    """
    if isinstance(value, Html):
        return value
    if value is None or value != value:  # noqa: PLR0124  # NaN is unequal to itself
        return ""
    text = plain(f"{value:.4g}" if isinstance(value, float) else str(value))
    return escape(text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…")


def percent(share: float) -> str:
    """Write a share in percent; nothing where it is not known.

    Examples
    --------
    >>> percent(0.1234), percent(float("nan"))
    ('12.3 %', '')
    """
    return f"{100 * share:.1f} %" if share == share else ""  # noqa: PLR0124  # NaN is unequal to itself


def interval(low: float, high: float) -> str:
    """Write an interval of shares in percent.

    Examples
    --------
    >>> interval(0.5, 0.725)
    '50.0 to 72.5 %'
    """
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    n_rows: int,
    numeric: int = 0,
    most: int = MOST_ROWS,
) -> str:
    """Draw a table, its last ``numeric`` columns to the right; of more than ``most`` rows, the first.

    Parameters
    ----------
    headings : sequence of str
    rows : iterable of sequences
        Read no further than what is shown.
    n_rows : int
        How many there are.
    numeric, most : int

    Returns
    -------
    str
    """

    def cell(tag: str, j: int, content: str) -> str:
        side = "right" if j >= len(headings) - numeric else "left"
        return f'<{tag} style="{_CELL}text-align:{side}">{content}</{tag}>'

    head = "".join(cell("th", j, as_text(name)) for j, name in enumerate(headings))
    body = "".join(
        "<tr>" + "".join(cell("td", j, as_text(value)) for j, value in enumerate(row)) + "</tr>"
        for row in islice(rows, most)
    )
    drawn = (
        f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )
    return drawn + (_small(f"… and {n_rows - most} more") if n_rows > most else "")


def block(title: str, *parts: str, notes: Iterable[str] = ()) -> str:
    """Put a title, parts that are HTML already, and notes that are not, into one piece.

    Examples
    --------
    >>> block("a < b")
    '<div style="overflow-x:auto;margin:.4em 0"><div><strong>a &lt; b</strong></div></div>'
    """
    said = "".join(_small(note) for note in notes)
    head = f"<div><strong>{as_text(title)}</strong></div>"
    return f'<div style="overflow-x:auto;margin:.4em 0">{head}{"".join(parts)}{said}</div>'


class _Named(Protocol):
    @property
    def labels(self) -> Iterable[str]: ...
    @property
    def lf_names(self) -> Sequence[str]: ...


def votes_block(
    title: str,
    first: tuple[str, Sequence[object]],
    votes: Sequence[Sequence[int]],
    of: _Named,
    *,
    n_rows: int,
) -> str:
    """Draw rows of votes by the names of their classes, abstains empty.

    Parameters
    ----------
    title : str
    first : tuple of (str, sequence)
        Heading and cells of the first column.
    votes : sequence of sequences of int
        Those of the rows that are shown.
    of : VoteMatrix or VotePatterns
        Whose ``labels`` and ``lf_names`` they are.
    n_rows : int
        How many there are in all.
    """
    names = ("", *of.labels)  # by vote + 1: an abstain is -1
    heading, cells = first
    rows = (
        (cell, *(names[vote + 1] for vote in row[:_MOST_FUNCTIONS]))
        for cell, row in zip(cells, votes, strict=True)
    )
    more = len(of.lf_names) - _MOST_FUNCTIONS
    return block(
        title,
        table([heading, *of.lf_names[:_MOST_FUNCTIONS]], rows, n_rows=n_rows),
        notes=[f"… and {more} more functions"] if more > 0 else [],
    )


def _small(text: str) -> str:
    return f'<div style="font-size:smaller;opacity:.8">{as_text(text)}</div>'
