"""Telling the ledger: each event in a short sentence, for people who never saw its fields."""

from __future__ import annotations

from collections import Counter
from functools import singledispatch

from wsal.audit import (
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    BatchDrawn,
    ClassesChanged,
    DataLoaded,
    EndModelTrained,
    Estimated,
    Event,
    Exported,
    GuardsRestored,
    ItemsReturned,
    ItemsSetApart,
    Payload,
    PeopleLeftOut,
    PersonErased,
    ProjectCreated,
    RuleEdited,
    RulesLoaded,
    RunApplied,
    RunFitted,
    Sealed,
)
from wsal.errors import DataError
from wsal.web.wording import OUTCOMES, PURPOSES, counted

__all__ = ["tell"]

_NAMED = 5  # items, of a list


def tell(event: Event) -> tuple[str, str]:
    """Say what an event is: a few words that name it, and the rest.

    Parameters
    ----------
    event : Event
        One of a kind that a later version of wsal wrote is named by its kind alone.

    Examples
    --------
    >>> tell(Event.of(AnswerUndone("e2", supersedes="e1"), actor="ana"))
    ('took an answer back', '')
    >>> tell(Event.of(ItemsReturned(("m7", "m9")), actor="ana"))
    ('put items back', 'm7, m9: may be asked for again')
    """
    try:
        return _tell(event.payload())
    except DataError:
        return event.kind.replace("_", " "), "written by another version of wsal"


@singledispatch
def _tell(payload: Payload) -> tuple[str, str]:
    return payload.kind.replace("_", " "), ""


@_tell.register
def _(it: ProjectCreated) -> tuple[str, str]:
    return "began the project", f"{it.name}, with the labels {_listed(it.labels)}"


@_tell.register
def _(it: RulesLoaded) -> tuple[str, str]:
    return "read the rules", counted(len(it.rules), "rule")


@_tell.register
def _(it: RuleEdited) -> tuple[str, str]:
    return f"{it.action} the rule {it.rule}", f"{it.reason} ({it.file})"


@_tell.register
def _(it: DataLoaded) -> tuple[str, str]:
    return "read the data", f"{counted(it.n_items, 'item')} of {it.path}"


@_tell.register
def _(it: RunApplied) -> tuple[str, str]:
    voted = f"{counted(it.n_lfs, 'rule')} voted on {counted(it.n_items, 'item')}"
    return "let the rules vote", f"{voted}, {100 * it.coverage:.1f} % covered ({it.run})"


@_tell.register
def _(it: RunFitted) -> tuple[str, str]:
    return (
        "fitted the labels",
        f"from the votes of {it.votes_run} and {counted(it.n_answers, 'answer')} ({it.run})",
    )


@_tell.register
def _(it: BatchDrawn) -> tuple[str, str]:
    counts = Counter(draw.purpose for draw in it.draws)
    drawn = ", ".join(f"{n} {PURPOSES[purpose]}" for purpose, n in counts.items())
    if len(it.draws) == 1:
        return "asked for an answer", f"item {it.draws[0].item}: {it.draws[0].reason or drawn}"
    what = "drew items to certify the labels" if it.certifies else "drew items to ask"
    return what, f"{len(it.draws)} draws: {drawn} (at {it.run})"


@_tell.register
def _(it: AnswerGiven) -> tuple[str, str]:
    said = it.label if it.label is not None else OUTCOMES[it.outcome]
    more = [f"item {it.item}", f"asked as {PURPOSES[it.purpose]}"]
    if it.seconds is not None:
        more.append(f"{it.seconds:.1f} s")
    if it.hints_shown:
        more.append("with the rules’ votes in sight")
    if it.rationale:
        more.append(f"because: {it.rationale}")
    return f"answered {said}", "; ".join(more)


@_tell.register
def _(_it: AnswerUndone) -> tuple[str, str]:
    return "took an answer back", ""


@_tell.register
def _(it: AnswersImported) -> tuple[str, str]:
    return "imported answers", f"{counted(len(it.answers), 'answer')} of {it.path}"


@_tell.register
def _(it: Estimated) -> tuple[str, str]:
    found = [f for f in it.figures if f.name == "accuracy" and f.group in ("certificate", "labels")]
    shown = f": accuracy {100 * found[0].low:.1f} to {100 * found[0].high:.1f} %" if found else ""
    return "estimated quality", f"of {it.run}{shown}"


@_tell.register
def _(it: EndModelTrained) -> tuple[str, str]:
    return "trained an end model", f"{it.model}, on {counted(it.n_trained, 'item')} of {it.labels_run}"


@_tell.register
def _(it: Exported) -> tuple[str, str]:
    return "exported labels", f"{counted(it.n_items, 'item')} of {it.run} to {it.path}"


@_tell.register
def _(it: ItemsSetApart) -> tuple[str, str]:
    what = "are no duplicates of others" if it.apart else "may be duplicates again"
    return "looked at duplicates", f"{_listed(it.items)} {what}"


@_tell.register
def _(it: ItemsReturned) -> tuple[str, str]:
    return "put items back", f"{_listed(it.items)}: may be asked for again"


@_tell.register
def _(it: ClassesChanged) -> tuple[str, str]:
    change = f"{it.change} {_listed(it.old)}{' to ' if it.old else ''}{_listed(it.new)}"
    return "changed the classes", f"{change}{f': {it.reason}' if it.reason else ''}"


@_tell.register
def _(it: Sealed) -> tuple[str, str]:
    return "sealed the record", f"up to row {it.seq}, {'signed' if it.public_key else 'not signed'}"


@_tell.register
def _(it: GuardsRestored) -> tuple[str, str]:
    return "restored the guards of the ledger", _listed(it.findings)


@_tell.register
def _(_it: PersonErased) -> tuple[str, str]:
    return "erased a person", "the name and the free texts; the answers stay"


@_tell.register
def _(it: PeopleLeftOut) -> tuple[str, str]:
    return "left people out", f"{len(it.people)} of them"


def _listed(things: tuple[object, ...]) -> str:
    named = ", ".join(str(one) for one in things[:_NAMED])
    return f"{named} and {len(things) - _NAMED} more" if len(things) > _NAMED else named
