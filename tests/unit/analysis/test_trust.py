"""The trust report: findings with figures and cures, and a verdict that knows what it rests on."""

from __future__ import annotations

import json

import numpy as np
import pytest

from wsal.analysis import TrustReport, trust, trust_report
from wsal.analysis.dependence import agreement_graph, vote_shares
from wsal.errors import DataError
from wsal.label_models import LabelModel, MajorityVote
from wsal.labels import HumanLabels
from wsal.testing import Copies, make_votes
from wsal.votes import VoteMatrix

LABELS = ["ham", "spam"]


def report_on(votes, **known):
    return trust_report(votes, LabelModel().fit(votes), **known)


def findings(report, kind):
    return [finding for finding in report.findings if finding.kind == kind]


def test_healthy_functions_give_no_findings():
    made = make_votes(2000, accuracies=(0.9, 0.8, 0.8, 0.75), coverage=0.6, rng=1)
    report = report_on(made.votes)
    assert report.findings == ()
    assert report.n_covered == int((made.votes.values >= 0).any(axis=1).sum())


def test_functions_that_never_vote_are_named():
    L = make_votes(200, coverage=0.5, rng=1).votes.values.copy()
    L[:, [1, 3]] = -1
    (found,) = findings(report_on(VoteMatrix.from_array(L, LABELS)), "never votes")
    assert found.lfs == ("lf_1", "lf_3")
    assert found.text == "lf_1 and lf_3 never vote on these 200 items"


def test_duplicates_are_named_with_their_votes():
    made = make_votes(300, coverage=0.5, copies=[Copies(of=2, n=2)], rng=1)
    (found,) = findings(report_on(made.votes), "duplicates")
    assert found.lfs == ("lf_2", "lf_2-copy-1", "lf_2-copy-2")
    assert found.figures["votes"] == (made.votes.values[:, 2] >= 0).sum()
    assert "counts one opinion 3 times" in found.cure


def test_two_functions_for_a_class_are_too_few_and_the_cure_says_how_many_to_write():
    made = make_votes(
        2000,
        accuracies=(0.9,) * 6,
        coverage=0.3,
        class_balance=(0.6, 0.4),
        polarities=(0, 0, 0, 0, 1, 1),
        rng=1,
    )
    (found,) = findings(report_on(made.votes), "few overlaps")
    assert found.classes == ("class-1",)
    assert found.text == "only 2 functions vote for 'class-1': lf_4 and lf_5"
    assert "a third" in found.cure


def test_functions_that_never_meet_are_too_few_however_many_there_are():
    L = np.full((120, 4), -1)
    for j in range(4):
        L[30 * j : 30 * (j + 1), j] = 1
    ham, spam = findings(report_on(VoteMatrix.from_array(L, LABELS)), "few overlaps")
    assert ham.text == "no function ever votes for 'ham'"
    assert (
        spam.text
        == "no two independent functions vote together for 'spam' on 10 items or more (4 vote for it)"
    )


def test_copies_of_one_function_are_no_three_opinions():
    made = make_votes(
        3000,
        accuracies=(0.8, 0.8, 0.9, 0.9, 0.9),
        coverage=(0.2, 0.2, 0.3, 0.3, 0.3),
        polarities=(1, 1, 0, 0, 0),
        copies=[Copies(of=0, n=3, dropout=0.2)],
        rng=1,
    )
    (found,) = findings(report_on(made.votes), "few overlaps")
    assert found.classes == ("class-1",)
    assert "no three independent functions" in found.text
    assert found.figures["functions"] == 5


def test_a_cluster_of_correlated_functions_is_found_with_its_figures():
    made = make_votes(
        3000,
        accuracies=(0.8, 0.8, 0.8, 0.7, 0.9),
        coverage=0.4,
        copies=[Copies(of=3, n=2, dropout=0.3)],
        rng=2,
    )
    (found,) = findings(report_on(made.votes), "correlated")
    assert found.lfs == ("lf_3", "lf_3-copy-1", "lf_3-copy-2")
    assert found.figures["pairs"] >= 2
    assert found.figures["z"] > 5
    assert found.figures["equal votes"] > 1.2 * found.figures["expected"]


@pytest.mark.parametrize("seed", range(5))
def test_independent_functions_are_not_linked(seed):
    made = make_votes(
        3000,
        accuracies=(0.8,) * 12,
        coverage=0.3,
        class_balance=(0.6, 0.4),
        polarities=(None,) * 4 + (0,) * 4 + (1,) * 4,
        rng=seed,
    )
    graph = agreement_graph(
        made.votes.patterns(), LabelModel().fit(made.votes).pattern_proba(made.votes.patterns())
    )
    assert graph.number_of_edges() == 0
    assert vote_shares(graph).tolist() == [1.0] * 12


def test_people_who_answer_the_same_items_are_not_linked_by_that():
    rng = np.random.default_rng(0)
    gold = rng.integers(2, size=600)
    L = np.full((600, 9), -1)
    for batch in range(3):  # each third of the items went to three people
        rows = slice(200 * batch, 200 * (batch + 1))
        for j in range(3 * batch, 3 * batch + 3):
            L[rows, j] = np.where(rng.random(200) < 0.8, gold[rows], 1 - gold[rows])
    votes = VoteMatrix.from_array(L, LABELS)
    assert findings(report_on(votes), "correlated") == []


def test_one_class_functions_without_a_balance_cannot_say_how_common_classes_are():
    made = make_votes(
        3000,
        accuracies=(0.6, 0.5, 0.5, 0.45, 0.9, 0.9, 0.9),
        coverage=(0.06, 0.05, 0.05, 0.05, 0.3, 0.3, 0.3),
        class_balance=(0.85, 0.15),
        polarities=(1, 1, 1, 1, 0, 0, 0),
        rng=0,
    )
    (found,) = findings(report_on(made.votes), "one class each")
    assert "cannot say how common the classes are" in found.text
    assert 0 < found.figures["share in conflict"] < 1
    given = trust_report(
        made.votes, LabelModel().fit(made.votes, class_balance=[0.85, 0.15]), class_balance=[0.85, 0.15]
    )
    assert given.balance_given
    assert findings(given, "one class each") == findings(given, "unstable balance") == []


def test_a_balance_that_readings_dispute_is_named_with_its_range():
    made = make_votes(
        3000,
        accuracies=(0.6, 0.5, 0.5, 0.45, 0.9, 0.9, 0.9),
        coverage=(0.02, 0.02, 0.02, 0.02, 0.3, 0.3, 0.3),
        class_balance=(0.95, 0.05),
        polarities=(1, 1, 1, 1, 0, 0, 0),
        rng=0,
    )
    found = findings(report_on(made.votes), "unstable balance")
    assert [finding.classes for finding in found] == [("class-1",)]
    assert found[0].figures["high"] > 2 * found[0].figures["low"]


def test_where_the_models_name_the_same_labels_there_is_no_difference():
    made = make_votes(500, accuracies=(0.8, 0.8, 0.8), coverage=1.0, rng=1)
    report = report_on(made.votes)
    assert (report.verdict, report.disputed, report.expected_gain) == ("no difference", 0.0, 0.0)
    assert "name the same labels" in report.sentence


def backwards(votes):
    """Give a model that answers told wrongly about every pattern."""
    patterns = votes.patterns()
    tally = patterns.tally().astype(float)
    return LabelModel().fit(patterns, 1000.0 * (tally.max(axis=1, keepdims=True) - tally))


def test_a_model_that_learned_nonsense_is_not_to_be_trusted():
    votes = make_votes(2000, accuracies=(0.85, 0.8, 0.8, 0.75, 0.7), coverage=0.7, rng=1).votes
    report = trust_report(votes, backwards(votes))
    assert report.verdict == "do not trust"
    assert report.sentence.startswith("do not trust LabelModel over majority vote: use MajorityVote")
    assert max(report.gains.values()) < -0.1
    assert not report.contradictory


def test_a_model_that_gold_answers_taught_is_to_be_trusted():
    made = make_votes(3000, accuracies=(0.97, 0.6, 0.55, 0.55, 0.55), coverage=0.9, rng=1)
    items = made.votes.item_ids.tolist()
    human = HumanLabels.from_pairs({items[i]: int(made.gold[i]) for i in range(0, 3000, 4)})
    report = trust_report(made.votes, LabelModel().fit(made.votes, human), human)
    assert (report.verdict, report.n_answers) == ("trust", 750)
    assert "expect it +" in report.sentence


def test_majority_vote_differs_from_itself_nowhere():
    votes = make_votes(300, coverage=0.4, rng=1).votes
    assert trust_report(votes, MajorityVote().fit(votes)).disputed == 0


def test_the_order_of_items_and_patterns_instead_of_votes_make_no_difference():
    votes = make_votes(500, coverage=0.4, copies=[Copies(of=0, n=2, dropout=0.2)], rng=1).votes
    shuffled = votes.select_items(np.random.default_rng(0).permutation(500))
    first = report_on(votes)
    assert first == report_on(shuffled) == report_on(votes.patterns())


def test_many_patterns_are_thinned_at_even_steps_and_it_is_said(monkeypatch):
    votes = make_votes(
        4000, accuracies=(0.85, 0.8, 0.7, 0.7, 0.6), coverage=0.5, class_balance=(0.8, 0.2), rng=1
    ).votes
    whole = trust_report(votes, backwards(votes))
    monkeypatch.setattr(trust, "_MAX_PATTERNS", 200)
    part = trust_report(votes, backwards(votes), HumanLabels.from_pairs({0: 1, 5: 0}))
    assert part.notes == ("the verdict rests on 200 of 4000 items, at even steps through the patterns",)
    assert part.verdict == whole.verdict
    assert part.expected_gain == pytest.approx(whole.expected_gain, abs=0.15)
    assert part.n_covered == whole.n_covered


def test_a_report_reads_back_from_json():
    votes = make_votes(500, coverage=0.4, copies=[Copies(of=0, n=2)], rng=1).votes
    report = report_on(votes)
    assert report.findings
    assert TrustReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_votes_that_are_none_and_other_functions_are_errors():
    votes = make_votes(50, coverage=0.5, rng=1).votes
    with pytest.raises(DataError, match="no function ever votes"):
        report_on(VoteMatrix.from_array(np.full((3, 2), -1), LABELS))
    with pytest.raises(DataError, match="other labelling functions"):
        trust_report(make_votes(50, accuracies=(0.9,), rng=1).votes, LabelModel().fit(votes))
