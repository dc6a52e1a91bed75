"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as RichBars
    from rich.progress import TaskID

__all__ = ["NO_PROGRESS", "Progress", "new_bars", "show_count", "show_progress"]


class Progress(Protocol):
    """Is told what an engine does."""

    def begin(self, what: str, n_items: int) -> None:
        """Say what is voting now, and on how many items."""
        ...

    def advance(self, n_items: int) -> None:
        """Say that so many items more are done."""
        ...

    def finish(self, n_lfs: int) -> None:
        """Say that so many labelling functions more are done with all items."""
        ...


class _Nothing:
    """Shows nothing."""

    def begin(self, what: str, n_items: int) -> None:
        pass

    def advance(self, n_items: int) -> None:
        pass

    def finish(self, n_lfs: int) -> None:
        pass


NO_PROGRESS: Progress = _Nothing()


class _Bars:
    """Two bars: labelling functions in all, and the items of those that are voting now."""

    def __init__(self, bars: RichBars, n_lfs: int) -> None:
        self._bars = bars
        self._all = bars.add_task("labelling functions", total=n_lfs)
        self._now: TaskID | None = None

    def begin(self, what: str, n_items: int) -> None:
        if self._now is not None:
            self._bars.remove_task(self._now)
        self._now = self._bars.add_task(what, total=n_items)

    def advance(self, n_items: int) -> None:
        if self._now is not None:
            self._bars.advance(self._now, n_items)

    def finish(self, n_lfs: int) -> None:
        self._bars.advance(self._all, n_lfs)


@contextmanager
def show_progress(n_lfs: int, *, wanted: bool) -> Iterator[Progress]:
    """Show bars on standard error while a block runs, if they are wanted and it is a terminal.

    Parameters
    ----------
    n_lfs : int
        Labelling functions in all.
    wanted : bool
    """
    if not (wanted and sys.stderr.isatty()):
        yield NO_PROGRESS
        return
    with new_bars() as bars:
        yield _Bars(bars, n_lfs)


@contextmanager
def show_count(what: str, total: int | None, *, wanted: bool) -> Iterator[Callable[[int], None]]:
    """Show one bar on standard error while a block runs, as `show_progress`; gives a function to advance it.

    Parameters
    ----------
    what : str
    total : int or None
        None where nobody knows it.
    wanted : bool
    """
    if not (wanted and sys.stderr.isatty()):
        yield lambda _: None
        return
    with new_bars() as bars:
        bar = bars.add_task(what, total=total)
        yield lambda n: bars.advance(bar, n)


def new_bars() -> RichBars:
    """Make bars on standard error that go away when all is done; a context manager."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichBars

    # Names of rules may hold brackets, as in `llm[0.5,0.8)`, which rich would read as markup.
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return RichBars(*columns, console=Console(stderr=True), transient=True)
