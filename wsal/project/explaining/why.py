"""Why an item has its label: the evidence of the last `fit`, and what people said; and what hangs on a rule."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsal.evidence import BlastRadius, Evidence, Withdrawals, explain
from wsal.project.labelling.tasks import fields_of
from wsal.project.replacing import refuse_replacing, require_folder
from wsal.project.rules.columns import columns_of_rule
from wsal.project.runs.material import Material
from wsal.store import AnswerRow, write_atomically
from wsal.types import ItemId

__all__ = ["RuleWithdrawn", "Why", "why", "withdraw_rule", "write_lineage"]


@dataclass(frozen=True, eq=False)
class Why:
    """The evidence for an item's label, with the item itself and what people answered, up to the run.

    Where the label is copied from answers to duplicates, ``copied_from`` names them, and the answers are theirs.
    """

    evidence: Evidence
    answers: tuple[AnswerRow, ...]
    fields: Mapping[str, Any]
    run_id: str
    notes: tuple[str, ...] = ()
    copied_from: tuple[ItemId, ...] = ()

    def without(self, rules: Sequence[str]) -> Evidence:
        """Return the evidence without some rules; see `Evidence.without`.

        Raises
        ------
        InputError
            There is no such rule.
        """
        names = tuple(self.evidence.lf_names)
        return self.evidence.without(*(name for rule in rules for name in columns_of_rule(rule, names)))

    def _repr_html_(self) -> str:
        from wsal.markup import block, table

        fields = table(["field", "value"], self.fields.items(), n_rows=len(self.fields))
        return self.evidence._repr_html_() + block(
            f"Run {self.run_id}", fields, notes=self.notes
        )  # IPython's name

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence for JSON, with the answers in full, the run, and the item's fields."""
        answers = [
            {
                "item": answer.item,
                "label": answer.label,
                "annotator": answer.annotator,
                "purpose": answer.purpose,
                "rationale": answer.rationale,
                "time": answer.time,
                "hints_shown": answer.hints_shown,
            }
            for answer in self.answers
        ]
        return self.evidence.to_dict() | {
            "decisive": self.evidence.decisive.to_dict(),
            "answers": answers,
            "run": self.run_id,
            "fields": dict(self.fields),
            "notes": list(self.notes),
            "copied_from": list(self.copied_from),
        }


def why(material: Material, item: str, *, contrast: str | tuple[str, str] | None = None) -> Why:
    """Explain the label of an item by the last `fit`, with the answers up to that run.

    Raises
    ------
    InputError
        Nothing was fitted yet, the data changed since, or there is no such item or class.
    """
    store = material.history.store
    run, (row, item_id) = material.history.run("run_fitted"), material.find(item)
    delivered = material.delivered()
    evidence = explain(delivered.votes, delivered.model, item_id, delivered=delivered, contrast=contrast)
    copied_from = delivered.copied_from(delivered.votes.row_of(item_id))
    asked = set(copied_from or (item_id,))
    then, now = (
        tuple(a for a in store.answers(as_of=seq) if a.item in asked and a.label is not None)
        for seq in (run.payload.answers_seq, None)
    )
    notes = () if then == now else (f"the answers to {item} changed after run {run.run}: run `wsal fit`",)
    return Why(evidence, then, fields_of(material.items, row), run.run, notes, copied_from)


@dataclass(frozen=True, eq=False)
class RuleWithdrawn:
    """What withdrawing a rule would change in the labels of a run.

    Parameters
    ----------
    rule : str
        Its id; several columns of votes where its confidences fall into bins.
    run_id : str
        The run of `fit`.
    blast : BlastRadius
    """

    rule: str
    run_id: str
    blast: BlastRadius

    def to_dict(self, start: int = 0, most: int | None = None) -> dict[str, Any]:
        """Return it for JSON, with one page of the items whose label changes."""
        return {"rule": self.rule, "run": self.run_id, **self.blast.to_dict(start, most)}


def withdraw_rule(material: Material, rule: str) -> RuleWithdrawn:
    """Say what would change in the labels of the last `fit` without a rule, all parameters fixed.

    Raises
    ------
    InputError
        Nothing was fitted yet, the data changed since, or there is no such rule.
    """
    run, delivered = material.history.run("run_fitted"), material.delivered()
    columns = columns_of_rule(rule, delivered.votes.lf_names)
    return RuleWithdrawn(rule, run.run, Withdrawals(delivered).of(*columns))


def write_lineage(withdrawn: RuleWithdrawn, path: Path, *, force: bool = False) -> None:
    """Write every item on which a rule is decisive to a CSV file, whole or not at all.

    Columns: id, the label before and after, the probability of each class before and after, and the run. What there
    is without a label is left empty.

    Raises
    ------
    InputError
        A folder that is not there, or a file that is.
    """
    require_folder(path)
    refuse_replacing(path, force=force)
    blast = withdrawn.blast
    names = blast.labels.names
    blank = [""] * len(names)
    rows = zip(
        blast.changes(),
        blast.probabilities_before.tolist(),
        blast.probabilities_after.tolist(),
        strict=True,
    )

    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(
                [
                    "id",
                    "before",
                    "after",
                    *(f"before_{n}" for n in names),
                    *(f"after_{n}" for n in names),
                    "run",
                ]
            )
            for (item, before, after), p, q in rows:
                writer.writerow(
                    [
                        item,
                        before,
                        after,
                        *(p if before else blank),
                        *(q if after else blank),
                        withdrawn.run_id,
                    ]
                )

    write_atomically(path, write)
