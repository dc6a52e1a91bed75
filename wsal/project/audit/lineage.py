"""Lineage of a project: from what a person types to a graph, with what the files of the run add to the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from wsal.audit import Json, RunFitted
from wsal.errors import InputError, did_you_mean
from wsal.project.history import History, labels_in_parts, needs_memory
from wsal.project.runs.duplicates import duplicate_of, read_duplicates
from wsal.store import RunRow, read_json
from wsal.types import ABSTAIN

if TYPE_CHECKING:
    import networkx as nx

    from wsal.audit.lineage import ItemFacts, Past

__all__ = ["LINEAGE_FORMATS", "Lineage", "LineageFormat", "lineage_of"]

LineageFormat: TypeAlias = Literal["json", "prov", "openlineage"]

LINEAGE_FORMATS: tuple[LineageFormat, ...] = ("json", "prov", "openlineage")


@dataclass(frozen=True, eq=False)
class Lineage:
    """Where labels come from.

    Parameters
    ----------
    run : str
        The run that made them.
    graph : networkx.DiGraph
        Of `wsal.audit.lineage.lineage_graph`.
    past : Past
    item : ItemFacts, optional
        Where it is the lineage of one item's label.
    """

    run: str
    graph: nx.DiGraph[str]
    past: Past
    item: ItemFacts | None = None

    def write(self, format_: LineageFormat) -> str:
        """Return it as text in a format: JSON, PROV-JSON, or OpenLineage events, one a line."""
        import json

        from wsal.audit.lineage import to_json, to_openlineage, to_prov

        if format_ == "openlineage":
            events = to_openlineage(self.graph, self.past)
            return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
        tree = to_prov(self.graph, self.past) if format_ == "prov" else to_json(self.graph, self.past)
        return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def lineage_of(history: History, what: str | None = None) -> Lineage:
    """Trace the labels of a run, or the label of an item in the last run of `fit`.

    Parameters
    ----------
    history : History
    what : str, optional
        A run of `fit` or `apply`, a training, or an item's id; the last run of `fit` where not given.

    Raises
    ------
    InputError
        There is no such run or item, or nothing was fitted yet.
    StoreError, LedgerError
        A file of the run is gone, or is not the one that the ledger names.
    """
    from wsal.audit.lineage import lineage_graph, read_past

    past = read_past(history.store.events())
    run, item = what, None
    if run is None or run not in past.runs:
        fitted = history.run("run_fitted")
        run, item = fitted.run, None if what is None else _item(history, fitted, what)
    graph = lineage_graph(past, run, item=item, parameters=_parameters(history, past, run))
    return Lineage(run, graph, past, item)


def _parameters(history: History, past: Past, run: str) -> dict[str, Json] | None:
    """Return the parameters of the label model of a run, or of the run whose labels it used."""
    what = past.runs[run].what
    fitted = what if isinstance(what, RunFitted) else None
    if fitted is None:
        before = past.runs.get(getattr(what, "labels_run", ""))
        fitted = before.what if before is not None and isinstance(before.what, RunFitted) else None
    if fitted is None:
        return None
    model: Any = read_json(fitted.model, root=history.config.folder)
    names = ("wsal_model", "version", "settings", "vote_share", "agreement", "balance_weights")
    return {name: model[name] for name in names if name in model}


def _item(history: History, run: RunRow[RunFitted], wanted: str) -> ItemFacts:
    from wsal.audit.lineage import ItemFacts

    if labels_in_parts(run.payload):
        raise needs_memory(history.config)
    soft = history.soft_labels(run.run)
    ids = soft.item_ids.tolist()
    row = next((i for i, known in enumerate(ids) if str(known) == wanted), None)
    if row is None:
        raise InputError(
            f"{wanted!r} is neither a run nor an item of run {run.run}",
            hint=did_you_mean(wanted, [*(r.run for r in history.store.runs()), *map(str, ids[:10_000])]),
        )
    votes = history.votes(run.payload.votes_run)
    cast = votes.values[votes.row_of(ids[row])]
    kept = read_duplicates(run.payload, soft.item_ids, history=history)
    copied = {} if kept is None else duplicate_of(soft, kept.groups)
    best = int(soft.hard()[row])
    p = soft.probabilities[row]
    return ItemFacts(
        item=ids[row],
        label=None if best == ABSTAIN else soft.labels.name(best),
        source=str(soft.sources[row]),
        # Where nothing speaks for an item, its probabilities are unknown, not equal.
        probabilities={}
        if soft.sources[row] == "none"
        else {name: float(p[y]) for y, name in enumerate(soft.labels)},
        votes={
            votes.lf_names[j]: str(votes.labels.name(int(cast[j]))) for j in np.flatnonzero(cast != ABSTAIN)
        },
        copied_from=copied.get(row, ()),
    )
