"""Token patterns name the places that spaCy's Matcher finds; what is written comes back."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.matcher import Matcher
from spacy.tokens import Doc, DocBin

from wsal.lf.conditions import TokensCondition
from wsal.lf.conditions.token_table import TokenTable
from wsal.lf.conditions.tokens import token_spans
from wsal.spans import LabelledSpan, write_spans

PIPELINE = spacy.blank("en")
words = st.lists(st.sampled_from(["a", "B", "c", "7", "."]), max_size=8)
steps = st.fixed_dictionaries(
    {},
    optional={
        "LOWER": st.sampled_from(["a", "b", "c"]),
        "IS_DIGIT": st.booleans(),
        "OP": st.sampled_from(["?", "*", "+", "!", "{2}", "{1,2}"]),
    },
)


@given(words, st.lists(steps, min_size=1, max_size=3))
def test_token_spans_are_the_longest_of_spacys_matches_from_each_token(text, pattern):
    doc = Doc(PIPELINE.vocab, words=text)
    condition = TokensCondition(pattern_json=json.dumps(pattern), field="text", rule="r")
    satisfied = TokenTable(PIPELINE, [step.attributes for step in condition.steps]).of(doc)
    ours = dict(token_spans(condition.steps, satisfied))
    matcher = Matcher(PIPELINE.vocab)
    matcher.add("p", [pattern])
    theirs: dict[int, int] = {}
    for _, start, end in matcher(doc) if text else []:
        if end > start:
            theirs[start] = max(end, theirs.get(start, 0))
    assert ours == theirs


@st.composite
def documents(draw):
    """Texts of words, and spans of whole words that do not overlap."""
    texts, spans = [], []
    for d in range(draw(st.integers(1, 4))):
        parts = draw(st.lists(st.text("abé7", min_size=1, max_size=5), min_size=1, max_size=6))
        texts.append(" ".join(parts))
        at = 0
        for part in parts:
            if draw(st.booleans()):
                label = draw(st.sampled_from(["ORG", "PLACE"]))
                spans.append(LabelledSpan(d, at, at + len(part), label, draw(st.floats(0.5, 1)), "rules"))
            at += len(part) + 1
    return texts, spans


@given(documents())
def test_spans_that_went_out_come_back(case):
    texts, spans = case
    ids = [f"d{i}" for i in range(len(texts))]
    with TemporaryDirectory() as folder:
        lines, docs = Path(folder, "o.jsonl"), Path(folder, "o.spacy")
        write_spans(lines, ids, texts, spans, format_="jsonl", run="r")
        write_spans(docs, ids, texts, spans, format_="spacy", run="r")
        read = [json.loads(line) for line in lines.read_text(encoding="utf-8").split("\n") if line]
        back = list(DocBin().from_disk(docs).get_docs(PIPELINE.vocab))
    assert [one["text"] for one in read] == texts == [doc.text for doc in back]
    assert [
        LabelledSpan(d, s["start"], s["end"], s["label"], s["score"], s["source"])
        for d, one in enumerate(read)
        for s in one["spans"]
    ] == spans
    # A word such as "7a" is two tokens of spaCy's; the span is both.
    assert [(d, e.start_char, e.end_char, e.label_) for d, doc in enumerate(back) for e in doc.ents] == [
        (s.document, s.start, s.end, s.label) for s in spans
    ]
