"""The reader: a project of its own that pages about results read from, so that nobody who labels waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from wsal.errors import InputError, WsalError
from wsal.project import Project
from wsal.web.discretion import discreet

__all__ = ["Missing", "Reader"]

T = TypeVar("T")

_MOST_KEPT: Final = 64


@dataclass(frozen=True)
class Missing:
    """Something that a page cannot show, with why, and what to do about it."""

    why: str
    hint: str = ""


class Reader:
    """Asks a project, one question at a time, and keeps what it said until the ledger grows.

    Parameters
    ----------
    folder : Path
        The project's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._project: Project | None = None
        self._stamp: Hashable = None
        self._head = -1
        self._kept: dict[Hashable, Any] = {}

    def ask(self, key: Hashable, question: Callable[[Project], T]) -> T | Missing:
        """Ask the project, or return what it said to the same key since the last row of the ledger.

        What the project refuses is returned as `Missing`; no error of wsal is raised.
        """
        with self._lock:
            try:
                project = self._fresh()
                if key not in self._kept:
                    if len(self._kept) >= _MOST_KEPT:
                        self._kept.clear()
                    self._kept[key] = question(project)
                found: T = self._kept[key]
            except InputError as error:
                return Missing(*(discreet(text, self._folder) for text in (error.message, error.hint or "")))
            except WsalError as error:
                return Missing(discreet(str(error).splitlines()[0], self._folder))
            return found

    def close(self) -> None:
        """Close the store."""
        with self._lock:
            if self._project is not None:
                self._project.history.store.close()
                self._project = None

    def _fresh(self) -> Project:
        """Return the project as it is now: opened anew where its data, settings or votes are others."""
        if self._project is None or self._stamp != self._stamp_of(self._project):
            if self._project is not None:
                self._project.history.store.close()
            self._project = Project.open(self._folder)
            self._stamp = self._stamp_of(self._project)
            self._kept.clear()
        head = self._project.history.store.head().seq
        if head != self._head:
            self._head = head
            self._kept.clear()
        return self._project

    @staticmethod
    def _stamp_of(project: Project) -> Hashable:
        applied = project.history.store.latest_run("run_applied")
        files = tuple(
            (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None
            for path in (project.config.data_path, project.config.file)
        )
        return files, None if applied is None else applied.run
