from __future__ import annotations

import json

import numpy as np
import pytest
import spacy
from spacy.tokens import DocBin

from wsal.errors import DataError, InputError, PackError
from wsal.labels import SoftLabels
from wsal.lf import load_rules
from wsal.spans import find_spans, resolve_overlaps, write_spans
from wsal.types import LabelSpace

LABELS = LabelSpace(("none", "ORG", "PLACE"))
TEXTS = ["Acme Corp moved to New York.", "Nothing here.", "Yorkshire is no York, says ACME  Corp now."]


def rules(tmp_path, text):
    path = tmp_path / "pack.yaml"
    path.write_text(f"wsal: 1\nrules:\n{text}", encoding="utf-8")
    return load_rules(path, labels=LABELS)


def found(tmp_path, text, texts=TEXTS):
    made = find_spans(rules(tmp_path, text), [f"d{i}" for i in range(len(texts))], texts, LABELS)
    return {
        (d, texts[d][start:end]): [LABELS.name(v) for v in made.votes.values[row].tolist()]
        for row, (d, start, end) in enumerate(made.places.tolist())
    }


def test_each_kind_of_rule_names_its_places(tmp_path):
    assert found(tmp_path, "  - {id: a, label: ORG, when: {keywords: [acme corp]}}") == {
        (0, "Acme Corp"): ["ORG"]
    }
    cities = "  - {id: b, label: PLACE, when: {in_list: [New York, york]}}"
    # the longest of one rule's places, and whole tokens alone
    assert list(found(tmp_path, cities)) == [(0, "New York"), (2, "York")]
    exact = "  - {id: b, label: PLACE, when: {in_list: [york], case: exact}}"
    assert found(tmp_path, exact) == {}
    regex = r"  - {id: c, label: ORG, when: {regex: '\bCor'}}"
    assert list(found(tmp_path, regex)) == [(0, "Corp"), (2, "Corp")]
    tokens = "  - {id: d, label: ORG, when: {tokens: [{IS_UPPER: true}, {IS_SPACE: true}, {LOWER: corp}]}}"
    assert list(found(tmp_path, tokens)) == [(2, "ACME  Corp")]


def test_votes_meet_on_the_same_place_alone(tmp_path):
    pack = """\
  - {id: known, label: ORG, when: {keywords: [acme corp]}}
  - {id: two, label: ORG, when: {tokens: [{IS_TITLE: true}, {IS_TITLE: true}]}}
  - {id: city, label: PLACE, when: {any: [{keywords: [new york]}, {rule: known}]}}
  - {id: york, label: none, when: {regex: 'New'}}
"""
    assert found(tmp_path, pack) == {
        (0, "Acme Corp"): ["ORG", "ORG", "PLACE", None],
        (0, "New York"): [None, "ORG", "PLACE", None],
        (0, "New"): [None, None, None, "none"],
    }


@pytest.mark.parametrize(
    ("when", "named"),
    [
        ("{all: [{keywords: [a]}, {keywords: [b]}]}", "such a condition"),
        ("{not: {keywords: [a]}}", "such a condition"),
        ("{keywords: [a, b], at_least: 2}", "at_least: 2"),
        ("{number: n, above: 2}", "such a condition"),
    ],
)
def test_rules_that_name_no_place_are_refused(tmp_path, when, named):
    with pytest.raises(PackError, match="says nothing of where a span is") as caught:
        found(tmp_path, f"  - {{id: x, label: ORG, when: {when}}}")
    assert named in str(caught.value)
    assert "pack.yaml:3" in str(caught.value)


def test_two_documents_of_one_id_are_refused(tmp_path):
    with pytest.raises(DataError, match="two documents have the id 'a'"):
        find_spans(
            rules(tmp_path, "  - {id: a, label: ORG, when: {keywords: [x]}}"), ["a", "a"], ["", ""], LABELS
        )


def candidates(tmp_path):
    pack = """\
  - {id: known, label: ORG, when: {keywords: [acme corp]}}
  - {id: corp, label: PLACE, when: {keywords: [corp]}}
  - {id: city, label: PLACE, when: {keywords: [new york]}}
"""
    return find_spans(rules(tmp_path, pack), ["d0", "d1", "d2"], TEXTS, LABELS)


def soft(made, rows, sources=None):
    return SoftLabels(
        np.array(rows, dtype=float),
        LABELS,
        made.votes.item_ids,
        np.array(sources or ["rules"] * len(rows), dtype="<U9"),
    )


def test_of_spans_that_overlap_the_most_probable_stays_and_people_go_first(tmp_path):
    made = candidates(tmp_path)
    assert made.votes.item_ids.tolist() == ["d0:0-9", "d0:5-9", "d0:19-27", "d2:33-37"]
    rows = [[0.1, 0.7, 0.2], [0.1, 0.1, 0.8], [0.9, 0.05, 0.05], [0.4, 0.4, 0.2]]
    kept = resolve_overlaps(made, soft(made, rows), none="none")
    assert [(s.document, s.start, s.label, s.probability) for s in kept] == [(0, 5, "PLACE", 0.8)]
    people = resolve_overlaps(made, soft(made, rows, ["human", "rules", "none", "rules"]), none="none")
    assert [(s.start, s.end, s.label) for s in people] == [(0, 9, "ORG")]
    with pytest.raises(InputError, match="unknown label 'O'"):
        resolve_overlaps(made, soft(made, rows), none="O")


def test_files_are_read_by_spacy_and_keep_documents_without_spans(tmp_path):
    made = candidates(tmp_path)
    rows = [[0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8], [0.0, 0.0, 1.0]]
    kept = resolve_overlaps(made, soft(made, rows), none="none")
    path = tmp_path / "o.spacy"
    write_spans(path, made.documents, made.texts, kept, format_="spacy", run="fit-1")
    docs = list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))
    assert [[(e.text, e.label_) for e in doc.ents] for doc in docs] == [
        [("Acme Corp", "ORG"), ("New York", "PLACE")],
        [],
        [("Corp", "PLACE")],
    ]
    assert [doc.user_data["id"] for doc in docs] == ["d0", "d1", "d2"]
    lines = tmp_path / "o.jsonl"
    write_spans(lines, made.documents, made.texts, kept, format_="jsonl", run="fit-1")
    read = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [one["text"][s["start"] : s["end"]] for one in read for s in one["spans"]] == [
        "Acme Corp", "New York", "Corp",
    ]  # fmt: skip
    write_spans(lines, made.documents, made.texts, kept, format_="doccano", run="fit-1")
    read = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert read[0]["label"] == [[0, 9, "ORG"], [19, 27, "PLACE"]]
    write_spans(lines, made.documents, made.texts, kept, format_="label-studio", run="fit-1")
    tasks = json.loads(lines.read_text(encoding="utf-8"))
    regions = [region["value"] for task in tasks for region in task["predictions"][0]["result"]]
    assert [(one["text"], one["labels"]) for one in regions] == [
        ("Acme Corp", ["ORG"]), ("New York", ["PLACE"]), ("Corp", ["PLACE"]),
    ]  # fmt: skip
    with pytest.raises(InputError, match="spans are not written as 'conll'"):
        write_spans(lines, made.documents, made.texts, kept, format_="conll", run="fit-1")
