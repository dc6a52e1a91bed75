"""Votes after edits and new items, taken from the cache as far as they go, are those of a start from nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wsal.engines import DirectoryCache, apply
from wsal.items import read_items
from wsal.items.columns import Column
from wsal.items.fingerprints import joint_fingerprint
from wsal.lf import load_rules
from wsal.patterns import VotePatterns
from wsal.store import read_votes, write_votes
from wsal.types import LabelSpace
from wsal.votes import CastVotes, VoteMatrix, by_column, dense, lightest, side_by_side, unwritten

LABELS = LabelSpace(tuple(f"c{y}" for y in range(127)))
WORDS = ("free", "prize", "lunch", "Straße", "é")
CONDITIONS = (
    *(f"{{keywords: [{word}]}}" for word in WORDS),
    "{keywords: [free, prize, lunch], at_least: 2}",
    "{regex: 'fr.+ze'}",
    "{regex: '^[a-f]'}",
    "{regex: '(?=free)f'}",
    "{number: n, above: 2}",
    "{in_list: [free, lunch], contains: true}",
    "{not: {keywords: [free]}}",
    "{all: [{keywords: [free]}, {number: n, at_least: 1}]}",
)
TEXTS = st.one_of(st.none(), st.lists(st.sampled_from([*WORDS, "x", "\n"]), max_size=5).map(" ".join))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "append", "delete", "add", "rename"]), st.integers(0, 50), st.integers(0, 50)
    ),
    max_size=6,
)


@given(
    st.lists(TEXTS, min_size=1, max_size=12),
    st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=5),
    STEPS,
)
@settings(max_examples=30, deadline=None)
def test_every_edit_gives_the_votes_of_a_full_pass(texts, rules, steps):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cache, prefix = DirectoryCache(folder / "votes"), "r"
        for what, where, which in [("start", 0, 0), *steps]:
            if what == "edit":
                rules = [*rules]
                rules[where % len(rules)] = CONDITIONS[which % len(CONDITIONS)]
            elif what == "append":
                texts = [*texts, texts[where % len(texts)], "prize"]
            elif what == "delete" and len(rules) > 1:
                rules = rules[:-1]
            elif what == "add":
                rules = [*rules, CONDITIONS[which % len(CONDITIONS)]]
            elif what == "rename":
                prefix = f"r{where}_"
            pack = "wsal: 1\nlabels: [a, b]\nrules:\n" + "\n".join(
                f"  - {{id: {prefix}{j}, label: {'ab'[j % 2]}, when: {when}}}" for j, when in enumerate(rules)
            )
            (folder / "pack.yaml").write_text(pack, encoding="utf-8")
            frame = pd.DataFrame({"id": range(len(texts)), "text": texts, "n": range(len(texts))})
            kept = apply(load_rules(folder / "pack.yaml"), frame, cache=cache)
            fresh = apply(load_rules(folder / "pack.yaml"), frame)
            kept.patterns()  # before the matrix is written out, which patterns need not wait for
            assert np.array_equal(kept.values, fresh.values)
            assert same_patterns(
                kept.patterns(), VotePatterns.from_rows(fresh.values, kept.labels, kept.lf_names)
            )
            file = write_votes(kept, root=folder, run="r1")
            again = read_votes(file, root=folder)
            assert np.array_equal(again.values, fresh.values)
            assert again.item_ids.tolist() == fresh.item_ids.tolist()
            assert kept.lf_fingerprints == fresh.lf_fingerprints


def same_patterns(a, b):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("votes", "counts", "inverse"))


VOTES = st.lists(st.lists(st.sampled_from([-1, -1, -1, -1, 0, 1, 126]), min_size=3, max_size=3), max_size=60)


@given(VOTES, st.integers(0, 7), st.integers(1, 200))
def test_columns_side_by_side_are_the_matrix_however_they_are_kept(rows, which, times):
    votes = np.tile(np.array(rows, dtype=np.int8).reshape(-1, 3), (times, 1))
    columns = [votes[:, j].copy() for j in range(3)]
    mixed = [CastVotes.of(c) if which >> j & 1 else c for j, c in enumerate(columns)]
    for given_columns in (columns, mixed, [lightest(c) for c in columns]):
        together = side_by_side(given_columns)
        assert np.array_equal(together, votes)
        assert together.flags.c_contiguous
        matrix = VoteMatrix(unwritten(tuple(given_columns)), LABELS, ("a", "b", "c"), None)
        assert (matrix.n_items, matrix.n_lfs) == votes.shape
        assert all(np.array_equal(column, votes[:, j]) for j, column in enumerate(matrix.columns()))
        patterns = VotePatterns.from_rows(votes, LABELS, matrix.lf_names)
        assert same_patterns(matrix.patterns(), patterns)
        assert np.array_equal(matrix.values, votes)
        assert all(np.array_equal(column, votes[:, j]) for j, column in enumerate(matrix.columns()))
        known = VoteMatrix(unwritten(patterns), LABELS, matrix.lf_names, None)
        assert (known.n_items, known.n_lfs) == votes.shape
        assert all(np.array_equal(column, votes[:, j]) for j, column in enumerate(known.columns()))
        assert np.array_equal(known.values, votes)
    assert np.array_equal(by_column(votes), votes.T)
    assert all(np.array_equal(dense(lightest(c)), c) for c in columns)


@given(
    st.one_of(
        st.lists(st.text(min_size=1).filter(str.strip), min_size=1, unique=True),
        st.lists(st.integers(-(2**70), 2**70), min_size=1, unique=True),
        st.lists(
            st.one_of(st.integers(0, 9), st.text("abc", min_size=1, max_size=3)), min_size=1, unique=True
        ),
    )
)
def test_the_ids_of_a_fingerprint_are_those_of_their_column(ids):
    items = read_items(pd.DataFrame({"id": pd.Series(ids, dtype=object), "text": "x"}))
    own = Column.from_values(items.item_ids.tolist()).fingerprint
    parts = [("ids", own), ("columns", items.fingerprint_of(items.columns))]
    assert items.fingerprint == joint_fingerprint(parts, items.n_items)
