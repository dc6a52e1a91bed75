"""Writing rules: the page for a new one, previews while it is written, saving and retiring."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from wsal.errors import InputError, LabelingFunctionError, PackError
from wsal.lf.drafts import MAX_DRAFT
from wsal.project import PackChangedError, RulePreview, SavedRule
from wsal.web.access import Person, allow
from wsal.web.bench import bench_of
from wsal.web.pages.rules import facts_of
from wsal.web.rendering import draw

__all__ = ["router"]

router = APIRouter(tags=["rules"])

Writer = Annotated[Person, allow("rules")]
Text = Annotated[str, Field(max_length=MAX_DRAFT + 1)]
Pack = Annotated[str, Field(min_length=1, max_length=500)]
RuleId = Annotated[str, Field(min_length=1, max_length=200)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Reason = Annotated[str, Field(max_length=2_000)]
Words = Annotated[list[Annotated[str, Field(max_length=200)]], Query(max_length=30)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PreviewRequest(_Sent):
    """A rule as it is being written; ``rule`` is the id of the one it replaces, null for a new one."""

    text: Text
    pack: Pack
    rule: RuleId | None = None


class SaveRequest(PreviewRequest):
    """A rule to save; ``sha256`` is that of the pack when the edit began."""

    sha256: Digest
    reason: Reason


class RetireRequest(_Sent):
    """A rule to retire."""

    rule: RuleId
    sha256: Digest
    reason: Reason


class DraftRequest(_Sent):
    """Words to make a rule of, and what it shall vote for."""

    words: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=30)
    label: str | None = Field(None, max_length=200)


class Place(BaseModel):
    """What is wrong with a draft, and where: line and column from 1."""

    message: str
    hint: str | None
    line: int
    column: int


class CountShown(BaseModel):
    """A count among the items seen; with limits (95 %) among all items where a sample was seen."""

    name: str
    n: int
    low: float | None
    high: float | None


class ExampleShown(BaseModel):
    """An item, and why it is shown; ``passages`` say of each part of its text whether the rule matches there."""

    kind: str
    item: str | int
    before: str | None
    after: str | None
    said: str | None
    others: list[str]
    passages: list[tuple[str, bool]]


class TestShown(BaseModel):
    """A test of the rule, and what became of it."""

    __test__ = False  # pytest collects classes by their name

    example: str
    expected: str
    got: str
    passed: bool


class PreviewShown(BaseModel):
    """What a rule would do; or ``problem``, or ``note`` where nothing can be told yet, and nothing else."""

    problem: Place | None = None
    note: str = ""
    n_items: int = 0
    n_seen: int = 0
    counts: list[CountShown] = []
    n_answered: int = 0
    n_right: int = 0
    examples: list[ExampleShown] = []
    tests: list[TestShown] = []


class Saved(BaseModel):
    """It is written; ``version`` says whether the votes may differ."""

    rule: str
    action: str
    version: bool
    sha256: str


class DraftMade(BaseModel):
    """The text of a rule that nothing is kept of yet, and what it would do."""

    text: str
    pack: str
    preview: PreviewShown


@router.get("/rules/new", response_class=HTMLResponse, include_in_schema=False)
def new_page(
    request: Request,
    person: Writer,
    words: Words = [],  # noqa: B006  # FastAPI copies it
    label: Annotated[str | None, Query(max_length=200)] = None,
) -> HTMLResponse:
    """Draw the editor with a draft, made of words where some are given."""
    del person
    bench = bench_of(request)
    packs = bench.rules.book.packs()
    return draw(
        request,
        "rule_new.html",
        text=bench.rules.new_text(words, label),
        from_words=bool(words),
        packs=packs,
        facts=facts_of(bench),
    )


@router.post("/api/rules/preview")
def preview(request: Request, body: PreviewRequest, person: Writer) -> PreviewShown:
    """Say what a rule would do if it were saved; what is wrong with it is an answer too."""
    del person
    return _preview(request, body.text, body.pack, body.rule)


@router.post("/api/rules/draft")
def draft(request: Request, body: DraftRequest, person: Writer) -> DraftMade:
    """Make a draft from words, with what it would do; nothing is kept."""
    del person
    rules = bench_of(request).rules
    text, pack = rules.new_text(body.words, body.label), rules.book.packs()[-1].name
    return DraftMade(text=text, pack=pack, preview=_preview(request, text, pack, None))


@router.post("/api/rules/save")
def save(request: Request, body: SaveRequest, person: Writer) -> Saved:
    """Write a rule into its pack and into the ledger; the rules then vote in the background."""
    bench = bench_of(request)
    try:
        saved = bench.rules.editor.save(
            body.text,
            pack=body.pack,
            rule=body.rule,
            sha256=body.sha256,
            reason=body.reason,
            author=person.name,
        )
    except PackChangedError as error:
        raise HTTPException(409, f"{error.message}: {error.hint}") from error
    bench.background.ask("apply")
    return _saved(saved)


@router.post("/api/rules/retire")
def retire(request: Request, body: RetireRequest, person: Writer) -> Saved:
    """Take a rule out of its pack, with a reason; the other rules then vote in the background."""
    bench = bench_of(request)
    try:
        saved = bench.rules.editor.retire(
            body.rule, sha256=body.sha256, reason=body.reason, author=person.name
        )
    except PackChangedError as error:
        raise HTTPException(409, f"{error.message}: {error.hint}") from error
    bench.background.ask("apply")
    return _saved(saved)


def _saved(saved: SavedRule) -> Saved:
    return Saved(rule=saved.rule, action=saved.action, version=saved.version, sha256=saved.sha256)


def _preview(request: Request, text: str, pack: str, rule: str | None) -> PreviewShown:
    bench = bench_of(request)
    try:
        return _shown(bench.rules.preview(text, pack=pack, rule=rule))
    except InputError as error:
        there = error.location
        message, hint = bench.discreet(error.message), bench.discreet(error.hint or "") or None
        if not isinstance(error, PackError) and bench.desk.store.latest_run("run_applied") is None:
            return PreviewShown(note=f"{message}: {hint}" if hint else message)
        line, column = (1, 1) if there is None else (there.line or 1, there.column or 1)
        return PreviewShown(problem=Place(message=message, hint=hint, line=line, column=column))
    except LabelingFunctionError as error:
        message = bench.discreet(str(error).splitlines()[0])
        return PreviewShown(problem=Place(message=message, hint="make the pattern simpler", line=1, column=1))


def _shown(found: RulePreview) -> PreviewShown:
    def count(name: str, n: int) -> CountShown:
        limits = None if found.estimates is None else found.estimates[name]
        return CountShown(
            name=name,
            n=n,
            low=None if limits is None else limits.low,
            high=None if limits is None else limits.high,
        )

    return PreviewShown(
        n_items=found.n_items,
        n_seen=found.n_seen,
        counts=[
            count("votes", found.votes),
            count("overlaps", found.overlaps),
            count("conflicts", found.conflicts),
            count("alone", found.alone),
            count("gained", found.gained),
            count("lost", found.lost),
            count("flipped", found.flipped),
        ],
        n_answered=found.n_answered,
        n_right=found.n_right,
        examples=[
            ExampleShown(
                kind=one.kind,
                item=one.item,
                before=one.before,
                after=one.after,
                said=one.said,
                others=list(one.others),
                passages=[(p.text.encode("utf-8", "replace").decode(), bool(p.rules)) for p in one.passages],
            )
            for one in found.examples
        ],
        tests=[
            TestShown(example=t.example, expected=t.expected, got=t.got, passed=t.passed) for t in found.tests
        ],
    )
