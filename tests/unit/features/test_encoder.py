from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from wsal.errors import ConfigError, DataError
from wsal.features import FeatureEncoder, FeatureSettings, build_features
from wsal.items import read_items

TEXTS = ["free prize", "see you at noon", "free gift at noon", None, "prize prize gift"]
ITEMS = read_items(
    pd.DataFrame(
        {
            "text": TEXTS,
            "subject": ["a b", "b c", "c", "a", "b"],
            "links": [0, 2, None, 4, 1],
            "year": [2020] * 5,
            "v": [[1.0, 0.0], [0.0, 1.0], None, [1.0, 1.0], [0.5, 0.5]],
        }
    )
)
SETTINGS = FeatureSettings(("text", "subject"), ("links", "year"), "v")


def dense(features):
    return features.matrix.toarray() if features.is_sparse else np.asarray(features.matrix)


@pytest.mark.parametrize(
    "settings",
    [SETTINGS, FeatureSettings(("text",)), FeatureSettings((), ("links",)), FeatureSettings((), (), "v")],
)
def test_the_items_of_the_training_are_encoded_as_they_are_built(settings):
    encoder = FeatureEncoder.fit(ITEMS, settings)
    built, encoded = build_features(ITEMS, settings), encoder.encode(ITEMS)
    assert encoder.names == encoded.names == built.names
    assert dense(encoded) == pytest.approx(dense(built), abs=1e-12)


def test_new_items_are_measured_by_what_training_knew():
    encoder = FeatureEncoder.fit(ITEMS, SETTINGS)
    new = read_items(
        pd.DataFrame(
            {"text": ["unheard words", "free"], "subject": ["", "a"], "links": [None, 7], "year": [1, 2],
             "v": [None, [3.0, 4.0]]}
        )
    )  # fmt: skip
    X = pd.DataFrame(dense(encoder.encode(new)), columns=encoder.names)
    assert (X.iloc[0].filter(like="text: ") == 0).all()
    assert X.loc[1, "text: free"] == pytest.approx(1.0)
    assert X["links is missing"].tolist() == [1.0, 0.0]
    assert X.loc[1, "links"] == pytest.approx((7 - 1.75) / np.std([0, 2, 4, 1]))
    assert X.loc[0, ["v[0]", "v[1]"]].tolist() == pytest.approx([2.5 / 4, 2.5 / 4])
    assert X.loc[1, ["v[0]", "v[1]"]].tolist() == [3.0, 4.0]
    assert "year" not in X


def test_an_encoder_is_read_back_from_plain_values():
    encoder = FeatureEncoder.fit(ITEMS, SETTINGS)
    about, arrays = encoder.to_plain()
    again = FeatureEncoder.from_plain(json.loads(json.dumps(about)), arrays)
    assert again.names == encoder.names
    assert again.columns == ("text", "subject", "links", "year", "v")
    assert (dense(again.encode(ITEMS)) == dense(encoder.encode(ITEMS))).all()


def test_texts_without_words_give_no_features():
    items = read_items(pd.DataFrame({"text": ["", None]}))
    encoder = FeatureEncoder.fit(items, FeatureSettings(("text",)))
    assert encoder.encode(items).matrix.shape == (2, 0)


def test_what_cannot_be_encoded_is_refused():
    with pytest.raises(ConfigError, match="no column"):
        FeatureEncoder.fit(ITEMS, FeatureSettings())
    encoder = FeatureEncoder.fit(ITEMS, FeatureSettings((), (), "v"))
    with pytest.raises(DataError, match="length 3; in training they had length 2"):
        encoder.encode(read_items(pd.DataFrame({"v": [[1.0, 2.0, 3.0]]})))
    with pytest.raises(DataError, match="no column 'v'"):
        encoder.encode(read_items(pd.DataFrame({"w": [1]})))
    with pytest.raises(DataError, match="version 2"):
        FeatureEncoder.from_plain({"version": 2}, {})
