"""Why an item was chosen, in words for the person who labels it."""

from __future__ import annotations

import numpy as np

from wsal.selection.batch import Purpose
from wsal.selection.pool import Pool
from wsal.types import ABSTAIN, Floats

__all__ = ["AUDIT_REASON", "between", "reason_for"]

AUDIT_REASON = "drawn at random to audit the labels"
"""Says nothing about the votes, which stay hidden until an audit item is answered."""

_NAMED = 3  # rules named in a sentence


def reason_for(
    pool: Pool, row: int, purpose: Purpose, *, hunted: int | None = None, lead: str | None = None
) -> str:
    """Say why an item was chosen.

    Parameters
    ----------
    pool : Pool
    row : int
    purpose : Purpose
    hunted : int, optional
        The class that the item was hunted for.
    lead : str, optional
        What a strategy says of its choice; it stands before what the rules say.

    Examples
    --------
    ``"5 rules disagree: prize-words says spam, greeting says ham; 412 items alike"``,
    ``"no rule covers it; the end model is unsure between spam (52 %) and ham (48 %)"``
    """
    if purpose == "audit":
        return AUDIT_REASON
    if lead is not None:
        return "; ".join([lead, *_votes(pool, row)])
    if purpose == "explore":
        return "no rule covers it; drawn at random to see what the rules miss"
    parts = [_models(pool, row, purpose, hunted)]
    code = int(pool.inverse[row])
    if purpose == "uncertain" and not pool.patterns.covered[code]:
        parts = [*_votes(pool, row), *parts]
    elif purpose == "uncertain" and pool.conflicts[code]:
        parts = _votes(pool, row)  # the conflict is the reason; the numbers behind it say the same
    else:
        parts = [*parts, *_votes(pool, row)]
    return "; ".join(parts)


def _votes(pool: Pool, row: int) -> list[str]:
    code = int(pool.inverse[row])
    if not pool.patterns.covered[code]:
        return ["no rule covers it"]
    return [_rules(pool, code), _alike(pool.group_size(row))]


def _models(pool: Pool, row: int, purpose: Purpose, hunted: int | None) -> str:
    delivered = pool.delivered
    if purpose == "hunt" and hunted is not None:
        p, who = delivered.rule_probabilities[row, hunted], "rules"
        if delivered.end_probabilities is not None:
            p, who = 0.5 * (p + delivered.end_probabilities[row, hunted]), "rules and end model"
        return f"among the likeliest {pool.patterns.labels.names[hunted]}: {_percent(p)} by {who}"
    if purpose == "mislead" and delivered.human_probabilities is not None:
        said = between(pool, delivered.human_probabilities[row])
        return f"the rules may mislead here: by people's answers alone it is {said}"
    if delivered.end_probabilities is not None:
        return f"the end model is unsure between {between(pool, delivered.end_probabilities[row], ' and ')}"
    return f"the rules leave it between {between(pool, delivered.rule_probabilities[row], ' and ')}"


def between(pool: Pool, probabilities: Floats, joiner: str = " or ") -> str:
    """Name the two likeliest classes with their probabilities, shape (k,), in words."""
    first, second = np.argsort(-probabilities, kind="stable")[:2].tolist()
    names = pool.patterns.labels.names
    return joiner.join(f"{names[y]} ({_percent(probabilities[y])})" for y in (first, second))


def _rules(pool: Pool, code: int) -> str:
    """Name one rule of each class that is voted for, the largest camps first."""
    patterns = pool.patterns
    row = patterns.votes[code]
    voters = np.flatnonzero(row != ABSTAIN)
    camps = np.bincount(row[voters], minlength=patterns.n_classes)
    order = [y for y in np.argsort(-camps, kind="stable").tolist() if camps[y]]
    said = [
        f"{patterns.lf_names[int(voters[row[voters] == y][0])]} says {patterns.labels.names[y]}"
        for y in order[:_NAMED]
    ]
    if len(order) > 1:
        return f"{len(voters)} rules disagree: {', '.join(said)}"
    if len(voters) == 1:
        return f"only {said[0]}"
    names = [patterns.lf_names[int(j)] for j in voters[: _NAMED - 1]]
    more = "" if len(voters) < _NAMED else " and others" if len(voters) > _NAMED else " and another"
    listed = f"{', '.join(names)}{more}" if more else " and ".join(names)
    return f"{len(voters)} rules say {patterns.labels.names[order[0]]}: {listed}"


def _alike(size: int) -> str:
    return "no other item alike" if size == 1 else f"{size} items alike"


def _percent(p: float) -> str:
    return f"{100 * p:.0f} %"
