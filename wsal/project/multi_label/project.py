"""Items with several labels: for each an ordinary project, whether it holds, over shared data and rules.

Rules say ``sports`` or ``not sports``; each label's project takes the rules that speak of it, and has its own ledger,
label model and estimates. A person answers a set of labels, which each project gets its part of.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from wsal.audit import AnswerGiven, Outcome
from wsal.config import CONFIG_NAME, Config, find_config, read_config
from wsal.labels import TiePolicy
from wsal.project.create import write_project
from wsal.project.files.answers import ImportReport
from wsal.project.labelling.tasks import BLIND_PURPOSES, Task
from wsal.project.multi_label.files import export_sets, import_sets
from wsal.project.project import Project
from wsal.project.rules.loading import CheckReport, check_rules
from wsal.project.runs.reports import ApplyRun, Export, FitRun
from wsal.store import AnswerRow, write_atomically
from wsal.types import ItemId, absent

__all__ = ["MultiLabelProject", "label_folder"]

_FOLDER: Final = "labels"
_LONGEST_FOLDER: Final = 200  # bytes of an escaped label; file systems know names of 255


def label_folder(config: Config, label: str) -> Path:
    """Return the folder of the project of a label, made where it is missing.

    Raises
    ------
    InputError
        Items have one label each here, or there is no such label.
    """
    folder = config.folder / _FOLDER / _folder_name(label)
    config.of_label(label, folder)
    link = folder / CONFIG_NAME
    if not link.exists():
        text = (
            f"# Whether an item is {_toml(label)}: the settings stand in ../../{CONFIG_NAME}.\n"
            f'[label]\nof = "../.."\nname = {_toml(label)}\n'
        )

        def write(temporary: Path) -> None:
            temporary.write_text(text, encoding="utf-8")

        write_atomically(link, write)
    return folder


@dataclass(frozen=True, eq=False)
class MultiLabelProject:
    """A project whose items have any number of labels; get one from `open` or `create`.

    Parameters
    ----------
    config : Config
        Of the whole.
    projects : mapping of str to Project
        By label, in the order of the settings. Each says whether the label holds.
    """

    config: Config
    projects: Mapping[str, Project]

    @classmethod
    def open(cls, folder: str | Path = ".") -> MultiLabelProject:
        """Open the project that a folder is in; what is missing of a label's own project is made.

        Raises
        ------
        ConfigError
            There is no project, or its settings are wrong.
        InputError
            Items have one label each here.
        StoreError
            A store cannot be opened.
        """
        config = read_config(find_config(Path(folder)))
        projects = {label: Project.open(label_folder(config, label)) for label in config.labels}
        first = next(iter(projects.values()))
        for project in list(projects.values())[1:]:
            project.read_as(first)
        return cls(config, projects)

    @classmethod
    def create(
        cls,
        folder: str | Path,
        *,
        data: str | Path,
        labels: Sequence[str],
        text: str | None = None,
        id_column: str | None = None,
    ) -> MultiLabelProject:
        """Make a project for one's own data, with one example of a rule; errors as for `Project.create`."""
        write_project(
            Path(folder), data=Path(data), labels=labels, text=text, id_column=id_column, multi_label=True
        )
        return cls.open(folder)

    @property
    def first(self) -> Project:
        """The project of the first label, whose data all of them have."""
        return next(iter(self.projects.values()))

    def check(self, *, allow_python: bool = True) -> CheckReport:
        """Check settings, data and the rules of all labels, and run the tests of the rules."""
        return check_rules(
            replace(self.config, labels=self.config.vocabulary or self.config.labels, vocabulary=None),
            self.first.items,
            allow_python=allow_python,
        )

    def apply(self, *, fault_tolerant: bool = False, allow_python: bool = True) -> Mapping[str, ApplyRun]:
        """Let the rules of every label vote; see `Project.apply`."""
        return {
            label: project.apply(fault_tolerant=fault_tolerant, allow_python=allow_python)
            for label, project in self.projects.items()
        }

    def fit(self) -> Mapping[str, FitRun]:
        """Turn votes and answers into the probability of every label; see `Project.fit`."""
        return {label: project.fit() for label, project in self.projects.items()}

    def tasks(self, n: int = 10, *, hunt: str | Sequence[str] = ()) -> tuple[Task, ...]:
        """Return what is open, or draw about n items: each label chooses as many, by its own run of `fit`.

        An item that several labels ask for is one task. What rules say is not shown where any label drew it for its
        audit.

        Raises
        ------
        InputError
            A label to hunt for does not exist, or nothing was fitted yet.
        """
        hunted = (hunt,) if isinstance(hunt, str) else tuple(hunt)
        for label in hunted:
            self.config.labels.index(label)
        each = -(-n // len(self.projects))
        asked: dict[ItemId, dict[str, Task]] = {}
        for label, project in self.projects.items():
            for task in project.tasks(each, hunt=(label,) if label in hunted else ()):
                asked.setdefault(task.item_id, {})[label] = task
        return tuple(_merged(tasks) for tasks in asked.values())

    def queued(self, annotator: str) -> tuple[Task, ...]:
        """Return the second opinions that wait for a person, of all labels."""
        asked: dict[ItemId, dict[str, Task]] = {}
        for label, project in self.projects.items():
            for task in project.queued(annotator):
                asked.setdefault(task.item_id, {})[label] = task
        return tuple(_merged(tasks) for tasks in asked.values())

    def certifies(self, tasks: Sequence[Task]) -> bool:
        """Whether any label drew any of these items to certify a run."""
        items = {task.item_id for task in tasks}
        return any(
            project.history.batch(name).certifies
            for project in self.projects.values()
            for name in {draw.batch for draw in project.history.open_draws() if draw.item in items}
        )

    def answer(  # all that the ledgers keep of an answer
        self,
        task: Task,
        labels: Collection[str] | None,
        *,
        annotator: str,
        outcome: Outcome = "label",
        rationale: str = "",
        hints_shown: bool = False,
        seconds: float | None = None,
    ) -> str:
        """Keep which labels an item has, all others being absent; on disk when this returns the id to undo it by.

        Where a label drew the item, its project takes the answer for that draw; for the other labels it is an
        answer that nobody drew, so that it is never used for their estimates.

        Raises
        ------
        InputError
            A label is none of the project's.
        """
        for label in labels or ():
            self.config.labels.index(label)
        answer_id = uuid.uuid4()
        for label, project in self.projects.items():
            said = None if labels is None else label if label in labels else absent(label)
            history = project.history
            asking = [*history.open_draws(), *history.second_draws(annotator)]
            draw = next((draw for draw in asking if draw.item == task.item_id), None)
            history.append(
                AnswerGiven(
                    _part(answer_id, label),
                    task.item_id,
                    outcome,
                    annotator,
                    label=said,
                    shown_sha256=task.shown_sha256,
                    purpose="" if draw is None else draw.purpose,
                    draw_id=None if draw is None else draw.draw_id,
                    rationale=rationale,
                    hints_shown=hints_shown,
                    seconds=seconds,
                ),
                actor=annotator,
            )
        return str(answer_id)

    def import_answers(
        self, path: str | Path, *, annotator: str = "", format_: str | None = None
    ) -> ImportReport:
        """Read which labels items have from a file; see `wsal.project.multi_label.files`."""
        return import_sets(
            Path(path), self.projects, self.config.labels, annotator=annotator, format_=format_
        )

    def export(
        self,
        path: str | Path,
        *,
        format_: str | None = None,
        ties: TiePolicy = "abstain",
        force: bool = False,
    ) -> Export:
        """Write the probability of every label by its last `fit`; see `wsal.project.multi_label.files`."""
        return export_sets(Path(path), self.projects, format_=format_, ties=ties, force=force)

    def undo(self, answer_id: str, *, annotator: str) -> None:
        """Take an answer back, for every label."""
        for label, project in self.projects.items():
            project.undo(_part(uuid.UUID(answer_id), label), annotator=annotator)

    def undo_last(self, annotator: str) -> Task | None:
        """Take back the last answer of a person to a task, and return the task; None where there is none."""
        last = [
            found for p in self.projects.values() if (found := p.history.last_answer(annotator)) is not None
        ]
        if not last:
            return None
        item = max(last, key=lambda answer: answer.time).item
        for project in self.projects.values():
            for answer in _of_item(project.history.store.answers(), item, annotator):
                project.undo(answer.event_id, annotator=annotator)
        return next((task for task in self.tasks() if task.item_id == item), None)


def _merged(tasks: Mapping[str, Task]) -> Task:
    """Make one task of those of several labels for an item."""
    first = next(iter(tasks.values()))
    blind = next((task for task in tasks.values() if task.purpose in BLIND_PURPOSES), None)
    return replace(
        first,
        purpose=(blind or first).purpose,
        reason="; ".join(f"{label}: {task.reason}" for label, task in tasks.items()),
        gain=sum(task.gain for task in tasks.values()),
        hints=tuple(hint for task in tasks.values() for hint in task.hints),
    )


def _of_item(answers: Sequence[AnswerRow], item: ItemId, annotator: str) -> Sequence[AnswerRow]:
    """Return the last answer of a person to an item, in a list; none where there is none."""
    return [a for a in answers if a.item == item and a.annotator == annotator and not a.imported][-1:]


def _part(answer_id: uuid.UUID, label: str) -> str:
    """Return the id of one label's part of an answer."""
    return str(uuid.uuid5(answer_id, label))


def _folder_name(label: str) -> str:
    """Return a name for a folder: the label, with what paths cannot hold escaped as in a URL."""
    name = quote(label, safe=" ")
    if len(name) > _LONGEST_FOLDER:
        name = (
            f"{name[:_LONGEST_FOLDER].rpartition('%')[0]}~{hashlib.sha256(label.encode()).hexdigest()[:16]}"
        )
    return f"%2E{name[1:]}" if name.startswith(".") else name


def _toml(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
