"""The worker process of `wsal.web.background`: reads orders, a word a line, and writes news, JSON a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wsal.errors import WsalError
from wsal.project import Project
from wsal.web.discretion import discreet
from wsal.web.live import News

__all__ = ["Work", "main"]

_BATCH: Final = 10
_LEAST_WAITING: Final = 40  # and as many as people hold: they may all ask for more during a fit


def main(folder: str) -> None:
    """Carry out orders until there are no more."""
    os.nice(10)  # whoever labels comes first
    # What rules print goes to the server's own output, not between the news.
    news_out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    work = Work(Path(folder))
    for line in sys.stdin:
        for news in _heard(work, line.strip()):
            print(news.to_json(), file=news_out, flush=True)


def _heard(work: Work, order: str) -> Iterator[News]:
    try:
        yield from work.carry_out(order)
    except WsalError as error:
        yield News("problem", discreet(str(error), work.folder))
    except Exception as error:  # noqa: BLE001  # an end of the process would hide what it was
        yield News("problem", discreet(f"{type(error).__name__}: {error}", work.folder))
    yield News("idle")


class Work:
    """Carries out orders on one project, whose data is read once.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._project: Project | None = None

    def carry_out(self, order: str) -> Iterator[News]:
        """Carry out an order, and yield what happens.

        Raises
        ------
        WsalError
            The step cannot be done; the store is as it was.
        """
        project = self._open(anew=order == "apply")
        if order == "apply":
            yield News("work", "the rules vote")
            run = project.apply(allow_python=project.config.allow_python)
            yield News("done", f"{run.n_lfs} rules voted on {run.n_items} items", run.run_id)
        if order == "top_up":
            yield from _top_up(project)  # first: whoever has nothing to answer waits for it, and for no fit
        if order in ("apply", "fit") or _is_due(project):
            yield News("work", "fitting with the new answers")
            fitted = project.fit()
            yield News("done", f"fitted with {fitted.n_answers} answers", fitted.run_id)
            yield from _top_up(project)

    def close(self) -> None:
        """Close the store."""
        if self._project is not None:
            self._project.history.store.close()
            self._project = None

    def _open(self, *, anew: bool) -> Project:
        """Open the project; anew where its data or rules may have changed."""
        if anew:
            self.close()
        if self._project is None:
            self._project = Project.open(self.folder)
        return self._project


def _top_up(project: Project) -> Iterator[News]:
    """Draw batches until enough items wait."""
    leases = project.history.store.leases
    waiting = leases.n_waiting()
    while waiting < (wanted := max(_LEAST_WAITING, leases.n_held())):
        yield News("work", "choosing what to ask next")
        project.tasks(max(_BATCH, wanted - waiting), new=True)
        before, waiting = waiting, leases.n_waiting()
        if waiting <= before:
            break  # nothing is left to ask
    yield News("done", f"{waiting} items wait")


def _is_due(project: Project) -> bool:
    history = project.history
    fitted = history.store.latest_run("run_fitted")
    return fitted is not None and history.changed_answers(fitted) >= project.config.refit_after


if __name__ == "__main__":
    main(sys.argv[1])
