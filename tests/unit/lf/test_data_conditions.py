"""Dates, pairs of columns, models and graphs, on values that are there, missing, odd and wrong."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsal.engines import apply
from wsal.errors import DataError, LabelingFunctionError, PackError
from wsal.lf import ColumnTable, Rule, load_pack
from wsal.lf.conditions import Faults, evaluate
from wsal.lf.conditions.gazetteer import Gazetteer


@pytest.fixture
def rule_of(tmp_path: Path):
    """Load a rule that is written in YAML: its condition, and more keys."""

    def make(when: str, *, label: str | None = "spam") -> Rule:
        named = f"    label: {label}\n" if label else ""
        (tmp_path / "pack.yaml").write_text(
            f"wsal: 1\nlabels: [ham, spam]\nrules:\n  - id: one\n{named}    when: {when}\n"
        )
        (rule,) = load_pack(tmp_path / "pack.yaml").rules
        return rule

    return make


@pytest.fixture
def truth_of(rule_of):
    """Evaluate one condition, written in YAML, over columns."""

    def answer(when: str, **columns: object) -> list[int]:
        condition = rule_of(when).condition
        return evaluate([condition], ColumnTable(columns))[0].tolist()

    return answer


# Dates


def test_a_day_is_the_whole_day(truth_of):
    sent = ["2024-02-29", "2024-03-01", "2024-03-01T23:59:59", "2024-03-02", "", None]
    assert truth_of("{date: sent, at_most: 2024-03-01}", sent=sent) == [1, 1, 1, 0, -1, -1]
    assert truth_of("{date: sent, after: 2024-03-01}", sent=sent) == [0, 0, 0, 1, -1, -1]
    assert truth_of("{date: sent, before: 2024-03-01}", sent=sent) == [1, 0, 0, 0, -1, -1]
    assert truth_of("{date: sent, between: [2024-03-01, 2024-03-01]}", sent=sent) == [0, 1, 1, 0, -1, -1]


def test_times_with_an_offset_are_compared_in_utc(truth_of):
    sent = ["2024-03-01T01:00:00+02:00", datetime(2024, 3, 1, 0, 0, tzinfo=UTC), pd.Timestamp("2024-03-01")]
    assert truth_of("{date: sent, at_least: '2024-03-01T00:00'}", sent=sent) == [0, 1, 1]


def test_days_of_the_week_and_a_format_of_ones_own(truth_of):
    when = "{date: sent, weekdays: [Saturday, sunday], format: '%d/%m/%Y'}"
    assert truth_of(when, sent=["02/03/2024", "04/03/2024", date(2024, 3, 3)]) == [1, 0, 1]


def test_an_unknown_date_is_unknown_under_not(truth_of):
    assert truth_of("{not: {date: sent, after: 2024-01-01}}", sent=[None, "2023-01-01"]) == [-1, 1]


def test_what_is_no_date_names_row_and_format(truth_of):
    with pytest.raises(DataError, match=r"row 2 holds 'soon', which is no date in ISO 8601") as caught:
        truth_of("{date: sent, after: 2024-01-01}", sent=["2024-01-01", "soon"])
    assert "format:" in caught.value.hint
    with pytest.raises(DataError, match="row 1 holds 7"):
        truth_of("{date: sent, after: 2024-01-01}", sent=[7])


# Two columns


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("above", [0, 0, 1]),
        ("below", [1, 0, 0]),
        ("at_least", [0, 1, 1]),
        ("at_most", [1, 1, 0]),
        ("equals", [0, 1, 0]),
        ("differs_from", [1, 0, 1]),
    ],
)
def test_numbers_are_compared_across_columns(truth_of, comparison, expected):
    when = f"{{compare: paid, {comparison}: due}}"
    assert truth_of(when, paid=[1, "2", 3.5, None, 1], due=["1.5", 2, 3, 1, float("nan")]) == [
        *expected,
        -1,
        -1,
    ]


def test_texts_and_dates_are_compared_as_what_they_are(truth_of):
    when = "{compare: reply_to, differs_from: sender, as: text}"
    assert truth_of(when, reply_to=["A@x ", "b@x", None], sender=["a@X", "a@x", "a@x"]) == [0, 1, -1]
    exact = "{compare: reply_to, differs_from: sender, as: text, case: exact}"
    assert truth_of(exact, reply_to=["A@x"], sender=["a@x"]) == [1]
    when = "{compare: shipped, below: ordered, as: date}"
    assert truth_of(when, shipped=["2024-01-09", "2024-01-11"], ordered=["2024-01-10"] * 2) == [1, 0]


def test_a_comparison_reads_both_columns(rule_of, truth_of):
    assert rule_of("{compare: paid, above: due}").fields == ("paid", "due")
    with pytest.raises(DataError, match="reads column 'due', which the items do not have"):
        truth_of("{compare: paid, above: due}", paid=[1])
    with pytest.raises(DataError, match="column 'due', but row 1 holds 'x'") as caught:
        truth_of("{compare: paid, above: due}", paid=[1], due=["x"])
    assert "as: text" in caught.value.hint


# Gazetteers

words = st.text(alphabet="ab c-_.É", max_size=12)


@given(
    st.frozensets(st.text(alphabet="ab c-_.É", min_size=1, max_size=5), min_size=1, max_size=8), words, words
)
def test_the_automaton_and_the_lookup_find_the_same(entries, text, around):
    gazetteer = Gazetteer(entries)
    gazetteer.build()
    for given_text in (text, f"{around} {next(iter(entries))} {around}", around + next(iter(entries))):
        assert gazetteer.found_by_automaton(given_text) == gazetteer.found_by_lookup(given_text)


def test_a_gazetteer_builds_its_automaton_once_that_pays_and_not_for_another_process():
    gazetteer = Gazetteer(frozenset({"new york", "paris"}))
    assert [gazetteer.stands_in(text) for text in ("in paris", "parisian", "new york!")] == [
        True,
        False,
        True,
    ]
    assert gazetteer._automaton is not None
    again = pickle.loads(pickle.dumps(gazetteer))  # noqa: S301  # its own bytes
    assert again._automaton is None
    assert again.stands_in("paris")


# Models

MODEL = """
import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

class Told:
    classes_ = np.array(["ham", "spam"])
    def predict_proba(self, texts):
        if "bad" in texts:
            raise ValueError("no")
        return np.array([[1 - float(t), float(t)] for t in texts])

def told():
    return Told()

def learner():
    return make_pipeline(CountVectorizer(), LogisticRegression(C=100))

def frames():
    return LogisticRegression(C=100)

def memory():
    class Memory:  # remembers what it saw, and is sure of nothing else
        def get_params(self, deep=True): return {}
        def fit(self, texts, labels):
            self.classes_ = np.unique(labels)
            self.seen = dict(zip(texts, labels))
            return self
        def predict_proba(self, texts):
            told = [[self.seen[t] == c if t in self.seen else 0.5 for c in self.classes_] for t in texts]
            return np.array(told, dtype=float)
    return Memory()

def nothing():
    return 7

def untrained():
    return LogisticRegression()
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "models.py").write_text(MODEL)
    return tmp_path


@pytest.mark.usefixtures("models")
def test_a_model_is_true_from_its_threshold_on_and_unknown_in_its_band(truth_of):
    texts = ["0.9", "0.8", "0.7", "0.4", "0.3", None]
    assert truth_of("{model: 'models:told', at_least: 0.8}", text=texts) == [1, 1, 0, 0, 0, -1]
    when = "{model: 'models:told', at_least: 0.8, unknown_from: 0.4}"
    assert truth_of(when, text=texts) == [1, 1, -1, -1, 0, -1]
    assert truth_of(f"{{not: {when}}}", text=texts) == [0, 0, -1, -1, 1, -1]
    assert truth_of("{model: 'models:told', class: ham, at_least: 0.7}", text=texts) == [0, 0, 0, 0, 1, -1]


@pytest.mark.usefixtures("models")
def test_a_model_without_a_label_names_the_most_probable_class_or_abstains(rule_of):
    rule = rule_of("{model: 'models:told', at_least: 0.7}", label=None)
    table = ColumnTable({"text": ["0.9", "0.6", "0.5", "0.1", None]})
    assert rule.label_names(table) == ["spam", None, None, "ham", None]
    with pytest.raises(PackError, match="class in a rule without 'label:'"):
        rule_of("{model: 'models:told', class: ham}", label=None)


@pytest.mark.usefixtures("models")
def test_an_item_that_a_model_cannot_judge_is_reported_alone(rule_of):
    condition = rule_of("{model: 'models:told'}").condition
    table = ColumnTable({"text": ["0.9", "bad", "0.1"]})
    faults = Faults(tolerant=True)
    assert evaluate([condition], table, faults=faults)[0].tolist() == [1, -1, 0]
    assert [fault.row for fault in faults.found] == [1]
    with pytest.raises(LabelingFunctionError, match="ValueError: no"):
        evaluate([condition], table)


def test_a_model_trained_on_an_item_has_no_vote_on_it_from_its_own_answer(models, rule_of):
    texts = [f"message {i}" for i in range(40)]
    rows = [f"{text},{'spam' if i % 2 else 'ham'}" for i, text in enumerate(texts)]
    (models / "answers.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    rule = rule_of("{model: 'models:memory', at_least: 0.9, train: 'answers.csv:label'}", label=None)
    table = ColumnTable({"text": [*texts, *(text.upper() + " " for text in texts), "new"]})
    # A memory knows the answers to all that it saw; asked without them it is sure of nothing.
    assert set(rule.label_names(table)) == {None}
    unfolded = rule.source.model._estimator(None, "one")
    assert unfolded.predict_proba([texts[0]]).max() == 1.0


def test_a_model_learns_from_its_training_rows_and_votes_again_when_they_change(models, rule_of):
    rows = [f"win a prize {i},spam" for i in range(30)] + [f"lunch at {i},ham" for i in range(30)]
    (models / "answers.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    when = "{model: 'models:learner', at_least: 0.8, train: 'answers.csv:label'}"
    rule = rule_of(when)
    assert rule.fields == ("text",)
    frame = pd.DataFrame({"text": ["win a prize 3", "the prize", "lunch?", "lunch at 4"]})
    assert apply([rule], frame).to_numpy().ravel().tolist() == [1, 1, -1, -1]
    (models / "answers.csv").write_text("text,label\n" + "\n".join(reversed(rows)) + "\nhi,ham\n")
    assert rule_of(when).fingerprint != rule.fingerprint
    assert rule_of(when.replace("0.8", "0.9")).fingerprint != rule.fingerprint


def test_a_model_of_several_columns_gets_a_frame(models, truth_of):
    rows = [f"{i},{i % 3},{'spam' if i > 10 else 'ham'}" for i in range(20)]
    (models / "answers.csv").write_text("a,b,label\n" + "\n".join(rows) + "\n")
    when = "{model: 'models:frames', fields: [a, b], train: 'answers.csv:label'}"
    assert truth_of(when, a=[1.0, 40.0, None], b=[0, 0, 1]) == [0, 1, -1]


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("{model: 'models:nothing'}", "has no predict_proba"),
        ("{model: 'models:untrained', field: n}", "is not trained"),
        ("{model: 'models:told', class: spma}", "knows no class 'spma'"),
        ("{model: 'models:told', args: {a: 1}}", "made no estimator: TypeError"),
    ],
)
def test_what_is_no_estimator_is_an_error_with_a_cure(truth_of, when, says):
    with pytest.raises(DataError, match=says) as caught:
        truth_of(when, text=["0.5"], n=[1])
    assert caught.value.hint
    assert caught.value.location is not None


def test_a_model_runs_code_and_can_be_refused(models, rule_of):
    rule_of("{model: 'models:told'}")
    assert load_pack(models / "pack.yaml").python_rules == ("one",)
    with pytest.raises(PackError, match="python is not allowed here, and this rule runs 'models:told'"):
        load_pack(models / "pack.yaml", allow_python=False)


# Graphs


@pytest.fixture
def graphs(tmp_path: Path) -> Path:
    (tmp_path / "kg.csv").write_text(
        "source,relation,target\nAna,works_for,Acme\nAcme,owned_by,Big Co\nBen,works_for,Other\nAna,knows,Ben\n"
    )
    (tmp_path / "links.csv").write_text("source,target,weight\na,b,1\na,c,3\nb,b,9\nd,a,1\nd,b,1\n")
    (tmp_path / "said.csv").write_text("id,label\na,spam\nb,ham\nc,spam\n")
    return tmp_path


@pytest.mark.usefixtures("graphs")
def test_entities_are_related_along_the_direction_of_the_relation(truth_of):
    people, firms = ["ana", "Ana", "ben", "zoe", None], ["ACME", "Other", "acme", "acme", "acme"]
    when = "{graph: kg.csv, related: works_for, from: person, to: firm}"
    assert truth_of(when, person=people, firm=firms) == [1, 0, 0, -1, -1]
    assert truth_of(when, person=firms, firm=people) == [0, 0, 0, -1, -1]
    both = "{graph: kg.csv, related: works_for, from: person, to: firm, both_ways: true}"
    assert truth_of(both, person=firms, firm=people) == [1, 0, 0, -1, -1]
    exact = "{graph: kg.csv, related: works_for, from: person, to: firm, case: exact}"
    assert truth_of(exact, person=["Ana", "ana"], firm=["Acme", "Acme"]) == [1, -1]


@pytest.mark.usefixtures("graphs")
def test_relations_in_a_row_and_lists_of_entities(truth_of):
    when = "{graph: kg.csv, related: [works_for, owned_by], hops: 2, from: person, to: firm}"
    columns = {"person": ["ana", ["ben", "ana"], [], "ana"], "firm": ["big co", "Big Co", "acme", "Ana"]}
    assert truth_of(when, **columns) == [1, 1, -1, 0]
    assert truth_of(when.replace("hops: 2", "hops: 1"), **columns) == [0, 0, -1, 0]
    assert truth_of("{graph: kg.csv, related: '*', from: p, to: q}", p=["ana"], q=["ben"]) == [1]


@pytest.mark.usefixtures("graphs")
def test_neighbours_vote_by_weight_and_an_items_own_answer_never_does(truth_of, rule_of):
    ids = ["a", "b", "c", "d", "x", None]
    when = "{graph: links.csv, neighbours: 'said.csv:label', at_least: 0.6}"
    # a: b says ham (1), c says spam (3). b: a says spam, its own answer and its link to itself do not count.
    assert truth_of(when, id=ids) == [1, 1, 1, 0, -1, -1]
    assert truth_of(when.replace("at_least: 0.6", "min_neighbours: 2"), id=ids) == [1, -1, -1, 1, -1, -1]
    rule = rule_of("{graph: links.csv, neighbours: 'said.csv:label'}", label=None)
    assert rule.label_names(ColumnTable({"id": ids})) == ["spam", "spam", "spam", None, None, None]


def test_changing_ones_own_answer_changes_only_the_votes_of_others(graphs, rule_of):
    when = "{graph: links.csv, neighbours: 'said.csv:label'}"
    table = ColumnTable({"id": ["a", "b", "c", "d"]})
    before = rule_of(when, label=None)
    votes = before.label_names(table)
    (graphs / "said.csv").write_text("id,label\na,ham\nb,ham\nc,spam\n")
    after = rule_of(when, label=None)
    assert after.fingerprint != before.fingerprint
    assert after.label_names(table)[0] == votes[0] == "spam"
    assert after.label_names(table)[1:] == ["ham", "ham", "ham"]


def test_an_answer_that_is_no_label_is_an_error(graphs, rule_of):
    (graphs / "said.csv").write_text("id,label\na,spma\n")
    rule = rule_of("{graph: links.csv, neighbours: 'said.csv:label'}", label=None)
    with pytest.raises(DataError, match="the answer 'spma' is no label"):
        rule.label_names(ColumnTable({"id": ["b"]}))


@pytest.mark.usefixtures("graphs")
def test_related_without_a_label_is_an_error(rule_of):
    with pytest.raises(PackError, match="rule 'one' has no label"):
        rule_of("{graph: kg.csv, related: knows, from: a, to: b}", label=None)
