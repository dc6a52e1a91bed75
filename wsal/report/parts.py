"""What a report holds: frozen, and ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias, TypeVar

from wsal.audit import Software, VerificationReport
from wsal.project import (
    Annotators,
    BiasReport,
    CostReport,
    Estimates,
    Scorecard,
    Status,
)

__all__ = ["AuditReport", "Change", "Data", "Maybe", "Unknown"]

T = TypeVar("T")


@dataclass(frozen=True)
class Unknown:
    """A part of the report that is not there, and why."""

    why: str


Maybe: TypeAlias = T | Unknown
"""A part of the report, or why it is not there."""


@dataclass(frozen=True)
class Data:
    """What was labelled.

    Parameters
    ----------
    path, fingerprint : str
        Of the data that the labels were made from.
    n_items : int
    columns : tuple of str
    n_aside : int
        Items that nobody could label.
    """

    path: str
    fingerprint: str
    n_items: int
    columns: tuple[str, ...]
    n_aside: int


@dataclass(frozen=True)
class Change:
    """Something that happened after the last seal, with who did it and how often."""

    what: str
    n: int
    people: tuple[str, ...]


@dataclass(frozen=True)
class AuditReport:
    """Everything about a project that a reader from outside asks.

    Parameters
    ----------
    name, purpose : str
        Of the task, and what it says of itself.
    labels : tuple of str
    made_at, made_by : str
        UTC; who made the report.
    status : Status
    data : Data or Unknown
    rules : tuple of Scorecard, or Unknown
    estimates : Estimates or Unknown
    people : Annotators or Unknown
    n_contradicted : int or Unknown
        Answers with strong evidence against them.
    costs : CostReport
    bias : tuple of (BiasReport or Unknown)
        One for each column that was asked for.
    sealed_at : str
        Time of the last seal that the ledger notes; empty where there is none.
    sealed_row : int
        Row that it seals; 0 where there is none.
    changes : tuple of Change
        Since then; from the beginning where there is no seal.
    verification : VerificationReport
    n_seals : int
        Seals that the ledger was compared with.
    software : tuple of Software
        That the labels were made with.
    summary : tuple of str
        In plain language.
    """

    name: str
    purpose: str
    labels: tuple[str, ...]
    made_at: str
    made_by: str
    status: Status
    data: Maybe[Data]
    rules: Maybe[tuple[Scorecard, ...]]
    estimates: Maybe[Estimates]
    people: Maybe[Annotators]
    n_contradicted: Maybe[int]
    costs: CostReport
    bias: tuple[Maybe[BiasReport], ...]
    sealed_at: str
    sealed_row: int
    changes: tuple[Change, ...]
    verification: VerificationReport
    n_seals: int
    software: tuple[Software, ...]
    summary: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        from wsal.markup import block

        return block(f"Audit report: {self.name}", notes=(*self.summary, "draw_page(report) draws all of it"))

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON; what is not known is an object with ``why``."""
        parts = {
            "data": self.data,
            "rules": self.rules,
            "estimates": self.estimates,
            "people": self.people,
            "n_contradicted": self.n_contradicted,
            "costs": self.costs,
            "status": self.status,
        }
        values: dict[str, Any] = {name: _plain(part) for name, part in parts.items()}
        about = {
            name: getattr(self, name)
            for name in ("name", "purpose", "made_at", "made_by", "sealed_at", "sealed_row", "n_seals")
        }
        found = (
            about
            | values
            | {
                "labels": list(self.labels),
                "bias": [_plain(one) for one in self.bias],
                "changes": [asdict(one) for one in self.changes],
                "verification": asdict(self.verification) | {"ok": self.verification.ok},
                "software": [asdict(one) for one in self.software],
                "summary": list(self.summary),
            }
        )
        written: dict[str, Any] = _without_nan(found)
        return written

    @property
    def n_people(self) -> int:
        """People whose answers are known by name."""
        return len({one.annotator for one in self.costs.work if one.annotator})


def _plain(part: Any) -> Any:  # noqa: ANN401  # any part of the report
    if isinstance(part, tuple):
        return [_plain(one) for one in part]
    if hasattr(part, "to_dict"):
        return part.to_dict()
    return asdict(part) if hasattr(part, "__dataclass_fields__") else part


def _without_nan(value: Any) -> Any:  # noqa: ANN401  # a tree for JSON
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return value
