"""``wsal label``: a keyboard loop in the terminal."""

from __future__ import annotations

import codecs
import os
import re
import sys
import termios
import time
import tty
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Self, TypeAlias, TypeVar

import click

from wsal.audit import Outcome
from wsal.cli.options import open_any, say
from wsal.cli.why import fields_in_words
from wsal.config import user_name
from wsal.project import BLIND_PURPOSES, MultiLabelProject, Project, Task
from wsal.types import ItemId

__all__ = ["ask", "label"]

C = TypeVar("C")
"""What an answer is: a label, or a set of labels."""

_HELP = """\
1–9        choose a label (more than nine: a digit or / , then type its number or the beginning of its name)
           where an item may have several: mark it, or take the mark back; Enter or . keeps what is marked
u          undo the last answer (as often as you like)
space      skip: not now          d   don't know: nobody could tell
n          not applicable         f   flag: something is wrong with this item
r          write a rationale for the next answer
h          show or hide what the rules say (never before you answer an audit item or give a second opinion)
?          this help              q   stop; `wsal label` carries on here"""

_DIGITS = "123456789"

_END = "\x04"  # Ctrl-D

_DONE = "\n\r."

_ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.)?")

_OUTCOMES: Mapping[str, Outcome] = {" ": "skip", "d": "unsure", "n": "not_applicable", "f": "flag"}


@click.command()
@click.option("--annotator", default=None, help="Your name; the login name where not given.")
@click.option("-n", "n", type=click.IntRange(1, 1000), default=10, show_default=True, help="Size of a batch.")
@click.option(
    "--hunt", multiple=True, metavar="LABEL", help="Look for items of a rare label; may be repeated."
)
@click.option("--once", is_flag=True, help="Stop at the end of the batch.")
@click.pass_obj
def label(folder: Path, *, annotator: str | None, n: int, hunt: tuple[str, ...], once: bool) -> None:
    """Label items at the keyboard. Every answer is kept the moment it is given."""
    project = open_any(folder)
    with _keyboard() as keyboard:
        session = _session(project, annotator or user_name(), keyboard)
        session.greet()
        while tasks := project.queued(session.annotator) or project.tasks(n, hunt=hunt):
            if not session.run(tasks) or once:
                break
            if project.certifies(tasks):
                say("the draws that certify are answered: `wsal estimate` shows the certificate")
                break
            say("the batch is done; fitting with your answers …")
            project.fit()
        else:
            say("nothing is left to label")
        say(f"{session.n_answers} answers kept")


def _session(project: Project | MultiLabelProject, annotator: str, keyboard: _Keyboard) -> _Session[Any]:
    if isinstance(project, Project):
        return _OneLabel(project, annotator, keyboard)
    return _LabelSet(project, annotator, keyboard)


def ask(project: Project, tasks: tuple[Task, ...], annotator: str) -> int:
    """Ask a person at the keyboard for some tasks; return how many answers were kept."""
    with _keyboard() as keyboard:
        session = _OneLabel(project, annotator, keyboard)
        session.greet()
        session.run(tasks)
        return session.n_answers


def _keyboard() -> _Keyboard:
    return _Terminal() if sys.stdin.isatty() else _Pipe()


@dataclass
class _Session(ABC, Generic[C]):
    """One person at one terminal, who gives answers of one kind."""

    project: Project | MultiLabelProject
    annotator: str
    keyboard: _Keyboard
    hints: bool = True
    rationale: str = ""
    n_answers: int = 0
    saw_hints: set[ItemId] = field(default_factory=set)
    given: list[tuple[Task, str]] = field(default_factory=list)  # answers that can be undone: task, event id

    def greet(self) -> None:
        """Say who is asked, and how to stop."""
        say(f"you are {self.annotator}; ? for help, q to stop")

    def run(self, tasks: tuple[Task, ...]) -> bool:
        """Ask for every task; return whether the person went through to the end."""
        waiting = list(tasks)
        while waiting:
            task = waiting[0]
            self._begin()
            self._show(task, len(waiting))
            started = time.monotonic()
            if not self._ask(task, waiting, started):
                return False
        return True

    def _ask(self, task: Task, waiting: list[Task], started: float) -> bool:
        """Handle keys until the task is done or undone; return False where the person stops."""
        while True:
            key = self.keyboard.key()
            if key in {"q", ""}:
                return False
            if key in {"u", "\x7f", "\b"}:
                if self._undo(waiting):
                    return True
            elif key == "?":
                say(_HELP)
            elif key == "h":
                self.hints = not self.hints
                self._show(task, len(waiting))
            elif key == "r":
                self.rationale = self.keyboard.line("rationale: ")
            elif key in _OUTCOMES:
                self._keep(task, waiting, None, _OUTCOMES[key], started)
                return True
            else:
                chosen = self._choice(key)
                if chosen is not None:
                    self._keep(task, waiting, chosen, "label", started)
                    return True

    @abstractmethod
    def _choice(self, key: str) -> C | None:
        """Return the answer that a key completes; None where it does not yet."""

    @abstractmethod
    def _answer(self, task: Task, chosen: C | None, *, outcome: Outcome, started: float) -> str:
        """Keep an answer, and return the id to undo it by."""

    @abstractmethod
    def _in_words(self, chosen: C) -> str:
        """Say what was chosen."""

    def _begin(self) -> None:
        """Get ready for a task."""

    def _options(self) -> str:
        """Say which key stands for which label."""
        return "   ".join(f"[{i}] {name}" for i, name in enumerate(self.project.config.labels, start=1))

    def _named(self, key: str) -> str | None:
        """Return the label that a key stands for, or that is typed after it."""
        names = self.project.config.labels.names
        if len(names) <= 9:
            return names[int(key) - 1] if key in _DIGITS[: len(names)] else None
        if key not in (*_DIGITS, "/"):
            return None
        typed = (
            ("" if key == "/" else key)
            + self.keyboard.line("label (number or beginning of its name): " + key.strip("/"))
        ).strip()
        if typed.isdecimal() and 1 <= int(typed) <= len(names):
            return names[int(typed) - 1]
        if typed in names:
            return typed
        found = [name for name in names if typed and name.lower().startswith(typed.lower())]
        if len(found) != 1:
            say(f"{len(found)} labels begin with {typed!r}" + (f": {', '.join(found)}" if found else ""))
            return None
        return found[0]

    def _keep(
        self, task: Task, waiting: list[Task], chosen: C | None, outcome: Outcome, started: float
    ) -> None:
        event_id = self._answer(task, chosen, outcome=outcome, started=started)
        self.given.append((task, event_id))
        self.n_answers += 1
        self.rationale = ""
        waiting.pop(0)
        say(f"kept: {outcome if chosen is None else self._in_words(chosen)}")
        if task.purpose in BLIND_PURPOSES and task.hints:
            self.saw_hints.add(task.item_id)  # should the answer be undone
            say("the rules said: " + "; ".join(task.hints))

    def _undo(self, waiting: list[Task]) -> bool:
        if self.given:
            task, event_id = self.given.pop()
            self.project.undo(event_id, annotator=self.annotator)
            self.n_answers -= 1
        else:  # what this person answered in an earlier session
            earlier = self.project.undo_last(self.annotator)
            if earlier is None:
                say("nothing to undo")
                return False
            task = earlier
        waiting.insert(0, task)
        say(f"undone: item {task.item_id}")
        return True

    def _show(self, task: Task, left: int) -> None:
        say(f"\n── item {task.item_id} · {left} left in this batch · {task.reason}")
        say(fields_in_words(task.fields))
        if self.hints and task.hints and task.purpose not in BLIND_PURPOSES:
            self.saw_hints.add(task.item_id)
            say("rules: " + "; ".join(task.hints))
        say(self._options())


class _OneLabel(_Session[str]):
    """Of each item one label is asked."""

    project: Project

    def _choice(self, key: str) -> str | None:
        return self._named(key)

    def _answer(self, task: Task, chosen: str | None, *, outcome: Outcome, started: float) -> str:
        return self.project.answer(
            task,
            chosen,
            outcome=outcome,
            annotator=self.annotator,
            rationale=self.rationale,
            hints_shown=task.item_id in self.saw_hints,
            seconds=round(time.monotonic() - started, 3),
        )

    def _in_words(self, chosen: str) -> str:
        return chosen


@dataclass
class _LabelSet(_Session[frozenset[str]]):
    """Of each item all labels are asked: they are marked, and Enter keeps them."""

    project: MultiLabelProject
    marked: set[str] = field(default_factory=set)

    def _begin(self) -> None:
        self.marked.clear()

    def _options(self) -> str:
        return "   ".join(
            f"[{i}] {'✓ ' if name in self.marked else ''}{name}"
            for i, name in enumerate(self.project.config.labels, start=1)
        )

    def _choice(self, key: str) -> frozenset[str] | None:
        if key in _DONE:
            return frozenset(self.marked)
        name = self._named(key)
        if name is not None:
            self.marked ^= {name}
            say(self._options())
        return None

    def _answer(self, task: Task, chosen: frozenset[str] | None, *, outcome: Outcome, started: float) -> str:
        return self.project.answer(
            task,
            chosen,
            outcome=outcome,
            annotator=self.annotator,
            rationale=self.rationale,
            hints_shown=task.item_id in self.saw_hints,
            seconds=round(time.monotonic() - started, 3),
        )

    def _in_words(self, chosen: frozenset[str]) -> str:
        return (
            ", ".join(name for name in self.project.config.labels if name in chosen) or "none of the labels"
        )


class _Terminal:
    """Single keys and lines from a terminal; keys that are typed ahead wait, none is lost.

    A context: inside it the terminal hands over every key at once and does not echo.
    """

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._fd)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._waiting = ""

    def __enter__(self) -> Self:
        tty.setcbreak(self._fd, termios.TCSADRAIN)  # draining, not flushing, keeps what was typed ahead
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def key(self) -> str:
        """Return the next key; empty at the end. Arrows and function keys, which send several, are passed over."""
        while True:
            self._waiting = _ESCAPE.sub("", self._waiting)
            if self._waiting:
                key, self._waiting = self._waiting[0], self._waiting[1:]
                return "" if key == _END else key
            read = os.read(self._fd, 1024)
            if not read:
                return ""
            self._waiting = self._decoder.decode(read)

    def line(self, prompt: str) -> str:
        """Ask for a line, which begins with what was typed ahead."""
        say(prompt + self._waiting, newline=False)
        begun, newline, rest = self._waiting.partition("\n")
        self._waiting = rest
        if newline:
            return begun
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
        try:
            return begun + sys.stdin.readline().rstrip("\n")
        finally:
            tty.setcbreak(self._fd, termios.TCSADRAIN)


class _Pipe:
    """Keys and lines from a pipe: every character is a key, newlines are none; a line is what is left of one."""

    def __init__(self) -> None:
        self._waiting = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def key(self) -> str:
        """Return the next character; empty at the end."""
        while not self._waiting:
            line = sys.stdin.readline()
            if not line:
                return ""
            self._waiting = line.rstrip("\n")
        key, self._waiting = self._waiting[0], self._waiting[1:]
        return key

    def line(self, prompt: str) -> str:
        """Return the rest of the line, or the next line."""
        say(prompt, newline=False)
        line, self._waiting = self._waiting, ""
        return line or sys.stdin.readline().rstrip("\n")


_Keyboard: TypeAlias = _Terminal | _Pipe
