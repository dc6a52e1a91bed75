"""What notebooks show: escaped, without scripts, small."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import wsal
from wsal.analysis import trust_report
from wsal.evidence import EvidenceTerm
from wsal.evidence.waterfall import draw_waterfall
from wsal.labels import SoftLabels
from wsal.markup import MOST_ROWS, table
from wsal.project import Project
from wsal.report import gather
from wsal.types import LabelSpace

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[2J&amp;"
ALLOWED = {"div", "strong", "table", "thead", "tbody", "tr", "th", "td", "svg", "rect"}


class Reader(HTMLParser):
    """Reads a piece of HTML as a browser does; remembers tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text, self.open = set(), set(), "", []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "rect":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "rect":  # closes itself
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(thing) -> Reader:
    """Read what a notebook shows of a thing; nothing in it may run, load or change the page around it."""
    html = thing if isinstance(thing, str) else thing._repr_html_()
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    assert reader.tags <= ALLOWED
    assert not any(name.startswith("on") or name in {"src", "href"} for name in reader.attributes)
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert len(html) < 60_000
    for colour in ("background", "#fff", "#000", "color:white", "color:black"):
        assert colour not in html  # colours are those of the notebook, light or dark
    return reader


@pytest.fixture
def votes():
    rows = [[i % 2, -1] if i % 3 else [i % 2, 1] for i in range(200)]
    return wsal.VoteMatrix.from_array(
        rows, ["ham", HOSTILE], lf_names=[HOSTILE, "b"], item_ids=[f"{HOSTILE}{i}" for i in range(200)]
    )


@pytest.fixture
def model(votes):
    return wsal.LabelModel().fit(votes)


def test_votes_are_shown_by_the_names_of_their_classes_and_abstains_are_empty(votes):
    page = read(votes)
    assert "200 items, 2 functions" in page.text
    assert f"… and {200 - MOST_ROWS} more" in page.text
    assert "<script>alert(1)</script>" in page.text  # as text
    assert "-1" not in page.text


def test_many_functions_are_cut(votes):
    wide = wsal.VoteMatrix.from_array([[0] * 30] * 3, ["a", "b"])
    assert "… and 18 more functions" in read(wide).text
    assert "lf_12" not in read(wide.patterns()).text
    assert read(wsal.VoteMatrix.from_array([[0]], ["a", "b"])).text.count("more") == 0


def test_patterns_are_shown_with_the_most_frequent_first(votes):
    page = read(votes.patterns())
    assert "4 patterns of votes of 200 items" in page.text
    counts = votes.patterns().counts.tolist()
    assert str(max(counts)) in page.text


def test_a_table_of_rules_says_coverage_and_answers(votes):
    human = wsal.HumanLabels.from_pairs({f"{HOSTILE}0": 0})
    page = read(wsal.LFAnalysis(votes, human))
    assert "100.0 %" in page.text
    assert "1 / 1" in page.text
    assert "no estimate of precision" in page.text


def test_a_batch_says_what_is_asked_and_why(votes, model):
    page = read(wsal.select(votes, model, n=10, rng=0))
    assert "10 items to label" in page.text
    assert "drawn at random" in page.text


def test_evidence_is_a_waterfall_whose_figures_add_up(votes, model):
    why = wsal.explain(votes, model, f"{HOSTILE}3")
    page = read(why)
    assert {"svg", "rect"} <= page.tags
    assert f"add up to {why.log_odds:+.3f}" in page.text
    for term in why.terms:
        assert f"{term.log_odds:+.3f}" in page.text


def test_evidence_of_an_item_that_nothing_speaks_for_says_so():
    votes = wsal.VoteMatrix.from_array([[0], [-1]], ["a", "b"])
    page = read(wsal.explain(votes, wsal.LabelModel().fit(votes), 1))
    assert "nothing speaks" in page.text


def test_a_waterfall_of_any_terms_stays_on_its_drawing():
    drawn = draw_waterfall(
        [EvidenceTerm("a", None, 3.0), EvidenceTerm("b", "x", -7.0), EvidenceTerm("c", None, 0.0)]
    )
    for left, width in re.findall(r'x="([-\d.]+)" y="2" width="([-\d.]+)"', drawn):
        assert 0 <= float(left) <= float(left) + float(width) <= 100


def test_soft_labels_show_nothing_where_nothing_is_known():
    soft = SoftLabels(
        np.array([[0.25, 0.75], [0.5, 0.5]]),
        LabelSpace(("a", "b")),
        np.array(["x", "y"]),
        np.array(["rules", "none"]),
    )
    page = read(soft)
    assert "75.0 %" in page.text
    assert "50.0 %" not in page.text


def test_a_trust_report_says_its_sentence(votes, model):
    report = trust_report(votes, model)
    assert report.sentence.split(":")[0] in read(report).text


def test_what_a_project_reports_can_be_shown(tmp_path):
    project = Project.create_example(tmp_path / "p")
    pack = tmp_path / "p" / "labeling_functions" / "rules.yaml"
    pack.write_text(
        pack.read_text()
        + '  - {id: odd, label: spam, when: {keywords: [zebra]}, why: "<script>why</script>"}\n'
    )
    project.apply()
    project.fit()
    for task in project.tasks(10, rng=0):
        project.answer(task, "ham", annotator=HOSTILE)
    estimates = read(project.estimate())
    assert "3 audit draws with 3 answers" in estimates.text
    why = read(project.why("m001"))
    assert "MYBANK" in why.text
    read(project.soft_labels())
    assert "<script>why</script>" in read(project.scorecards().of("odd")).text
    assert "items were sorted" in read(gather(project)).text


def test_a_long_text_is_cut_and_a_table_of_a_million_rows_is_small():
    long = table(["x"], [["y" * 1000]], n_rows=1)
    assert len(long) < 700
    assert "… and 999980 more" in table(["x"], ([i] for i in range(10**6)), n_rows=10**6)
