"""The order of rows, the size of chunks and the other functions change no vote."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.engines import apply
from wsal.engines.local import vote_locally
from wsal.engines.progress import NO_PROGRESS
from wsal.items import read_items
from wsal.lf import labeling_function, load_rules

PACK = """
wsal: 1
task: t
labels: [no, yes]
rules:
  - {id: a, label: yes, when: {keywords: [a, b], at_least: 2}}
  - {id: b, label: no, when: {regex: 'b.?c'}}
  - {id: n, label: yes, when: {number: n, above: 0}}
  - {id: both, label: no, when: {any: [{rule: n}, {not: {rule: a}}]}}
"""

texts = st.none() | st.lists(st.sampled_from(["a", "b", "c", "é", "B", "ab"]), max_size=5).map(" ".join)
numbers = st.none() | st.floats(-2, 2) | st.integers(-2, 2)
rows = st.lists(st.tuples(texts, numbers), min_size=1, max_size=25)


@labeling_function()
def short(x):
    return None if x.text is None else int(len(x.text) < 4)


_RULES: list = []


def functions(tmp_path_factory):
    if not _RULES:
        path = tmp_path_factory.mktemp("pack") / "pack.yaml"
        path.write_text(PACK)
        _RULES.extend([*load_rules(path), short])
    return _RULES


def frame(values) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": range(len(values)), "text": [t for t, _ in values], "n": [n for _, n in values]}
    )


@settings(deadline=None, max_examples=30)
@given(values=rows, seed=st.integers(0, 2**16))
def test_shuffled_rows_get_the_same_votes(values, seed, tmp_path_factory):
    lfs, items = functions(tmp_path_factory), frame(values)
    order = np.random.default_rng(seed).permutation(len(items))
    votes = apply(lfs, items)
    shuffled = apply(lfs, items.iloc[order])
    assert np.array_equal(shuffled.values, votes.values[order])
    assert np.array_equal(shuffled.item_ids, votes.item_ids[order])


@settings(deadline=None, max_examples=30)
@given(values=rows, chunk=st.integers(1, 30))
def test_the_size_of_chunks_changes_no_vote(values, chunk, tmp_path_factory):
    lfs, items = functions(tmp_path_factory), read_items(frame(values))
    votes = apply(lfs, items)
    for voted in vote_locally(
        lfs, items, votes.labels, fault_tolerant=False, progress=NO_PROGRESS, chunk=chunk
    ):
        assert np.array_equal(voted.votes, votes.values[:, voted.position])


@settings(deadline=None, max_examples=20)
@given(values=rows, chosen=st.lists(st.sampled_from(range(5)), min_size=1, unique=True))
def test_a_function_votes_alike_alone_and_among_others(values, chosen, tmp_path_factory):
    lfs, items = functions(tmp_path_factory), read_items(frame(values))
    together = apply(lfs, items)
    some = apply([lfs[j] for j in chosen], items, labels=together.labels)
    assert np.array_equal(some.values, together.values[:, chosen])
