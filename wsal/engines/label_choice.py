"""Which labels an application has: from its caller, from its rules, or from the votes themselves."""

from __future__ import annotations

from collections.abc import Sequence

from wsal.errors import InputError, did_you_mean
from wsal.lf import Rule
from wsal.types import LabelSpace
from wsal.votes import CastVotes, VoteColumn

__all__ = ["choose_labels", "infer_labels"]


def choose_labels(rules: Sequence[Rule], given: LabelSpace | Sequence[str] | None) -> LabelSpace | None:
    """Return the labels given, else those of the rules' packs; None where there are neither labels nor rules.

    Raises
    ------
    InputError
        Two packs have different labels, a rule has none, or a rule votes for a label that is not among them.
    """
    if given is not None:
        space = LabelSpace.of(given)
    elif rules:
        space = _shared(rules)
    else:
        return None
    for rule in rules:
        if rule.label is not None and rule.label not in space:
            raise InputError(
                f"rule '{rule.name}' votes for {rule.label!r}; the labels are {', '.join(space)}",
                location=rule.location,
                hint=did_you_mean(rule.label, space) or "mend the rule, or add the label",
            )
    return space


def infer_labels(columns: Sequence[VoteColumn]) -> LabelSpace:
    """Name classes after their indices, up to the largest vote; at least two.

    Parameters
    ----------
    columns : sequence of m columns of votes

    Examples
    --------
    >>> import numpy as np
    >>> infer_labels([np.array([-1, 2, 0], dtype=np.int8)]).names
    ('0', '1', '2')
    """
    cast = (column.votes if isinstance(column, CastVotes) else column for column in columns)
    largest = max(int(votes.max(initial=1)) for votes in cast)
    return LabelSpace(tuple(str(y) for y in range(largest + 1)))


def _shared(rules: Sequence[Rule]) -> LabelSpace:
    """Return the labels that all packs agree on."""
    shared: LabelSpace | None = None
    for rule in rules:
        if rule.labels is None:
            raise InputError(
                f"the labels are not known: the pack of rule '{rule.name}' does not name them",
                location=rule.location,
                hint='write `labels: [ham, spam]` at the top of the pack, or pass labels=["ham", "spam"]',
            )
        if shared is not None and rule.labels != shared:
            raise InputError(
                f"rule '{rule.name}' has the labels {', '.join(rule.labels)}; "
                f"rule '{rules[0].name}' ({rules[0].location}) has {', '.join(shared)}",
                location=rule.location,
                hint="give both packs the same labels in the same order, or pass labels=[…]",
            )
        shared = rule.labels
    return LabelSpace.of(shared or ())
