"""spaCy makes one Doc of an item for all rules of a pipeline, and one for all functions; and few are held."""

from __future__ import annotations

import pandas as pd
import pytest

from wsal.engines import apply
from wsal.lf import load_rules, nlp_labeling_function
from wsal.lf.nlp import SpacyPreprocessor
from wsal.lf.pipelines import blank_english, pipeline_of_this_thread

N_ITEMS = 11_000  # more than a chunk, and more than the Docs that are held
FRAME = pd.DataFrame({"id": range(N_ITEMS), "text": [f"act now, {i} prizes" for i in range(N_ITEMS)]})
PACK = """
wsal: 1
labels: [ham, spam]
rules:
  - {id: phrase, label: spam, when: {tokens: [{LOWER: act}, {LOWER: now}]}}
  - {id: exact, label: ham, when: {tokens: [{TEXT: Act}]}}
  - {id: pattern, label: spam, when: {tokens: [{IS_DIGIT: true}, {OP: "?"}, {LOWER: prizes}]}}
  - {id: both, label: spam, when: {all: [{tokens: [{LOWER: act}]}, {not: {tokens: [{LIKE_NUM: true}]}}]}}
  - {id: named, label: ham, when: {not: {rule: pattern}}}
  - {id: words, label: spam, when: {any: [{keywords: [prizes]}, {tokens: [{LOWER: lunch}]}]}}
"""


class Counting:
    """A tokenizer that counts its texts."""

    def __init__(self, tokenizer) -> None:
        self.tokenizer, self.calls = tokenizer, 0

    def __call__(self, text):
        self.calls += 1
        return self.tokenizer(text)

    def __getattr__(self, name):
        return getattr(self.tokenizer, name)


def test_all_rules_of_a_pipeline_share_one_doc_an_item(tmp_path, monkeypatch):
    (tmp_path / "pack.yaml").write_text(PACK)
    pipeline = pipeline_of_this_thread(None)
    counting = Counting(pipeline.tokenizer)
    monkeypatch.setattr(pipeline, "tokenizer", counting)
    votes = apply(load_rules(tmp_path / "pack.yaml"), FRAME)
    assert counting.calls == N_ITEMS
    assert votes.values[0].tolist() == [1, -1, 1, -1, -1, 1]


def test_all_functions_of_a_pipeline_share_one_doc_an_item():
    pipeline = blank_english()
    pipeline.tokenizer = Counting(pipeline.tokenizer)

    @nlp_labeling_function(pipeline=pipeline)
    def number(x):
        return 1 if any(token.like_num for token in x.doc) else None

    @nlp_labeling_function(pipeline=pipeline)
    def first(x):
        return 1 if x.doc[0].lower_ == "act" else None

    votes = apply([number, first], FRAME, labels=["ham", "spam"])
    assert pipeline.tokenizer.calls == N_ITEMS
    assert (votes.values == 1).all()


@pytest.mark.parametrize("size", [1, 7])
def test_so_many_docs_are_held_and_no_more(size):
    reader = SpacyPreprocessor(memo_size=size)
    for text in FRAME["text"][:50]:
        reader({"text": text})
    assert len(reader._docs._memo) == size
