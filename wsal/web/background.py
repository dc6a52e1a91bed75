"""Background work: rules vote, models are fitted and items are drawn in a process of its own.

The process is another user of the same store, as the command line is; a key press waits for none of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Literal, TypeAlias

from wsal.web.live import Hub, News

__all__ = ["Background", "Order"]

Order: TypeAlias = Literal["top_up", "fit", "apply"]
"""Fit if enough answers are new, and draw items if few wait; fit; or let the rules vote, and fit."""

_ORDER_OF_WORK: Final[tuple[Order, ...]] = ("apply", "fit", "top_up")


class Background:
    """A worker process and the thread that listens to it.

    Orders of one kind that come while it is busy become one.

    Parameters
    ----------
    folder : Path
        The project's.
    hub : Hub
        Told what the worker does.
    refit_after : int
        Labels after which it is asked whether a fit is due.
    """

    def __init__(self, folder: Path, hub: Hub, *, refit_after: int) -> None:
        self._folder = folder
        self._hub = hub
        self._lock = threading.Lock()
        self._wanted: set[Order] = set()
        self._refit_after = refit_after
        self._n_labels = 0
        self._busy = False
        self._closed = True
        self._worker: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process; None where there is none."""
        return None if self._worker is None else self._worker.pid

    def start(self) -> None:
        """Start the worker."""
        with self._lock:
            self._closed = False

    def ask(self, order: Order) -> None:
        """Order some work, and return at once; nothing happens where the worker was not started."""
        with self._lock:
            if not self._closed:
                self._wanted.add(order)
                self._next()

    def answered(self, n: int) -> None:
        """Count labels that came in; so many of them order a fit."""
        with self._lock:
            self._n_labels += n
            due = self._n_labels >= self._refit_after
            if due:
                self._n_labels = 0
        if due:
            self.ask("top_up")

    def close(self) -> None:
        """Stop the worker; what it is at is left as it is, which the store outlives."""
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.terminate()
            worker.wait(10)
            _close_pipes(worker)

    def _next(self) -> None:
        """Hand the worker its next order; it is made where there is none. Called with the lock held."""
        if self._busy or not self._wanted:
            return
        if self._worker is None or self._worker.poll() is not None:
            self._worker = subprocess.Popen(  # noqa: S603  # our own module
                [sys.executable, "-m", "wsal.web.worker", str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            listener = threading.Thread(
                target=self._listen,
                args=(self._worker, self._worker.stdout),
                name="wsal-background",
                daemon=True,
            )
            listener.start()
        order = next(order for order in _ORDER_OF_WORK if order in self._wanted)
        self._wanted.discard(order)
        self._busy = True
        try:
            print(order, file=self._worker.stdin, flush=True)
        except BrokenPipeError:
            self._wanted.add(order)  # it has just died; the listener sees that, and starts another

    def _listen(self, worker: subprocess.Popen[str], lines: IO[str]) -> None:
        try:
            for line in lines:
                news = News(**json.loads(line))
                self._hub.tell(news)
                if news.kind == "idle":
                    with self._lock:
                        self._busy = False
                        self._next()
        except ValueError:  # closed while we read
            return
        code = worker.wait()
        with self._lock:
            died = not self._closed and worker is self._worker
            if died:
                text = f"the background process ended (exit code {code}); the next order starts it again"
                self._hub.tell(News("problem", text))
                self._busy = False
                self._next()  # what was ordered while it was busy; the order that it died of is gone
        _close_pipes(worker)


def _close_pipes(worker: subprocess.Popen[str]) -> None:
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # an order that it did not live to read
                pipe.close()
