from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import wsal
from wsal.errors import DataError, InputError
from wsal.estimation import AuditSample
from wsal.features import (
    ApplyAllPolicy,
    ApplyOnePolicy,
    RandomPolicy,
    TransformationFunction,
    augment,
    transformation_function,
)
from wsal.items import read_items
from wsal.labels import HumanLabels
from wsal.lf import preprocessor
from wsal.selection import Draw
from wsal.types import SYNTHETIC_PREFIX

ITEMS = read_items(pd.DataFrame({"id": ["a", "b", "c"], "text": ["win 500", "hello", None], "n": [1, 2, 3]}))


@transformation_function
def shout(x):
    if x.text is None:
        return None
    x.text = x.text.upper()
    return x


@transformation_function(resources={"mark": "!"})
def mark(x, mark):
    x.text = (x.text or "") + mark
    return x


@transformation_function(name="swap-words")
def swap(x, rng):
    words = (x.text or "").split()
    rng.shuffle(words)
    x.text = " ".join(words)
    return x


def test_every_function_by_itself_makes_one_item_of_each():
    made = augment(ITEMS, [shout, mark])
    assert made.column("text") == ("WIN 500", "win 500!", "HELLO", "hello!", "!")
    assert made.column("n") == (1, 1, 2, 2, 3)
    assert made.parents.tolist() == [0, 0, 1, 1, 2]
    assert made.columns == ("text", "n")
    assert (made.n_not_applicable, made.n_unchanged) == (1, 0)


def test_all_functions_in_a_row():
    made = augment(ITEMS, [shout, mark], policy=ApplyAllPolicy())
    assert made.column("text") == ("WIN 500!", "HELLO!")
    assert [origin.functions for origin in made.origins] == [
        (("shout", shout.fingerprint), ("mark", mark.fingerprint))
    ] * 2


def test_functions_drawn_at_random_repeat_with_the_seed():
    policy = RandomPolicy(n_per_original=3, sequence_length=2)
    one, again = (augment(ITEMS, [shout, mark, swap], policy=policy, rng=4) for _ in range(2))
    assert one.ids == again.ids
    assert one.column("text") == again.column("text")
    assert all(len(origin.functions) == 2 for origin in one.origins)
    others = {
        augment(ITEMS, [shout, mark, swap], policy=policy, rng=seed).column("text") for seed in range(9)
    }
    assert len(others) > 1


def test_the_items_themselves_stay_as_they_are():
    before = ITEMS.fingerprint
    augment(ITEMS, [shout, mark, swap])
    assert ITEMS.fingerprint == before


def test_the_origin_of_a_synthetic_item_is_in_its_id_and_beside_it():
    made = augment(ITEMS, [mark], policy=ApplyOnePolicy(1))
    assert made.ids == tuple(f"{SYNTHETIC_PREFIX}{item}:mark:1" for item in "abc")
    assert [origin.parent for origin in made.origins] == ["a", "b", "c"]
    assert made.origins[0].functions == (("mark", mark.fingerprint),)
    assert len(mark.fingerprint) == 64


def test_a_copy_like_its_parent_or_its_sibling_is_not_kept():
    @transformation_function()
    def nothing(x):
        return x

    made = augment(ITEMS, [nothing, mark], policy=ApplyOnePolicy(2))
    assert len(made) == 3
    assert made.n_unchanged == 9


def test_only_the_rows_asked_for_are_transformed():
    assert augment(ITEMS, [mark], rows=np.array([1])).origins[0].parent == "b"


def test_vectors_and_missing_cells_pass_through():
    items = read_items(pd.DataFrame({"id": [1, 2], "v": [[1.0, 2.0], [3.0, 4.0]], "note": [None, "x"]}))

    @transformation_function()
    def backwards(x):
        x.v = list(x.v)[::-1]
        return x

    made = augment(items, [backwards])
    assert [list(v) for v in made.column("v")] == [[2.0, 1.0], [4.0, 3.0]]
    assert made.column("note") == (None, "x")


def test_what_a_preprocessor_adds_is_there_and_not_kept():
    @preprocessor()
    def first_word(x):
        x.first = (x.text or "").split(" ")[0]
        return x

    @transformation_function(pre=[first_word])
    def only_first(x):
        x.text = x.first
        return x

    made = augment(ITEMS, [only_first])
    assert made.column("text") == ("win", "")
    assert made.columns == ("text", "n")


def test_a_function_may_return_a_mapping_of_its_own():
    made = augment(ITEMS, [TransformationFunction("const", lambda x: {"text": "same", "n": x.n})])
    assert made.column("text") == ("same",) * 3


def test_a_fingerprint_changes_with_the_function_and_its_resources():
    other = TransformationFunction("mark", mark.f, {"mark": "?"})
    assert other.fingerprint != mark.fingerprint
    assert TransformationFunction("mark", mark.f, {"mark": "!"}).fingerprint == mark.fingerprint


def raising(x):
    raise ZeroDivisionError(x.text)


@pytest.mark.parametrize(
    ("functions", "error", "message"),
    [
        ([], InputError, "no transformation functions"),
        ([mark, mark], InputError, "two transformation functions are called 'mark'"),
        ([len], InputError, "is no transformation function"),
        ([TransformationFunction("bad", raising)], DataError, "'bad' raised on item 'a': ZeroDivisionError"),
        ([TransformationFunction("three", lambda _: 3)], DataError, "returned 3; return the changed item"),
    ],
)
def test_functions_that_cannot_be_used_are_named(functions, error, message):
    with pytest.raises(error, match=message):
        augment(ITEMS, functions)


@pytest.mark.parametrize("arguments", [("", len), ("name", 3)])
def test_a_function_without_a_name_or_a_call_is_refused(arguments):
    with pytest.raises(InputError):
        TransformationFunction(*arguments)


SYNTHETIC = augment(ITEMS, [mark])


@pytest.mark.parametrize(
    "enter",
    [
        pytest.param(lambda s: read_items(pd.DataFrame({"id": s.ids})), id="items"),
        pytest.param(
            lambda s: wsal.VoteMatrix.from_array([[1]] * 3, labels=["x", "y"], item_ids=s.ids), id="votes"
        ),
        pytest.param(lambda s: HumanLabels.from_pairs({s.ids[0]: 1}), id="answers"),
        pytest.param(
            lambda s: HumanLabels.from_frame(pd.DataFrame({"item": s.ids, "label": [0, 1, 0]})),
            id="file of answers",
        ),
        pytest.param(
            lambda s: AuditSample.from_draws(
                [Draw(s.ids[0], "audit", "", 1 / 3, fresh=True)],
                HumanLabels.from_pairs({"a": 1}),
                item_ids=s.ids,
                labels=["x", "y"],
            ),
            id="audits and estimates",
        ),
    ],
)
def test_synthetic_items_enter_training_alone(enter):
    with pytest.raises(DataError, match="is a synthetic item: it trains end models"):
        enter(SYNTHETIC)


def test_rules_do_not_vote_on_synthetic_items():
    lf = wsal.LabelingFunction("any", lambda _: 1)
    with pytest.raises(DataError, match="got a SyntheticItems"):
        wsal.apply([lf], SYNTHETIC, labels=["x", "y"])


def test_a_propensity_of_nan_is_no_way_in_either():
    human = HumanLabels.from_pairs({"a": 1})
    assert math.isnan(human.propensities[0])
    assert not any(item in human for item in SYNTHETIC.ids)
