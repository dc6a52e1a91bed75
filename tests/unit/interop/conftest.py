from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.interop import LabelledItems, LabelledSets
from wsal.items import read_items
from wsal.labels import SoftLabels
from wsal.store import AnswerRow
from wsal.types import LabelSpace, absent, presence


def answer(item, label, annotator="ana", *, outcome=None, rationale="", time="2026-01-31T09:30:00+00:00"):
    return AnswerRow(
        seq=1,
        event_id="e",
        time=time,
        item=item,
        outcome=outcome or "label",
        label=label,
        annotator=annotator,
        purpose="audit",
        draw_id=None,
        propensity=None,
        shown_sha256=None,
        rationale=rationale,
        hints_shown=False,
        seconds=4.2,
        imported=False,
        undone_by=None,
    )


def labelled(texts, answers=(), *, labels=("ham", "spam"), ids=None, **columns):
    frame = pd.DataFrame({"id": ids or [f"i{j}" for j in range(len(texts))], "text": texts, **columns})
    items = read_items(frame)
    k, n = len(labels), len(texts)
    probabilities = np.full((n, k), 0.2 / (k - 1))
    probabilities[np.arange(n), np.arange(n) % k] = 0.8
    sources = np.array(["rules"] * n, dtype="<U9")
    sources[-1] = "none"
    return LabelledItems(
        items,
        SoftLabels(probabilities, LabelSpace(tuple(labels)), items.item_ids, sources),
        tuple(answers),
        "fit-1",
    )


def labelled_sets(texts, answers=(), *, labels=("sport", "money"), ids=None):
    """Items with several labels; ``answers`` are of (item, labels or None for a skip, annotator, rationale)."""
    frame = pd.DataFrame({"id": ids or [f"i{j}" for j in range(len(texts))], "text": texts})
    items = read_items(frame)
    n = len(texts)
    soft, given = {}, {}
    for j, name in enumerate(labels):
        present = np.where(np.arange(n) % (j + 2) == 0, 0.8, 0.3)
        sources = np.array(["rules"] * n, dtype="<U9")
        soft[name] = SoftLabels(
            np.column_stack([1 - present, present]), presence(name), items.item_ids, sources
        )
        given[name] = tuple(
            answer(
                item,
                None if chosen is None else name if name in chosen else absent(name),
                who,
                outcome="skip" if chosen is None else "label",
                rationale=why,
            )
            for item, chosen, who, why in answers
        )
    return LabelledSets(items, soft, given, "fit-1, fit-2")


@pytest.fixture
def sets():
    return labelled_sets(
        ["A match", "A bank", "Weather"],
        [("i0", ["sport"], "ana", "a ball"), ("i0", ["sport", "money"], "ben", ""), ("i1", [], "ana", "why not"),
         ("i2", None, "ana", "")],
    )  # fmt: skip


@pytest.fixture
def made():
    return labelled(
        ["Free prize", "Lunch?", "Free prize", "Nothing speaks for this"],
        [
            answer("i0", "spam", rationale="a prize"),
            answer("i0", "ham", "ben"),
            answer("i1", None, outcome="skip"),
            answer("i2", "spam", "", time="2026-02-01T10:00:00+00:00"),
        ],
        n_links=[1, 0, 2, 0],
    )
