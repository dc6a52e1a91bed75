"""Evidence: the delivered label of one item, opened into terms."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from wsal.errors import InputError, did_you_mean
from wsal.evidence.case import Case
from wsal.evidence.decisive import DecisiveRules, decisive_rules
from wsal.labels import hard_labels
from wsal.types import Floats, ItemId

__all__ = ["Answer", "Evidence", "EvidenceTerm", "build_evidence"]


@dataclass(frozen=True)
class EvidenceTerm:
    """One additive part of the log odds of a label.

    Parameters
    ----------
    source : str
        A labelling function, ``vote share``, ``people on items alike``, ``class balance``, ``human
        classifier``, or a feature of the end model: ``end model: prize``, ``end model: other features``,
        ``end model: intercept``.
    vote : str or None
        The class that a labelling function voted for.
    log_odds : float
        Nats; above 0 it speaks for the first class of the contrast.
    """

    source: str
    vote: str | None
    log_odds: float


@dataclass(frozen=True)
class Answer:
    """What a person said of the item.

    Parameters
    ----------
    label : str
    annotator : str
        Empty where unknown.
    purpose : str
        Why the item was asked for; empty where unknown.
    duplicate : str, int or None
        The item that was answered, where it is a duplicate of the one explained.
    """

    label: str
    annotator: str
    purpose: str
    duplicate: ItemId | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """Why an item has the label it has.

    Parameters
    ----------
    item_id : str or int
    label : str or None
        The delivered label: the answer where there is one. None where the best classes tie, or where nothing
        speaks for any class.
    contrast : tuple of (str, str), or None
        The terms are log odds of the first class against the second: of the label against its runner-up, or
        as asked for. In a tie, the classes that tie. None where nothing speaks.
    probabilities : dict of str to float
        What is delivered; for an answered item, the share of its answers; for an exact duplicate of one the
        same, for a near duplicate half of it and half of the evidence.
    evidence_probabilities : dict of str to float
        What would be delivered if the item's answer were not put in its place. The models have learnt from
        the answer all the same: this is no prediction made without it.
    terms : tuple of EvidenceTerm
        The evidence before the answer. Empty where nothing speaks.
    answers : tuple of Answer
    log_odds : float
        The sum of the terms, in nats: within 1e-9 the log odds of the contrast under
        `evidence_probabilities`; 0 where nothing speaks.
    """

    item_id: ItemId
    label: str | None
    contrast: tuple[str, str] | None
    probabilities: dict[str, float]
    evidence_probabilities: dict[str, float]
    terms: tuple[EvidenceTerm, ...]
    answers: tuple[Answer, ...]
    log_odds: float
    _case: Case = field(repr=False)

    @property
    def lf_names(self) -> tuple[str, ...]:
        """The labelling functions of the run."""
        return self._case.lf_names

    @property
    def answered(self) -> bool:
        """Whether a person answered this very item; then the answer is the label."""
        return any(answer.duplicate is None for answer in self.answers)

    @property
    def runner_up(self) -> str | None:
        """The class that the label is compared with; None where nothing speaks."""
        return None if self.contrast is None else self.contrast[1]

    def without(self, *lf_names: str) -> Evidence:
        """Return the evidence as it would be if labelling functions abstained on this item.

        The number of votes changes, so what the other functions say is scaled anew, and so does the set of
        items alike. What functions are taken to be worth, the human classifier and the end model stay fixed:
        nothing is fitted again. The contrast stays the same, so the terms can be compared; `label` says what
        the label becomes. An answer stands whatever the rules say.

        Parameters
        ----------
        *lf_names : str
            One or more.

        Raises
        ------
        InputError
            There is no such function.
        """
        names = self._case.lf_names
        for name in lf_names:
            if name not in names:
                raise InputError(f"no labelling function {name!r}", hint=did_you_mean(name, names))
        case = self._case.without([names.index(name) for name in lf_names])
        return build_evidence(self.item_id, case, answers=self.answers, contrast=self.contrast)

    @cached_property
    def decisive(self) -> DecisiveRules:
        """Which rules the label hangs on, alone and in the smallest sets; see `DecisiveRules`."""
        return decisive_rules(self._case)

    def _known(self, probabilities: dict[str, float]) -> dict[str, float | None]:
        """Return probabilities, or None for each where nothing speaks: they are unknown then, not equal."""
        return {name: None if self.contrast is None else p for name, p in probabilities.items()}

    def _repr_html_(self) -> str:
        from wsal.evidence.waterfall import draw_waterfall
        from wsal.markup import block, percent, table

        shares = ", ".join(f"{name} {percent(p)}" for name, p in self.probabilities.items())
        if self.contrast is None:
            return block(f"Item {self.item_id}: nothing speaks for any class")
        answers = table(
            ["answer", "by", "purpose"],
            ((a.label, a.annotator, a.purpose) for a in self.answers),
            n_rows=len(self.answers),
        )
        first, second = self.contrast
        return block(
            f"Item {self.item_id}: {self.label or 'a tie'} ({shares})",
            answers if self.answers else "",
            draw_waterfall(self.terms),
            notes=[
                f"log odds of {first} against {second}, in nats; the terms add up to {self.log_odds:+.3f}"
            ],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence for JSON: ``item, label, probabilities, terms, answers`` and more."""
        return {
            "item": self.item_id,
            "label": self.label,
            "contrast": None if self.contrast is None else list(self.contrast),
            "runner_up": self.runner_up,
            "answered": self.answered,
            "probabilities": self._known(self.probabilities),
            "evidence_probabilities": self._known(self.evidence_probabilities),
            "log_odds": self.log_odds,
            "terms": [{"source": t.source, "vote": t.vote, "log_odds": t.log_odds} for t in self.terms],
            "answers": [
                {
                    "label": a.label,
                    "annotator": a.annotator,
                    "purpose": a.purpose,
                    "duplicate": a.duplicate,
                }
                for a in self.answers
            ],
        }


def build_evidence(
    item_id: ItemId,
    case: Case,
    *,
    answers: tuple[Answer, ...],
    contrast: str | tuple[str, str] | None,
) -> Evidence:
    """Open a case into evidence.

    Parameters
    ----------
    item_id : str or int
    case : Case
    answers : tuple of Answer
    contrast : str, tuple of (str, str), or None
        See `wsal.evidence.explain`.

    Raises
    ------
    InputError
        A class that is none, a contrast of a class with itself, or a single class to compare with a label
        that is not there.
    """
    evidence = case.probabilities()
    delivered = case.with_answers(evidence)
    spoken = np.array([case.answer_shares is not None or not case.silent])
    label = case.labels.name(int(hard_labels(delivered[None, :], spoken, ties="abstain")[0]))
    pair = _contrast(case, delivered, evidence, label=label, asked=contrast)
    terms = tuple(EvidenceTerm(*part) for part in case.contrast(*pair)) if pair is not None else ()
    names = case.labels.names
    return Evidence(
        item_id=item_id,
        label=label,
        contrast=None if pair is None else (names[pair[0]], names[pair[1]]),
        probabilities=dict(zip(names, delivered.tolist(), strict=True)),
        evidence_probabilities=dict(zip(names, evidence.tolist(), strict=True)),
        terms=terms,
        answers=answers,
        log_odds=math.fsum(term.log_odds for term in terms),
        _case=case,
    )


def _contrast(
    case: Case,
    delivered: Floats,
    evidence: Floats,
    *,
    label: str | None,
    asked: str | tuple[str, str] | None,
) -> tuple[int, int] | None:
    if isinstance(asked, str):
        if label is None:
            raise InputError(
                f"there is no single label to compare with {asked!r}", hint="name two classes to compare"
            )
        asked = (label, asked)
    if asked is not None:
        a, b = (case.labels.index(name) for name in asked)
        if a == b:
            raise InputError(f"{asked[0]!r} cannot be compared with itself")
        return a, b
    if case.silent:
        return None
    # Most delivered first; what ties there is ordered by the evidence.
    a = max(range(len(delivered)), key=lambda y: (round(float(delivered[y]), 9), evidence[y], -y))
    b = max((y for y in range(len(delivered)) if y != a), key=lambda y: (evidence[y], -y))
    return a, b
