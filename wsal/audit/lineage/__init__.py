"""Lineage: where a label comes from, as a graph made of the events of the ledger, and in the formats of others.

Pure: events come in, a graph or JSON goes out. networkx is imported with this package, so import it where it is
used.
"""

from wsal.audit.lineage.graph import (
    ItemFacts,
    Node,
    NodeKind,
    Relation,
    edges_of,
    lineage_graph,
    nodes_of,
    to_json,
)
from wsal.audit.lineage.openlineage import to_openlineage
from wsal.audit.lineage.past import Answered, Happened, LedgerLine, Past, read_past
from wsal.audit.lineage.prov import to_prov

__all__ = [
    "Answered",
    "Happened",
    "ItemFacts",
    "LedgerLine",
    "Node",
    "NodeKind",
    "Past",
    "Relation",
    "edges_of",
    "lineage_graph",
    "nodes_of",
    "read_past",
    "to_json",
    "to_openlineage",
    "to_prov",
]
