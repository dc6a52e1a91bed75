"""What people answer to tasks, kept in the ledger at once, and taken back."""

from __future__ import annotations

import uuid

from wsal.audit import AnswerGiven, AnswerUndone, Outcome
from wsal.project.history import History
from wsal.project.labelling.drawing import open_tasks
from wsal.project.labelling.tasks import Task
from wsal.project.runs.material import Material

__all__ = ["keep_answer", "take_back", "take_back_last"]


def keep_answer(  # noqa: PLR0913  # all that the ledger keeps of an answer
    history: History,
    task: Task,
    label: str | None,
    *,
    annotator: str,
    outcome: Outcome,
    rationale: str,
    hints_shown: bool,
    seconds: float | None,
) -> str:
    """Keep an answer; it is on disk when this returns its id.

    Raises
    ------
    InputError
        The label is no class of the task.
    """
    if label is not None:
        history.config.labels.index(label)
    answer = AnswerGiven(
        str(uuid.uuid4()),
        task.item_id,
        outcome,
        annotator,
        label=label,
        shown_sha256=task.shown_sha256,
        purpose=task.purpose,
        draw_id=task.draw_id,
        rationale=rationale,
        hints_shown=hints_shown,
        seconds=seconds,
    )
    history.append(answer, actor=annotator)
    return answer.event_id


def take_back(history: History, event_id: str, *, annotator: str) -> None:
    """Take an answer back; it stays in the ledger."""
    history.append(AnswerUndone(str(uuid.uuid4()), event_id), actor=annotator)


def take_back_last(material: Material, annotator: str) -> Task | None:
    """Take back the last answer of a person to a task, and return the task; None where there is none."""
    last = material.history.last_answer(annotator)
    if last is None:
        return None
    take_back(material.history, last.event_id, annotator=annotator)
    return next((task for task in open_tasks(material) if task.draw_id == last.draw_id), None)
