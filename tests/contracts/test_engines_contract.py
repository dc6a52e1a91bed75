"""What every engine promises. A new engine joins by standing in `wsal.engines.ENGINES`."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wsal.engines import ENGINES, apply
from wsal.errors import DataError, LabelingFunctionError
from wsal.items import read_items
from wsal.lf import labeling_function, load_rules, preprocessor
from wsal.types import ABSTAIN, LabelSpace

LABELS = LabelSpace(("ham", "spam", "other"))

PACK = """
wsal: 1
task: messages
labels: [ham, spam, other]
rules:
  - {id: prize, label: spam, when: {keywords: [free, prize], at_least: 2}}
  - {id: free, label: spam, when: {keywords: [free]}}
  - {id: link, label: spam, when: {regex: 'https?://'}}
  - {id: question, label: ham, when: {regex: '[?]$', field: text}}
  - {id: many-links, label: spam, when: {number: n_links, above: 2}}
  - {id: colleague, label: ham, when: {in_list: "people.txt", field: sender}}
  - {id: greeting, label: ham, when: {tokens: [{LOWER: see}, {LOWER: you}]}}
  - {id: annotator, when: {column: ana}}
  - {id: long, label: other, when: {python: "own:is_long", args: {limit: 30}}}
  - id: stranger
    label: spam
    when:
      all:
        - keywords: [free]
        - not: {rule: colleague}
        - any: [{rule: link}, {number: n_links, at_least: 1}]
"""


@pytest.fixture(params=sorted(ENGINES))
def engine(request) -> str:
    return request.param


@pytest.fixture
def rules(tmp_path: Path):
    (tmp_path / "people.txt").write_text("ana@work.example\nbo@work.example\n")
    (tmp_path / "own.py").write_text(
        textwrap.dedent("""
        def is_long(x, limit):
            return None if x.text is None else len(x.text) > limit
        """)
    )
    (tmp_path / "pack.yaml").write_text(PACK)
    return load_rules(tmp_path / "pack.yaml")


def frame(n: int = 60) -> pd.DataFrame:
    texts = [
        "Free prize! http://a.b",
        "See you at lunch?",
        None,
        "free",
        "A prize, free of charge, for you alone",
        "",
    ]
    senders = ["ana@work.example", "win@a.b", None]
    return pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(n)],
            "text": [texts[i % 6] for i in range(n)],
            "sender": [senders[i // 2 % 3] if i % 7 else "Bo@work.example" for i in range(n)],
            "n_links": [None if i % 5 == 0 else i % 4 for i in range(n)],
            "ana": [[None, "ham", "other", "spam"][i % 4] for i in range(n)],
        }
    )


@preprocessor()
def with_words(x):
    x.words = (x.text or "").lower().split()
    return x


def python_functions():
    @labeling_function()
    def by_index(x):
        return 2 if x["n_links"] == 3 else -1

    @labeling_function(resources={"known": frozenset({"free"})}, pre=[with_words])
    def by_name(x, known):
        return "spam" if known & set(x.words) else None

    @labeling_function()
    def by_numpy(x):
        return np.int64(0) if x.get("sender") == "win@a.b" else np.int8(-1)

    class Foreign:
        name = "foreign"

        def __call__(self, x):
            return 1 if x.text and "prize" in x.text else -1

    return [by_index, by_name, by_numpy, Foreign()]


def naive(lfs, items) -> np.ndarray:
    """Vote item by item, through nothing but the call of a labelling function."""
    from wsal.lf import Row

    columns = {name: items.column(name) for name in items.columns}
    votes = np.full((items.n_items, len(lfs)), ABSTAIN, dtype=np.int8)
    for i in range(items.n_items):
        for j, lf in enumerate(lfs):
            vote = lf(Row(columns, i))
            votes[i, j] = LABELS.index(vote) if isinstance(vote, str) else vote
    return votes


def test_votes_are_those_of_each_function_called_on_each_item(engine, rules):
    lfs = [*python_functions()[:2], *rules, *python_functions()[2:]]
    items = read_items(frame(20))
    votes = apply(lfs, items, engine=engine)
    expected = naive(lfs, items)
    assert votes.lf_names == tuple(lf.name for lf in lfs)
    for j, name in enumerate(votes.lf_names):
        assert votes.values[:, j].tolist() == expected[:, j].tolist(), name
        assert (expected[:, j] != ABSTAIN).any(), f"{name} never votes, which tests nothing"
    assert votes.labels == LABELS
    assert votes.item_ids.tolist() == frame(20)["id"].tolist()
    assert votes.values.dtype == np.int8
    assert not votes.values.flags.writeable
    assert votes.lf_fingerprints == tuple(getattr(lf, "fingerprint", None) for lf in lfs)
    assert votes.failures == ()


def test_more_items_than_any_chunk_vote_as_fewer_do(engine, rules):
    few, many = frame(60), frame(60 * 150)  # 60 is a multiple of every period in the frame but 7
    many["sender"] = list(few["sender"]) * 150
    votes = apply(rules, many, engine=engine).to_numpy()
    assert np.array_equal(votes, np.tile(apply(rules, few, engine=engine).to_numpy(), (150, 1)))


def test_a_function_that_raises_names_itself_the_item_and_the_cause(engine):
    @labeling_function()
    def length(x):
        return 1 if len(x.text) > 9 else 0

    with pytest.raises(LabelingFunctionError) as caught:
        apply([length], frame(), labels=LABELS, engine=engine)
    assert (caught.value.lf_name, caught.value.item_id) == ("length", "m2")
    assert isinstance(caught.value.cause, TypeError)
    assert caught.value.__cause__ is caught.value.cause


def test_a_tolerant_run_abstains_where_a_function_raises_and_says_so(engine):
    @labeling_function()
    def length(x):
        return 1 if len(x.text) > 9 else 0

    @labeling_function()
    def fine(x):
        return 0

    votes = apply([fine, length], frame(), labels=LABELS, engine=engine, fault_tolerant=True)
    missing = frame()["text"].isna().to_numpy()
    assert np.array_equal(votes.values[:, 1] == ABSTAIN, missing)
    (failure,) = votes.failures
    assert (failure.lf_name, failure.count, failure.first_item) == ("length", missing.sum(), "m2")
    assert "TypeError" in failure.first_traceback
    assert "len(x.text)" in failure.first_traceback


def test_a_rule_whose_code_raises_is_reported_for_every_rule_that_uses_it(engine, tmp_path):
    (tmp_path / "own.py").write_text("def good(x):\n    return 10 / x.n > 4\n")
    (tmp_path / "pack.yaml").write_text(
        textwrap.dedent("""
        wsal: 1
        task: t
        labels: [no, yes]
        rules:
          - {id: apart, label: no, when: {number: n, at_least: 1}}
          - {id: own, label: yes, when: {python: "own:good"}}
          - {id: again, label: no, when: {all: [{number: n, at_least: 0}, {rule: own}]}}
        """)
    )
    rules = load_rules(tmp_path / "pack.yaml")
    items = pd.DataFrame({"id": ["a", "b", "c", "d"], "n": [1, 0, 5, 0]})
    with pytest.raises(LabelingFunctionError) as caught:
        apply(rules, items, engine=engine)
    assert caught.value.item_id == "b"
    assert isinstance(caught.value.cause, ZeroDivisionError)
    votes = apply(rules, items, engine=engine, fault_tolerant=True)
    assert votes.to_numpy().tolist() == [[0, 1, 0], [-1, -1, -1], [0, -1, -1], [-1, -1, -1]]
    assert [(f.lf_name, f.count, f.first_item) for f in votes.failures] == [
        ("own", 2, "b"),
        ("again", 2, "b"),
    ]


@pytest.mark.parametrize(
    ("vote", "message", "cure"),
    [
        (3, "3 classes", "0..2"),
        (-2, "3 classes", "-1 to abstain"),
        ("spma", "'spma'.* no label", "did you mean 'spam'"),
        (1.5, r"1\.5 .*float.* no vote", "class index"),
        (True, "True .*yes or no", "return a label"),
        (np.bool_(False), "yes or no", "return a label"),
        ([1], r"\[1\] .*list", "class index"),
    ],
)
@pytest.mark.parametrize("fault_tolerant", [False, True])
def test_what_is_no_vote_is_an_error_with_function_item_value_and_cure(
    engine, vote, message, cure, fault_tolerant
):
    @labeling_function()
    def odd(x):
        return vote if x.id == "m3" else None

    with pytest.raises(DataError, match=r"'odd' returned .* on item 'm3'") as caught:
        apply([odd], frame(), labels=LABELS, engine=engine, fault_tolerant=fault_tolerant)
    assert caught.match(message)
    assert cure in caught.value.hint


def test_a_rule_on_a_column_that_is_not_there_is_an_error_with_its_place(engine, rules):
    with pytest.raises(DataError, match="reads column 'n_links'") as caught:
        apply(rules, frame().rename(columns={"n_links": "n_link"}), engine=engine, fault_tolerant=True)
    assert caught.value.location.line is not None
    assert "did you mean 'n_link'" in caught.value.hint


def test_a_cell_of_the_wrong_kind_is_named_by_its_row_however_late_it_stands(engine, rules):
    items = frame(9000)
    items["n_links"] = items["n_links"].astype(object)
    items.loc[8500, "n_links"] = "many"
    with pytest.raises(DataError, match="row 8501 holds 'many'"):
        apply(rules, items, engine=engine)


def test_what_one_function_writes_into_an_item_no_other_sees(engine):
    @labeling_function()
    def writer(x):
        x.text = "changed"
        x["extra"] = 1
        return 0

    @labeling_function()
    def reader(x):
        return 1 if x.get("extra") or x.text == "changed" else 2

    votes = apply([writer, reader], frame(), labels=LABELS, engine=engine)
    assert set(votes.values[:, 1].tolist()) == {2}


def test_every_item_is_an_object_of_its_own(engine):
    kept = []

    @labeling_function()
    def keeper(x):
        kept.append(x)
        seen = x.get("seen", default=0)
        x.seen = 1
        return seen

    votes = apply([keeper], frame(6), labels=LABELS, engine=engine)
    assert set(votes.values.ravel().tolist()) == {0}
    assert [x.id for x in kept] == frame(6)["id"].tolist()
