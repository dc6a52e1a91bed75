"""apply: the one way from labelling functions and items to votes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np

from wsal.engines.cache import VoteCache
from wsal.engines.known_votes import known_votes, own_fingerprint, vote_key
from wsal.engines.label_choice import choose_labels, infer_labels
from wsal.engines.local import vote_locally
from wsal.engines.parts import PART_ENGINES, VoteParts, apply_in_parts
from wsal.engines.progress import show_progress
from wsal.engines.voted import AnyLF, Engine, Voted
from wsal.errors import DataError, InputError, did_you_mean
from wsal.items import Items, read_items
from wsal.items.parts import ParquetParts
from wsal.lf import Rule
from wsal.types import LabelSpace
from wsal.votes import LFCost, LFFailure, VoteColumn, VoteMatrix, dense, lightest, unwritten

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENGINES", "apply"]

ItemSource: TypeAlias = "Items | ParquetParts | pd.DataFrame | str | os.PathLike[str]"

ENGINES: Mapping[str, Engine] = MappingProxyType({"local": vote_locally})
"""Engines by name."""


@overload
def apply(
    lfs: Iterable[AnyLF],
    items: ItemSource,
    *,
    labels: LabelSpace | Sequence[str] | None = None,
    id_column: str | None = None,
    text: str | None = None,
    fault_tolerant: bool = False,
    progress: bool = False,
    cache: VoteCache | None = None,
    engine: str = "local",
    workers: int = 1,
    out: None = None,
) -> VoteMatrix: ...
@overload
def apply(
    lfs: Iterable[AnyLF],
    items: ItemSource,
    *,
    labels: LabelSpace | Sequence[str] | None = None,
    id_column: str | None = None,
    text: str | None = None,
    fault_tolerant: bool = False,
    progress: bool = False,
    cache: VoteCache | None = None,
    engine: str = "local",
    workers: int = 1,
    out: str | os.PathLike[str],
) -> VoteParts: ...
def apply(  # noqa: PLR0913  # the loop's first step; all but two are optional
    lfs: Iterable[AnyLF],
    items: ItemSource,
    *,
    labels: LabelSpace | Sequence[str] | None = None,
    id_column: str | None = None,
    text: str | None = None,
    fault_tolerant: bool = False,
    progress: bool = False,
    cache: VoteCache | None = None,
    engine: str = "local",
    workers: int = 1,
    out: str | os.PathLike[str] | None = None,
) -> VoteMatrix | VoteParts:
    """Let labelling functions vote on items; with ``out``, on more items than fit into memory.

    Parameters
    ----------
    lfs : iterable of m labelling functions
        Rules, functions made with `labeling_function`, Snorkel's functions, or any objects with a
        ``name`` that can be called with an item. Their names differ.
    items : Items, DataFrame or path
        n items, or where to read them (`wsal.items.read_items`). With ``out``: a Parquet file, a folder of Parquet
        files (`wsal.items.parts.read_parts`), or a data frame of the engine (Dask, Spark), which has an id column.
    labels : LabelSpace or sequence of str, optional
        The k classes. Where not given, those of the rules' packs, which must agree. Where there are no rules
        either, the classes are called ``"0"``, ``"1"``, … up to the largest vote, and there are at least two.
    id_column, text : str, optional
        As `read_items`, where items are still to be read.
    fault_tolerant : bool
        A function that raises on an item abstains there; ``failures`` of the result says how often. What is
        no vote (a label that does not exist, True, 1.5) is an error all the same.
    progress : bool
        Show a progress bar on standard error, if that is a terminal.
    cache : VoteCache, optional
        Where columns of votes are kept, by the function's fingerprint and the data it reads: a rule that
        reads one column keeps its votes when another changes, and where items were appended, only those are voted
        on. Each column is kept as soon as it is finished, so
        a second start carries on where the first was interrupted. Never kept: votes of a function without
        a fingerprint, or with failures.
    engine : str
        What computes the votes; ``local``. With ``out`` also ``dask`` and ``spark``: the cluster of the current
        ``distributed.Client`` or ``SparkSession``, or ``workers`` processes where there is none. A part whose worker
        dies is computed elsewhere.
    out : path, optional
        A folder that votes are written to, part by part (row groups, or partitions of a data frame), and which
        every worker can write. A part that is there already, of the same functions and the same data, is not computed
        again, so a second start carries on where the first was interrupted; ``cache`` is not asked. No process ever
        holds more than a batch of items and the patterns.
    workers : int
        Processes that vote on parts of the items, for functions that take long. Votes, failures and errors do not
        depend on it. Functions need not be picklable, as workers are forks of this process; what they do besides
        voting (count, append to a list) stays in the workers.

    Returns
    -------
    VoteMatrix or VoteParts
        n by m, in memory or, with ``out``, in files. Independent of the order of rows, of what was computed before, of
        the engine and its workers; the patterns are the same.

    Raises
    ------
    InputError
        No functions, two of one name, labels that disagree or are not known, an unreadable file, a column
        that is not there, a function that returned what is no vote.
    LabelingFunctionError
        A function raised; with its name, the item's id and the cause.
    StoreError
        The cache cannot be written to.

    Examples
    --------
    >>> import pandas as pd
    >>> from wsal import labeling_function
    >>> @labeling_function()
    ... def question(x):
    ...     return "ham" if x.text.endswith("?") else None
    >>> items = pd.DataFrame({"id": ["a", "b"], "text": ["Lunch?", "Win!"]})
    >>> votes = apply([question], items, labels=["ham", "spam"])
    >>> votes.to_numpy().tolist(), votes.item_ids.tolist()
    ([[0], [-1]], ['a', 'b'])
    """
    functions = _checked(lfs)
    if out is not None:
        return apply_in_parts(
            functions,
            items,
            labels=choose_labels([lf for lf in functions if isinstance(lf, Rule)], labels),
            out=out,
            id_column=id_column,
            fault_tolerant=fault_tolerant,
            progress=progress,
            engine=engine,
            workers=workers,
        )
    run = _engine(engine)
    if isinstance(items, ParquetParts):
        raise InputError("items in parts do not fit into memory", hint="name a folder for their votes: out=…")
    read = items if isinstance(items, Items) else read_items(items, id_column=id_column, text=text)
    space = choose_labels([lf for lf in functions if isinstance(lf, Rule)], labels)
    keys = [vote_key(lf, read, space) if cache is not None else None for lf in functions]
    known = {} if cache is None else known_votes(cache, functions, keys, items=read, labels=space)
    columns: dict[int, VoteColumn] = {j: votes for j, votes in known.items() if len(votes) == read.n_items}
    failures: dict[int, LFFailure] = {}
    costs: dict[int, LFCost | None] = {}
    with show_progress(len(functions) - len(columns), wanted=progress) as shown:
        vote = partial(run, fault_tolerant=fault_tolerant, progress=shown, workers=workers)
        for start, waiting in _by_start(known, len(functions), read.n_items).items():
            left = [functions[j] for j in waiting]
            for voted in _from(start, vote, left, read, labels=space):
                j = waiting[voted.position]
                column = np.concatenate([dense(known[j]), voted.votes]) if start else voted.votes
                columns[j] = lightest(column)
                key, costs[j] = keys[j], voted.cost
                if voted.failure is not None:
                    failures[j] = voted.failure
                elif cache is not None and key is not None:
                    cache.put(*key, column)
    cast = tuple(columns[j] for j in range(len(functions)))
    return VoteMatrix(
        unwritten(cast),
        space if space is not None else infer_labels(cast),
        tuple(_name(lf) for lf in functions),
        read.item_ids,
        tuple(own_fingerprint(lf) for lf in functions),
        tuple(failures[j] for j in sorted(failures)),
        tuple(costs.get(j) for j in range(len(functions))),
    )


def _checked(lfs: object) -> list[AnyLF]:
    """Return the functions, checked: at least one, each with a name of its own.

    Raises
    ------
    InputError
    """
    if callable(lfs) or isinstance(lfs, str) or not isinstance(lfs, Iterable):
        raise InputError(f"labelling functions come in a list, got {lfs!r}", hint="write apply([lf], items)")
    functions = list(lfs)
    if not functions:
        raise InputError(
            "there are no labelling functions", hint="pass at least one, or load a pack with load_rules"
        )
    first: dict[str, int] = {}
    for j, lf in enumerate(functions):
        name = getattr(lf, "name", None)
        if not isinstance(name, str) or not name or not callable(lf):
            raise InputError(
                f"number {j + 1} of the labelling functions is none: {lf!r} has no name or cannot be called",
                hint="decorate a function with @labeling_function(); load a pack with load_rules",
            )
        if name in first:
            raise InputError(
                f"two labelling functions are called {name!r}: {_place(functions, first[name])} and "
                f"{_place(functions, j)}",
                location=lf.location if isinstance(lf, Rule) else None,
                hint="every labelling function has its own name; rename one of them",
            )
        first[name] = j
    return functions


def _place(functions: Sequence[AnyLF], j: int) -> str:
    lf = functions[j]
    return f"number {j + 1} ({lf.location if isinstance(lf, Rule) else repr(lf)})"


def _name(lf: Any) -> str:  # noqa: ANN401  # checked before
    return str(lf.name)


def _engine(name: str) -> Engine:
    if name in PART_ENGINES and name not in ENGINES:
        raise InputError(
            f"engine {name!r} writes votes where the items lie, and needs to know where",
            hint="name a folder that all workers can write: out=…",
        )
    if name not in ENGINES:
        raise InputError(
            f"there is no engine {name!r}; there are {', '.join(ENGINES)}", hint=did_you_mean(name, ENGINES)
        )
    return ENGINES[name]


def _by_start(known: Mapping[int, VoteColumn], n_lfs: int, n_items: int) -> dict[int, list[int]]:
    """Group the functions whose votes are not all known by the first item that they are to vote on."""
    groups: dict[int, list[int]] = {}
    for j in range(n_lfs):
        start = len(known[j]) if j in known else 0
        if start < n_items:
            groups.setdefault(start, []).append(j)
    return groups


def _from(
    start: int,
    vote: Callable[..., Iterator[Voted]],
    lfs: Sequence[AnyLF],
    items: Items,
    *,
    labels: LabelSpace | None,
) -> Iterator[Voted]:
    """Let functions vote on the items from ``start`` on."""
    if not start:
        yield from vote(lfs, items, labels)
        return
    try:
        yield from vote(lfs, items.part(start, items.n_items), labels)
    except DataError:
        # Rows are counted from the first item given: ask about all of them, so that the error names the row.
        for _ in vote(lfs, items, labels):
            pass
        raise
