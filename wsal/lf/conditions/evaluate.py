"""Evaluate many conditions on a table: each group of leaves once, then the logic above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsal.lf.conditions.base import Condition, Faults, LeafCondition, Truth
from wsal.lf.conditions.logic import LogicCondition
from wsal.lf.search import ArrowTexts, Texts
from wsal.lf.table import Table, read_column

__all__ = ["evaluate", "leaves"]


def evaluate(conditions: Sequence[Condition], table: Table, *, faults: Faults | None = None) -> list[Truth]:
    """Answer conditions on every item.

    All leaves of all conditions are collected, equal ones once; leaves with one ``group_key`` are evaluated
    together.

    Parameters
    ----------
    conditions : sequence of c conditions
    table : Table
        n items.
    faults : Faults, optional
        Pass ``Faults(ids, tolerant=True)`` to go on after a condition fails on an item: it is UNKNOWN there.

    Returns
    -------
    list of ndarray of int8, each of shape (n,)
        TRUE, FALSE or UNKNOWN.

    Raises
    ------
    DataError
        A column that the table has not, or that holds the wrong kind of value.
    LabelingFunctionError
        A condition failed on an item.

    Examples
    --------
    >>> from wsal.lf.conditions.keywords import KeywordsCondition
    >>> from wsal.lf.table import ColumnTable
    >>> free = KeywordsCondition(field="text", keywords=("free",))
    >>> evaluate([free], ColumnTable({"text": ["Free!", "No.", None]}))[0].tolist()
    [1, 0, -1]
    """
    reports = faults if faults is not None else Faults(getattr(table, "item_ids", None))
    known = _evaluate_leaves(conditions, table, reports)
    return [_truth(condition, known) for condition in conditions]


def leaves(*conditions: Condition) -> Iterator[LeafCondition]:
    """Walk over the leaves of conditions in the order they are written; a rule named twice is walked once."""
    seen: set[int] = set()
    waiting = list(reversed(conditions))
    while waiting:
        condition = waiting.pop()
        if id(condition) in seen:
            continue
        seen.add(id(condition))
        if isinstance(condition, LeafCondition):
            yield condition
        waiting.extend(reversed(condition.parts))


def _evaluate_leaves(conditions: Sequence[Condition], table: Table, faults: Faults) -> dict[str, Truth]:
    distinct: dict[str, LeafCondition] = {}
    for leaf in leaves(*conditions):
        distinct.setdefault(leaf.key, leaf)
    groups: dict[object, list[LeafCondition]] = {}
    for leaf in distinct.values():
        groups.setdefault(leaf.group_key, []).append(leaf)
    columns: dict[str, list[object]] = {}
    known: dict[str, Truth] = {}
    for group in groups.values():
        first = group[0]
        read: object = table if first.field is None else _stored_texts(first, table)
        if read is None and first.field is not None:
            if first.field not in columns:
                columns[first.field] = read_column(
                    table, first.field, rule=first.rule, location=first.location
                )
            read = columns[first.field]
        for leaf, truth in zip(group, type(first).evaluate_together(group, read, faults), strict=True):
            known[leaf.key] = truth
    return known


def _stored_texts(leaf: LeafCondition, table: Table) -> Texts | None:
    """Return the column that a leaf reads as it is stored, where the leaf wants that and the table has it."""
    stored = getattr(table, "arrow_texts", None)
    if not leaf.texts_as_stored or stored is None or leaf.field not in table.columns:
        return None
    array = stored(leaf.field)
    return None if array is None else ArrowTexts(array)


def _truth(condition: Condition, known: dict[str, Truth]) -> Truth:
    truth = known.get(condition.key)
    if truth is None:
        if not isinstance(condition, LogicCondition):
            raise TypeError(f"a {condition.kind} condition is neither a leaf nor logic")
        truth = condition.combine([_truth(part, known) for part in condition.parts])
        known[condition.key] = truth
    return truth
