"""Rules vote in chunks of items; those that share a pass over a column vote together."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from traceback import format_exception

import numpy as np

from wsal.engines.progress import Progress
from wsal.engines.voted import Voted
from wsal.errors import DataError
from wsal.items import Items
from wsal.lf import Rule, vote_rules
from wsal.lf.conditions import Fault, Faults, leaves
from wsal.types import ABSTAIN, LabelSpace, VoteArray
from wsal.votes import LFFailure

__all__ = ["rule_batches", "rule_votes"]


def rule_batches(rules: Mapping[int, Rule]) -> list[list[int]]:
    """Put rules into batches: in one batch those that share a pass, directly or through others.

    Small batches finish, and are kept in the cache, early; no pass is made twice.

    Parameters
    ----------
    rules : mapping of position to Rule

    Returns
    -------
    list of list of int
        Positions, each in one batch.
    """
    batches: list[tuple[set[Hashable], list[int]]] = []
    for position, rule in rules.items():
        passes, members = _passes(rule), [position]
        apart = []
        for other in batches:
            if passes & other[0]:
                passes, members = passes | other[0], other[1] + members
            else:
                apart.append(other)
        batches = [*apart, (passes, members)]
    return [members for _, members in batches]


def rule_votes(
    rules: Mapping[int, Rule],
    items: Items,
    labels: LabelSpace,
    *,
    fault_tolerant: bool,
    progress: Progress,
    chunk: int,
) -> Iterator[Voted]:
    """Let rules vote together on every item, ``chunk`` items at a time.

    Raises
    ------
    LabelingFunctionError
        A condition failed on an item, unless ``fault_tolerant``.
    DataError
        A rule reads a column that is not there, or that holds the wrong kind of value.
    """
    together = list(rules.values())
    item_ids = items.item_ids.tolist()
    votes = np.full((len(rules), items.n_items), ABSTAIN, dtype=np.int8)
    found: list[list[Fault]] = [[] for _ in rules]
    for start in range(0, items.n_items, chunk):
        part = slice(start, min(start + chunk, items.n_items))
        faults = Faults(item_ids[part], tolerant=fault_tolerant)
        votes[:, part] = _votes(together, items, labels, part, faults)
        if faults.found:
            # A fault names one rule, but every rule with the same condition fails there. Each rule by itself
            # tells whose votes are incomplete.
            for j, rule in enumerate(together):
                own = Faults(item_ids[part], tolerant=True)
                votes[j, part] = _votes([rule], items, labels, part, own)[0]
                found[j].extend(own.found)
        progress.advance(part.stop - part.start)
    for j, (position, rule) in enumerate(rules.items()):
        progress.finish(1)
        yield Voted(position, votes[j], _failure(rule.name, found[j]))


def _votes(rules: list[Rule], items: Items, labels: LabelSpace, part: slice, faults: Faults) -> VoteArray:
    """Return the votes of rules on some items; shape (m, items in the part)."""
    try:
        return vote_rules(rules, items.slice(part.start, part.stop), labels, faults=faults).T
    except DataError:
        if part.start:
            # Conditions count rows from the first they are given: ask again, so that the error names the row.
            vote_rules(rules, items.slice(0, part.stop), labels, faults=Faults(tolerant=True))
        raise


def _failure(name: str, faults: list[Fault]) -> LFFailure | None:
    if not faults:
        return None
    n_items = len({fault.item_id for fault in faults})  # two conditions of a rule may fail on one item
    return LFFailure(name, n_items, faults[0].item_id, "".join(format_exception(faults[0].cause)))


def _passes(rule: Rule) -> set[Hashable]:
    """Return what the rule shares a pass by; a vote source reads its column alone."""
    if rule.condition is None:
        return set()
    return {leaf.group_key for leaf in leaves(rule.condition)}
