"""The report: what it says of projects at every stage, and that the page is safe and whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from wsal.audit import Finding
from wsal.errors import InputError
from wsal.project import Project
from wsal.report import Unknown, draw_page, gather, summarise

PACK = """\
wsal: 1
labels: [ham, spam]
rules:
  - id: prize
    label: spam
    author: <b>ana</b>
    why: "Prizes are bait <script>alert(1)</script> \\u202ereversed"
    when: {keywords: [prize]}
    tests: {match: ["your prize"], no_match: ["hello"]}
  - {id: lunch, label: ham, when: {keywords: [lunch]}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """Make a project with answers of two people, certified by one of them."""
    root = tmp_path_factory.mktemp("report")
    texts = ["a prize", "lunch today", "a prize at lunch", "hello"]
    frame = pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(240)],
            "text": [f"{texts[i % 4]} number {i}" for i in range(240)],
            "land": ["<i>north</i>" if i % 3 else "south" for i in range(240)],
        }
    )
    frame.to_csv(root / "data.csv", index=False)
    opened = Project.create(
        root / "p", data=root / "data.csv", labels=["ham", "spam"], text="text", id_column="id"
    )
    next((root / "p" / "labeling_functions").glob("*.yaml")).write_text(PACK)
    settings = root / "p" / "wsal.toml"
    purpose = 'description = "Which messages are spam & which not?"\n'
    settings.write_text(settings.read_text().replace("labels = ", purpose + "labels = ", 1))
    opened = Project.open(root / "p")
    opened.apply()
    opened.fit()
    opened.certify(60, rng=0)
    for task in opened.tasks():
        label = "spam" if "prize" in task.fields["text"] else "ham"
        opened.answer(task, label, annotator="ana", seconds=4.0)
    return opened


@pytest.fixture(scope="module")
def report(project):
    return gather(project, by=["land"])


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in {"meta", "rect", "circle", "br"}:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"{name} on <{tag}> would run"
            if name in {"href", "src", "action"}:
                self.addresses.append(value)
            if name == "id":
                self.ids.append(value)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_runs_nothing_loads_nothing_and_every_element_is_closed(report):
    page = Page(draw_page(report))
    assert page.open == []
    assert not {"script", "iframe", "object", "embed", "link", "img", "form", "b", "i"} & set(page.tags)
    assert all(address.startswith("#") for address in page.addresses)
    assert {address[1:] for address in page.addresses} <= set(page.ids)
    assert "svg" in page.tags


def test_text_of_rules_and_data_is_escaped_and_cannot_run_backwards(report):
    text = draw_page(report)
    assert "<script>" not in text
    assert "&lt;b&gt;ana&lt;/b&gt;" in text
    assert "&lt;i&gt;north&lt;/i&gt;" in text
    assert "Which messages are spam &amp; which not?" in text
    assert "\u202e" not in text


def test_the_page_says_everything_that_was_asked_of_it(report, project):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", draw_page(report)))
    for part in (
        "In plain language", "Purpose and data", "Labels", "How good they are", "Rules", "People", "Groups",
        "Changes since the last seal", "The record", "Words", "Rules in full",
    ):  # fmt: skip
        assert part in text
    assert project.history.store.head().hash in text
    assert "numpy" in text
    assert "Certified: the labels were frozen" in text
    assert "when: {keywords: [prize]} tests: {match: [" in text
    assert "{id: lunch, label: ham, when: {keywords: [lunch]}}" in text


def test_the_summary_speaks_plainly_and_with_intervals(report):
    said = "\n".join(report.summary)
    assert "240 items were sorted into ham and spam, by 2 written rules" in said
    assert re.search(
        r"Of every 100 labels, between \d+ and \d+ are right: this was measured on \d+ items", said
    )
    assert "1 named author; 1 name no author." in said
    assert "Compared by land" in said
    assert "not compared with a seal" in said
    for jargon in ("Clopper", "propensity", "nats", "posterior"):
        assert jargon not in said


def test_answers_from_a_file_that_names_nobody_are_not_those_of_0_people(tmp_path):
    project = Project.create_example(tmp_path / "p")
    project.apply()
    project.fit()
    (tmp_path / "a.csv").write_text("id,label\nm001,spam\nm002,ham\n")
    project.import_answers(tmp_path / "a.csv")
    project.fit()
    summary = " ".join(gather(project).summary)
    assert "2 answers that do not say who gave them." in summary
    assert "0 people" not in summary
    (tmp_path / "b.csv").write_text("id,label,annotator\nm003,spam,ana\n")
    project.import_answers(tmp_path / "b.csv")
    assert "3 answers of 1 person and of others who are not named." in " ".join(gather(project).summary)


def test_json_holds_the_same_and_nothing_that_is_no_json(report):
    found = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert found["summary"] == list(report.summary)
    assert [card["name"] for card in found["rules"]] == ["prize", "lunch"]
    assert found["bias"][0]["column"] == "land"
    assert found["verification"]["ok"] is True
    assert found["status"]["head"] == found["verification"]["head"]["hash"]


def test_a_project_at_its_beginning_has_a_report_that_says_what_is_missing(tmp_path):
    project = Project.create_example(tmp_path / "first")
    report = gather(project)
    assert isinstance(report.estimates, Unknown)
    assert isinstance(report.rules, Unknown)
    assert "Nothing has been labelled yet." in report.summary[0]
    assert Page(draw_page(report)).open == []
    json.dumps(report.to_dict(), allow_nan=False)
    project.apply()
    project.fit()
    fitted = gather(project)
    assert any("not known" in sentence for sentence in fitted.summary)
    assert Page(draw_page(fitted)).open == []


def test_a_damaged_record_stands_first_and_cannot_be_missed(report):
    found = Finding("edited", "row 3 does not match its hash", 3)
    bad = replace(report, verification=replace(report.verification, findings=(found,)))
    assert "THE RECORD IS DAMAGED: 1 thing is not as first written" in "\n".join(summarise(bad))
    text = draw_page(bad)
    assert "The record is damaged. Read the last section first." in text
    assert "row 3 does not match its hash" in text


def test_what_happened_after_the_last_seal_is_listed(project, report, tmp_path):
    assert report.sealed_row == 0
    path, _ = project.seal(out=tmp_path / "seal.json")
    project.fit()
    again = gather(project, seals=[path])
    assert again.sealed_row > 0
    assert ("times labels were made", 1) in {(one.what, one.n) for one in again.changes}
    assert not any(one.what == "project made" for one in again.changes)
    assert any("agrees with 1 seal that was kept elsewhere" in sentence for sentence in again.summary)


def test_a_column_that_is_not_there_is_an_error_and_one_without_groups_is_said(project):
    with pytest.raises(InputError, match="no column 'lnd'"):
        gather(project, by=["lnd"])
    report = gather(project, by=["id"])
    assert isinstance(report.bias[0], Unknown)
    assert "these are no groups" in "\n".join(report.summary)
