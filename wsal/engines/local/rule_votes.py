"""Rules vote in chunks of items; those that share a pass over a column vote together."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from time import process_time
from traceback import format_exception

import numpy as np

from wsal.engines.progress import Progress
from wsal.engines.voted import Voted
from wsal.errors import DataError
from wsal.items import Items
from wsal.lf import Rule, vote_rules
from wsal.lf.conditions import Fault, Faults, leaves
from wsal.lf.conditions.text_search import TextSearchCondition
from wsal.types import ABSTAIN, LabelSpace, VoteArray
from wsal.votes import LFCost, LFFailure

__all__ = ["only_searches", "passes", "rule_votes"]


def only_searches(rule: Rule) -> bool:
    """Whether a rule asks for nothing but patterns in texts."""
    asked = list(leaves(rule.condition)) if rule.condition is not None else []
    return bool(asked) and all(isinstance(leaf, TextSearchCondition) for leaf in asked)


def passes(rule: Rule) -> set[Hashable]:
    """Return what the rule shares a pass by; a vote source reads its column alone."""
    if rule.condition is None:
        return set()
    return {leaf.group_key for leaf in leaves(rule.condition)}


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
    started = process_time()
    together = list(rules.values())
    item_ids = items.item_ids
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
    # Rules of a batch share passes: nobody can say which of them the time went to.
    cost = LFCost((process_time() - started) / len(rules), items.n_items, len(rules))
    for j, (position, rule) in enumerate(rules.items()):
        progress.finish(1)
        yield Voted(position, votes[j], _failure(rule.name, found[j]), cost)


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
