"""Answers that cleanlab doubts."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from wsal.analysis import find_label_issues
from wsal.errors import DataError, InputError
from wsal.labels import HumanLabels
from wsal.votes import VoteMatrix

VOTES = VoteMatrix.from_array([[1] if i % 2 else [-1] for i in range(60)], ["a", "b", "c"], lf_names=["odd"])
TRUTH = np.arange(60) % 2


def told(wrong=()):
    return HumanLabels.from_pairs({i: int(1 - TRUTH[i] if i in wrong else TRUTH[i]) for i in range(60)})


def known(sure=0.8):
    p = np.full((60, 3), (1 - sure) / 2)
    p[np.arange(60), TRUTH] = sure
    return p


def test_wrong_answers_are_found_and_the_most_doubtful_comes_first():
    pytest.importorskip("cleanlab")
    p = known()
    p[7] = [0.97, 0.02, 0.01]  # item 7 is told to be b
    p[7], p[12] = [0.01, 0.98, 0.01], [0.9, 0.05, 0.05]
    found = find_label_issues(VOTES, told(wrong={7, 12, 30}), p)
    assert next(one.item_id for one in found) == 7
    assert {one.item_id for one in found} == {7, 12, 30}
    first = found[0]
    assert (first.label, first.better, first.method) == ("a", "b", "confident learning")
    assert first.log_odds == pytest.approx(np.log(98))
    assert first.votes == ("odd says b",)


def test_a_class_that_nobody_answered_and_one_class_alone_are_no_trouble():
    pytest.importorskip("cleanlab")
    assert [one.item_id for one in find_label_issues(VOTES, told(wrong={4}), known())] == [4]
    one_class = HumanLabels.from_pairs(dict.fromkeys(range(60), 1))
    assert find_label_issues(VOTES, one_class, known()) == ()
    assert find_label_issues(VOTES, HumanLabels.from_pairs({"elsewhere": 0}), known()) == ()


def test_what_does_not_fit_is_refused():
    with pytest.raises(DataError, match=r"shape \(60, 2\) for 60 items and 3 classes"):
        find_label_issues(VOTES, told(), known()[:, :2])
    p = known()
    p[3] = np.nan
    with pytest.raises(DataError, match="item 3 was answered and has no probabilities"):
        find_label_issues(VOTES, told(), p)


def test_without_cleanlab_the_cure_is_named(monkeypatch):
    real = builtins.__import__

    def absent(name, *args, **kwargs):
        if name.startswith("cleanlab"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(InputError, match="not installed") as raised:
        find_label_issues(VOTES, told(wrong={4}), known())
    assert "wsal[cleanlab]" in str(raised.value)
