"""Errands: work that takes a while and that somebody asked for, each a command of wsal in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from wsal.web.discretion import discreet
from wsal.web.live import Hub, News

__all__ = ["ERRANDS", "Errand", "ErrandKind", "Errands"]

ErrandKind: TypeAlias = Literal["verify", "estimate", "random", "bias", "report"]
"""Check the ledger; estimate quality; compare answers with random ones; compare groups; write the report."""

ERRANDS: Final[tuple[ErrandKind, ...]] = get_args(ErrandKind)

_WORDS: Final[Mapping[ErrandKind, str]] = {
    "verify": "checking the ledger",
    "estimate": "estimating quality",
    "random": "comparing with random choice",
    "bias": "comparing groups",
    "report": "writing the report",
}
_FOUND: Final = (0, 1)  # exit codes: all is well, and something was found


@dataclass(frozen=True)
class Errand:
    """An errand and what became of it.

    Parameters
    ----------
    kind : ErrandKind
    subject : str
        The column, where groups are compared; else empty.
    by : str
        Who asked.
    began : float
        Seconds since 1970.
    state : {"running", "done", "failed"}
    ended : float, optional
    found : mapping
        What the command wrote, read from JSON; empty where it writes none.
    why : str
        Why it failed, in words.
    """

    kind: ErrandKind
    subject: str
    by: str
    began: float
    state: Literal["running", "done", "failed"] = "running"
    ended: float | None = None
    found: Mapping[str, Any] | None = None
    why: str = ""


class Errands:
    """Runs errands, one after another; of each kind and subject the last is kept while the server runs.

    Parameters
    ----------
    folder : Path
        The project's.
    hub : Hub
        Told when one begins and ends.
    """

    def __init__(self, folder: Path, hub: Hub) -> None:
        self._folder = folder
        self._hub = hub
        self._lock = threading.RLock()  # `report` is asked for while an errand begins
        self._turn = threading.Lock()
        self._last: dict[tuple[ErrandKind, str], Errand] = {}
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        self._place: tempfile.TemporaryDirectory[str] | None = None

    @property
    def report(self) -> Path:
        """Where the report is written; the folder is made when it is first asked for, and goes with `close`."""
        with self._lock:
            if self._place is None:
                self._place = tempfile.TemporaryDirectory(prefix="wsal-errands-")
            return Path(self._place.name) / "report.html"

    def start(self, kind: ErrandKind, *, by: str, subject: str = "") -> Errand:
        """Begin an errand, and return at once; the one that runs already where there is one."""
        with self._lock:
            before = self._last.get((kind, subject))
            if before is not None and before.state == "running":
                return before
            errand = self._last[kind, subject] = Errand(kind, subject, by, time.time())
        threading.Thread(target=self._run, args=(errand,), name=f"wsal-{kind}", daemon=True).start()
        return errand

    def last(self, kind: ErrandKind, subject: str = "") -> Errand | None:
        """Return the last errand of a kind; None where nobody asked since the server started."""
        with self._lock:
            return self._last.get((kind, subject))

    def close(self) -> None:
        """Stop what runs, and forget everything."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
        with self._turn:
            if self._place is not None:
                self._place.cleanup()

    def _run(self, errand: Errand) -> None:
        with self._turn:
            self._hub.tell(News("work", _WORDS[errand.kind]))
            try:
                code, out, err = self._carry_out(errand)
                done = self._ended(errand, code, out, err)
            except (OSError, ValueError) as error:
                done = replace(errand, state="failed", why=discreet(str(error), self._folder))
            with self._lock:
                self._last[errand.kind, errand.subject] = replace(done, ended=time.time())
            kind, text = ("done", "done") if done.state == "done" else ("problem", done.why)
            self._hub.tell(News(kind, f"{_WORDS[errand.kind]}: {text}"))
            if done.state == "done":  # a page that shows it needs no line about it; a failure stays
                self._hub.tell(News("idle"))

    def _carry_out(self, errand: Errand) -> tuple[int, str, str]:
        with self._lock:
            if self._closed:
                raise OSError("the server is stopping")
            self._process = subprocess.Popen(  # noqa: S603  # our own command; a column is one argument, never a shell's
                [sys.executable, "-m", "wsal", "--project", str(self._folder), *self._command(errand)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                # The ledger names whoever asked, not whoever started the server.
                env=os.environ | {"WSAL_ANNOTATOR": errand.by, "PYTHONIOENCODING": "utf-8"},
            )
            if hasattr(os, "setpriority"):  # whoever labels comes first
                os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)
        out, err = self._process.communicate()
        return self._process.returncode, out, err

    def _command(self, errand: Errand) -> list[str]:
        if errand.kind == "verify":
            return ["audit", "verify", "--json"]
        if errand.kind == "estimate":
            return ["estimate", "--json"]
        if errand.kind == "random":
            return ["estimate", "--against-random", "--json"]
        if errand.kind == "bias":
            return ["bias", f"--by={errand.subject}", "--json"]
        return ["audit", "report", "--force", "--out", str(self.report)]

    def _ended(self, errand: Errand, code: int, out: str, err: str) -> Errand:
        if code not in _FOUND:
            return replace(errand, state="failed", why=discreet(_reason(err), self._folder))
        if errand.kind == "report":
            return replace(errand, state="done", found={"verifies": code == 0})
        return replace(errand, state="done", found=json.loads(out))


def _reason(err: str) -> str:
    """Return the error's own line, without what stands around it."""
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith("error")]
    return (told or lines or ["it ended without a word"])[0].removeprefix("Error: ").removeprefix("error: ")
