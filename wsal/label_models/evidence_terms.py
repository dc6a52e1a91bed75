"""Term: one additive part of the log scores of a label."""

from __future__ import annotations

from dataclasses import dataclass

from wsal.types import Floats

__all__ = ["BALANCE", "PEOPLE", "VOTE_SHARE", "Term"]

VOTE_SHARE = "vote share"
"""Source of the term that stands for how often the functions vote for each class."""

PEOPLE = "people on items alike"
"""Source of the term that stands for answers on items with the same votes."""

BALANCE = "class balance"
"""Source of the term that stands for a class balance given to ``fit``."""


@dataclass(frozen=True, eq=False)
class Term:
    """One additive part of a label's log scores.

    Parameters
    ----------
    source : str
        What speaks: the name of a labelling function, or one of `VOTE_SHARE`, `PEOPLE`, `BALANCE`, or a word.
    vote : str or None
        The class it voted for; None where it does not vote.
    log_scores : ndarray of float64, shape (k,)
        Nats, up to a constant common to all classes. The log odds of class a against b are
        ``log_scores[a] - log_scores[b]``.
    """

    source: str
    vote: str | None
    log_scores: Floats
