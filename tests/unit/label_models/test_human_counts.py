from __future__ import annotations

import numpy as np
import pandas as pd

from wsal.label_models.human_counts import Answers, as_human_counts
from wsal.labels import HumanLabels
from wsal.votes import VoteMatrix

VOTES = VoteMatrix.from_array([[0], [1], [0], [-1]], ["a", "b"], item_ids=["p", "q", "r", "s"])


def test_a_random_draw_weighs_one_and_any_other_answer_half():
    frame = pd.DataFrame({"item": ["p", "r", "s"], "label": [0, 1, 1], "propensity": [0.25, None, None]})
    counts, _ = as_human_counts(VOTES, HumanLabels.from_frame(frame))
    assert counts.codes.tolist() == [0, 1]  # the all-abstain pattern stands first
    assert counts.counts.tolist() == [[0.0, 0.5], [1.0, 0.5]]
    assert counts.totals.tolist() == [0.5, 1.5]


def test_an_item_with_several_annotators_counts_once_by_shares():
    frame = pd.DataFrame({"item": ["p", "p", "p"], "label": [0, 1, 1], "annotator": ["x", "y", "z"]})
    counts, answers = as_human_counts(VOTES, HumanLabels.from_frame(frame))
    np.testing.assert_allclose(counts.counts, [[1 / 6, 1 / 3]])
    assert len(answers) == 1


def test_sums_do_not_depend_on_the_order_of_answers():
    n = 300
    votes = VoteMatrix.from_array(np.zeros((n, 1), dtype=int), ["a", "b"])
    rows = [
        (i, int(y), f"p{r}")
        for i in range(n)
        for r, y in enumerate(np.random.default_rng(i).integers(0, 2, 7))
    ]
    frame = pd.DataFrame(rows, columns=["item", "label", "annotator"])
    sums = {
        as_human_counts(votes, HumanLabels.from_frame(frame.sample(frac=1, random_state=seed)))[
            0
        ].counts.tobytes()
        for seed in range(5)
    }
    assert len(sums) == 1


def test_numpy_ids_become_plain_values():
    answers = Answers.of(HumanLabels.from_pairs({np.int64(3): 1}), 2)
    assert [type(item) for item in answers.item_ids] == [int]


def test_carrying_leaves_the_given_probabilities_alone():
    found = Answers.of(HumanLabels.from_pairs({"q": 0}), 2).found_in(VOTES)
    P = np.full((4, 2), 0.5)
    assert found.carried(P)[1].tolist() == [1.0, 0.0]
    assert (P == 0.5).all()
    assert found.mask(4).tolist() == [False, True, False, False]
