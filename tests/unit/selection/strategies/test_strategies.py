"""What strategies do with what comes in: classifiers, probabilities, answers, audit draws, nothing at all."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from wsal.errors import DataError, InputError
from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.selection import select, strategies, strategy
from wsal.testing import make_features, make_votes
from wsal.training import deliver
from wsal.votes import VoteMatrix


@pytest.fixture(scope="module")
def made():
    return make_votes(300, coverage=0.2, class_balance=(0.5, 0.3, 0.2), rng=1)


@pytest.fixture(scope="module")
def features(made):
    return make_features(made.gold, rng=2)


def _human(made, n, only=None):
    return HumanLabels.from_pairs({i: int(made.gold[i]) if only is None else only for i in range(n)})


def _run(made, name, *, human=None, options=None, **kwargs):
    return strategy(name, **(options or {}))(
        made.votes, LabelModel().fit(made.votes, human), human=human, **kwargs
    )


TEXTS = [
    "free prize",
    "win a prize",
    "see you at lunch",
    "lunch at noon",
    "free lunch",
    "call me",
    "prize call",
    "noon",
]


def test_a_pipeline_over_raw_texts_plugs_in_and_is_not_changed(ask):
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression())
    answers = {0: 1, 1: 1, 2: 0, 3: 0}
    trained = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS[:4], [1, 1, 0, 0])
    margin = np.abs(np.diff(trained.predict_proba(TEXTS), axis=1))[:, 0]
    expected = [row for row in np.argsort(margin) if row not in answers][:2]
    for features in (TEXTS, np.array(TEXTS), pd.Series(TEXTS)):
        got = ask(strategy("entropy"), 8, 2, answers=answers, features=features, classifier=pipeline)
        assert got == expected
    assert not hasattr(pipeline[-1], "classes_")


def test_a_data_frame_of_mixed_columns_plugs_in(ask):
    frame = pd.DataFrame({"text": TEXTS, "length": [float(len(t)) for t in TEXTS]})
    columns = make_column_transformer((TfidfVectorizer(), "text"), (StandardScaler(), ["length"]))
    pipeline = make_pipeline(columns, LogisticRegression())
    got = ask(strategy("margin"), 8, 3, answers={0: 1, 1: 1, 2: 0, 3: 0}, features=frame, classifier=pipeline)
    assert len(set(got) & {4, 5, 6, 7}) == 3


def test_model_change_reads_what_the_last_step_of_a_pipeline_reads(ask):
    X = np.array([[0.0, 1e6], [1.0, -1e6], [0.5, 0.0], [0.4, 0.0], [0.6, 0.0], [9.0, 0.0]])
    rows = ask(
        strategy("expected-model-change"),
        6,
        1,
        answers={0: 0, 1: 1, 3: 0, 4: 1},
        features=X,
        classifier=make_pipeline(StandardScaler(), LogisticRegression(C=1e-3)),  # says ½ of everything
    )
    assert rows == [5]


def test_probabilities_from_outside_are_gone_by(ask):
    P = np.full((6, 2), 0.5)
    P[:5] = [0.9, 0.1]
    for name in ("least-confidence", "margin", "entropy", "expected-model-change"):
        assert ask(strategy(name), 6, 1, probabilities=P) == [5], name


def test_what_is_equal_on_paper_ties_and_is_chosen_by_lot(uncovered):
    P = np.array([[0.16, 0.05, 0.79], [0.16, 0.79, 0.05]])  # their entropies differ by 1e-16
    votes = uncovered(2, 3)
    model = LabelModel().fit(votes)
    first = {strategy("entropy")(votes, model, n=1, probabilities=P, rng=seed).item_ids for seed in range(20)}
    assert first == {(0,), (1,)}


def test_without_a_classifier_the_end_model_speaks_and_without_features_the_rules(made, features):
    assert "the end model cannot decide" in _run(made, "entropy", features=features).reasons[0]
    assert "the rules cannot decide" in _run(made, "entropy").reasons[0]


def test_while_answers_of_two_classes_are_missing_the_classifier_waits(made, features):
    human = _human(made, 5, only=1)
    batch = _run(made, "entropy", human=human, features=features, classifier=LogisticRegression())
    assert "the end model cannot decide" in batch.reasons[0]
    batch = _run(
        made, "expected-error-reduction", human=human, features=features, classifier=LogisticRegression()
    )
    assert "no answers of two classes yet" in batch.reasons[0]


def test_an_item_whose_answers_tie_teaches_the_classifier_nothing(ask, uncovered):
    votes = uncovered(6)
    rows = [(0, 0, "a"), (0, 1, "b"), (1, 1, "a"), (2, 0, "a")]
    human = HumanLabels.from_frame(pd.DataFrame(rows, columns=["item", "label", "annotator"]))

    seen = []

    class Recorder(LogisticRegression):
        def fit(self, X, y):
            seen.append((X[:, 0].tolist(), y.tolist()))
            return super().fit(X, y)

    model = LabelModel().fit(votes, human)
    X = np.arange(6.0)[:, None]
    strategy("margin")(votes, model, n=1, human=human, features=X, classifier=Recorder())
    assert seen == [([1.0, 2.0], [1, 0])]


def test_answers_newer_than_the_run_train_the_classifier(made, features):
    old = _human(made, 5, only=1)
    model = LabelModel().fit(made.votes, old)
    delivered = deliver(made.votes, model, human=old, features=features)
    batch = strategy("entropy")(
        made.votes,
        model,
        human=_human(made, 30),
        delivered=delivered,
        classifier=LogisticRegression(),
    )
    assert "the classifier cannot decide" in batch.reasons[0]
    assert not set(batch.item_ids) & set(range(30))


def test_of_two_answers_to_an_item_the_newer_one_trains_the_classifier(uncovered):
    votes = uncovered(6)
    old = HumanLabels.from_pairs({0: 0, 1: 1})
    model = LabelModel().fit(votes, old)
    seen = []

    class Recorder(LogisticRegression):
        def fit(self, X, y):
            seen.append((X[:, 0].tolist(), y.tolist()))
            return super().fit(X, y)

    X = np.arange(6.0)[:, None]
    delivered = deliver(votes, model, human=old, features=X)
    newer = HumanLabels.from_pairs({0: 1, 2: 0})
    strategy("margin")(votes, model, n=1, human=newer, delivered=delivered, classifier=Recorder())
    assert seen == [([0.0, 1.0, 2.0], [1, 1, 0])]


def test_a_committee_is_bagged_from_one_classifier_or_is_a_list_of_several(made, features):
    human = _human(made, 40)
    for classifier in (LogisticRegression(), [LogisticRegression(C=c) for c in (0.01, 1, 100)]):
        batch = _run(made, "committee-kl", human=human, features=features, classifier=classifier)
        assert "a committee of classifiers disagrees by" in batch.reasons[0]
        assert "by 0.00 nats" not in batch.reasons[0]  # its members are not the same one twice


def test_without_classifiers_rules_and_models_are_the_committee():
    rows = np.array([[1, 1, -1], [1, 0, -1], [1, 0, 1], [-1, -1, -1]] * 5, dtype=np.int8)
    votes = VoteMatrix.from_array(rows, ["ham", "spam"])
    for name in ("vote-entropy", "committee-kl"):
        batch = strategy(name)(votes, LabelModel().fit(votes), n=2)
        assert [row % 4 for row in batch.item_ids] == [1, 2], name  # an even split, then two to one


def test_the_divergence_of_rules_and_models_is_that_of_the_stacked_committee(made, features):
    human = _human(made, 30)
    delivered = deliver(made.votes, LabelModel().fit(made.votes, human), human=human, features=features)
    from wsal.selection.strategies import CommitteeKL, committee_kl

    models = np.stack([delivered.human_probabilities, delivered.end_probabilities])
    patterns = made.votes.patterns()
    tally = patterns.tally()[patterns.inverse].astype(float)
    got = CommitteeKL().disagreement_with_functions(tally, models)
    for row in range(0, 300, 17):
        voters = [np.eye(3)[v] for v in made.votes.values[row] if v >= 0]
        stacked = np.stack([*voters, *models[:, row]])[:, None, :]
        assert got[row] == pytest.approx(committee_kl(stacked)[0], abs=1e-12)


def test_every_batch_has_the_audit_draws_that_were_asked_for(made, features):
    for name in strategies():
        batch = _run(made, name, features=features, human=_human(made, 30), options={"audit_share": 0.3})
        assert batch.purposes[:3] == ("audit",) * 3, name
        assert all("lf_" not in reason for reason in batch.reasons[:3]), name
        if name != "random":
            assert "audit" not in batch.purposes[3:], name


def test_as_published_only_random_items_serve_estimates(made, features):
    for name in strategies():
        purposes = set(_run(made, name, features=features).purposes)
        assert ("audit" in purposes) == (name == "random"), name


def test_random_items_are_drawn_alike(uncovered):
    votes = uncovered(10)
    model = LabelModel().fit(votes)
    delivered = deliver(votes, model)
    rng = np.random.default_rng(0)
    drawn = [
        strategy("random")(votes, model, n=2, rng=rng, delivered=delivered).item_ids for _ in range(1000)
    ]
    counts = np.bincount(np.array(drawn).reshape(-1), minlength=10)
    assert counts == pytest.approx(np.full(10, 200), abs=4.5 * np.sqrt(2000 * 0.1 * 0.9))


def test_what_was_taken_for_the_audit_is_a_centre_of_the_core_set(uncovered):
    X = np.array([[0.0], [1.0], [5.0], [11.0]])
    votes = uncovered(4)
    half = strategy("core-set", audit_share=0.5)
    seen = set()
    for seed in range(12):
        audit, chosen = half(votes, LabelModel().fit(votes), n=2, features=X, rng=seed).item_ids
        assert chosen == (0 if audit == 3 else 3)
        seen.add(audit)
    assert {0, 3} <= seen


def test_the_first_item_of_a_core_set_is_in_the_middle_and_then_the_ends_come(ask):
    X = np.array([[0.0], [4.0], [5.2], [9.0], [11.0]])
    assert ask(strategy("core-set"), 5, 3, features=X) == [2, 4, 0]


def test_a_cold_start_takes_one_typical_item_of_each_group_the_largest_first(ask):
    X = np.concatenate([np.array([-1.0, 0, 1, 0.1, 0.2, 0.3, 0.4]), 50 + np.arange(5.0)])[:, None]
    assert ask(strategy("typicality", n_neighbours=4), 12, 2, features=X) == [4, 9]


def test_a_small_cluster_of_outliers_waits_until_large_ones_are_asked_again(ask):
    X = np.concatenate([np.arange(8.0), 100 + np.arange(7.0), 900 + np.arange(3.0)])[:, None]
    got = ask(strategy("typicality"), 18, 3, features=X)
    assert [row < 8 for row in got] == [True, False, True]
    assert max(got) < 15


def test_a_large_cluster_is_sampled(ask, monkeypatch):
    from wsal.selection.strategies import geometry

    monkeypatch.setattr(geometry, "_MOST_MEMBERS", 5)
    X = np.random.default_rng(0).normal(size=(40, 2))
    assert len(set(ask(strategy("typicality"), 40, 6, features=X))) == 6


def test_max_kl_asks_where_answers_contradict_the_model_and_for_uncovered_items_last():
    rows = np.array([[1, 1]] * 20 + [[0, 0]] * 20 + [[-1, -1]] * 5, dtype=np.int8)
    votes = VoteMatrix.from_array(rows, ["ham", "spam"])
    human = HumanLabels.from_pairs({0: 0, 1: 0, 20: 0, 21: 0})  # spam by the rules, ham by people
    batch = strategy("max-kl")(votes, LabelModel().fit(votes, human), n=41, human=human)
    assert batch.item_ids[0] < 20
    assert "nats away from 2 answers on such items" in batch.reasons[0]
    assert set(batch.item_ids[-5:]) == set(range(40, 45))
    assert batch.purposes[-5:] == ("explore",) * 5


def test_max_kl_takes_random_items_inside_a_pattern():
    votes = VoteMatrix.from_array(np.ones((30, 1), dtype=np.int8), ["ham", "spam"])
    model = LabelModel().fit(votes)
    first = {strategy("max-kl")(votes, model, n=1, rng=seed).item_ids[0] for seed in range(20)}
    assert len(first) > 5


def test_conflicts_come_by_weight_then_agreement_then_what_no_rule_covers():
    rows = [[1, 0, -1]] * 3 + [[1, 1, 0]] * 9 + [[1, 1, 1]] * 50 + [[-1, -1, -1]] * 2
    votes = VoteMatrix.from_array(np.array(rows, dtype=np.int8), ["ham", "spam"])
    batch = strategy("conflict-first")(votes, LabelModel().fit(votes), n=64)
    assert [min(int(np.searchsorted([3, 12, 62], r, side="right")), 3) for r in batch.item_ids[:3]] == [
        1,
        0,
        2,
    ]
    assert batch.reasons[0].startswith("9 unanswered items have these votes; 3 rules disagree")
    assert batch.reasons[2].startswith("no conflict; ")
    assert set(batch.item_ids[-2:]) == {62, 63}


def test_error_reduction_says_how_many_items_it_tried(made, features):
    human = _human(made, 30)
    few = {"max_candidates": 12, "max_evaluated": 40}
    batch = _run(made, "expected-error-reduction", human=human, features=features, n=3, options=few)
    assert all(reason.startswith("of 12 items tried, ") for reason in batch.reasons)
    batch = _run(made, "expected-error-reduction", human=human, n=15, options={**few, "max_candidates": 1})
    assert batch.reasons[0].startswith("of 15 items tried, ")  # never fewer than it is asked for


def test_error_reduction_counts_the_loss_over_unanswered_items_only(ask):
    asked = set()

    class Recorder(LogisticRegression):
        def predict_proba(self, X):
            asked.update(X[:, 0].tolist())
            return super().predict_proba(X)

    answers = {0: 0, 1: 0, 8: 1, 9: 1}
    ask(
        strategy("expected-error-reduction"),
        10,
        1,
        answers=answers,
        features=np.arange(10.0)[:, None],
        classifier=Recorder(),
    )
    assert asked == {2.0, 3.0, 4.0, 5.0, 6.0, 7.0}


def test_error_reduction_prefers_the_answer_that_settles_a_crowd(ask):
    X = np.concatenate([[[-3.0, 0], [3.0, 0], [0, 8.0]], np.tile([0.0, -1], (20, 1))])
    X[3:] += np.random.default_rng(0).normal(scale=0.01, size=(20, 2))
    asked = strategy("expected-error-reduction", max_candidates=30)
    got = ask(asked, 23, 1, answers={0: 0, 1: 1}, features=X, classifier=LogisticRegression(C=10))
    assert got[0] >= 3  # the lonely item 2 is as uncertain, and settles nothing else


def test_a_forest_without_a_seed_of_its_own_gives_the_same_batch_for_the_same_seed(made, features):
    human = _human(made, 40)
    forest = RandomForestClassifier(n_estimators=4)
    batches = [
        _run(made, "entropy", human=human, features=features, classifier=forest, rng=7) for _ in range(2)
    ]
    assert batches[0].item_ids == batches[1].item_ids
    assert forest.random_state is None


def test_any_object_with_fit_and_predict_proba_is_a_classifier(ask):
    class Threshold:
        def fit(self, X, y):
            self.at = (X[y == 0].mean() + X[y == 1].mean()) / 2

        def predict_proba(self, X):
            p = 1 / (1 + np.exp(self.at - X[:, 0]))
            return np.stack([1 - p, p], axis=1)

    X = np.arange(9.0)[:, None]
    assert ask(strategy("margin"), 9, 1, answers={0: 0, 8: 1}, features=X, classifier=Threshold()) == [4]


class _Odd:
    def __init__(self, answer):
        self.answer = answer

    def fit(self, *_):
        return self

    def predict_proba(self, X):
        return np.tile(self.answer, (len(X), 1))


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"classifier": object(), "features": np.eye(300)}, "no method fit"),
        ({"classifier": [LogisticRegression()], "features": np.eye(300)}, "goes by one classifier"),
        ({"classifier": LogisticRegression()}, "no features for it to read"),
        ({"classifier": LogisticRegression(), "features": ["a text"]}, "1 entries of features for 300 items"),
        ({"features": ["a text"] * 300}, "features are numbers"),
        ({"classifier": _Odd([1.0]), "features": np.eye(300)}, r"answers in shape \(300, 1\)"),
        ({"classifier": _Odd([0.9, 0.9, 0.9]), "features": np.eye(300)}, "no probabilities"),
        ({"classifier": _Odd([np.nan, 0.5, 0.5]), "features": np.eye(300)}, "no probabilities"),
        ({"probabilities": np.full((300, 2), 0.5)}, r"need \(300, 3\)"),
        ({"probabilities": np.full((2, 300, 3), 1 / 3)}, r"need \(300, 3\)"),
        ({"probabilities": np.full((300, 3), 0.5)}, r"probabilities of row 0 are \[0.5, 0.5, 0.5\]"),
        ({"probabilities": np.full((300, 3), np.nan)}, "probabilities of row 0"),
        ({"probabilities": "high"}, "probabilities are numbers"),
        ({"n": 0}, "at least one item"),
    ],
)
def test_what_does_not_fit_is_refused_with_one_clear_error(made, kwargs, said):
    with pytest.raises((InputError, DataError), match=said):
        _run(made, "entropy", human=_human(made, 30), **kwargs)


def test_a_committee_wants_the_probabilities_of_several_members(made):
    with pytest.raises(DataError, match=r"need \(members, 300, 3\)"):
        _run(made, "committee-kl", probabilities=np.full((300, 3), 1 / 3))


def test_labels_of_another_run_are_refused(made):
    delivered = deliver(made.votes, LabelModel().fit(made.votes))
    with pytest.raises(DataError, match="another model"):
        _run(made, "entropy", delivered=delivered)


def test_model_change_of_a_text_classifier_that_is_no_pipeline_is_refused(ask):
    class Reader(LogisticRegression):
        def fit(self, X, y):
            return super().fit(np.array([[len(text)] for text in X]), y)

        def predict_proba(self, X):
            return super().predict_proba(np.array([[len(text)] for text in X]))

    with pytest.raises(DataError, match="needs the numbers"):
        ask(
            strategy("expected-model-change"), 8, 1, answers={0: 1, 2: 0}, features=TEXTS, classifier=Reader()
        )


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("entropi", {}, "did you mean"),
        ("entropy", {"beta": 1}, "no setting 'beta'"),
        ("entropy", {"audit_share": 1.2}, "no share"),
        ("density-weighted", {"beta": -1}, "beta=-1"),
        ("density-weighted", {"metric": "manhattan"}, "cosine, euclidean"),
        ("density-weighted", {"uncertainty": "variance"}, "least-confidence"),
        ("vote-entropy", {"n_members": 1}, "two members"),
        ("typicality", {"n_neighbours": 0}, "one neighbour"),
        ("expected-error-reduction", {"max_candidates": 0}, "max_candidates=0"),
    ],
)
def test_names_and_settings_that_do_not_exist_are_refused(name, options, said):
    with pytest.raises(InputError, match=said):
        strategy(name, **options)


def test_every_strategy_is_found_by_its_name_and_documented_on_both_pages():
    from pathlib import Path

    docs = Path(__file__).resolve().parents[4] / "docs"
    for page in ("explanation/query-strategies.md", "how-to/choose-a-strategy.md"):
        text = (docs / page).read_text(encoding="utf-8")
        assert [name for name in strategies() if f"`{name}`" not in text] == [], page
    assert all(strategy(name).name == name for name in strategies())


def test_the_default_is_what_it_was(made):
    model = LabelModel().fit(made.votes)
    assert set(select(made.votes, model).purposes) == {"audit", "uncertain", "explore"}
