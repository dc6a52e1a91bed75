"""Previews of rules: quick on many items, and from a sample with limits where they would not be."""

import time

import numpy as np
import pandas as pd
import pytest

from wsal.items import read_items
from wsal.labels import HumanLabels
from wsal.lf.drafts import read_draft
from wsal.lf.pack_text import PackText
from wsal.project.rules.previews import VotedItems
from wsal.project.rules.votes import Voter
from wsal.types import LabelSpace
from wsal.votes import VoteMatrix

LABELS = LabelSpace(("ham", "spam"))
WORDS = [
    "free",
    "prize",
    "call",
    "me",
    "now",
    "tomorrow",
    "lunch",
    "win",
    "cash",
    "urgent",
    "claim",
    "hello",
    "stop",
]
PACK = PackText.of("wsal: 1\nrules:\n- {id: z, label: spam, when: {keywords: [zzz]}}\n", "p.yaml")
NOBODY = HumanLabels.from_pairs({})


def voted_items(n: int) -> VotedItems:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, 25)) for _ in range(n)]
    items = read_items(
        pd.DataFrame({"id": [f"m{i}" for i in range(n)], "text": texts}), id_column="id", text="text"
    )
    values = np.where(rng.random((n, 20)) < 0.1, rng.integers(0, 2, (n, 20)), -1).astype(np.int8)
    votes = VoteMatrix.from_array(
        values, LABELS, lf_names=[f"r{j}" for j in range(20)], item_ids=items.item_ids
    )
    return VotedItems("r1", items, votes)


def seconds(voted: VotedItems, when: str, folder) -> float:
    """Return the median of five previews of a rule that changes each time, behind a first one."""
    taken = []
    for i in range(6):
        began = time.perf_counter()
        draft = read_draft(
            f"id: r0\nlabel: spam\nwhen: {when.replace('0', str(i))}", PACK, folder=folder, labels=LABELS
        )
        voted.preview(draft.rules, "r0", human=NOBODY)
        taken.append(time.perf_counter() - began)
    return float(np.median(taken[1:]))


@pytest.mark.parametrize("n", [5_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_a_keyword_or_regex_rule_is_previewed_within_300_ms(n, tmp_path):
    voted = voted_items(n)
    found = {
        when: seconds(voted, when, tmp_path)
        for when in ("{keywords: [free, prize, x0]}", r"{regex: '\bcall\s\w+\snow0?\b'}")
    }
    print(f"previews on {n} items, in seconds: {found}")  # noqa: T201  # for -s
    # The target holds where nothing else runs; beside other tests the figure only shows that nothing is stuck.
    assert max(found.values()) <= (0.3 if n == 100_000 else 3), found


def test_counts_are_those_of_counting_item_by_item(tmp_path):
    voted = voted_items(300)
    draft = read_draft("id: r0\nlabel: spam\nwhen: {keywords: [free]}", PACK, folder=tmp_path, labels=LABELS)
    shown = voted.preview(draft.rules, "r0", human=HumanLabels.from_pairs({"m0": 0, "m1": 1}))
    now = np.array([1 if "free" in text.split() else -1 for text in voted.items.column("text")])
    was, rest = voted.votes.values[:, 0], voted.votes.values[:, 1:]
    covered = (rest != -1).any(axis=1)
    conflict = [any(v not in (-1, mine) for v in row) for mine, row in zip(now, rest.tolist(), strict=True)]
    assert shown.votes == (now != -1).sum()
    assert shown.overlaps == ((now != -1) & covered).sum()
    assert shown.conflicts == ((now != -1) & np.array(conflict)).sum()
    assert shown.alone == ((now != -1) & ~covered).sum()
    assert (shown.gained, shown.lost) == (
        ((now != -1) & (was == -1)).sum(),
        ((now == -1) & (was != -1)).sum(),
    )
    assert (shown.flipped, shown.kept) == (((now == 1) & (was == 0)).sum(), ((now == 1) & (was == 1)).sum())
    assert shown.n_answered == sum(now[i] != -1 for i in (0, 1))


def test_what_would_take_too_long_is_told_from_a_sample_with_limits(tmp_path):
    voted = voted_items(5_000)
    draft = read_draft("id: r0\nlabel: spam\nwhen: {keywords: [free]}", PACK, folder=tmp_path, labels=LABELS)
    whole = voted.preview(draft.rules, "r0", human=NOBODY)
    voted.voter = Voter(voted.items, LABELS, patience=0.0)
    shown = voted.preview(draft.rules, "r0", human=NOBODY)
    assert (whole.n_seen, shown.n_seen, shown.n_items) == (5_000, 2_000, 5_000)
    limits = shown.estimates["votes"]
    assert limits.low <= whole.votes <= limits.high
    assert limits.high - limits.low < 1_000
