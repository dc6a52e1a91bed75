"""Batches: drawn by the last `fit`, queued by hand or asked again, recorded, and shown as tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from wsal.analysis.contradictions import Method
from wsal.project.labelling.aside import standing_of
from wsal.project.labelling.choosing import project_chooser
from wsal.project.labelling.people import contradicted_answers, second_opinions
from wsal.project.labelling.searching import SubPool
from wsal.project.labelling.tasks import Task, as_batch_drawn, tasks_of
from wsal.project.runs.material import Material
from wsal.selection import Batch
from wsal.selection.pool import Pool
from wsal.selection.queue import batch_of
from wsal.types import ItemId, Rng

__all__ = ["ask_again", "draw_tasks", "open_tasks", "queue_items", "queued_tasks"]


def open_tasks(material: Material, batch: str | None = None) -> tuple[Task, ...]:
    """Return what still asks for an answer: of a batch, or of all."""
    history = material.history
    draws = history.open_draws(batch)
    if not draws:
        return ()
    return tasks_of(draws, material.items, history.votes(history.run("run_fitted").payload.votes_run))


def queued_tasks(material: Material, annotator: str) -> tuple[Task, ...]:
    """Return the second opinions that wait for a person."""
    draws = material.history.second_draws(annotator)
    if not draws:
        return ()
    history = material.history
    return tasks_of(draws, material.items, history.votes(history.run("run_fitted").payload.votes_run))


def draw_tasks(
    material: Material,
    n: int,
    *,
    new: bool,
    hunt: Sequence[str],
    strategy: str | None,
    within: SubPool | None,
    rng: Rng,
) -> tuple[Task, ...]:
    """Return what is open, or draw a new batch of n items where nothing is (or ``new`` asks for it).

    Raises
    ------
    InputError
        As for `wsal.Project.tasks`.
    """
    choose = project_chooser(material.config, strategy, hunt, within=bool(within))
    waiting = () if new else open_tasks(material)
    if waiting:
        return waiting
    _require_current(material)
    described: tuple[str, ...] = ()
    if within:
        inside = within.mask(material.delivered().votes, material.items, material.features)
        choose, described = partial(choose, within=inside), within.describe()
    batch = _chosen(material, n, choose, rng=rng)
    if batch is None:
        return open_tasks(material)
    return _record(material, batch, hunt=tuple(dict.fromkeys(hunt)), within=described)


def queue_items(
    material: Material, items: Sequence[ItemId], *, why: str, hunt: str | None
) -> tuple[Task, ...]:
    """Put items into the labelling queue, those that wait, are answered or are duplicates of such left out.

    Raises
    ------
    InputError
        The label hunted for is no class of the task, or nothing was fitted yet.
    """
    _require_current(material)
    delivered, history = material.delivered(), material.history
    hunted = None if hunt is None else material.config.labels.index(hunt)
    human, _ = history.human(delivered.votes)
    closed = {d.item for d in history.open_draws()} | {a.item_id for a in standing_of(history).aside}
    pool = Pool.of(delivered.votes, delivered, human=human, features=delivered.features, exclude=closed)
    rows = [delivered.votes.row_of(item) for item in items]
    batch = batch_of(pool, rows, reason=f"found by search for {why}", hunted=hunted)
    return _record(material, batch) if len(batch) else ()


def ask_again(
    material: Material, annotator: str | None, *, n: int, at_least: float, by: Method = "evidence"
) -> tuple[Task, ...]:
    """Draw contradicted items for second opinions, record the draws, and return them as tasks.

    Parameters
    ----------
    material : Material
    annotator : str, optional
        Who is asked now: items that this person answered are left out. None queues them for whoever did not.
    n, at_least, by
        At most so many; as for `contradicted_answers`.
    """
    history = material.history
    run = history.run("run_fitted")
    history.require_same_classes(run)
    found = contradicted_answers(material, at_least=at_least, by=by)
    if annotator is None:
        taken = {draw.item for draw in history.second_draws()}
    else:
        human = history.store.human_labels(material.config.labels)
        taken = {i for i, who in zip(human.item_ids, human.annotators, strict=True) if who == annotator}
    drawn = second_opinions(found, taken, n=n, run=run.run)
    if drawn is None:
        return ()
    history.append(drawn)
    draws = [draw for draw in history.store.draws() if draw.batch == drawn.batch]
    return tasks_of(draws, material.items, history.votes(run.payload.votes_run))


def _require_current(material: Material) -> None:
    """Refuse to choose items by labels of other classes than there are now."""
    material.history.require_same_classes(material.history.run("run_fitted"))


def _chosen(material: Material, n: int, choose: Callable[..., Batch], *, rng: Rng) -> Batch | None:
    """Choose a batch by the last `fit`; None where nothing is left."""
    delivered, history = material.delivered(), material.history
    human, _ = history.human(delivered.votes)
    standing = standing_of(history)
    closed = {draw.item for draw in history.open_draws()} | {a.item_id for a in standing.aside}
    # What rests comes back when nothing else is left.
    for exclude in (closed | standing.resting, closed):
        batch = choose(
            delivered.votes,
            delivered.model,
            n=n,
            human=human,
            rng=rng,
            delivered=delivered,
            exclude=exclude,
        )
        if len(batch):
            return batch
    return None


def _record(
    material: Material, batch: Batch, *, hunt: tuple[str, ...] = (), within: tuple[str, ...] = ()
) -> tuple[Task, ...]:
    """Record every draw of a batch, and return what of it asks."""
    history = material.history
    drawn = as_batch_drawn(batch, run=history.run("run_fitted").run, hunt=hunt, within=within)
    history.append(drawn)
    return open_tasks(material, drawn.batch)
