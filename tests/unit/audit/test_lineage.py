"""Lineage is read off the events alone: which rules in which version, which answers, which data, which software."""

from __future__ import annotations

from dataclasses import dataclass, replace

import networkx as nx
import pytest

from wsal.audit import (
    AnswerGiven,
    AnswersImported,
    AnswerUndone,
    DataLoaded,
    EndModelTrained,
    Event,
    Exported,
    FileRef,
    FitSettings,
    ImportedAnswer,
    ProjectCreated,
    RuleRef,
    RulesLoaded,
    RuleVersion,
    RunApplied,
    RunFitted,
    Software,
)
from wsal.audit.lineage import ItemFacts, edges_of, lineage_graph, nodes_of, read_past, to_json
from wsal.errors import InputError


@dataclass(frozen=True)
class Line:
    """A row of a ledger that is not stored anywhere."""

    seq: int
    hash: str
    event: Event


def ledger(*payloads, actor="ana"):
    return [Line(i, f"{i:064x}", Event.of(p, actor=actor)) for i, p in enumerate(payloads, 1)]


SOFTWARE = (Software("wsal", "0.1.0"), Software("numpy", "2.0"))
PRIZE = RuleVersion("prize", "f1", "ana", "names a prize", "id: prize\nlabel: spam", "pack.yaml")
HELLO = RuleVersion("hello", "f2", "", "", "id: hello\nlabel: ham", "pack.yaml")
APPLIED = RunApplied(
    "apply-1", FileRef("v.parquet", "aa"), (RuleRef("prize", "f1"), RuleRef("hello", "f2")), "d1", 3, 2, 2, 0.6,
    packs=FileRef("packs.json", "pp"), software=SOFTWARE,
)  # fmt: skip
FITTED = RunFitted(
    "fit-1", "apply-1", FileRef("m.json", "bb"), FileRef("s.parquet", "cc"), 4, "converged", 2, 8,
    settings=FitSettings(text_features=("text",)), software=SOFTWARE,
)  # fmt: skip
EVENTS = (
    ProjectCreated("spam", ("ham", "spam")),
    RulesLoaded((PRIZE, HELLO)),
    DataLoaded("messages.csv", "d1", 3),
    APPLIED,
    AnswerGiven(
        "e1", "m1", "label", "ana", label="spam", rationale="asks for a fee", hints_shown=True, seconds=2.5
    ),
    AnswerGiven("e2", "m2", "skip", "ana"),
    AnswersImported("i", "old.csv", "dd", (ImportedAnswer("i1", "m2", "ham", "bo", time="2020-01-01"),)),
    AnswerGiven("e3", "m3", "label", "cy", label="ham"),
    AnswerUndone("u3", "e3"),
    FITTED,
    AnswerGiven("e4", "m1", "label", "dee", label="ham"),
    Exported("fit-1", "out.csv", "ee", "csv", 3),
)


@pytest.fixture
def past():
    return read_past(ledger(*EVENTS))


def of_kind(graph, kind):
    return {node.name: node.facts for node in nodes_of(graph) if node.kind == kind}


def test_a_run_leads_to_all_that_it_was_made_of(past):
    graph = lineage_graph(past, "fit-1", parameters={"prior_precision": 0.78})
    assert nx.is_directed_acyclic_graph(graph)
    start = "labels:fit-1"
    reached = nx.descendants(graph, start)
    for needed in (
        "fit:fit-1", "votes:apply-1", "apply:apply-1", "rule:prize:f1", "rule:hello:f2", "data:d1", "answer:e1",
        "answer:i1", "model:m.json", "file:packs.json", "person:ana", "person:bo", "software:numpy=2.0,wsal=0.1.0",
    ):  # fmt: skip
        assert needed in reached
    assert of_kind(graph, "model")["m.json"]["parameters"] == {"prior_precision": 0.78}
    assert of_kind(graph, "rule")["prize"]["text"] == PRIZE.source
    assert of_kind(graph, "rule")["prize"]["first_loaded_seq"] == 2
    assert nx.ancestors(graph, start) == {"export:12"}


def test_answers_are_those_that_stood_when_the_run_was_made():
    again = replace(FITTED, run="fit-2", answers_seq=9)
    past = read_past(ledger(*EVENTS, again))
    before, after = (of_kind(lineage_graph(past, run), "answer").keys() for run in ("fit-1", "fit-2"))
    assert before == {"spam for m1", "ham for m2", "ham for m3"}  # the one of m3 was taken back later
    assert after == {"spam for m1", "ham for m2"}
    assert len(past.standing(99)) == 3  # dee's came after both


def test_an_answer_says_who_when_why_and_whether_hints_were_shown(past):
    answers = of_kind(lineage_graph(past, "fit-1"), "answer")
    given, imported = answers["spam for m1"], answers["ham for m2"]
    assert (given["annotator"], given["rationale"], given["hints_shown"]) == ("ana", "asks for a fee", True)
    assert (given["ledger_seq"], given["seconds"]) == (5, 2.5)
    assert given["time"].endswith("Z")
    assert "hints_shown" not in imported  # nobody knows
    assert (imported["imported_from"], imported["imported_time"]) == ("old.csv", "2020-01-01")


def test_an_item_leads_to_its_own_votes_and_answers_alone(past):
    facts = ItemFacts("m1", "spam", "human", {"ham": 0.0, "spam": 1.0}, {"prize": "spam"})
    graph = lineage_graph(past, "fit-1", item=facts)
    assert of_kind(graph, "rule").keys() == {"prize"}
    assert of_kind(graph, "answer").keys() == {"spam for m1"}
    (label,) = of_kind(graph, "label").values()
    assert (label["item"], label["label"], label["source"]) == ("m1", "spam", "human")
    votes = [
        f
        for effect, cause, _, f in edges_of(graph)
        if effect.startswith("label:") and cause.startswith("rule:")
    ]
    assert votes == [{"vote": "spam"}]


def test_a_number_and_its_digits_are_two_items(past):
    ids = set()
    for item in (7, "7"):
        graph = lineage_graph(past, "fit-1", item=ItemFacts(item, None, "none", {}, {}))
        ids |= {node.id for node in nodes_of(graph) if node.kind == "label"}
    assert len(ids) == 2


def test_a_training_leads_to_the_labels_that_it_learnt_from():
    trained = EndModelTrained(
        "train-1", "fit-1", "logistic", None, 0, 3, 0, 1, "audit", (FileRef("w.npz", "ww"),)
    )
    graph = lineage_graph(read_past(ledger(*EVENTS, trained)), "train-1")
    assert {"rule:prize:f1", "answer:e1", "labels:fit-1"} <= nx.descendants(graph, "file:w.npz")


def test_an_old_ledger_without_settings_software_and_packs_is_readable():
    bare = (
        RunApplied("apply-1", FileRef("v", "aa"), (RuleRef("gone", None),), "d0", 3, 1, 2, 0.6),
        RunFitted("fit-1", "apply-1", FileRef("m", "bb"), FileRef("s", "cc"), 4, "converged", 0, 1),
    )
    body = ledger(*bare)[0].event.body().decode()
    data = {k: v for k, v in ledger(*bare)[0].event.data.items() if k not in ("costs", "packs", "software")}
    old = Event("run_applied", "2020-01-31T09:30:00.000000Z", "ana", data)
    assert old.payload() == bare[0]
    assert '"packs":null' in body
    graph = lineage_graph(read_past(ledger(*bare)), "fit-1")
    assert of_kind(graph, "rule") == {"gone": {}}
    assert not of_kind(graph, "software")


def test_an_unknown_run_is_named(past):
    with pytest.raises(InputError, match="there is no run 'fit-9'"):
        lineage_graph(past, "fit-9")


def test_a_kind_of_event_that_a_later_wsal_wrote_is_passed_over(past):
    strange = Line(99, "9" * 64, Event("telepathy", "2030-01-31T09:30:00.000000Z", "ana", {"x": 1}, v=7))
    assert read_past([*ledger(*EVENTS), strange]).runs.keys() == past.runs.keys()


def test_the_json_names_the_ledger_and_every_edge_joins_two_nodes(past):
    tree = to_json(lineage_graph(past, "fit-1"), past)
    names = {node["id"] for node in tree["nodes"]}
    assert tree["ledger"] == {"genesis": f"{1:064x}", "seq": 12, "head": f"{12:064x}"}
    assert tree["edges"]
    assert all({edge["from"], edge["to"]} <= names for edge in tree["edges"])
