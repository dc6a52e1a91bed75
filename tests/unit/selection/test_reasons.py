"""Reasons in words."""

import numpy as np
import pytest

from wsal.labels import HumanLabels
from wsal.selection.reasons import reason_for

NAMES = ["prize-words", "greeting", "links", "caps", "digits"]


@pytest.fixture
def pool(make_pool):
    rows = [
        *[[1, 0, 1, 1, 1]] * 4,  # conflict, four items
        [1, -1, -1, -1, -1],
        *[[1, -1, 1, -1, -1]] * 2,
        *[[1, -1, 1, 1, -1]] * 2,
        *[[1, -1, 1, 1, 1]] * 2,
        *[[-1, -1, -1, -1, -1]] * 3,
    ]
    return make_pool(rows, lf_names=NAMES)


def test_a_conflict_names_a_rule_of_each_side_and_counts_the_items_alike(pool):
    said = "5 rules disagree: prize-words says spam, greeting says ham; 4 items alike"
    assert reason_for(pool, 0, "uncertain") == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (4, "only prize-words says spam; no other item alike"),
        (5, "2 rules say spam: prize-words and links; 2 items alike"),
        (7, "3 rules say spam: prize-words, links and another; 2 items alike"),
        (9, "4 rules say spam: prize-words, links and others; 2 items alike"),
    ],
)
def test_rules_that_agree_are_named_in_the_right_number(pool, row, said):
    reason = reason_for(pool, row, "uncertain")
    assert reason.startswith("the rules leave it between spam (")
    assert reason.endswith(said)


def test_three_camps_name_three_rules(make_pool):
    pool = make_pool([[0, 1, 2, 2]], labels=("a", "b", "c"), lf_names=["r", "s", "t", "u"])
    assert reason_for(pool, 0, "uncertain").startswith("4 rules disagree: t says c, r says a, s says b; ")


def test_an_audit_item_gives_no_vote_away(pool):
    assert reason_for(pool, 0, "audit") == "drawn at random to audit the labels"


def test_an_explored_item_says_what_it_is_for(pool):
    assert reason_for(pool, 11, "explore") == "no rule covers it; drawn at random to see what the rules miss"


def test_an_uncovered_item_tells_what_the_end_model_is_unsure_about(make_pool):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    pool = make_pool([[1], [0], [-1]], features=X)
    said = reason_for(pool, 2, "uncertain")
    assert said.startswith("no rule covers it; the end model is unsure between ")
    assert "ham (50 %)" in said
    assert "spam (50 %)" in said


def test_a_misled_item_tells_what_people_say(make_pool):
    rows = [[i % 2] for i in range(30)]
    X = np.array([[i % 2, 1 - i % 2] for i in range(30)], dtype=float)
    human = HumanLabels.from_pairs({f"i{i}": i % 2 for i in range(20)})
    pool = make_pool(rows, features=X, human=human, lf_names=["parity"])
    said = reason_for(pool, 25, "mislead")
    assert said.startswith("the rules may mislead here: by people's answers alone it is spam (")
    assert said.endswith("; only parity says spam; 15 items alike")


def test_a_hunted_item_names_the_class_and_its_probability(pool):
    said = reason_for(pool, 4, "hunt", hunted=1)
    assert said.startswith("among the likeliest spam: ")
    assert "by rules; only prize-words says spam" in said


def test_what_a_strategy_says_stands_before_what_the_rules_say(pool):
    assert reason_for(pool, 4, "uncertain", lead="far away").startswith(
        "far away; only prize-words says spam"
    )
    assert reason_for(pool, 11, "explore", lead="far away") == "far away; no rule covers it"
    assert reason_for(pool, 11, "audit", lead="far away") == "drawn at random to audit the labels"
