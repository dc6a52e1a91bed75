"""What the Dashboard says of trust: plain words for every kind of finding, with the figures and something to do."""

from __future__ import annotations

import re
from typing import get_args

import numpy as np
import pytest

from wsal.analysis import trust_report
from wsal.analysis.trust_findings import Finding, FindingKind
from wsal.label_models import LabelModel
from wsal.testing import Copies, make_votes
from wsal.votes import VoteMatrix
from wsal.web.trust_words import say_finding, say_trust

JARGON = re.compile(
    r"majority|label model|covered|functions?\b|\bz \d|\bclass\b|classes|identif|prior", re.IGNORECASE
)


def report_on(values, **known):
    votes = VoteMatrix.from_array(np.asarray(values), ["ham", "spam"])
    return trust_report(votes, LabelModel().fit(votes), **known)


def reports():
    """Return reports that hold every kind of finding between them."""
    silent = make_votes(200, coverage=0.5, rng=1).votes.values.copy()
    silent[:, [1, 3]] = -1
    copies = make_votes(300, coverage=0.5, copies=[Copies(of=2, n=2)], rng=1).votes.values
    near = make_votes(3000, coverage=0.5, copies=[Copies(of=0, n=1, dropout=0.3)], rng=3).votes.values
    two = make_votes(
        2000, accuracies=(0.9,) * 6, coverage=0.3, polarities=(0, 0, 0, 0, 1, 1), rng=1
    ).votes.values
    no_spam = np.where(two == 1, -1, two)
    apart = np.array([[0, -1, -1, 1], [-1, 0, -1, 1], [-1, -1, 0, 1]] * 40)
    return [report_on(values) for values in (silent, copies, near, two, no_spam, apart)]


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    return [finding for report in reports() for finding in report.findings]


def test_every_kind_of_finding_has_plain_words_and_something_to_do(found):
    assert {one.kind for one in found} == set(get_args(FindingKind))
    for one in found:
        said = say_finding(one)
        assert JARGON.search(f"{said.text} {said.do}".replace("class_balance", "")) is None, said
        assert all(text[0].isupper() or text.startswith(one.lfs) for text in (said.text, said.do)), said
        assert [text for text in (said.text, said.do) if not text.endswith(".")] == []


def test_the_rules_and_the_labels_that_a_finding_is_about_are_named(found):
    for one in found:
        text = say_finding(one).text
        named = one.lfs[:4] if one.kind != "few overlaps" else ()
        assert [name for name in named if name not in text] == []
        if len(one.classes) == 1:
            assert one.classes[0] in text


def test_a_verdict_says_how_many_labels_hang_on_it_and_never_speaks_of_models():
    for report in reports():
        said = say_trust(report)
        assert f"{100 * report.disputed:.1f} % of the labels" in said.text
        assert said.short
        assert JARGON.search(f"{said.text} {said.do} {said.short}") is None, said
        assert bool(said.do) == (report.contradictory or report.verdict == "do not trust")
