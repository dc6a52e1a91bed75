"""The graph of lineage: label ← run ← rule versions, data, answers, model parameters, software."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import networkx as nx

from wsal.audit.canonical import Json, plain
from wsal.audit.circumstances import Software
from wsal.audit.lineage.past import Answered, Happened, Past
from wsal.audit.payloads import EndModelTrained, Exported, FileRef, RuleRef, RunApplied, RunFitted
from wsal.errors import InputError, did_you_mean
from wsal.types import ItemId

__all__ = ["ItemFacts", "Node", "NodeKind", "Relation", "edges_of", "lineage_graph", "nodes_of", "to_json"]

NodeKind: TypeAlias = Literal[
    "label", "labels", "fit", "votes", "apply", "train", "rule", "data", "answer", "model", "file", "export",
    "person", "software",
]  # fmt: skip
"""``fit``, ``apply`` and ``train`` are runs, ``person`` and ``software`` act, all else is made."""

Relation: TypeAlias = Literal["generated_by", "used", "derived_from", "attributed_to", "associated_with"]
"""How an effect comes of its cause; the words of PROV."""


@dataclass(frozen=True)
class Node:
    """One node.

    Parameters
    ----------
    id : str
        ``KIND:KEY``; unique in the ledger, any text.
    kind : NodeKind
    name : str
        For people.
    facts : mapping
        JSON values.
    """

    id: str
    kind: NodeKind
    name: str
    facts: Mapping[str, Json]


@dataclass(frozen=True)
class ItemFacts:
    """The label of one item in a run of `fit`, and who spoke there.

    Parameters
    ----------
    item : str or int
    label : str, optional
        None where nothing speaks for the item, or classes tie.
    source : str
    probabilities : mapping of str to float
    votes : mapping of str to str
        The label that each rule voted for; rules that abstained are left out.
    copied_from : tuple of str or int
        Answered duplicates that the label is copied from.
    """

    item: ItemId
    label: str | None
    source: str
    probabilities: Mapping[str, float]
    votes: Mapping[str, str]
    copied_from: tuple[ItemId, ...] = ()


def lineage_graph(
    past: Past, run: str, *, item: ItemFacts | None = None, parameters: Mapping[str, Json] | None = None
) -> nx.DiGraph[str]:
    """Draw where the labels of a run come from, or the label of one item.

    Parameters
    ----------
    past : Past
    run : str
        A run of `fit` or `apply`, or a training.
    item : ItemFacts, optional
        Only what this item's label comes from; ``run`` is then a run of `fit`.
    parameters : mapping, optional
        Of the label model.

    Returns
    -------
    networkx.DiGraph
        Edges go from effects to causes, so that it has no cycle. A node is named by its id and holds a `Node` under
        ``node``; an edge holds its `Relation` under ``relation`` and JSON values under ``facts``.

    Raises
    ------
    InputError
        There is no such run.

    Notes
    -----
    O(rules + answers).
    """
    if run not in past.runs:
        raise InputError(
            f"there is no run {run!r}",
            hint=did_you_mean(run, past.runs) or "`wsal status` names the last one",
        )
    drawing = _Drawing(past)
    drawing.run(run, item=item, parameters=parameters)
    return drawing.graph


def nodes_of(graph: nx.DiGraph[str]) -> Iterator[Node]:
    """Yield the nodes in the order in which they were drawn: effects before causes."""
    for name in graph:
        yield graph.nodes[name]["node"]


def edges_of(graph: nx.DiGraph[str]) -> Iterator[tuple[str, str, Relation, Mapping[str, Json]]]:
    """Yield effect, cause, relation and facts of each edge."""
    for effect, cause, data in graph.edges(data=True):
        yield effect, cause, data["relation"], data["facts"]


def to_json(graph: nx.DiGraph[str], past: Past) -> dict[str, Json]:
    """Write the graph as JSON: nodes, edges, and the head of the ledger that it was read from."""
    return {
        "wsal_lineage": 1,
        "project": past.project,
        "ledger": {"genesis": past.genesis, "seq": past.head_seq, "head": past.head},
        "nodes": [
            {"id": node.id, "kind": node.kind, "name": node.name, "facts": dict(node.facts)}
            for node in nodes_of(graph)
        ],
        "edges": [
            {"from": effect, "to": cause, "relation": relation, "facts": dict(facts)}
            for effect, cause, relation, facts in edges_of(graph)
        ],
    }


class _Drawing:
    """Adds nodes and edges; a node is added once."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.graph: nx.DiGraph[str] = nx.DiGraph()

    def add(self, kind: NodeKind, key: str, name: str, facts: Mapping[str, object]) -> str:
        node_id = f"{kind}:{key}"
        if node_id not in self.graph:
            kept = {fact: plain(value) for fact, value in facts.items() if value not in (None, "", (), {})}
            self.graph.add_node(node_id, node=Node(node_id, kind, name, kept))
        return node_id

    def link(self, effect: str, cause: str, relation: Relation, **facts: Json) -> None:
        self.graph.add_edge(effect, cause, relation=relation, facts=facts)

    # Runs

    def run(
        self, run: str, *, item: ItemFacts | None = None, parameters: Mapping[str, Json] | None = None
    ) -> str:
        happened = self.past.runs[run]
        match happened.what:
            case RunApplied() as applied:
                return self.apply_run(happened, applied, rules=None)
            case RunFitted() as fitted:
                return self.fit_run(happened, fitted, item=item, parameters=parameters)
            case EndModelTrained() as trained:
                return self.training(happened, trained, parameters=parameters)

    def fit_run(
        self,
        happened: Happened[RunApplied | RunFitted | EndModelTrained],
        fitted: RunFitted,
        *,
        item: ItemFacts | None,
        parameters: Mapping[str, Json] | None,
    ) -> str:
        label = None if item is None else self.item_label(fitted.run, item)
        made = label or self.file("labels", fitted.soft_labels, fitted.run)
        run = self.add(
            "fit",
            fitted.run,
            fitted.run,
            _where(happened)
            | {
                "n_answers": fitted.n_answers,
                "answers_seq": fitted.answers_seq,
                "n_iter": fitted.n_iter,
                "stop_reason": fitted.stop_reason,
                "class_balance": fitted.class_balance,
                "balance_from": fitted.balance_from,
                "settings": None if fitted.settings is None else asdict(fitted.settings),
            },
        )
        self.link(made, run, "generated_by")
        self.hands(run, happened.actor, fitted.software)
        facts: dict[str, object] = {"sha256": fitted.model.sha256, "parameters": parameters}
        model = self.add("model", fitted.model.path, fitted.model.path, facts)
        self.link(model, run, "generated_by")
        self.link(made, model, "derived_from")
        self.answers(run, fitted, item=item, label=label)
        applied = self.past.runs.get(fitted.votes_run)
        if applied is not None and isinstance(applied.what, RunApplied):
            rules = None if item is None else item.votes
            voted = self.apply_run(applied, applied.what, rules=rules)
            self.link(run, voted, "used")
            if item is not None and label is not None:
                for rule in applied.what.rules:
                    if rule.name in item.votes:
                        self.link(label, self.rule(rule), "derived_from", vote=item.votes[rule.name])
        for exported in self.past.exports if item is None else ():
            if exported.what.run == fitted.run:
                self.export(exported, exported.what, made)
        return made

    def apply_run(
        self,
        happened: Happened[RunApplied | RunFitted | EndModelTrained],
        applied: RunApplied,
        *,
        rules: Mapping[str, str] | None,
    ) -> str:
        """Draw a run of `apply` with all rules, or only those named; return its votes."""
        votes = self.file("votes", applied.votes, applied.run)
        shape = {"n_items": applied.n_items, "n_rules": applied.n_lfs, "n_patterns": applied.n_patterns}
        run = self.add(
            "apply", applied.run, applied.run, _where(happened) | shape | {"coverage": applied.coverage}
        )
        self.link(votes, run, "generated_by")
        self.hands(run, happened.actor, applied.software)
        read = self.past.data.get(applied.data_fingerprint)
        path = read.what.path if read is not None else ""
        data = {"path": path, "fingerprint": applied.data_fingerprint, "n_items": applied.n_items}
        self.link(run, self.add("data", applied.data_fingerprint, path or "data", data), "used")
        if applied.packs is not None:
            self.link(run, self.file("file", applied.packs, applied.packs.path), "used")
        for rule in applied.rules:
            if rules is None or rule.name in rules:
                self.link(run, self.rule(rule), "used")
        return votes

    def training(
        self,
        happened: Happened[RunApplied | RunFitted | EndModelTrained],
        trained: EndModelTrained,
        *,
        parameters: Mapping[str, Json] | None,
    ) -> str:
        facts = {
            "model": trained.model,
            "model_sha256": trained.model_sha256,
            "seed": trained.seed,
            "n_trained": trained.n_trained,
            "n_synthetic": trained.n_synthetic,
            "n_held_out": trained.n_held_out,
            "truth": trained.truth,
        }
        made = [self.file("file", file, file.path) for file in trained.files]
        run = self.add("train", trained.run, trained.run, _where(happened) | facts)
        for file in made:
            self.link(file, run, "generated_by")
        self.hands(run, happened.actor, ())
        if trained.labels_run in self.past.runs:
            self.link(run, self.run(trained.labels_run, parameters=parameters), "used")
        return run

    # What runs make and use

    def file(self, kind: NodeKind, file: FileRef, key: str) -> str:
        return self.add(kind, key, file.path, {"path": file.path, "sha256": file.sha256})

    def item_label(self, run: str, item: ItemFacts) -> str:
        facts = {
            "item": item.item,
            "run": run,
            "label": item.label,
            "source": item.source,
            "probabilities": dict(item.probabilities),
            "copied_from": list(item.copied_from),
        }
        # The id says whether an item is a text or a number: "7" and 7 are two items.
        return self.add("label", f"{run}:{item.item!r}", f"label of {item.item}", facts)

    def rule(self, used: RuleRef) -> str:
        name, fingerprint = used.name, used.fingerprint or ""
        loaded = self.past.rules.get((name, fingerprint))
        facts: dict[str, object] = {"fingerprint": fingerprint}
        if loaded is not None:
            facts |= {
                "author": loaded.what.author,
                "why": loaded.what.why,
                "text": loaded.what.source,
                "file": loaded.what.file,
                "first_loaded_seq": loaded.seq,
                "first_loaded_time": loaded.time,
                "first_loaded_by": loaded.actor,
            }
        rule = self.add("rule", f"{name}:{fingerprint}", name, facts)
        if loaded is not None and loaded.what.author:
            self.link(rule, self.person(loaded.what.author), "attributed_to")
        return rule

    def answers(self, run: str, fitted: RunFitted, *, item: ItemFacts | None, label: str | None) -> None:
        wanted = None if item is None else {item.item, *item.copied_from}
        for answer in self.past.standing(fitted.answers_seq):
            if wanted is None or answer.what.item in wanted:
                node = self.answer(answer)
                self.link(run, node, "used")
                if label is not None:
                    self.link(label, node, "derived_from")

    def answer(self, happened: Happened[Answered]) -> str:
        given = happened.what
        facts = asdict(given) | {"time": happened.time, "ledger_seq": happened.seq}
        node = self.add("answer", given.event_id, f"{given.label} for {given.item}", facts)
        if given.annotator:
            self.link(node, self.person(given.annotator), "attributed_to")
        return node

    def export(self, happened: Happened[Exported], exported: Exported, labels: str) -> None:
        facts = _where(happened) | {
            "path": exported.path,
            "sha256": exported.sha256,
            "format": exported.format,
            "n_items": exported.n_items,
            "metadata_sha256": exported.metadata.sha256 if exported.metadata else None,
        }
        node = self.add("export", str(happened.seq), exported.path, facts)
        self.link(node, labels, "derived_from")
        self.link(node, self.person(happened.actor), "attributed_to")

    # Who acts

    def person(self, name: str) -> str:
        return self.add("person", name, name, {})

    def hands(self, run: str, actor: str, software: Iterable[Software]) -> None:
        """Say who started a run, and what computed it."""
        self.link(run, self.person(actor), "associated_with")
        versions: dict[str, object] = {part.name: part.version for part in software}
        if versions:
            key = ",".join(f"{name}={version}" for name, version in sorted(versions.items()))
            named = f"wsal {versions.get('wsal', '')}".strip()
            self.link(run, self.add("software", key, named, versions), "associated_with")


def _where(happened: Happened[object]) -> dict[str, object]:
    return {
        "time": happened.time,
        "actor": happened.actor,
        "ledger_seq": happened.seq,
        "ledger_hash": happened.hash,
    }
