"""Certification: the last run is frozen, and fresh items are drawn to grade its labels."""

from __future__ import annotations

import math

from wsal.errors import InputError
from wsal.project.estimates.audit_draws import Audits
from wsal.project.estimates.figures import Certification
from wsal.project.labelling.aside import standing_of
from wsal.project.labelling.tasks import as_batch_drawn
from wsal.project.runs.material import Material
from wsal.selection import Batch
from wsal.selection.audit import draw_audit, strata_by_label
from wsal.selection.pool import Choice, Pool
from wsal.types import Rng, as_generator

__all__ = ["certify"]


def certify(material: Material, n: int, *, rng: Rng) -> Certification:
    """Draw items from all, half of them uniformly and half equally by label, and record every draw.

    Parameters
    ----------
    material : Material
        Its last run is what is certified. A draw of an answered item counts and costs nothing.
    n : int
        Unanswered items to find; fewer where there are not so many.
    rng : Generator, int or None

    Raises
    ------
    InputError
        Nothing was fitted yet, the data changed since, or a certification is open.
    """
    delivered, history = material.delivered(), material.history
    history.require_same_classes(history.run("run_fitted"))
    human, _ = history.human(delivered.votes)
    run = history.run("run_fitted").run
    audits = Audits(history, delivered.votes, human)
    for batch in audits.all_batches:
        if batch.about.certifies and batch.n_open:
            raise InputError(
                f"run {batch.about.run} is being certified: {batch.n_open} of its items wait for an answer",
                hint="answer them with `wsal label`; `wsal estimate` then shows the certificate",
            )
    standing = standing_of(history)
    closed = {draw.item for draw in history.open_draws()} | {a.item_id for a in standing.aside}
    pool = Pool.of(delivered.votes, delivered, human=human, features=None, exclude=closed | standing.resting)
    strata = strata_by_label(history.soft_labels(run).hard(), delivered.votes.labels)
    rows, draws = draw_audit(Choice(pool), n, generator=as_generator(rng), strata=strata)
    if not rows:
        raise InputError("there is no item left to ask", hint="answer what is open: `wsal label`")
    p = {draw.item_id: draw.propensity for draw in draws}
    ids = tuple(pool.item_id(row) for row in rows)
    batch_ = Batch(
        item_ids=ids,
        purposes=tuple("audit" for _ in ids),
        reasons=(f"drawn at random to certify run {run}",) * len(ids),
        propensities=tuple(p[item] for item in ids),
        gains=(math.nan,) * len(ids),
        group_sizes=(1,) * len(ids),
        draws=tuple(draws),
    )
    drawn = as_batch_drawn(batch_, run=run, certifies=True)
    history.append(drawn)
    notes = () if len(rows) == n else (f"only {len(rows)} items could be asked for",)
    return Certification(run, drawn.batch, len(draws), len(rows), notes)
