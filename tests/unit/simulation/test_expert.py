"""Expert: right, wrong or unsure, as often as told."""

import numpy as np
import pytest

from wsal.errors import InputError
from wsal.simulation import Expert

GOLD = np.tile([0, 1, 2, -1], 1000)


def test_a_perfect_expert_answers_with_the_gold_label():
    assert (Expert().answers(GOLD, 3, rng=0) == GOLD).all()


def test_a_noisy_expert_errs_as_often_as_told_and_names_every_other_class():
    said = Expert(noise=0.2).answers(GOLD, 3, rng=0)
    known = GOLD >= 0
    assert np.mean(said[known] != GOLD[known]) == pytest.approx(0.2, abs=0.03)
    assert set(said[(GOLD == 0) & (said != 0)].tolist()) == {1, 2}
    assert (said[~known] == -1).all()


def test_an_unsure_expert_gives_no_answer_as_often_as_told():
    said = Expert(unsure=0.3).answers(GOLD, 3, rng=1)
    known = GOLD >= 0
    assert np.mean(said[known] == -1) == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("wrong", [{"noise": 1.0}, {"noise": -0.1}, {"unsure": float("nan")}])
def test_a_share_that_is_none_is_refused(wrong):
    with pytest.raises(InputError, match="is no share"):
        Expert(**wrong)
