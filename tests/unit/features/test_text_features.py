from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.features import text_features
from wsal.features.text import token_pattern
from wsal.lf.scripts import UNSPACED


def test_words_and_pairs_in_lower_case_are_features():
    assert text_features(["Free prize", "free PRIZE now"]).names == (
        "free",
        "free prize",
        "now",
        "prize",
        "prize now",
    )


def test_rows_have_length_one_or_zero():
    X = text_features(["free prize now", None, "", float("nan"), pd.NA, "!!"]).matrix
    lengths = np.sqrt((X * X).sum(axis=1))
    assert lengths == pytest.approx([1, 0, 0, 0, 0, 0])


def test_with_many_texts_a_word_needs_two_of_them():
    features = text_features([f"common word{i}" for i in range(60)])
    assert features.names == ("common",)
    assert features.notes == ()


def test_with_few_texts_every_word_counts_and_a_note_says_so():
    features = text_features(["alpha", "beta"])
    assert features.names == ("alpha", "beta")
    assert "few texts" in features.notes[0]


def test_many_texts_that_share_no_word_fall_back_to_every_word():
    features = text_features([f"word{i}" for i in range(60)])
    assert features.n_features == 60


def test_texts_without_words_give_no_features_and_a_note():
    features = text_features(["", None, "?!"])
    assert features.matrix.shape == (3, 0)
    assert features.notes == ("The texts hold no words.",)
    assert text_features([]).matrix.shape == (0, 0)


def test_counts_are_sublinear():
    X = text_features(["word word word other", "other"]).matrix.toarray()
    idf = np.log(3 / 2) + 1
    raw = np.array(
        [1.0, (1 + np.log(3)) * idf, idf, (1 + np.log(2)) * idf]
    )  # other, word, word other, word word
    assert X[0] == pytest.approx(raw / np.linalg.norm(raw))


def test_at_most_so_many_features_are_kept():
    assert text_features(["one two", "two", "one"], max_features=2).names == ("one", "two")


def test_a_value_that_is_no_text_is_written_out():
    assert text_features([2024, "year"]).names == ("2024", "year")


@given(st.text())
def test_tokens_are_scikit_learns_but_for_scripts_without_spaces(text: str):
    spaced = re.sub(f"[{UNSPACED}]", " ", text)
    assert re.findall(token_pattern(shortest=2), spaced) == re.findall(r"(?u)\b\w\w+\b", spaced)
    assert re.findall(token_pattern(shortest=1), spaced) == re.findall(r"(?u)\b\w+\b", spaced)


@pytest.mark.parametrize(
    ("text", "part"), [("画面が割れていた", "割れ"), ("屏幕碎了", "碎了"), ("หน้าจอแตก", "แตก")]
)
def test_a_script_without_spaces_has_its_letters_and_pairs_of_them_as_features(text: str, part: str):
    names = text_features([text, "a whole sentence"]).names
    assert {*part} <= {*names}
    assert {f"{a} {b}" for a, b in pairwise(part)} <= {*names}
    assert "whole sentence" in names
