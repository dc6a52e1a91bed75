from __future__ import annotations

import json
import math
import tracemalloc

import numpy as np
import pytest

from wsal.errors import DataError, InputError, NotFittedError
from wsal.label_models import BALANCE, PEOPLE, VOTE_SHARE, FittedLabelModel, LabelModel
from wsal.labels import HumanLabels
from wsal.votes import VoteMatrix

LABELS = ["ham", "spam"]


def matrix(L, labels=LABELS, **kwargs):
    return VoteMatrix.from_array(L, labels, **kwargs)


VOTES = matrix([[1, 1, -1], [0, -1, 0], [1, -1, -1], [-1, -1, -1], [1, 0, -1], [1, 1, -1]])


def test_one_vote_is_believed_as_far_as_the_prior_precision():
    P = LabelModel(agreement_weight=0.0).fit(VOTES).predict_proba(VOTES)
    assert P[2] == pytest.approx([0.22, 0.78])
    P = LabelModel(prior_precision=0.6, agreement_weight=0.0).fit(VOTES).predict_proba(VOTES)
    assert P[2] == pytest.approx([0.4, 0.6])


def test_a_single_vote_among_six_classes_leaves_the_rest_to_the_others_alike():
    votes = matrix([[2]], labels=list("abcdef"))
    P = LabelModel().fit(votes).predict_proba(votes)[0]
    odds = 0.78 / 0.22 / math.sqrt(5)  # of the class voted for, against all others together
    assert P[2] == pytest.approx(odds / (1 + odds))
    assert P[[0, 1, 3, 4, 5]] == pytest.approx(np.full(5, 1 / (1 + odds) / 5))


def test_the_score_of_several_votes_is_that_of_the_design():
    model = LabelModel(agreement_weight=0.0).fit(VOTES)
    v = model.vote_share
    scores = (np.log([0.22, 0.78]) * 2) / np.sqrt(2) - 0.3 * np.log(v)
    expected = np.exp(scores) / np.exp(scores).sum()
    assert model.predict_proba(VOTES)[0] == pytest.approx(expected, abs=1e-14)


def test_a_conflict_goes_to_the_class_that_rules_vote_for_less():
    model = LabelModel().fit(VOTES)
    assert model.vote_share[1] > model.vote_share[0]
    P = model.predict_proba(VOTES)[4]
    assert P[0] > P[1] > 0.45


def test_the_share_of_votes_is_a_fixed_point():
    model = LabelModel(tolerance=1e-13).fit(VOTES)
    q = model.predict_proba(VOTES)[[0, 1, 2, 4, 5]]
    share = q.sum(axis=0) / q.sum()
    assert model.vote_share == pytest.approx(0.8 * share + 0.1, abs=1e-12)


def test_items_without_votes_get_the_share_of_votes():
    model = LabelModel().fit(VOTES)
    assert model.predict_proba(VOTES)[3] == pytest.approx(model.vote_share)


def test_answers_change_what_a_source_says():
    votes = matrix([[0, 1]] * 10 + [[0, -1]] * 10)
    human = HumanLabels.from_pairs(dict.fromkeys(range(10), 1))
    P = np.exp(LabelModel().fit(votes, human).log_posterior)
    # Ten answers of weight ½ on items where lf_0 says ham and lf_1 says spam.
    assert P[0] == pytest.approx([15.6 / 25, 9.4 / 25])
    assert P[3] == pytest.approx([4.4 / 25, 20.6 / 25])
    assert P[1] == pytest.approx([0.22, 0.78])


def test_answers_correct_items_alike():
    votes = matrix([[0]] * 20)
    model = LabelModel().fit(votes, HumanLabels.from_pairs({0: 1, 1: 1}))
    source = (20 * np.array([0.78, 0.22]) + [0, 1]) / 21
    assert model.predict_proba(votes)[5] == pytest.approx((10 * source + [0, 1]) / 11)


def test_an_answered_item_carries_the_share_of_its_answers(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"item": [0, 0, 0], "label": [1, 1, 0], "annotator": ["ana", "bo", "cy"]})
    model = LabelModel().fit(VOTES, HumanLabels.from_frame(frame))
    assert model.predict_proba(VOTES)[0] == pytest.approx([1 / 3, 2 / 3])
    assert model.predict_proba(VOTES, answers=False)[0, 1] > 0.75


def test_answers_are_carried_only_by_items_that_are_there():
    model = LabelModel().fit(VOTES, HumanLabels.from_pairs({0: 0, 2: 0}))
    later = matrix([[1, -1, -1], [1, -1, -1]], item_ids=[2, 99])
    P = model.predict_proba(later)
    assert P[0].tolist() == [1.0, 0.0]
    assert P[1, 1] > 0.5


def test_answers_for_unknown_items_are_refused_by_name():
    with pytest.raises(DataError, match="not among the votes: 'x1'") as error:
        LabelModel().fit(VOTES, HumanLabels.from_pairs({"x1": 1, 0: 1}))
    assert "human.only(" in str(error.value)
    with pytest.raises(DataError, match=r"7 items that are not among the votes: .* and 2 more"):
        LabelModel().fit(VOTES, HumanLabels.from_pairs({f"x{i}": 1 for i in range(7)}))


def test_answers_by_item_need_items():
    with pytest.raises(DataError, match="no item ids"):
        LabelModel().fit(VOTES.patterns(), HumanLabels.from_pairs({0: 1}))


def test_answers_by_pattern_are_taken_as_counts():
    patterns = VOTES.patterns()
    human = HumanLabels.from_pairs({0: 0, 5: 1, 3: 1})
    counts = np.zeros((patterns.n_patterns, 2))
    for item, y in ((0, 0), (5, 1), (3, 1)):
        counts[patterns.inverse[item], y] += 0.5
    by_item, by_pattern = LabelModel().fit(VOTES, human), LabelModel().fit(patterns, counts)
    assert by_item.pattern_proba(patterns).tobytes() == by_pattern.pattern_proba(patterns).tobytes()


@pytest.mark.parametrize("wrong", [np.zeros((2, 2)), np.full((5, 2), -1.0), np.full((5, 2), np.nan)])
def test_wrong_counts_by_pattern_are_refused(wrong):
    with pytest.raises(DataError, match="human counts"):
        LabelModel().fit(VOTES.patterns(), wrong)


def test_patterns_without_items_give_one_row_a_pattern():
    patterns = VOTES.patterns()
    merged = patterns.merge(
        type(patterns)(patterns.votes, patterns.counts, patterns.labels, patterns.lf_names)
    )
    assert merged.inverse is None
    model = LabelModel().fit(merged)
    assert model.predict_proba(merged).shape == (patterns.n_patterns, 2)
    assert model.predict(merged).shape == (patterns.n_patterns,)


def test_votes_of_other_functions_are_refused_with_the_difference():
    model = LabelModel().fit(VOTES)
    with pytest.raises(DataError, match="missing here: lf_2; not in the fit: new"):
        model.predict_proba(matrix([[1, 1, 1]], lf_names=["lf_0", "lf_1", "new"]))
    with pytest.raises(DataError, match="another order, from position 1"):
        model.predict_proba(matrix([[1, 1, 1]], lf_names=["lf_1", "lf_0", "lf_2"]))
    with pytest.raises(DataError, match="other labels"):
        model.predict_proba(matrix([[1, 1, 1]], labels=["ham", "eggs"]))


def test_hard_labels_abstain_where_nothing_spoke_unless_told_otherwise():
    model = LabelModel().fit(VOTES, HumanLabels.from_pairs({3: 0}))
    assert model.predict(VOTES)[3] == 0
    plain = LabelModel().fit(VOTES)
    assert plain.predict(VOTES).tolist() == [1, 0, 1, -1, 0, 1]
    assert plain.predict(VOTES, uncovered="guess")[3] == 1


def test_a_fit_that_runs_out_of_steps_says_so():
    model = LabelModel(max_iter=2, tolerance=1e-15).fit(VOTES)
    assert (model.n_iter, model.stop_reason, len(model.history)) == (2, "max_iter", 2)
    assert LabelModel().fit(VOTES).stop_reason == "converged"


def test_no_votes_at_all_leave_the_shares_uniform():
    votes = matrix(np.full((4, 3), -1))
    model = LabelModel().fit(votes, class_balance=[0.7, 0.3])
    assert model.predict_proba(votes).tolist() == [[0.5, 0.5]] * 4


def test_no_items_at_all_are_no_error():
    votes = matrix(np.zeros((0, 3), dtype=int))
    assert LabelModel().fit(votes).predict_proba(votes).shape == (0, 2)


def test_no_functions_at_all_are_no_error():
    votes = matrix(np.zeros((3, 0), dtype=int))
    assert LabelModel().fit(votes, HumanLabels.from_pairs({0: 1})).predict_proba(votes).shape == (3, 2)


def test_terms_name_what_they_stand_for():
    model = LabelModel().fit(VOTES, HumanLabels.from_pairs({0: 1}), class_balance=[0.6, 0.4])
    terms = model.terms(VOTES.values[0])
    assert [(term.source, term.vote) for term in terms] == [
        (VOTE_SHARE, None),
        ("lf_0", "spam"),
        ("lf_1", "spam"),
        (PEOPLE, None),
        (BALANCE, None),
    ]
    assert [term.source for term in model.terms(VOTES.values[1])] == [VOTE_SHARE, "lf_0", "lf_2", BALANCE]


def test_copies_share_one_vote_in_the_terms():
    votes = matrix([[1, 1, 0], [0, 0, 0], [1, 1, -1]])
    terms = {term.source: term.log_scores for term in LabelModel().fit(votes).terms(votes.values[2])}
    assert terms["lf_0"] == pytest.approx(0.5 * np.log([0.22, 0.78]))
    assert terms["lf_0"].tolist() == terms["lf_1"].tolist()


def test_terms_of_a_row_of_another_length_are_refused():
    with pytest.raises(DataError, match="one vote for each of 3"):
        LabelModel().fit(VOTES).terms(np.array([1, 1], dtype=np.int8))


def test_an_unfitted_model_refuses_to_predict():
    with pytest.raises(NotFittedError, match="model that fit returns"):
        LabelModel().predict_proba(VOTES)


@pytest.mark.parametrize(
    "setting",
    [
        {"prior_precision": 1.0},
        {"prior_precision": float("nan")},
        {"prior_strength": 0.0},
        {"local_strength": -1.0},
        {"tie_weight": 1.0},
        {"uniform_share": 0.0},
        {"copy_similarity": 0.0},
        {"copy_min_equal": 0},
        {"max_iter": 0},
        {"tolerance": 0.0},
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(setting):
    with pytest.raises(InputError, match=next(iter(setting))):
        LabelModel(**setting)


def test_json_keeps_every_bit_and_no_annotator():
    import pandas as pd

    frame = pd.DataFrame({"item": [0, 2], "label": [1, 0], "annotator": ["ana@example.org", "bo"]})
    model = LabelModel(prior_precision=0.7).fit(
        VOTES, HumanLabels.from_frame(frame), class_balance=[0.3, 0.7]
    )
    text = model.to_json()
    assert "ana" not in text
    again = FittedLabelModel.from_json(text)
    assert again.to_json() == text
    assert again.predict_proba(VOTES).tobytes() == model.predict_proba(VOTES).tobytes()
    assert again.settings == model.settings
    assert (again.n_iter, again.stop_reason, again.history) == (
        model.n_iter,
        model.stop_reason,
        model.history,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is not"),
        ("[]", "a list"),
        ('{"wsal_model": "majority vote", "version": 1}', "no saved label model"),
        (json.dumps({"wsal_model": "label model", "version": 99}), "version 99"),
    ],
)
def test_what_is_no_saved_label_model_is_refused(text, message):
    with pytest.raises(DataError, match=message):
        FittedLabelModel.from_json(text)


def test_fit_changes_neither_the_votes_nor_the_counts():
    patterns = VOTES.patterns()
    counts = np.zeros((patterns.n_patterns, 2))
    counts[1, 1] = 1.0
    before = counts.copy()
    LabelModel().fit(patterns, counts).predict_proba(patterns)
    assert (counts == before).all()


def test_a_tie_goes_to_the_rule_that_others_bear_out():
    # lf_0 and lf_3 contradict each other; lf_2 bears out lf_0, and lf_1 contradicts lf_3 wherever they meet.
    L = [[0, -1, 0, -1]] * 30 + [[-1, 1, -1, -1]] * 30 + [[-1, 0, -1, 1]] * 15 + [[-1, 1, -1, 1]] * 15
    votes = matrix([*L, [0, -1, -1, 1]])
    P = LabelModel(tie_weight=0.0).fit(votes).predict_proba(votes)[-1]
    assert P[0] > 0.5
    without = LabelModel(tie_weight=0.0, agreement_weight=0.0).fit(votes).predict_proba(votes)[-1]
    assert without == pytest.approx([0.5, 0.5])


def test_agreement_moves_a_prior_by_a_hair_only():
    rng = np.random.default_rng(0)
    votes = matrix(rng.integers(-1, 2, size=(400, 12)))
    lean = LabelModel().agreement_weight * LabelModel().fit(votes).agreement
    assert 0 < np.abs(lean).max() < 0.03 * 2 * np.log(49) + 1e-12


def audited(answers, propensity=0.1):
    import pandas as pd

    return HumanLabels.from_frame(
        pd.DataFrame({"item": list(answers), "label": list(answers.values()), "propensity": propensity})
    )


def test_the_balance_by_audit_lies_between_that_of_the_model_and_that_of_the_answers():
    votes = matrix([[1, -1]] * 60 + [[-1, 0]] * 60)
    start = LabelModel().fit(votes).pattern_proba(votes.patterns())
    share = votes.patterns().expand(start).mean(axis=0)[0]
    human = audited(dict.fromkeys(range(15), 0) | dict.fromkeys(range(60, 75), 0))
    model = LabelModel().fit(votes, human, class_balance="audit")
    assert share + 0.1 < model.class_balance[0] < 0.95
    assert model.audited
    moved = model.predict_proba(votes, answers=False)[:, 0]
    unmoved = LabelModel().fit(votes, human).predict_proba(votes, answers=False)[:, 0]
    assert (moved > unmoved).all()


def test_without_random_draws_the_balance_by_audit_changes_nothing():
    human = HumanLabels.from_pairs({0: 0, 1: 1})
    plain = LabelModel().fit(VOTES, human).predict_proba(VOTES)
    for answers in (human, None):
        model = LabelModel().fit(VOTES, answers, class_balance="audit")
        expected = plain if answers is not None else LabelModel().fit(VOTES).predict_proba(VOTES)
        assert model.predict_proba(VOTES) == pytest.approx(expected, abs=1e-9)


def test_items_drawn_with_a_higher_chance_count_less_in_the_audit():
    votes = matrix([[1, -1]] * 200)
    even = audited({0: 0, 1: 1})
    import pandas as pd

    uneven = HumanLabels.from_frame(
        pd.DataFrame({"item": [0, 1], "label": [0, 1], "propensity": [0.05, 0.005]})
    )
    shares = [LabelModel().fit(votes, h, class_balance="audit").class_balance[1] for h in (even, uneven)]
    assert shares[1] > shares[0]


def test_a_balance_by_audit_needs_to_know_the_draws():
    patterns = VOTES.patterns()
    with pytest.raises(DataError, match="drawn at random"):
        LabelModel().fit(patterns, np.ones((patterns.n_patterns, 2)), class_balance="audit")
    with pytest.raises(DataError, match="the word 'audit'"):
        LabelModel().fit(VOTES, class_balance="even")


def test_the_start_is_the_fit_without_answers_and_outlives_saving():
    human = audited(dict.fromkeys(range(3), 1))
    for balance in (None, [0.3, 0.7], "audit"):
        model = LabelModel().fit(VOTES, human, class_balance=balance)
        start = LabelModel().fit(VOTES, class_balance=None if balance == "audit" else balance)
        patterns = VOTES.patterns()
        expected = start.pattern_proba(patterns)
        assert model.start_proba(patterns) == pytest.approx(expected, abs=1e-12)
        again = FittedLabelModel.from_json(model.to_json())
        assert again.start_proba(patterns).tolist() == model.start_proba(patterns).tolist()


def test_what_a_fit_holds_are_votes_the_pattern_of_each_item_and_soft_labels():
    n, m, k = 2_000_000, 10, 2
    L = np.random.default_rng(0).choice(np.array([-1, -1, -1, 0, 1], dtype=np.int8), size=(n // 20, m))
    L = np.tile(L, (20, 1))
    tracemalloc.start()
    try:
        votes = matrix(L)
        LabelModel().fit(votes).predict_proba(votes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    held = n * (m + 4 + 8 * k)
    assert held < peak < 1.4 * held
