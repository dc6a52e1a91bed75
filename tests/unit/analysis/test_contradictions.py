"""Answers that evidence without them speaks against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.analysis import contradictions, find_contradictions
from wsal.label_models import LabelModel, MajorityVote
from wsal.labels import HumanLabels
from wsal.testing import make_votes
from wsal.votes import VoteMatrix

MADE = make_votes(1500, accuracies=(0.9, 0.85, 0.85, 0.8), coverage=0.7, rng=3)


def answers(n=300, wrong=(), annotator="ana"):
    items = MADE.votes.item_ids.tolist()
    rows = [(items[i], int(MADE.gold[i]) ^ (i in wrong), annotator) for i in range(n)]
    return HumanLabels.from_frame(pd.DataFrame(rows, columns=["item", "label", "annotator"]))


def test_wrong_answers_come_first():
    wrong = set(range(0, 300, 20))
    found = find_contradictions(MADE.votes, answers(wrong=wrong))
    top = [one.item_id for one in found[: len(wrong)]]
    assert len(wrong & set(top)) >= 0.6 * len(wrong)  # 5 % of the answers are wrong
    assert [one.log_odds for one in found] == sorted((one.log_odds for one in found), reverse=True)


def test_the_evidence_is_that_of_a_model_that_never_saw_the_answer():
    human = answers(40, wrong={7})
    (one,) = [one for one in find_contradictions(MADE.votes, human) if one.item_id == 7]
    without = LabelModel().fit(MADE.votes, human.only({i for i in range(40) if i != 7}))
    q = without.predict_proba(MADE.votes)[7]
    told, better = (MADE.votes.labels.index(name) for name in (one.label, one.better))
    assert one.rules == pytest.approx(np.log(q[better] / q[told]), abs=1e-9)
    assert (one.people, one.others) == (0, ())
    assert one.log_odds == one.rules > 0
    assert one.votes
    assert all(" says class-" in vote for vote in one.votes)


def test_an_answer_does_not_vouch_for_itself():
    """However strongly the model would believe it: items alike are its own copies."""
    votes = VoteMatrix.from_array([[1, 1, 1]] * 5 + [[0, 0, 0]] * 5, ["ham", "spam"])
    model = LabelModel(local_strength=0.01)
    human = HumanLabels.from_pairs({0: 0})
    assert model.fit(votes, human).predict_proba(votes)[1, 0] > 0.9
    (one,) = find_contradictions(votes, human, model)
    assert (one.item_id, one.better) == (0, "spam")
    assert one.log_odds > 1


def test_other_people_are_evidence_too_also_where_no_function_votes():
    votes = VoteMatrix.from_array(np.full((40, 2), -1), ["ham", "spam"])
    rows = [(i, who, i % 2) for i in range(40) for who in ("ana", "ben", "cas")]
    rows[0] = (0, "ana", 1)
    human = HumanLabels.from_frame(pd.DataFrame(rows, columns=["item", "annotator", "label"]))
    (one,) = find_contradictions(votes, human)
    assert (one.item_id, one.annotator, one.label, one.better) == (0, "ana", "spam", "ham")
    assert one.others == ("ben says ham", "cas says ham")
    assert (one.rules, one.log_odds) == (0, one.people)
    assert one.votes == ()


def test_weak_evidence_is_left_out_on_request():
    human = answers(wrong=set(range(0, 300, 20)))
    everything = find_contradictions(MADE.votes, human)
    strong = find_contradictions(MADE.votes, human, at_least=1.5)
    assert strong == tuple(one for one in everything if one.log_odds >= 1.5)
    assert 0 < len(strong) < len(everything)


def test_items_alike_share_a_fit_and_too_many_are_left_out_in_groups(monkeypatch):
    human, fits = answers(wrong={3, 50, 90}), []
    exact = find_contradictions(MADE.votes, human, progress=lambda done, of: fits.append((done, of)))
    assert fits[-1][0] == fits[-1][1] == len(fits) < 150
    monkeypatch.setattr(contradictions, "_MAX_FITS", 10)
    fits.clear()
    grouped = find_contradictions(MADE.votes, human, progress=lambda done, of: fits.append((done, of)))
    assert fits[-1] == (10, 10)
    common = {one.item_id: one.log_odds for one in grouped}
    strong = [one for one in exact if one.log_odds > 1]
    assert all(common[one.item_id] == pytest.approx(one.log_odds, abs=0.7) for one in strong)


def test_answers_elsewhere_and_no_answers_give_nothing():
    assert find_contradictions(MADE.votes, HumanLabels.from_pairs({})) == ()
    assert find_contradictions(MADE.votes, HumanLabels.from_pairs({"elsewhere": 1})) == ()


def test_any_label_model_will_do():
    found = find_contradictions(MADE.votes, answers(60, wrong={7}), MajorityVote())
    assert 7 in {one.item_id for one in found}


SETS = {"youtube": 2, "sms": 2, "trec": 6, "census": 2}


@pytest.mark.parametrize("name", SETS)
def test_five_wrong_answers_in_a_hundred_are_found_among_real_ones(shared_data, name):
    frame, k = shared_data(name), SETS[name]
    columns = [c for c in frame.columns if c.startswith("lf_")]
    votes = VoteMatrix.from_array(frame[columns].to_numpy(), [str(y) for y in range(k)])
    gold, covered = frame["label"].to_numpy(), np.flatnonzero((frame[columns].to_numpy() >= 0).any(axis=1))
    rng = np.random.default_rng(0)
    rows = rng.choice(covered, 200, replace=False)
    wrong = np.arange(200) < 10
    told = np.where(wrong, (gold[rows] + rng.integers(1, k, 200)) % k, gold[rows])
    human = HumanLabels.from_frame(pd.DataFrame({"item": rows, "label": told, "propensity": 1 / len(frame)}))
    odds = {one.item_id: one.log_odds for one in find_contradictions(votes, human)}
    score = np.array([odds.get(int(row), -1.0) for row in rows])
    better = (score[wrong][:, None] > score[~wrong]).mean() + (
        score[wrong][:, None] == score[~wrong]
    ).mean() / 2
    assert better > 0.7  # area under the ROC curve; measured over three seeds: .75 to .99


def test_the_parts_of_the_rules_add_up_with_those_of_people_votes_and_balance():
    human = answers(60, wrong={7})
    (one,) = [one for one in find_contradictions(MADE.votes, human) if one.item_id == 7]
    without = LabelModel().fit(MADE.votes, human.only({i for i in range(60) if i != 7}))
    told, better = (MADE.votes.labels.index(name) for name in (one.label, one.better))
    terms = without.terms(MADE.votes.values[7])
    other = sum(t.log_scores[better] - t.log_scores[told] for t in terms if t.vote is None)
    assert sum(nats for _, nats in one.by_rule) + other == pytest.approx(one.rules, abs=1e-9)
    assert {name for name, _ in one.by_rule} == {vote.split(" says ")[0] for vote in one.votes}
    assert find_contradictions(MADE.votes, human, MajorityVote())[0].by_rule == ()
