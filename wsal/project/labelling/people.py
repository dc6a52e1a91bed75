"""People: how reliable they are, and which of their answers want a second look."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from wsal.analysis import (
    Agreement,
    AnnotatorReliability,
    Contradiction,
    annotator_reliability,
    annotator_weights,
    find_contradictions,
    find_label_issues,
    gwet_ac2,
    krippendorff_alpha,
)
from wsal.analysis.contradictions import Method
from wsal.audit import BatchDrawn, DrawRecord, RunFitted
from wsal.errors import DataError
from wsal.labels import HumanLabels
from wsal.project.labelling.tasks import fields_of
from wsal.project.runs.cross_fitting import cross_fitted_probabilities
from wsal.project.runs.duplicates import read_duplicates
from wsal.project.runs.material import Material
from wsal.types import ItemId, LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["Annotators", "Contradicted", "annotators_of", "contradicted_answers", "second_opinions"]


@dataclass(frozen=True)
class Annotators:
    """Who answered, how far they agree, and how often each is right.

    Parameters
    ----------
    people : tuple of AnnotatorReliability
        Empty where fewer than two people answered.
    agreement : tuple of Agreement
        Krippendorff's alpha and Gwet's AC1, where they can be told.
    weights : mapping of str to float
        What an answer of each person counts beside another one on the same item; empty where all count alike.
    notes : tuple of str
    """

    people: tuple[AnnotatorReliability, ...]
    agreement: tuple[Agreement, ...]
    weights: Mapping[str, float]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contradicted:
    """An answer that evidence contradicts, with when and why it was given.

    Parameters
    ----------
    contradiction : Contradiction
    time, rationale, purpose : str
        Of the answer.
    fields : mapping
        What was shown.
    """

    contradiction: Contradiction
    time: str
    rationale: str
    purpose: str
    fields: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        about = {"time": self.time, "rationale": self.rationale, "purpose": self.purpose}
        return asdict(self.contradiction) | about | {"fields": dict(self.fields)}


def annotators_of(human: HumanLabels, labels: LabelSpace) -> Annotators:
    """Report agreement and reliability, as far as the answers tell; second opinions are left out."""
    human = human.without_second_opinions()
    notes: list[str] = []
    agreement: list[Agreement] = []
    for measure in (krippendorff_alpha, gwet_ac2):
        try:
            agreement.append(measure(human) if measure is krippendorff_alpha else gwet_ac2(human, labels))
        except DataError as error:
            notes.append(error.message)
    try:
        people = annotator_reliability(human, labels)
    except DataError as error:
        return Annotators((), tuple(agreement), {}, (error.message,))
    return Annotators(people, tuple(agreement), annotator_weights(human, labels), tuple(dict.fromkeys(notes)))


def contradicted_answers(
    material: Material, *, at_least: float, by: Method = "evidence"
) -> tuple[Contradicted, ...]:
    """List the answers that evidence of the last `fit` without them contradicts, the strongest first.

    Parameters
    ----------
    material : Material
    at_least : float
        Log odds against the answer, in nats.
    by : {"evidence", "confident learning"}
        Votes and other people; or cleanlab, on labels cross-fitted by the procedure of the run.

    Raises
    ------
    InputError
        Nothing was fitted yet, or cleanlab is asked for and not installed.
    """
    history = material.history
    fitted = history.run("run_fitted")
    history.require_same_classes(fitted)
    run = fitted.payload
    votes = history.votes(run.votes_run)
    human, _ = history.human(votes)
    if by == "confident learning":
        found = _by_confident_learning(material, run, votes, human)
        found = tuple(one for one in found if one.log_odds >= at_least)
    else:
        found = find_contradictions(votes, human, class_balance=run.class_balance, at_least=at_least)
    answers = {(a.item, a.annotator): a for a in history.store.answers() if a.outcome == "label"}
    items = material.items
    rows = {item: row for row, item in enumerate(items.item_ids.tolist())}
    return tuple(
        Contradicted(one, answer.time, answer.rationale, answer.purpose, fields_of(items, rows[one.item_id]))
        for one in found
        if one.item_id in rows
        for answer in [answers[one.item_id, one.annotator]]
    )


def _by_confident_learning(
    material: Material, run: RunFitted, votes: VoteMatrix, human: HumanLabels
) -> tuple[Contradiction, ...]:
    if len(human.items()) < 2:
        return ()
    kept = read_duplicates(run, votes.item_ids, history=material.history)
    p, known = cross_fitted_probabilities(
        votes,
        run,
        human=human,
        features=material.features,
        duplicates=None if kept is None else kept.groups,
    )
    judged = human.only({item for item in human.items() if known[votes.row_of(item)]})
    return find_label_issues(votes, judged, p)


def second_opinions(
    found: Sequence[Contradicted], taken: Collection[ItemId], *, n: int, run: str
) -> BatchDrawn | None:
    """Put contradicted items in front of somebody who did not answer them; None where there are none.

    The draw does not say what was answered or why it is asked again: that would colour the answer.

    Parameters
    ----------
    found : sequence of Contradicted
    taken : collection of str or int
        Items that are left out: answered by whoever is asked, or waiting for a second opinion already.
    n : int
        At most so many.
    run : str
        Of `fit`.
    """
    items = dict.fromkeys(one.contradiction.item_id for one in found)
    asked = [item for item in items if item not in taken][:n]
    if not asked:
        return None
    batch = f"batch-{uuid.uuid4().hex[:12]}"
    return BatchDrawn(
        batch,
        run,
        tuple(
            DrawRecord(
                BatchDrawn.draw_id(batch, position),
                item,
                "overlap",
                reason="a second opinion on an item that somebody answered",
            )
            for position, item in enumerate(asked)
        ),
    )
