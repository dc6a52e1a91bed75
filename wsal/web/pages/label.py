"""The Label page: one item at a time, by keyboard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from wsal.audit import Outcome
from wsal.project import BLIND_PURPOSES, Card, Decision, Said, TakenBack
from wsal.store import Tally
from wsal.web.access import Person, allow
from wsal.web.bench import Bench, bench_of
from wsal.web.live import News
from wsal.web.pages.images import image_of
from wsal.web.rendering import draw

__all__ = ["router"]

router = APIRouter(tags=["label"])

_MOST_SAID: Final = 200
_FEW_WAIT: Final = 20  # fewer than this, or than half of what people hold, and more are drawn

Key = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w./:+-]+$")]
Labeller = Annotated[Person, allow("label")]


class FieldShown(BaseModel):
    """A field of an item; ``passages`` cut its text where rules match, each with the names of those rules."""

    name: str
    value: str | int | float | bool | None
    passages: list[tuple[str, list[str]]] | None = None
    image: str | None = None


class TaskShown(BaseModel):
    """An item to label; what the rules say of a blind one stays on the server."""

    draw_id: str
    item: str | int
    purpose: str
    blind: bool
    reason: str
    group_size: int
    fields: list[FieldShown]
    hints: list[str]
    shown_sha256: str


class Progress(BaseModel):
    """Answers that stand, by purpose: one's own, and everybody's; imported ones under the empty text."""

    own: dict[str, int]
    team: dict[str, int]
    waiting: int


class TakeRequest(BaseModel):
    """How many more items are wanted, which are still in front of the person, and which are answered already."""

    model_config = ConfigDict(extra="forbid")
    n: int = Field(8, ge=0, le=20)
    holding: list[Key] = Field(default_factory=list, max_length=50)
    done: list[Key] = Field(default_factory=list, max_length=2000)


class ClassesShown(BaseModel):
    """The classes to choose from, and the row of the ledger since which they are in force (0: from the start)."""

    names: list[str]
    since: int


class TakeResponse(BaseModel):
    """Items, the ones that ask this person no longer, and progress; ``note`` says why there may be none."""

    tasks: list[TaskShown]
    lost: list[str]
    classes: ClassesShown
    progress: Progress
    note: str


class SaidEvent(BaseModel):
    """A decision, or the taking back of one, by an id that the page made.

    ``classes`` is ``since`` of the classes that the page had: a label of classes that were renamed since is kept under
    its new name.
    """

    model_config = ConfigDict(extra="forbid")
    kind: Literal["decision", "taken_back"]
    event_id: Key
    supersedes: Key | None = None
    draw_id: Key | None = None
    item: str | int | None = None
    outcome: Outcome = "label"
    label: str | None = Field(None, max_length=1000)
    shown_sha256: str = Field("", pattern="^[0-9a-f]{0,64}$")
    rationale: str = Field("", max_length=10_000)
    hints_shown: bool = False
    seconds: float | None = Field(None, ge=0, le=1e9, allow_inf_nan=False)
    classes: int | None = Field(None, ge=0, lt=2**62)

    def as_said(self) -> Said:
        """Return it as the desk takes it."""
        if self.kind == "taken_back":
            return TakenBack(self.event_id, self.supersedes or "")
        return Decision(
            self.event_id,
            self.draw_id or "",
            "" if self.item is None else self.item,
            self.outcome,
            self.label,
            self.shown_sha256,
            self.rationale,
            self.hints_shown,
            self.seconds,
            self.classes,
        )


class SaidRequest(BaseModel):
    """What a person said, in order."""

    model_config = ConfigDict(extra="forbid")
    events: list[SaidEvent] = Field(max_length=_MOST_SAID)


class ReceiptShown(BaseModel):
    """Kept is on disk; refused never will be. ``hints``: what the rules said of a blind item, now it is labelled.

    ``why`` it was refused, or what became of a label whose class has another name now.
    """

    event_id: str
    status: Literal["kept", "refused"]
    why: str
    hints: list[str]


class SaidResponse(BaseModel):
    """What became of everything that was said, and progress."""

    receipts: list[ReceiptShown]
    classes: ClassesShown
    progress: Progress


class LastGiven(BaseModel):
    """The last answer of a person that stands, to take back; all None where there is none."""

    event_id: str | None = None
    seq: int | None = None
    outcome: str | None = None
    label: str | None = None
    task: TaskShown | None = None


@router.get("/label", response_class=HTMLResponse, include_in_schema=False)
def page(request: Request, person: Labeller) -> HTMLResponse:
    """Draw the page; its script asks for items."""
    desk = bench_of(request).desk
    classes, config = desk.classes, desk.project.config
    return draw(
        request,
        "label.html",
        labels=classes.labels.names,
        since=classes.since,
        guidelines=config.description,
        outbox=f"wsal {bench_of(request).signing.cookie} {person.name}",
        main=config.text_column or "",
    )


@router.post("/api/label/take")
def take(request: Request, body: TakeRequest, person: Labeller) -> TakeResponse:
    """Hand out items that nobody else holds; they are this person's for ten minutes."""
    bench = bench_of(request)
    if not bench.desk.is_ready:
        bench.background.ask("apply")
        note = "The rules vote and a first model is fitted. Items will be here in a moment."
        return TakeResponse(
            tasks=[], lost=[], classes=_classes(bench), progress=_progress(bench, person), note=note
        )
    handed = bench.desk.take(
        person.name, body.n, adjudicates="adjudicate" in person.scopes, holding=body.holding, done=body.done
    )
    progress = _progress(bench, person)
    note = ""
    if progress.waiting < max(_FEW_WAIT, bench.desk.store.leases.n_held() // 2):
        bench.background.ask("top_up")
        if not handed.cards and not body.holding:
            note = "Nothing waits for an answer just now."
    tasks = [_shown(card, bench) for card in handed.cards]
    return TakeResponse(
        tasks=tasks, lost=list(handed.lost), classes=_classes(bench), progress=progress, note=note
    )


@router.post("/api/label/said")
def said(request: Request, body: SaidRequest, person: Labeller) -> SaidResponse:
    """Keep answers and undoings; they are on disk when this returns. The same sent again is not written again."""
    bench = bench_of(request)
    receipts = bench.desk.keep([event.as_said() for event in body.events], annotator=person.name)
    bench.hub.tell(News("progress"))
    labels = {event.event_id for event in body.events if event.label is not None}
    bench.background.answered(sum(r.status == "kept" and r.event_id in labels for r in receipts))
    return SaidResponse(
        receipts=[
            ReceiptShown(event_id=r.event_id, status=r.status, why=r.why, hints=list(r.hints))
            for r in receipts
        ],
        classes=_classes(bench),
        progress=_progress(bench, person),
    )


@router.get("/api/label/last")
def last(
    request: Request, person: Labeller, before: Annotated[int | None, Query(ge=0, lt=2**62)] = None
) -> LastGiven:
    """Return one's last answer that stands, or the last before a row of the ledger."""
    bench = bench_of(request)
    found = bench.desk.last_given(person.name, before=before)
    if found is None:
        return LastGiven()
    answer, card = found
    return LastGiven(
        event_id=answer.event_id,
        seq=answer.seq,
        outcome=answer.outcome,
        label=answer.label,
        task=_shown(card, bench),
    )


@router.get("/api/label/progress")
def progress(request: Request, person: Labeller) -> Progress:
    """Count the answers that stand, by purpose."""
    return _progress(bench_of(request), person)


def _classes(bench: Bench) -> ClassesShown:
    found = bench.desk.classes
    return ClassesShown(names=list(found.labels.names), since=found.since)


def _progress(bench: Bench, person: Person) -> Progress:
    tally = bench.desk.tally()
    return Progress(
        own=_by_purpose(one for one in tally if one.annotator == person.name),
        team=_by_purpose(tally),
        waiting=bench.desk.store.leases.n_waiting(),
    )


def _by_purpose(tally: Iterable[Tally]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in tally:
        if one.outcome == "label":
            counts[one.purpose] = counts.get(one.purpose, 0) + one.n
    return counts


def _shown(card: Card, bench: Bench) -> TaskShown:
    task = card.task
    blind = task.purpose in BLIND_PURPOSES
    return TaskShown(
        draw_id=task.draw_id,
        item=task.item_id,
        purpose=task.purpose,
        blind=blind,
        reason=task.reason,
        group_size=task.group_size,
        fields=[_field(name, value, card, bench) for name, value in task.fields.items()],
        hints=[] if blind else list(task.hints),
        shown_sha256=task.shown_sha256,
    )


def _field(name: str, value: Any, card: Card, bench: Bench) -> FieldShown:  # noqa: ANN401  # a cell
    passages = card.passages.get(name)
    image = None
    if isinstance(value, str) and image_of(value, bench) is not None:
        from urllib.parse import urlencode

        image = f"/api/image?{urlencode({'path': value})}"
    # JavaScript rounds whole numbers beyond 2^53, and what is shown has to be what is there.
    exact = value if not isinstance(value, int) or abs(value) < 2**53 else str(value)
    return FieldShown(
        name=name,
        value=exact if not isinstance(exact, str) else _whole(exact),
        passages=None if passages is None else [(_whole(p.text), list(p.rules)) for p in passages],
        image=image,
    )


def _whole(text: str) -> str:
    """Replace half characters, which UTF-8 cannot write."""
    return text.encode("utf-8", "replace").decode()
