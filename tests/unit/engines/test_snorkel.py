"""Snorkel's own labelling functions run unchanged, preprocessors and all."""

from __future__ import annotations

import os

import pandas as pd
import pytest

from wsal.engines import apply


def snorkel():
    try:
        import snorkel.labeling
        import snorkel.preprocess
    except ImportError:
        if os.environ.get("WSAL_CI") == "1":
            raise
        pytest.skip("snorkel is not installed (pip install 'wsal[snorkel]')")
    return snorkel


FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "text": ["Free prize", "see you", "Free prize", "PRIZE"],
        "name": ["ana", "bo", "ana", "cy"],
        "n": [1.0, None, 3.0, 4.0],
        "v": [[1, 2], [3], [1, 2], []],
    }
)


def functions(s):
    calls = []

    @s.preprocess.preprocessor(memoize=True)
    def lower(x):
        calls.append(x["text"])
        x.lowered = x.text.lower()
        x.text = "overwritten"
        return x

    @s.labeling.labeling_function(pre=[lower])
    def prize(x):
        return 1 if "prize" in x.lowered else -1

    @s.labeling.labeling_function(resources={"least": 2})
    def vector(x, least):
        return 0 if len(x.v) >= least and x["text"] != "overwritten" else -1

    @s.labeling.labeling_function(pre=[lower])
    def number(x):
        return 1 if x.n > 2 else 0

    return [prize, vector, number], calls


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_votes_are_those_of_snorkels_own_applier():
    s = snorkel()
    from snorkel.labeling import PandasLFApplier

    lfs, _ = functions(s)
    expected = PandasLFApplier(lfs).apply(FRAME, progress_bar=False)
    votes = apply(functions(s)[0], FRAME, labels=["ham", "spam"])
    assert votes.to_numpy().tolist() == expected.tolist()
    assert votes.to_numpy().tolist() == [[1, 0, 0], [-1, -1, 0], [1, 0, 1], [1, -1, 1]]
    assert votes.lf_names == ("prize", "vector", "number")
    assert votes.lf_fingerprints == (None, None, None)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_memoizing_preprocessor_tells_items_apart_and_knows_them_again():
    s = snorkel()
    (prize, _, _), calls = functions(s)
    same = pd.DataFrame({"text": ["Free prize", "see you", "Free prize"]})
    assert apply([prize], same).to_numpy().ravel().tolist() == [1, -1, 1]
    assert calls == ["Free prize", "see you"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_snorkels_functions_are_cached_by_nothing_and_fail_by_name():
    s = snorkel()

    @s.labeling.labeling_function()
    def broken(x):
        return x.missing

    votes = apply([broken], FRAME, fault_tolerant=True)
    assert (votes.failures[0].lf_name, votes.failures[0].count, votes.failures[0].first_item) == (
        "broken",
        4,
        1,
    )
