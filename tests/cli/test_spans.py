"""Places in documents, end to end."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import spacy
from spacy.tokens import DocBin

DOCUMENTS = """\
id,text
a,Ana Lopez joined Acme Corp in New York in May.
b,"Acme Corp and Bolt Ltd were sued by Ben Ode of York."
c,Nothing stands here.
d,The New York Acme Corp office hired Cy Dee.
"""
RULES = """\
wsal: 1
rules:
  - {id: legal-form, label: ORG, when: {regex: '\\b[A-Z]\\w+ (Corp|Ltd)\\b'}, why: A legal form., author: ana}
  - {id: two-capitals, label: PERSON, when: {tokens: [{IS_TITLE: true}, {IS_TITLE: true, OP: "+"}]}}
  - {id: cities, label: PLACE, when: {in_list: [New York, York]}}
  - {id: known, label: ORG, when: {keywords: [acme corp]}}
  - {id: determiner, label: none, when: {tokens: [{LOWER: the}, {IS_TITLE: true, OP: "+"}]}}
"""


@pytest.fixture
def news(wsal, tmp_path):
    (tmp_path / "docs.csv").write_text(DOCUMENTS, encoding="utf-8")
    made = wsal("init", "news", "--spans", "--data", "docs.csv", "--labels", "ORG,PERSON,PLACE")
    assert "wsal spans find" in made.output
    folder = tmp_path / "news"
    (folder / "span_rules/rules.yaml").write_text(RULES, encoding="utf-8")
    return folder


def test_the_class_of_no_span_keeps_its_name_and_old_classes_are_not_written(wsal, news):
    wsal("spans", "find", cwd=news)
    wsal("apply", cwd=news)
    wsal("fit", cwd=news)
    refused = wsal("classes", "rename", "none", "nothing", "--yes", cwd=news, code=2)
    assert "says that nothing stands at a place" in refused.output
    wsal("classes", "rename", "PLACE", "CITY", "--yes", cwd=news)
    rules = news / "span_rules/rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("PLACE", "CITY"), encoding="utf-8")
    assert "the classes changed" in wsal("spans", "export", "out.jsonl", cwd=news, code=2).output
    assert not (news / "out.jsonl").exists()


def test_the_walk_from_init_to_documents_with_spans(wsal, news):
    assert "5 rules found 11 spans in 3 of 4 documents" in wsal("spans", "find", cwd=news).output
    (news / "labeling_functions/judging.yaml").write_text(
        "wsal: 1\nrules:\n  - {id: hired, label: PERSON, when: {regex: 'hired $', field: left}}\n"
    )
    wsal("check", cwd=news)
    assert "6 rules voted on 11 items" in wsal("apply", cwd=news).output
    wsal("fit", cwd=news)
    assert "hired" in wsal("why", "d:36-42", cwd=news).output
    wsal("spans", "export", "out.jsonl", cwd=news)
    read = [json.loads(line) for line in (news / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    named = [[(one["text"][s["start"] : s["end"]], s["label"]) for s in one["spans"]] for one in read]
    assert named[0] == [("Ana Lopez", "PERSON"), ("Acme Corp", "ORG"), ("New York", "PLACE")]
    assert named[2] == []
    wsal("spans", "export", "out.spacy", cwd=news)
    docs = list(DocBin().from_disk(news / "out.spacy").get_docs(spacy.blank("en").vocab))
    assert [[(e.text, e.label_) for e in doc.ents] for doc in docs] == named
    wsal("audit", "verify", cwd=news)


def test_an_answer_keeps_its_place_when_the_rules_change(wsal, news):
    for verb in (("spans", "find"), ("apply",), ("fit",)):
        wsal(*verb, cwd=news)
    (news / "answers.csv").write_text("id,label\na:0-9,none\n")
    wsal("import", "answers.csv", cwd=news)
    more = RULES + "  - {id: months, label: none, when: {keywords: [may]}}\n"
    (news / "span_rules/rules.yaml").write_text(more, encoding="utf-8")
    refused = wsal("spans", "export", "out.jsonl", cwd=news, code=2).output
    assert "changed since the last `wsal fit`" in refused
    assert "6 rules found 12 spans" in wsal("spans", "find", cwd=news).output
    for verb in (("apply",), ("fit",), ("spans", "export", "out.jsonl")):
        wsal(*verb, cwd=news)
    first = json.loads((news / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert all(span["start"] != 0 for span in first["spans"])
    assert list(pd.read_parquet(news / "spans.parquet").columns[:5]) == [
        "id",
        "context",
        "span",
        "left",
        "right",
    ]


def test_what_is_wrong_is_said(wsal, news, tmp_path):
    wsal("init", "plain")
    assert "are no spans" in wsal("spans", "find", cwd=tmp_path / "plain", code=2).output
    assert "goes with --data" in wsal("init", "x", "--spans", code=2).output
    (news / "span_rules/rules.yaml").write_text(
        "wsal: 1\nrules: [{id: a, label: ORG, when: {keywords: [zebra]}}]\n"
    )
    assert "no rule finds anything in the 4 documents" in wsal("spans", "find", cwd=news, code=2).output
    settings = news / "wsal.toml"
    settings.write_text(settings.read_text().replace('none = "none"', 'none = "O"'))
    refused = wsal("status", cwd=news, code=2).output
    assert "none = 'O' is no label" in refused
