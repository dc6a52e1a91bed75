"""The Rules pages for reading: the list with its figures, one rule with its past, and where rules are worth writing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from wsal.errors import InputError, WsalError
from wsal.project import RuleCompared, RuleLine
from wsal.web.access import Person, allow
from wsal.web.bench import Bench, bench_of
from wsal.web.reader import Missing
from wsal.web.rendering import draw

__all__ = ["facts_of", "router"]

router = APIRouter(tags=["rules"])

Reader = Annotated[Person, allow("read")]
RuleName = Annotated[str, Query(min_length=1, max_length=300)]
Number = Annotated[int | None, Query(ge=1, le=1_000_000)]
Flag = Annotated[Literal["true"] | None, Query()]
SortBy: TypeAlias = Literal[
    "name", "coverage", "overlaps", "conflicts", "precision", "answers", "cost", "version", "author", "tests"
]
_MOST_CHANGES: Final = 20


class RuleFigures(BaseModel):
    """A rule of the list; figures are None where it has not voted, or where nobody knows yet.

    ``precision`` comes with its interval from audit draws; ``n_answers`` are those behind it. ``state`` is ``in
    force``; or ``waits``, ``changed`` or ``gone`` until the rules vote again.
    """

    name: str
    rule: str
    state: str
    labels: list[str]
    why: str
    author: str
    version: int
    coverage: float | None
    overlaps: float | None
    conflicts: float | None
    precision: float | None
    precision_low: float | None
    precision_high: float | None
    precision_note: str
    n_answers: int
    n_answered: int
    n_right: int
    microseconds: float | None
    n_tests: int
    n_failed: int
    pack: str | None


class RuleList(BaseModel):
    """The rules that voted in the last run, and those that are written."""

    rules: list[RuleFigures]


@router.get("/api/rules")
def list_rules(request: Request, person: Reader) -> RuleList:
    """Return every rule with its figures."""
    del person
    return RuleList(rules=[_figures(line) for line in bench_of(request).rules.lines()])


@router.get("/rules", response_class=HTMLResponse, include_in_schema=False)
def page(
    request: Request,
    person: Reader,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: SortBy = "name",
    down: Flag = None,
) -> HTMLResponse:
    """Draw the list; it is sorted and filtered here, and by its script where there is one."""
    bench, note = bench_of(request), ""
    rows: list[RuleFigures] = []
    try:
        rows = [_figures(line) for line in bench.rules.lines()]
    except WsalError as error:
        note = bench.discreet(str(error))
    wanted = q.casefold().split()
    found = [row for row in rows if all(word in _words(row) for word in wanted)]
    found.sort(key=_KEYS[sort], reverse=down is not None)
    return draw(
        request,
        "rules.html",
        rules=found,
        n_all=len(rows),
        q=q,
        sort=sort,
        down=down is not None,
        columns=_COLUMNS,
        href=lambda **asked: "/rules?" + urlencode({"q": q, **asked}),
        words=_words,
        keys=_KEYS,
        retired=bench.rules.retired() if not note else (),
        note=note,
        may_edit="rules" in person.scopes,
    )


@router.get("/rules/rule", response_class=HTMLResponse, include_in_schema=False)
def rule_page(
    request: Request,
    person: Reader,
    name: RuleName,
    a: Number = None,
    b: Number = None,
    withdraw: Flag = None,
) -> HTMLResponse:
    """Draw one rule: text, figures, versions, examples, tests; on demand a comparison, and what hangs on it."""
    bench = bench_of(request)
    past = bench.rules.past(name)
    written = bench.rules.book.rules().get(name)
    compared: RuleCompared | None = None
    if a is not None and b is not None:
        compared = bench.rules.compare(name, a, b)
    radius, radius_note = _radius(bench, name) if withdraw else (None, "")
    card, standing, note = None, None, ""
    try:
        card, standing = bench.rules.card(name), bench.rules.standing(name)
    except InputError as error:
        note = bench.discreet(error.message)
    return draw(
        request,
        "rule.html",
        name=name,
        past=past,
        written=written,
        text=written.text if written else (past.versions[-1].source if past.versions else ""),
        card=card,
        figure=None if card is None or card.precision is None else _number(card.precision.estimate.value),
        standing=standing,
        tests=() if written is None else bench.rules.book.tests(written),
        compared=compared,
        a=a,
        b=b,
        radius=radius,
        radius_note=radius_note,
        note=note,
        facts=facts_of(bench),
        may_edit="rules" in person.scopes and written is not None and not written.locked,
    )


@router.get("/rules/work", response_class=HTMLResponse, include_in_schema=False)
def worklist(request: Request, person: Reader) -> HTMLResponse:
    """Draw where rules are worth writing."""
    bench, found = bench_of(request), None
    missing: Missing | None = None
    try:
        found = bench.rules.worklist()
    except InputError as error:
        missing = Missing(bench.discreet(error.message), bench.discreet(error.hint or ""))
    return draw(
        request,
        "rules_work.html",
        work=found,
        missing=missing,
        draft=lambda words, label: (
            "/rules/new?" + urlencode([("words", w) for w in words] + ([("label", label)] if label else []))
        ),
        may_edit="rules" in person.scopes,
    )


def _radius(bench: Bench, name: str) -> tuple[dict[str, Any] | None, str]:
    try:
        return bench.rules.withdraw(name).to_dict(0, _MOST_CHANGES), ""
    except WsalError as error:  # nothing was fitted yet, or by another version of wsal
        return None, bench.discreet(str(error))


def facts_of(bench: Bench) -> Any:  # noqa: ANN401  # JSON
    """Return what completion offers; without the columns where the data cannot be read."""
    try:
        return bench.rules.book.schema_facts(bench.desk.project.items)
    except InputError:
        return bench.rules.book.schema_facts(None)


def _figures(line: RuleLine) -> RuleFigures:
    card, written = line.card, line.written
    precision = None if card is None else card.precision
    cost = None if card is None else card.cost
    return RuleFigures(
        name=line.name,
        rule=line.rule,
        state=line.state,
        labels=[] if card is None else list(card.polarity),
        why="" if card is None else card.why,
        author="" if card is None else card.author,
        version=0 if card is None else len(card.versions),
        coverage=None if card is None else card.coverage,
        overlaps=None if card is None else card.overlaps,
        conflicts=None if card is None else card.conflicts,
        precision=None if precision is None else _number(precision.estimate.value),
        precision_low=None if precision is None else _number(precision.estimate.low),
        precision_high=None if precision is None else _number(precision.estimate.high),
        precision_note="" if card is None else card.precision_note,
        n_answers=0 if card is None else card.n_audit_answers,
        n_answered=0 if card is None else card.n_answered,
        n_right=0 if card is None else card.n_right,
        microseconds=None if cost is None else cost.microseconds,
        n_tests=len(line.tests),
        n_failed=sum(not result.passed for result in line.tests),
        pack=None if written is None else written.pack,
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _words(row: RuleFigures) -> str:
    parts = [row.name, row.why, row.author, row.state, row.pack or "", *row.labels]
    return " ".join(parts).casefold()


def _low(value: float | None) -> float:
    return -math.inf if value is None else value


_KEYS: Final[dict[SortBy, Callable[[RuleFigures], Any]]] = {
    "name": lambda row: row.name.casefold(),
    "coverage": lambda row: _low(row.coverage),
    "overlaps": lambda row: _low(row.overlaps),
    "conflicts": lambda row: _low(row.conflicts),
    "precision": lambda row: _low(row.precision),
    "answers": lambda row: row.n_answered,
    "cost": lambda row: _low(row.microseconds),
    "version": lambda row: row.version,
    "author": lambda row: row.author.casefold(),
    "tests": lambda row: (row.n_failed, row.n_tests),
}

_COLUMNS: Final[tuple[tuple[SortBy, str, bool], ...]] = (
    ("name", "rule", False),
    ("coverage", "coverage", True),
    ("overlaps", "overlaps", True),
    ("conflicts", "conflicts", True),
    ("precision", "precision", True),
    ("answers", "answers right", True),
    ("tests", "tests", True),
    ("cost", "µs an item", True),
    ("version", "version", True),
    ("author", "author", False),
)
"""Sorting key, heading, and whether it is a figure, of which the largest come first."""
