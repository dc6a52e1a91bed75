"""select: the default strategy of DESIGN §6."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.features import Features, as_feature_matrix
from wsal.label_models import FittedModel
from wsal.labels import HumanLabels
from wsal.selection.audit import draw_audit, strata_by_rule_output
from wsal.selection.batch import Batch
from wsal.selection.building import Pick, build_batch
from wsal.selection.hunt import pick_hunted
from wsal.selection.margin import margins, pick_items, pick_patterns
from wsal.selection.outliers import outliers_later
from wsal.selection.pool import Choice, Pool
from wsal.training import Delivered, deliver
from wsal.types import ItemId, LabelSpace, Rng, as_generator
from wsal.votes import VoteMatrix

__all__ = ["select"]

_AUDIT_SHARE = 0.3
_HUNT_AUDIT_SHARE, _HUNT_SHARE = 0.2, 0.4


def select(  # noqa: PLR0913  # a frozen public signature; all but two are keywords
    votes: VoteMatrix,
    model: FittedModel,
    *,
    n: int = 10,
    human: HumanLabels | None = None,
    features: Features | None = None,
    rng: Rng = 0,
    hunt: str | Sequence[str] | None = None,
    delivered: Delivered | None = None,
    exclude: Iterable[ItemId] = (),
    within: NDArray[np.bool_] | None = None,
) -> Batch:
    """Choose the items that people should label next.

    Parameters
    ----------
    votes : VoteMatrix
        n items, m labelling functions.
    model : FittedModel
        A label model fitted on these votes (and on ``human``, where given).
    n : int
        Size of the batch.
    human : HumanLabels, optional
        What is answered already, besides what ``delivered`` or the model know of.
    features : FeatureMatrix, ndarray or scipy sparse matrix, shape (n, d), optional
        Taken from ``delivered`` where not given.
    rng : Generator, int or None
        One seed, one batch.
    hunt : str or sequence of str, optional
        A rare class, or several, to look for.
    delivered : Delivered, optional
        The labels of the run to choose by, made of these very votes by this very model; computed here where
        not given, which costs a training.
    exclude : iterable of str or int
        Items set aside (skipped, or on another person's screen). They are not asked for; an audit draw may
        still fall on one, and is kept as one that is not fresh. Unknown ids are passed over.
    within : ndarray of bool, shape (n,), optional
        A sub-pool that items are chosen from on purpose: where a rule fires, near anchors, … Audit draws fall on
        all items all the same, so that what the sub-pool misses can be estimated.

    Returns
    -------
    Batch
        ``n`` items, fewer where no more are free (inside the sub-pool), audit items first.

    Raises
    ------
    InputError
        ``n`` below 1, or a class to hunt that is none.
    DataError
        Features or a sub-pool that do not fit the votes, or a ``delivered`` made by another model or of other
        votes.

    Notes
    -----
    By default ``round(0.3·n)`` items are audit draws; half of the others (rounded down) have the smallest
    margin of the human classifier (*mislead*), the rest the smallest margin of the end model (*uncertain*);
    before 20 answers, when there is no human classifier, all by the end model. Without an end model: see
    `_without_end_model`. In a hunt ``round(0.2·n)`` are audit draws stratified by rule output,
    ``round(0.4·n)`` are hunted and the rest chosen as by default. Rounding is Python's, so a batch of one has
    no audit draw: ask for batches of two or more. At most one item of a pattern while others remain, and no
    duplicate of an item answered or chosen until nothing else is left. Of the 50 times as many items of lowest
    margin as are wanted, those that lie alone come later (`wsal.selection.outliers`). O(n·k) with an end
    model, O(n + p·k) without.

    Examples
    --------
    >>> from wsal.label_models import LabelModel
    >>> votes = VoteMatrix.from_array([[1, 0], [1, 1], [-1, 0], [-1, -1]] * 5, labels=["ham", "spam"])
    >>> batch = select(votes, LabelModel().fit(votes), n=3, rng=0)
    >>> batch.purposes
    ('audit', 'uncertain', 'uncertain')
    >>> batch.reasons[1]
    '2 rules disagree: lf_1 says ham, lf_0 says spam; 5 items alike'
    """
    if n < 1:
        raise InputError(f"n={n}: a batch has at least one item")
    hunted = _class_indices(hunt, votes.labels)
    if delivered is None:
        delivered = deliver(votes, model, human=human, features=features)
    delivered.require_made_of(votes, model)
    features = delivered.features if features is None else features
    matrix = None if features is None else as_feature_matrix(features, votes.n_items)
    if within is not None and (within.shape != (votes.n_items,) or within.dtype != np.bool_):
        raise DataError(
            f"a sub-pool is one truth value for each of {votes.n_items} items, got {within.dtype} of {within.shape}"
        )
    pool = Pool.of(votes, delivered, human=human, features=matrix, exclude=exclude, within=within)
    choice, generator = Choice(pool), as_generator(rng)
    strata = strata_by_rule_output(pool, hunted) if hunted else None
    wanted = round((_HUNT_AUDIT_SHARE if hunted else _AUDIT_SHARE) * n)
    rows, draws = draw_audit(choice, wanted, generator=generator, strata=strata)
    picks: list[Pick] = [Pick(row, "audit") for row in rows]
    if hunted:
        found = pick_hunted(choice, hunted, min(round(_HUNT_SHARE * n), n - len(picks)), generator=generator)
        picks += [Pick(row, "hunt", y) for row, y in found]
    picks += _targeted(choice, n - len(picks), generator)
    return build_batch(pool, picks, draws)


def _class_indices(hunt: str | Sequence[str] | None, labels: LabelSpace) -> tuple[int, ...]:
    names = () if hunt is None else (hunt,) if isinstance(hunt, str) else tuple(hunt)
    return tuple(dict.fromkeys(labels.index(name) for name in names))


def _targeted(choice: Choice, count: int, generator: np.random.Generator) -> list[Pick]:
    delivered = choice.pool.delivered
    picks: list[Pick] = []
    if delivered.human_probabilities is not None:
        scores = outliers_later(choice, margins(delivered.human_probabilities), count // 2)
        rows = pick_items(choice, scores, count // 2, generator=generator)
        picks = [Pick(row, "mislead") for row in rows]
    if delivered.end_probabilities is None:
        return picks + _without_end_model(choice, count - len(picks), generator)
    scores = outliers_later(choice, margins(delivered.end_probabilities), count - len(picks))
    rows = pick_items(choice, scores, count - len(picks), generator=generator)
    return picks + [Pick(row, "uncertain") for row in rows]


def _without_end_model(choice: Choice, count: int, generator: np.random.Generator) -> list[Pick]:
    """Share the count between conflicts and the uncovered region.

    With u uncovered and c conflicting free items, ``floor(count·u/(u + c)/2)`` items are drawn at random from
    the uncovered region: half of its share, since without features an answer there teaches nothing about
    other items, while an answer in a pattern moves all items of that pattern. The rest goes to the patterns
    with a conflict by smallest margin of q, then to those without one, then round again; what one side cannot
    use the other gets.
    """
    pool = choice.pool
    covered, conflicts = pool.patterns.covered, pool.conflicts
    uncovered = choice.free & ~covered[pool.inverse]
    n_uncovered = int(uncovered.sum())
    n_conflict = int((choice.free & conflicts[pool.inverse]).sum())
    n_explore = math.floor(count * n_uncovered / max(n_uncovered + n_conflict, 1) / 2)
    scores = margins(pool.delivered.pattern_probabilities) + 2.0 * ~conflicts  # a margin is at most 1
    rows = pick_patterns(choice, scores, count - n_explore, allowed=covered, generator=generator)
    picks = [Pick(row, "uncertain") for row in rows]
    left = choice.one_of_each(np.flatnonzero(uncovered & choice.free))
    size = min(count - len(picks), len(left))
    rest = generator.choice(left, size=size, replace=False).tolist() if size else []
    for row in rest:
        choice.take(row)
    picks += [Pick(row, "explore") for row in rest]
    rows = pick_patterns(choice, scores, count - len(picks), allowed=covered, generator=generator)
    return picks + [Pick(row, "uncertain") for row in rows]
