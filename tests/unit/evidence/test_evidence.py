"""explain: terms that add up to the delivered label."""

import json

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError, InputError
from wsal.evidence import explain
from wsal.features import DuplicateGroups
from wsal.label_models import LabelModel, MajorityVote
from wsal.labels import HumanLabels
from wsal.testing import make_features, make_votes
from wsal.training import deliver
from wsal.votes import VoteMatrix

LABELS = ["ham", "spam", "scam"]


@pytest.fixture
def votes():
    rows = [[1, 1, 0], [0, -1, 0], [1, -1, -1], [-1, -1, -1], [1, 0, -1]]
    return VoteMatrix.from_array(
        rows, LABELS, lf_names=["prize", "links", "greeting"], item_ids=list("abcde")
    )


@pytest.fixture(scope="module")
def run():
    """Thirty answers, features, three classes: everything that can speak speaks."""
    made = make_votes(400, class_balance=(0.5, 0.3, 0.2), coverage=0.25, rng=1)
    human = HumanLabels.from_pairs({i: int(made.gold[i]) for i in range(30)})
    features = make_features(made.gold, n_features=15, rng=2)
    model = LabelModel().fit(made.votes, human, class_balance=(0.5, 0.3, 0.2))
    return deliver(made.votes, model, human=human, features=features)


def _row(run, *, covered, answered):
    code = run.votes.patterns().require_inverse()
    rows = np.flatnonzero(run.votes.patterns().covered[code] == covered)
    return next(row for row in rows.tolist() if (row < 30) == answered)


def _assert_adds_up(evidence):
    a, b = evidence.contrast
    p = evidence.evidence_probabilities
    assert evidence.log_odds == pytest.approx(np.log(p[a] / p[b]), abs=1e-9)
    assert sum(term.log_odds for term in evidence.terms) == pytest.approx(evidence.log_odds, abs=1e-12)


def test_a_covered_item_is_explained_by_its_rules(votes):
    model = LabelModel().fit(votes)
    why = explain(votes, model, "a")
    assert (why.label, why.runner_up, why.answered, why.answers) == ("spam", "ham", False, ())
    assert [(t.source, t.vote) for t in why.terms] == [
        ("vote share", None),
        ("prize", "spam"),
        ("links", "spam"),
        ("greeting", "ham"),
    ]
    assert why.probabilities == dict(zip(LABELS, model.predict_proba(votes)[0].tolist(), strict=True)) or (
        list(why.probabilities.values()) == pytest.approx(model.predict_proba(votes)[0])
    )
    _assert_adds_up(why)


def test_people_on_items_alike_and_the_class_balance_have_terms(votes):
    model = LabelModel().fit(votes, HumanLabels.from_pairs({"c": 1}), class_balance=(0.5, 0.3, 0.2))
    why = explain(votes, model, "c")
    assert [t.source for t in why.terms] == ["vote share", "prize", "people on items alike", "class balance"]
    _assert_adds_up(why)


def test_an_answered_item_shows_the_answer_and_then_the_evidence_before_it(votes):
    frame = pd.DataFrame({"item": ["a"], "label": [0], "annotator": ["ana"], "purpose": ["uncertain"]})
    human = HumanLabels.from_frame(frame)
    why = explain(votes, LabelModel().fit(votes, human), "a", human=human)
    assert (why.label, why.runner_up) == ("ham", "spam")  # the best other class before the answer
    assert why.answered
    assert why.probabilities == {"ham": 1.0, "spam": 0.0, "scam": 0.0}
    assert why.evidence_probabilities["spam"] > why.evidence_probabilities["ham"]
    assert why.log_odds < 0  # the rules spoke against the answer
    assert [(a.label, a.annotator, a.purpose) for a in why.answers] == [("ham", "ana", "uncertain")]
    _assert_adds_up(why)


def test_answers_that_only_the_model_knows_are_shown_without_names(votes):
    why = explain(votes, LabelModel().fit(votes, HumanLabels.from_pairs({"a": 2})), "a")
    assert [(a.label, a.annotator) for a in why.answers] == [("scam", "")]


def test_people_who_disagree_leave_no_label_and_their_classes_are_compared(votes):
    frame = pd.DataFrame({"item": ["a", "a"], "label": [2, 1], "annotator": ["ana", "ben"]})
    human = HumanLabels.from_frame(frame)
    why = explain(votes, LabelModel().fit(votes, human), "a", human=human)
    assert why.label is None
    assert why.probabilities == {"ham": 0.0, "spam": 0.5, "scam": 0.5}
    assert why.contrast[0] == "spam"  # the likelier of the two before the answers
    _assert_adds_up(why)


def test_an_item_of_which_nothing_speaks_has_neither_label_nor_terms(votes):
    why = explain(votes, LabelModel().fit(votes), "d")
    assert (why.label, why.contrast, why.runner_up, why.terms, why.log_odds) == (None, None, None, (), 0.0)


def test_a_tie_has_no_label_but_its_classes_are_compared():
    votes = VoteMatrix.from_array([[1, 0]], ["ham", "spam"])
    why = explain(votes, LabelModel().fit(votes), 0)
    assert why.label is None
    assert set(why.contrast) == {"ham", "spam"}
    assert why.log_odds == pytest.approx(0, abs=1e-9)


def test_with_an_end_model_rules_and_words_have_half_a_vote_each(run):
    row = _row(run, covered=True, answered=False)
    why = explain(run.votes, run.model, row, delivered=run)
    sources = [t.source for t in why.terms]
    assert "human classifier" in sources
    assert "end model: other features" in sources
    assert sources[-1] == "end model: intercept"
    assert sum(s.startswith("end model: feature") for s in sources) == 10
    assert list(why.probabilities.values()) == pytest.approx(run.soft.probabilities[row])
    rule = next(t for t in why.terms if t.vote is not None)
    alone = explain(run.votes, run.model, row, contrast=why.contrast)  # without features
    assert rule.log_odds == pytest.approx(
        0.5 * next(t.log_odds for t in alone.terms if t.source == rule.source)
    )
    _assert_adds_up(why)


def test_the_words_named_are_the_largest_and_in_order(run):
    why = explain(run.votes, run.model, _row(run, covered=False, answered=False), delivered=run)
    sizes = [abs(t.log_odds) for t in why.terms if t.source.startswith("end model: feature")]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 10


def test_an_uncovered_item_is_explained_by_the_end_model_alone(run):
    why = explain(run.votes, run.model, _row(run, covered=False, answered=False), delivered=run)
    assert {t.source.split(":")[0] for t in why.terms} == {"end model"}
    _assert_adds_up(why)


@pytest.mark.parametrize("covered", [True, False])
def test_an_answered_item_is_explained_by_what_would_be_delivered_without_carrying_the_answer(run, covered):
    row = _row(run, covered=covered, answered=True)
    why = explain(run.votes, run.model, row, delivered=run)
    assert list(why.evidence_probabilities.values()) == pytest.approx(run.unanswered[row])
    _assert_adds_up(why)


def test_any_two_classes_can_be_compared(run):
    row = _row(run, covered=True, answered=False)
    pair = explain(run.votes, run.model, row, delivered=run, contrast=("class-2", "class-0"))
    back = explain(run.votes, run.model, row, delivered=run, contrast=("class-0", "class-2"))
    assert pair.contrast == ("class-2", "class-0")
    assert pair.log_odds == pytest.approx(-back.log_odds)
    _assert_adds_up(pair)
    label = pair.label
    other = next(name for name in run.votes.labels if name != label)
    assert explain(run.votes, run.model, row, delivered=run, contrast=other).contrast == (label, other)


def test_without_a_rule_its_term_is_gone_and_the_others_are_scaled_anew(votes):
    model = LabelModel().fit(votes)
    why = explain(votes, model, "a")
    less = why.without("links")
    assert less.contrast == why.contrast
    assert [t.source for t in less.terms] == ["vote share", "prize", "greeting"]
    before, after = (next(t.log_odds for t in e.terms if t.source == "prize") for e in (why, less))
    assert after == pytest.approx(before * np.sqrt(3 / 2))
    _assert_adds_up(less)


def test_without_a_rule_the_label_is_that_of_the_same_model_on_the_remaining_votes(votes):
    model = LabelModel().fit(votes, HumanLabels.from_pairs({"e": 0}))
    less = explain(votes, model, "a").without("greeting").without("links")
    changed = VoteMatrix.from_array([[1, -1, -1]], LABELS, lf_names=votes.lf_names)
    assert list(less.evidence_probabilities.values()) == pytest.approx(
        model.pattern_proba(changed.patterns())[0], abs=1e-12
    )


def test_without_its_only_rule_nothing_speaks_for_an_item(votes):
    less = explain(votes, LabelModel().fit(votes), "c").without("prize")
    assert (less.label, less.terms) == (None, ())


def test_without_its_only_rule_an_item_has_the_end_model_left(run):
    L = run.votes.values
    row = int(np.flatnonzero(((L >= 0).sum(axis=1) == 1) & (np.arange(len(L)) >= 30))[0])
    name = run.votes.lf_names[int(np.flatnonzero(L[row] >= 0)[0])]
    less = explain(run.votes, run.model, row, delivered=run).without(name)
    assert list(less.probabilities.values()) == pytest.approx(run.end_probabilities[row])


def test_without_a_rule_an_answer_stands(votes):
    why = explain(votes, LabelModel().fit(votes, HumanLabels.from_pairs({"a": 0})), "a")
    assert why.without("greeting").label == "ham"


def test_a_rule_that_did_not_vote_changes_nothing(votes):
    why = explain(votes, LabelModel().fit(votes), "c")
    assert why.without("links").terms == why.terms


def test_the_dictionary_is_json_and_has_the_keys_that_others_build_on(run):
    data = json.loads(json.dumps(explain(run.votes, run.model, 3, delivered=run).to_dict()))
    assert {"item", "label", "probabilities", "terms", "answers", "runner_up", "answered", "log_odds"} <= set(
        data
    )
    assert set(data["terms"][0]) == {"source", "vote", "log_odds"}
    assert data["item"] == 3
    assert data["answers"] == [{"label": data["label"], "annotator": "", "purpose": "", "duplicate": None}]
    assert sum(data["probabilities"].values()) == pytest.approx(1)


def test_an_unknown_item_is_refused(votes):
    with pytest.raises(DataError, match="no item 'z'"):
        explain(votes, LabelModel().fit(votes), "z")


def test_a_model_that_does_not_open_into_terms_is_refused(votes):
    with pytest.raises(DataError, match="FittedMajorityVote does not open"):
        explain(votes, MajorityVote().fit(votes), "a")


@pytest.mark.parametrize(
    ("item", "contrast", "said"),
    [
        ("a", "spma", "unknown label 'spma'"),
        ("a", ("ham", "ham"), "with itself"),
        ("a", "spam", "with itself"),
        ("d", "spam", "no single label"),
    ],
)
def test_a_contrast_that_is_none_is_refused(votes, item, contrast, said):
    with pytest.raises(InputError, match=said):
        explain(votes, LabelModel().fit(votes), item, contrast=contrast)


def test_an_unknown_rule_is_refused_with_a_suggestion(votes):
    with pytest.raises(InputError, match="did you mean 'prize'"):
        explain(votes, LabelModel().fit(votes), "a").without("prise")


def test_the_evidence_of_one_model_is_not_mixed_with_the_labels_of_another(run):
    other = LabelModel().fit(run.votes)
    with pytest.raises(DataError, match=r"another model than the one given\n  hint: give delivered\.model"):
        explain(run.votes, other, 3, delivered=run)


@pytest.mark.parametrize("change", ["items", "names", "labels", "values"])
def test_the_votes_explained_are_those_that_were_delivered(run, change):
    votes = run.votes
    values, labels, names = votes.values.copy(), votes.labels.names, votes.lf_names
    ids = votes.item_ids.tolist()
    if change == "items":
        ids[5] = "another"
    elif change == "names":
        names = (*names[:-1], "another")
    elif change == "labels":
        labels = (*labels[:-1], "another")
    else:
        values[3, 0] = 0 if values[3, 0] else 1
    other = VoteMatrix.from_array(values, labels, lf_names=names, item_ids=ids)
    with pytest.raises(DataError, match=r"other votes than those given\n  hint: give delivered\.votes"):
        explain(other, run.model, 3, delivered=run)


def test_equal_votes_are_the_same_votes(run):
    votes = run.votes
    copy = VoteMatrix.from_array(
        votes.values, votes.labels, lf_names=votes.lf_names, item_ids=votes.item_ids.tolist()
    )
    one, other = (explain(each, run.model, 3, delivered=run).to_dict() for each in (votes, copy))
    assert one == other


def test_a_near_duplicate_keeps_half_of_the_answer_when_a_rule_is_taken_away():
    votes = VoteMatrix.from_array([[1, -1], [1, -1], [1, 0]], ["ham", "spam"], lf_names=["prize", "greeting"])
    groups = DuplicateGroups(np.arange(3), np.array([0, 0, 2]), np.arange(3), np.ones(3))
    human = HumanLabels.from_pairs({0: 0})
    run = deliver(votes, LabelModel().fit(votes, human), human=human, duplicates=groups)
    why = explain(votes, run.model, 1, delivered=run)
    evidence, delivered = why.evidence_probabilities["ham"], why.probabilities["ham"]
    assert delivered == pytest.approx(0.5 + 0.5 * evidence)
    less = why.without("prize")
    assert less.probabilities["ham"] == pytest.approx(0.5 + 0.5 * less.evidence_probabilities["ham"])
    assert less.probabilities["ham"] != pytest.approx(delivered)


def test_an_audit_without_answers_has_no_term(votes):
    model = LabelModel().fit(votes, class_balance="audit")
    assert "class balance" not in [term.source for term in explain(votes, model, "a").terms]


def test_a_label_that_no_single_rule_carries_has_a_smallest_set(votes):
    votes = VoteMatrix.from_array([[1, 1, 1, 0], [0, 0, 1, 0]], ["ham", "spam"], lf_names=list("abcd"))
    found = explain(votes, LabelModel().fit(votes), 0).decisive
    assert found.rules == ()
    assert {len(removal.rules) for removal in found.smallest} == {2}
    assert all(set(removal.rules) < {"a", "b", "c"} for removal in found.smallest)
    assert found.complete


def test_the_search_for_decisive_rules_says_where_it_stopped():
    votes = VoteMatrix.from_array([[1] * 40, [0] * 40], ["ham", "spam"])
    X = np.array([[0.0, 1.0], [1.0, 0.0]])
    run = deliver(votes, LabelModel(copy_min_equal=100).fit(votes), features=X)
    found = explain(votes, run.model, 0, delivered=run).decisive
    assert (found.smallest, found.searched, found.complete) == ((), 3, False)
    assert len(found.each) == 40


def test_an_answer_stands_so_no_rule_is_decisive(votes):
    found = explain(votes, LabelModel().fit(votes, HumanLabels.from_pairs({"a": 0})), "a").decisive
    assert (found.rules, found.smallest, found.complete) == ((), (), True)
