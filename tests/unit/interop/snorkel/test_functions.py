from __future__ import annotations

import pytest

from wsal import InputError
from wsal.interop.snorkel import (
    PandasLFApplier,
    SpacyPreprocessor,
    labeling_function,
    nlp_labeling_function,
    preprocessor,
    slicing_function,
)


def test_a_decorator_without_parentheses_says_so():
    with pytest.raises(InputError, match="parentheses"):

        @labeling_function
        def rule(x):
            return 1


def test_a_pipeline_that_is_not_installed_is_named_with_two_cures():
    with pytest.raises(InputError, match="en_core_web_nowhere") as caught:
        nlp_labeling_function(language="en_core_web_nowhere")(lambda _: -1)
    assert "spacy download en_core_web_nowhere" in str(caught.value)
    assert "blank:en" in str(caught.value)


def test_functions_of_one_pipeline_share_their_docs():
    seen = []

    @nlp_labeling_function(language="blank:en")
    def first(x):
        seen.append(x.doc)
        return -1

    @nlp_labeling_function(language="blank:en")
    def second(x):
        seen.append(x.doc)
        return -1

    item = {"text": "Call 0800 now"}
    first(item), second(item)
    assert seen[0] is seen[1]


def test_a_doc_goes_to_the_field_that_is_named():
    reader = SpacyPreprocessor("body", "parsed", language="blank:en")

    @labeling_function(pre=[reader])
    def long(x):
        return 1 if len(x.parsed) > 2 else 0

    assert long({"body": "one two three"}) == 1


def test_a_preprocessor_leaves_the_item_as_it_was():
    @preprocessor()
    def lower(x):
        x.text = x.text.lower()
        return x

    @labeling_function(pre=[lower])
    def free(x):
        return 1 if "free" in x.text else -1

    item = {"text": "FREE"}
    assert free(item) == 1
    assert item == {"text": "FREE"}


def test_a_slicing_function_returns_what_it_says():
    @slicing_function(resources={"limit": 3})
    def short(x, limit):
        return len(x) < limit

    assert short("ab") is True
    assert short("abc") is False


def test_snorkels_own_functions_are_applied_as_they_are():
    core = pytest.importorskip("snorkel.labeling")
    import pandas as pd

    lf = core.LabelingFunction("theirs", lambda x: 1 if x.num > 1 else -1)
    votes = PandasLFApplier([lf]).apply(pd.DataFrame({"num": [1, 2]}), progress_bar=False)
    assert votes.tolist() == [[-1], [1]]
