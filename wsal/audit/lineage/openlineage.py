"""Lineage as OpenLineage events: a finished run a line, with the data sets that it read and wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

import networkx as nx

from wsal.audit.canonical import Json
from wsal.audit.lineage.graph import Node, nodes_of
from wsal.audit.lineage.past import Past

__all__ = ["to_openlineage"]

_PRODUCER: Final = "https://wsal.readthedocs.io"
_SPEC: Final = "https://openlineage.io/spec"
_EVENT: Final = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_RUN_FACET: Final = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunFacet"
_DATASET_FACET: Final = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/DatasetFacet"
_VERSION: Final = f"{_SPEC}/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
_ENGINE: Final = f"{_SPEC}/facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet"
_JOB_TYPE: Final = f"{_SPEC}/facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet"
_NAMES: Final = UUID("6d0c7a52-3f0e-5c3e-9f0b-2a3a6b0f6f5e")  # of the run ids below; any fixed value serves
_JOBS: Final = ("apply", "fit", "train")


def to_openlineage(graph: nx.DiGraph[str], past: Past) -> list[dict[str, Json]]:
    """Write the runs of a graph of lineage as OpenLineage events, causes before effects.

    Parameters
    ----------
    graph : networkx.DiGraph
        Of `wsal.audit.lineage.lineage_graph`.
    past : Past

    Returns
    -------
    list of dict
        One ``COMPLETE`` event a run. Rules, answers, parameters and exports are data sets, so that systems that know
        nothing of wsal draw them; all facts that the ledger holds stand in a facet ``wsal``. The namespace is
        ``wsal://`` and the hash of the first row of the ledger.

    Notes
    -----
    Source: https://openlineage.io/spec/2-0-2/OpenLineage.json. OpenLineage wants UUIDs: a run's is made of the
    ledger's first hash and the run's id, so it is the same in every export.
    """
    order = {name: i for i, name in enumerate(reversed(list(nx.topological_sort(graph))))}
    runs = sorted((n for n in nodes_of(graph) if n.kind in _JOBS), key=lambda node: order[node.id])
    return [_event(graph, node, past) for node in runs]


def _event(graph: nx.DiGraph[str], run: Node, past: Past) -> dict[str, Json]:
    namespace = f"wsal://{past.genesis}"
    causes = [graph.nodes[name]["node"] for name in graph.successors(run.id)]
    made = [graph.nodes[name]["node"] for name in graph.predecessors(run.id)]
    outputs = [node for node in made if node.kind not in _JOBS]
    outputs += [
        graph.nodes[name]["node"]
        for node in outputs
        for name in graph.predecessors(node.id)
        if graph.nodes[name]["node"].kind == "export"
    ]
    inputs: list[Json] = [
        _dataset(node, namespace) for node in causes if node.kind not in {*_JOBS, "person", "software"}
    ]
    software = next((node for node in causes if node.kind == "software"), None)
    facets: dict[str, Json] = {"wsal": _facet(_RUN_FACET, run.facts)}
    if software is not None:
        named: dict[str, Json] = {"version": software.facts.get("wsal", ""), "name": "wsal"}
        facets["processing_engine"] = _facet(_ENGINE, named)
        facets["wsal_software"] = _facet(_RUN_FACET, {"versions": dict(software.facts)})
    job_type: dict[str, Json] = {
        "processingType": "BATCH",
        "integration": "WSAL",
        "jobType": run.kind.upper(),
    }
    return {
        "eventType": "COMPLETE",
        "eventTime": run.facts["time"],
        "producer": _PRODUCER,
        "schemaURL": _EVENT,
        "run": {"runId": str(uuid5(_NAMES, f"{past.genesis}:{run.id}")), "facets": facets},
        "job": {
            "namespace": namespace,
            "name": f"{past.project}.{run.kind}",
            "facets": {"jobType": _facet(_JOB_TYPE, job_type)},
        },
        "inputs": inputs,
        "outputs": [_dataset(node, namespace) for node in outputs],
    }


def _dataset(node: Node, namespace: str) -> dict[str, Json]:
    facets: dict[str, Json] = {"wsal": _facet(_DATASET_FACET, {"kind": node.kind, **node.facts})}
    version = node.facts.get("sha256") or node.facts.get("fingerprint")
    if version:
        facets["version"] = _facet(_VERSION, {"datasetVersion": version})
    return {"namespace": namespace, "name": node.id, "facets": facets}


def _facet(schema: str, content: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "_producer": _PRODUCER,
        "_schemaURL": schema,
        **{k: _without_nulls(v) for k, v in content.items()},
    }


def _without_nulls(value: Json) -> Json:
    """Leave out what is not known, as OpenLineage's own client does."""
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value if inner is not None]
    return value
