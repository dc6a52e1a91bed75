"""Labelling functions in Python: shared preprocessors, resources, and answers of all types."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.engines import apply
from wsal.errors import DataError, LabelingFunctionError
from wsal.lf import LabelingFunction, labeling_function, preprocessor

N = 20_000  # more than a preprocessor remembers, and more than two chunks


def test_functions_that_share_a_preprocessor_run_it_once_an_item():
    calls = []

    @preprocessor(memoize=True)
    def words(x):
        calls.append(x.id)
        x.words = x.text.split()
        return x

    lfs = [
        LabelingFunction(f"lf{j}", lambda x, j=j: int(x.words[0] == str(j)), pre=[words]) for j in range(3)
    ]
    alone = LabelingFunction("alone", lambda _x: 1)
    frame = pd.DataFrame({"id": range(N), "text": [f"{i % 3} {i}" for i in range(N)]})
    votes = apply([lfs[0], alone, *lfs[1:]], frame).to_numpy()
    assert len(calls) == N
    assert np.array_equal(votes[:, [0, 2, 3]], np.arange(N)[:, None] % 3 == np.arange(3))


def test_items_that_a_function_collects_stay_what_they_were():
    kept = []

    @labeling_function()
    def keeper(x):
        kept.append(x)
        return 0

    apply([keeper], pd.DataFrame({"id": ["a", "b", "c"], "text": list("xyz")}))
    assert [(x.id, x.text) for x in kept] == [("a", "x"), ("b", "y"), ("c", "z")]


def test_answers_of_all_types_of_votes_mix():
    answers = [0, None, "b", -1, np.int8(1), np.int64(-1), "a"]
    lf = LabelingFunction("mixed", lambda x: answers[x.id])
    votes = apply([lf], pd.DataFrame({"id": range(7)}), labels=["a", "b"])
    assert votes.to_numpy().ravel().tolist() == [0, -1, 1, -1, 1, -1, 0]


def test_the_first_item_with_an_error_is_named_whatever_kind_of_error_it_is():
    def odd(x):
        if x.id == 3:
            raise KeyError("late")
        return True if x.id == 2 else 0

    frame = pd.DataFrame({"id": range(5)})
    with pytest.raises(DataError, match="'odd' returned True on item 2"):
        apply([LabelingFunction("odd", odd)], frame)
    with pytest.raises(LabelingFunctionError) as caught:
        apply([LabelingFunction("odd", odd)], frame[3:])
    assert caught.value.item_id == 3
