"""Groups of duplicates: what is found among texts, vectors and images, and how a group counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.errors import DataError, InputError
from wsal.features import DuplicateSettings, FeatureSettings, find_duplicates
from wsal.features.duplicates import (
    NEAR_WEIGHT,
    difference_hash,
    text_duplicates,
    vector_duplicates,
)
from wsal.features.duplicates.leaders import group_rows
from wsal.features.duplicates.texts import group_texts, jaccard, normalise, shingles
from wsal.items import read_items
from wsal.labels import HumanLabels

PRIZE = "Congratulations, you have won a prize of 1000 pounds, call now to claim it before Friday"
TEXTS = [PRIZE, "See you at lunch?", PRIZE.upper() + "  ", PRIZE.replace("1000", "2000"), "", None, "Lunch?"]


def blocks(groups):
    return {frozenset(groups.item_ids[members].tolist()) for members in groups}


def test_texts_that_differ_in_case_and_spaces_are_exact_duplicates_and_one_word_makes_a_near_one():
    groups = text_duplicates(TEXTS)
    assert groups.codes.tolist() == [0, 1, 0, 0, 4, 5, 6]
    assert groups.exact.tolist() == [0, 1, 0, 3, 4, 5, 6]
    assert (groups.n_spare, groups.n_spare_exact) == (2, 1)
    assert 0.8 <= groups.similarity[[0, 3]].min() < 1.0


def test_a_threshold_of_one_finds_exact_duplicates_only():
    assert text_duplicates(TEXTS, threshold=1).codes.tolist() == [0, 1, 0, 3, 4, 5, 6]


@pytest.mark.parametrize("threshold", [0, -1, 1.5])
def test_a_threshold_that_is_no_similarity_is_refused(threshold):
    with pytest.raises(InputError, match="above 0 and at most 1"):
        text_duplicates(TEXTS, threshold=threshold)


def test_shingles_are_a_set_of_runs_of_five_characters():
    runs = {"abcab", "bcabc", "cabca"}
    assert len(shingles("abcabcabc")) == len(runs)
    both = [set(map("".join, zip(*(t[i:] for i in range(5)), strict=False))) for t in (PRIZE, TEXTS[3])]
    exact = len(both[0] & both[1]) / len(both[0] | both[1])
    assert jaccard(shingles(PRIZE), shingles(TEXTS[3])) == exact


@settings(max_examples=15)
@given(st.permutations(range(len(TEXTS))))
def test_the_order_of_texts_is_irrelevant(order):
    ids = np.array(order)
    assert blocks(text_duplicates([TEXTS[i] for i in order], ids)) == blocks(text_duplicates(TEXTS))


def test_every_member_of_a_group_is_as_similar_to_its_leader_as_was_asked_for(shared_data):
    texts = sorted({normalise(text) for text in shared_data("youtube")["text"]} - {""})
    found = group_texts(texts, threshold=0.6)
    moved = np.flatnonzero(found.leaders != np.arange(len(texts)))
    assert len(moved) > 20
    for row in moved.tolist():
        leader = int(found.leaders[row])
        assert found.leaders[leader] == leader
        assert found.similarity[row] == jaccard(shingles(texts[row]), shingles(texts[leader])) >= 0.6


def test_minhash_misses_few_of_the_near_duplicates_that_comparing_all_pairs_finds(shared_data):
    texts = sorted({normalise(text) for text in shared_data("youtube")["text"]} - {""})[::2]
    sets = [shingles(text) for text in texts]
    alike = {
        j
        for j in range(len(texts))
        for i in range(j)
        if 0.8 * len(sets[i]) <= len(sets[j]) <= len(sets[i]) / 0.8 and jaccard(sets[i], sets[j]) >= 0.8
    }
    moved = set(np.flatnonzero(group_texts(texts, threshold=0.8).leaders != np.arange(len(texts))).tolist())
    assert moved <= alike
    assert len(moved) >= 0.9 * len(alike) > 0


def test_vectors_of_the_same_direction_are_near_duplicates_and_zeros_are_like_nothing():
    rows = np.array([[1.0, 0.0], [3.0, 0.1], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0], [-0.0, 1.0]])
    groups = vector_duplicates(rows)
    assert groups.codes.tolist() == [0, 0, 2, 3, 3, 2]  # equal rows are exact duplicates, whatever they hold
    assert groups.exact.tolist() == [0, 1, 2, 3, 3, 2]


def test_leaders_of_rows_are_those_of_a_plain_loop_whatever_the_size_of_a_block(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(60, 3))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    heads, expected = [], []
    for i, row in enumerate(unit):
        cosines = [float(row @ unit[j]) for j in heads]
        best = int(np.argmax(cosines)) if heads else 0
        if heads and cosines[best] >= 0.9:
            expected.append(heads[best])
        else:
            heads.append(i)
            expected.append(i)
    for block in (7, 256):
        monkeypatch.setattr("wsal.features.duplicates.leaders._BLOCK", block)
        assert group_rows(rows, threshold=0.9).leaders.tolist() == expected


def test_a_brighter_and_larger_image_is_a_near_duplicate_and_a_mirror_image_is_not():
    image = np.random.default_rng(1).random((16, 18)).repeat(2, axis=0).repeat(2, axis=1)
    hashed = difference_hash(image)
    assert (difference_hash(0.5 * image + 3) == hashed).all()
    assert (difference_hash(image.repeat(2, axis=0).repeat(2, axis=1)) == hashed).all()
    assert (difference_hash(np.stack([image] * 3, axis=2)) == hashed).all()
    assert (difference_hash(image[:, ::-1]) == hashed).mean() < 0.9
    assert difference_hash(np.ones((9, 9))) is None
    for wrong in (np.ones(9), np.ones((4, 4)), "no image", [[1, 2], [3]]):
        with pytest.raises(DataError, match="no image"):
            difference_hash(wrong)


def test_images_in_a_column_are_grouped_by_their_hash():
    rng = np.random.default_rng(2)
    one, other = rng.random((16, 18)), rng.random((16, 18))
    cells = [one, other, one + 0.001 * rng.random((16, 18)), one.copy(), None, np.zeros((16, 18))]
    items = read_items(
        pd.DataFrame({"id": list("abcdef"), "image": [c if c is None else c.tolist() for c in cells]})
    )
    groups = find_duplicates(items, items.item_ids, FeatureSettings(), DuplicateSettings(images="image"))
    assert groups.codes.tolist() == [0, 1, 0, 0, 4, 5]
    assert groups.exact.tolist() == [0, 1, 2, 0, 4, 5]


def items_with(**columns):
    return read_items(
        pd.DataFrame({"id": [f"i{j}" for j in range(len(next(iter(columns.values()))))], **columns})
    )


def test_duplicates_have_equal_numbers_and_whatever_else_the_settings_ask_for():
    items = items_with(text=[PRIZE] * 4, links=[1, 1, 2, 1], sender=["ana", "ana", "ana", "ben"])
    features = FeatureSettings(text=("text",), numeric=("links",))
    alike = find_duplicates(items, items.item_ids, features, DuplicateSettings())
    assert blocks(alike) == {frozenset({"i0", "i1", "i3"})}
    alike = find_duplicates(items, items.item_ids, features, DuplicateSettings(same=("sender",)))
    assert blocks(alike) == {frozenset({"i0", "i1"})}


def test_texts_in_several_columns_are_compared_together_but_not_run_together():
    items = items_with(title=["a", "a b", None], body=["b c", "c", None])
    groups = find_duplicates(
        items, items.item_ids, FeatureSettings(text=("title", "body")), DuplicateSettings()
    )
    assert groups.exact.tolist() == [0, 1, 2]


def test_rows_of_numbers_are_duplicates_where_all_are_equal():
    items = items_with(x=[1.0, 1.0, 2.0, None, None], y=[0, 0, 0, None, None])
    groups = find_duplicates(items, items.item_ids, FeatureSettings(numeric=("x", "y")), DuplicateSettings())
    assert groups.codes.tolist() == [0, 0, 2, 3, 4]


def test_nothing_is_looked_for_where_the_settings_say_so_or_name_nothing():
    items = items_with(text=[PRIZE, PRIZE])
    assert find_duplicates(items, items.item_ids, FeatureSettings(), DuplicateSettings()) is None
    off = DuplicateSettings(find=False)
    assert find_duplicates(items, items.item_ids, FeatureSettings(text=("text",)), off) is None


def test_an_item_set_apart_leaves_its_group_and_the_rest_stays_together():
    groups = text_duplicates(TEXTS, np.array(list("abcdefg"), dtype=object))
    assert blocks(groups) == {frozenset("acd")}
    rest = groups.without(["a", "nobody"])
    assert blocks(rest) == {frozenset("cd")}
    assert rest.codes.tolist() == [0, 1, 2, 2, 4, 5, 6]
    assert blocks(rest.without(["c"])) == set()
    assert groups.without([]) is groups


def answers(pairs):
    return HumanLabels.from_pairs(pairs)


def test_a_group_counts_as_one_answered_item_with_the_share_of_all_its_answers():
    groups = text_duplicates(TEXTS)
    human = answers({3: 1, 1: 0, 0: 0})
    counted = groups.counted_once(human)
    assert (len(human), len(counted)) == (3, 2)
    assert counted.items() == (0, 1)
    assert counted.shares(2)[0].tolist() == [0.5, 0.5]
    alone = answers({1: 0, 6: 1, 2: 1})
    assert groups.counted_once(alone) is alone


def test_copies_are_the_exact_duplicates_answers_and_half_of_the_near_ones():
    groups = text_duplicates(TEXTS)
    copies = groups.copied(np.array([0, 1]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert copies.rows.tolist() == [2, 3]
    assert copies.weights.tolist() == [1.0, NEAR_WEIGHT]
    assert copies.shares.tolist() == [[0.0, 1.0], [0.0, 1.0]]
    carried = copies.carried(np.full((7, 2), 0.5))
    assert carried[2:4].tolist() == [[0.0, 1.0], [0.25, 0.75]]
    both = groups.copied(np.array([0, 3]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert both.rows.tolist() == [2]
    assert both.shares.tolist() == [[0.0, 1.0]]  # the exact duplicate is heard, the near one is not


def test_estimates_get_the_answers_of_exact_duplicates_without_a_propensity():
    groups = text_duplicates(TEXTS)
    human = answers({0: 1, 1: 0})
    copied = groups.with_exact_copies(human)
    assert copied.items() == (0, 1, 2)
    assert copied.shares(2)[2].tolist() == [0.0, 1.0]
    assert copied.weight(2) == 0.5
    assert groups.with_exact_copies(answers({1: 0})).items() == (1,)
    full = answers({0: 1, 2: 0})
    assert groups.with_exact_copies(full).items() == (0, 2)


def test_the_members_of_a_group_share_one_weight_in_training():
    groups = text_duplicates(TEXTS)
    everywhere = np.ones(7, dtype=bool)
    none = np.zeros(7, dtype=bool)
    assert groups.training_weights(everywhere, none).tolist() == pytest.approx(
        [1 / 3, 1, 1 / 3, 1 / 3, 1, 1, 1]
    )
    candidates = np.array([True, False, False, True, False, False, True])
    assert groups.training_weights(candidates, none).tolist() == [0.5, 0, 0, 0.5, 0, 0, 1]
    answered = np.arange(7) == 3
    assert groups.training_weights(candidates, answered).tolist() == [0, 0, 0, 1, 0, 0, 1]
