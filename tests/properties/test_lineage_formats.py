"""Lineage in the formats of others: whatever the ids and names are, what is written reads back as what was meant."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openlineage.client import event_v2
from openlineage.client.generated.base import DatasetFacet, JobFacet, RunFacet
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.job_type_job import JobTypeJobFacet
from openlineage.client.generated.processing_engine_run import ProcessingEngineRunFacet
from openlineage.client.serde import Serde
from prov.model import ProvActivity, ProvAgent, ProvDocument, ProvEntity, ProvRelation

from wsal.audit import (
    AnswerGiven,
    DataLoaded,
    Event,
    Exported,
    FileRef,
    FitSettings,
    ProjectCreated,
    RuleRef,
    RulesLoaded,
    RuleVersion,
    RunApplied,
    RunFitted,
    Software,
)
from wsal.audit.lineage import (
    ItemFacts,
    edges_of,
    lineage_graph,
    nodes_of,
    read_past,
    to_openlineage,
    to_prov,
)

# Any text that a ledger can hold: no NUL, no half of a surrogate pair.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NAMES = TEXTS.filter(str.strip) | st.sampled_from(
    [
        '"quoted"',
        "line\nbreak",
        "a:b",
        "#hash",
        "%41",
        "\\",
        "\u202eright to left",
        "🙂",
        "a b",
        "<x>&amp;",
        "~.-_",
        "_:x",
    ]
)
ITEMS = st.integers(-(2**60), 2**60) | NAMES


@dataclass(frozen=True)
class Line:
    """A row of a ledger that is not stored anywhere."""

    seq: int
    hash: str
    event: Event


@st.composite
def lineages(draw):
    """Draw the lineage of a run, or of an item, in a project with strange names."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    rules = tuple(RuleVersion(n, f"f{i}", draw(TEXTS), draw(TEXTS), draw(TEXTS)) for i, n in enumerate(names))
    item, person = draw(ITEMS), draw(NAMES)
    payloads = [
        ProjectCreated(draw(NAMES), ("ham", "spam")),
        RulesLoaded(rules),
        DataLoaded(draw(NAMES), "d1", 3),
        RunApplied(
            "apply-1", FileRef("v", "aa"), tuple(RuleRef(r.name, r.fingerprint) for r in rules), "d1", 3, 1, 2, 0.5,
            packs=FileRef("p", "pp"), software=(Software("wsal", "0.1"), Software("google-re2", "1.1")),
        ),
        AnswerGiven(draw(NAMES), item, "label", person, label="spam", rationale=draw(TEXTS), seconds=0.25),
        RunFitted(
            "fit-1", "apply-1", FileRef("m", "bb"), FileRef("s", "cc"), 4, "converged", 1, 5, (0.25, 0.75),
            settings=FitSettings(text_features=(draw(NAMES),)),
        ),
        Exported("fit-1", draw(NAMES), "ee", "csv", 3),
    ]  # fmt: skip
    lines = [Line(i, f"{i:064x}", Event.of(p, actor=person)) for i, p in enumerate(payloads, 1)]
    past = read_past(lines)
    facts = ItemFacts(item, "spam", "human", {"ham": 0.0, "spam": 1.0}, {names[0]: "spam"})
    return lineage_graph(past, "fit-1", item=draw(st.sampled_from([None, facts]))), past


@settings(max_examples=50)
@given(lineages())
def test_prov_json_reads_back_with_every_node_and_every_relation(lineage):
    graph, past = lineage
    written = to_prov(graph, past)
    document = ProvDocument.deserialize(content=json.dumps(written), format="json")
    records = document.get_records((ProvEntity, ProvActivity, ProvAgent))
    found = {unquote(r.identifier.localpart): r for r in records}
    assert found.keys() == {node.id for node in nodes_of(graph)}
    for node in nodes_of(graph):
        record = found[node.id]
        assert record.identifier.namespace.uri == f"urn:wsal:{past.genesis}:"
        assert [str(label) for label in record.get_attribute("prov:label")] == [node.name]
        for name, value in node.facts.items():
            if isinstance(value, str) and name != "time":
                assert [str(v) for v in record.get_attribute(f"wsal:{name}")] == [value]
    assert len(list(document.get_records(ProvRelation))) == len(list(edges_of(graph)))
    again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    assert again == document
    document.unified()  # raises where one name stands for two things


_FACETS = {
    "processing_engine": ProcessingEngineRunFacet,
    "jobType": JobTypeJobFacet,
    "version": DatasetVersionDatasetFacet,
}


def _facets(tree, base):
    made = {}
    for name, facet in tree.items():
        content = {k: v for k, v in facet.items() if not k.startswith("_")}
        if name in _FACETS:
            made[name] = _FACETS[name](**content, producer=facet["_producer"])
        else:
            made[name] = base(producer=facet["_producer"]).with_additional_properties(**content)
        assert made[name]._schemaURL == facet["_schemaURL"]
    return made


def _datasets(trees, kind):
    return [kind(t["namespace"], t["name"], facets=_facets(t["facets"], DatasetFacet)) for t in trees]


@settings(max_examples=25)
@given(lineages())
def test_openlineage_events_are_what_its_own_classes_write(lineage):
    graph, past = lineage
    events = to_openlineage(graph, past)
    assert [event["job"]["name"].rsplit(".", 1)[1] for event in events] == ["apply", "fit"]
    for tree in events:
        run, job = tree["run"], tree["job"]
        event = event_v2.RunEvent(
            eventTime=tree["eventTime"],
            eventType=event_v2.RunState(tree["eventType"]),
            producer=tree["producer"],
            run=event_v2.Run(run["runId"], facets=_facets(run["facets"], RunFacet)),
            job=event_v2.Job(job["namespace"], job["name"], facets=_facets(job["facets"], JobFacet)),
            inputs=_datasets(tree["inputs"], event_v2.InputDataset),
            outputs=_datasets(tree["outputs"], event_v2.OutputDataset),
        )
        written = json.loads(Serde.to_json(event))
        for dataset in (*written["inputs"], *written["outputs"]):
            assert dataset.pop("inputFacets", {}) == dataset.pop("outputFacets", {}) == {}
        assert written == json.loads(json.dumps(tree))


def test_an_event_that_is_none_is_refused_by_the_classes():
    with pytest.raises(ValueError, match="badly formed"):
        event_v2.Run("fit-1")
