"""The summary: what the report says, in sentences for people who know neither wsal nor statistics."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wsal.report.parts import Unknown

if TYPE_CHECKING:
    from wsal.report.parts import AuditReport

__all__ = ["summarise"]

_NAMED = 3  # of the rules that differ; the section on groups names all

_BY = {
    "human": "a person's answer",
    "duplicate": "a person's answer to a copy of the item",
    "rules": "the rules, with a model that learnt from them where there is one",
    "model": "a model alone, since no rule says anything",
    "none": "nowhere: nothing speaks for any label",
}


def summarise(report: AuditReport) -> tuple[str, ...]:
    """Say in plain sentences what was done, how good it is, what is unknown, and whether the record is whole."""
    return (
        *_what(report),
        *_how_good(report),
        *_rules(report),
        *_people(report),
        *_groups(report),
        *_record(report),
    )


def _what(report: AuditReport) -> Iterator[str]:
    labels, votes = report.status.labels_run, report.status.votes
    classes = _listed(report.labels)
    if labels is None or votes is None:
        lack = (
            "Nothing has been labelled yet."
            if report.verification.ok
            else "What was labelled cannot be read."
        )
        yield f"The task is to sort items into {classes}. {lack}"
        return
    answers = sum(report.status.answers.values())
    yield (
        f"{labels.n_items:,} items were sorted into {classes}, by "
        f"{_count(votes.n_lfs, 'written rule', 'written rules')} and "
        + (f"{_count(answers, 'answer', 'answers')} {_by_whom(report)}." if answers else "nobody's answers.")
    )
    counts = [f"{name} {n:,} ({_percent(n, labels.n_items)})" for name, n in labels.label_counts.items()]
    left = f"; {labels.n_unlabelled:,} have no label" if labels.n_unlabelled else ""
    yield f"Labels given: {', '.join(counts)}{left}."
    if labels.n_unlabelled == labels.n_items:
        return
    sources = [
        f"{_percent(n, labels.n_items)} from {_BY[name]}"
        for name, n in labels.sources.items()
        if n and name in _BY
    ]
    yield f"Where labels come from: {'; '.join(sources)}."


def _by_whom(report: AuditReport) -> str:
    """Say who answered; answers that came from a file may name nobody."""
    unnamed = any(not one.annotator for one in report.costs.work)
    if not report.n_people:
        return "that do not say who gave them"
    people = f"of {_count(report.n_people, 'person', 'people')}"
    return f"{people} and of others who are not named" if unnamed else people


def _how_good(report: AuditReport) -> Iterator[str]:
    if isinstance(report.estimates, Unknown):
        yield f"How many labels are right is not known: {report.estimates.why}."
        return
    found = report.estimates.find("certificate", "accuracy") or report.estimates.find("labels", "accuracy")
    if found is None:
        yield f"How many labels are right is not known: {report.estimates.refusal or 'too few items were checked'}."
        return
    e = found.estimate
    yield (
        f"Of every 100 labels, between {100 * e.low:.0f} and {100 * e.high:.0f} are right: this was measured on "
        f"{found.n_answers} items drawn at random and checked by people, and such a statement is true in "
        f"{100 * e.level:g} of 100 cases."
    )


def _rules(report: AuditReport) -> Iterator[str]:
    if isinstance(report.rules, Unknown) or not report.rules:
        return
    known = [card for card in report.rules if card.precision is not None]
    total = len(report.rules)
    authors = {card.author for card in report.rules if card.author}
    unnamed = sum(not card.author for card in report.rules)
    writers = _count(len(authors), "named author", "named authors")
    said = f"The {_count(total, 'rule was', 'rules were')} written by {writers}"
    yield said + (f"; {unnamed} name no author." if unnamed else ".")
    if not known:
        yield "How often each single rule is right is not known: too few of its items were checked."
        return
    weak = min(known, key=lambda card: card.precision.estimate.high if card.precision else math.inf)
    if weak.precision is not None:
        e = weak.precision.estimate
        yield (
            f"How often a rule is right is known for {len(known)} of {total}; the weakest of these, {weak.name}, is "
            f"right in {100 * e.low:.0f} to {100 * e.high:.0f} of 100 cases."
        )
    drifting = [card.name for card in report.rules if card.drift is not None and card.drift.found]
    if drifting:
        yield f"Over time these rules behave differently: {_listed(drifting)}."


def _people(report: AuditReport) -> Iterator[str]:
    if isinstance(report.people, Unknown) or not report.people.agreement:
        yield "How far people agree with each other is not known: too few items were answered by two people."
    else:
        measure = report.people.agreement[-1]
        yield (
            f"People who answered the same items agree: {measure.coefficient} {measure.estimate:.2f} "
            f"({measure.low:.2f} to {measure.high:.2f}), where 1 is always and 0 is as often as by chance."
        )
    if isinstance(report.n_contradicted, int) and report.n_contradicted:
        yield (
            f"{_count(report.n_contradicted, 'answer has', 'answers have')} strong evidence against "
            f"{'it' if report.n_contradicted == 1 else 'them'} and should be looked at again."
        )


def _groups(report: AuditReport) -> Iterator[str]:
    if not report.bias:
        yield "Groups of items, such as regions or ages, were not compared for this report."
    for one in report.bias:
        if isinstance(one, Unknown):
            yield f"A comparison of groups was asked for and could not be made: {one.why}."
        elif not one.flagged and not one.flagged_errors:
            yield (
                f"Compared by {one.column}, no group was found to be treated differently; small differences could not "
                "have been seen."
            )
        else:
            rules = [*one.suspects[:_NAMED], *_more(len(one.suspects) - _NAMED)]
            labels = ["the labels"] if any(gap.subject == "labels" for gap in one.flagged) else []
            who = [*labels, *rules]
            differs = f"Compared by {one.column}, groups differ in {_listed(who)}." if who else ""
            wrong = (
                f" Errors differ as well: {_listed(sorted({e.subject for e in one.flagged_errors}))}."
                if one.flagged_errors
                else " Whether more labels are wrong in one group is not shown."
            )
            yield (differs + wrong).strip() + " Groups may truly differ: this is no verdict."


def _record(report: AuditReport) -> Iterator[str]:
    checked = report.verification
    if not checked.ok:
        yield (
            f"THE RECORD IS DAMAGED: {_count(len(checked.findings) + checked.n_more, 'thing is', 'things are')} not as "
            "first written. Nothing in this report can be relied on until that is explained."
        )
    elif report.n_seals:
        yield (
            f"The record of all {checked.n_rows:,} steps is whole, and agrees with "
            f"{_count(report.n_seals, 'seal that was', 'seals that were')} kept elsewhere: "
            "nothing that was sealed was changed or removed."
        )
    else:
        yield (
            f"The record of all {checked.n_rows:,} steps is consistent in itself. It was not compared with a seal kept "
            "elsewhere, so nobody can tell whether its end was cut off or all of it replaced."
        )


def _more(n: int) -> list[str]:
    return [_count(n, "more rule", "more rules")] if n > 0 else []


def _listed(names: list[str] | tuple[str, ...]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _count(n: int, one: str, several: str) -> str:
    return f"{n} {one if n == 1 else several}"


def _percent(n: int, total: int) -> str:
    share = 100 * n / total if total else 0.0
    return "under 1 %" if 0 < share < 1 else f"{share:.0f} %"
