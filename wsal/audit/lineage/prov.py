"""Lineage as PROV-JSON (W3C member submission of 24 April 2013): entities, activities and agents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import networkx as nx

from wsal.audit.canonical import Json
from wsal.audit.lineage.graph import Node, NodeKind, Relation, edges_of, nodes_of
from wsal.audit.lineage.past import Past

__all__ = ["VOCABULARY", "prov_name", "to_prov"]

VOCABULARY: Final = "https://wsal.readthedocs.io/prov#"
"""Namespace of wsal's own attributes and types; nothing is fetched from it."""

_ACTIVITIES: Final[frozenset[NodeKind]] = frozenset({"fit", "apply", "train"})
_AGENTS: Final[Mapping[NodeKind, str]] = {"person": "prov:Person", "software": "prov:SoftwareAgent"}
_RELATIONS: Final[Mapping[Relation, tuple[str, str, str]]] = {
    "generated_by": ("wasGeneratedBy", "prov:entity", "prov:activity"),
    "used": ("used", "prov:activity", "prov:entity"),
    "derived_from": ("wasDerivedFrom", "prov:generatedEntity", "prov:usedEntity"),
    "attributed_to": ("wasAttributedTo", "prov:entity", "prov:agent"),
    "associated_with": ("wasAssociatedWith", "prov:activity", "prov:agent"),
}
_NUMBERS: Final = {bool: "xsd:boolean", int: "xsd:integer", float: "xsd:double"}


def to_prov(graph: nx.DiGraph[str], past: Past) -> dict[str, Json]:
    """Write a graph of lineage as a PROV-JSON document.

    Parameters
    ----------
    graph : networkx.DiGraph
        Of `wsal.audit.lineage.lineage_graph`.
    past : Past
        Its first row names the ledger, and so the names in the document.

    Returns
    -------
    dict
        Facts that are lists or mappings stand as JSON texts. A run starts and ends at the time of its event: the
        ledger knows no other.

    Notes
    -----
    Source: https://www.w3.org/submissions/prov-json/, sections 2 and 3.
    """
    document: dict[str, dict[str, Json]] = {
        "prefix": {"wsal": VOCABULARY, "here": f"urn:wsal:{past.genesis}:"},
        "entity": {},
        "activity": {},
        "agent": {},
    }
    for node in nodes_of(graph):
        section = "activity" if node.kind in _ACTIVITIES else "agent" if node.kind in _AGENTS else "entity"
        document[section][prov_name(node.id)] = _attributes(node)
    for i, (effect, cause, relation, facts) in enumerate(edges_of(graph)):
        name, of_effect, of_cause = _RELATIONS[relation]
        ends: dict[str, Json] = {of_effect: prov_name(effect), of_cause: prov_name(cause)}
        document.setdefault(name, {})[f"_:r{i}"] = ends | _facts(facts)
    return {section: content for section, content in document.items() if content}


def prov_name(node_id: str) -> str:
    """Write an id as a qualified name, whatever text it is; ``urllib.parse.unquote`` gives it back.

    Examples
    --------
    >>> prov_name("rule:très bon")
    'here:rule%3Atr%C3%A8s%20bon'
    """
    local = quote(node_id, safe="").replace(".", "%2E").replace("~", "%7E")
    return f"here:{local}"


def _attributes(node: Node) -> dict[str, Json]:
    kind = _AGENTS.get(node.kind, f"wsal:{node.kind}")
    found: dict[str, Json] = {
        "prov:type": {"$": kind, "type": "prov:QUALIFIED_NAME"},
        "prov:label": node.name,
    }
    facts = dict(node.facts)
    if node.kind in _ACTIVITIES:
        time = facts.pop("time")
        found |= {"prov:startTime": time, "prov:endTime": time}
    return found | _facts(facts)


def _facts(facts: Mapping[str, Json]) -> dict[str, Json]:
    # Names of software and the like become local names, which hold no character that needs care.
    return {f"wsal:{quote(name, safe='')}": _literal(value) for name, value in facts.items()}


def _literal(value: Json) -> Json:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        written = str(value).lower() if isinstance(value, bool) else repr(value)
        return {"$": written, "type": _NUMBERS[type(value)]}
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
