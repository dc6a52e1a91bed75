"""DawidSkene: the objective, gold answers, people with few answers, evidence, and saving."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError, InputError, NotFittedError
from wsal.evidence import explain
from wsal.label_models import BALANCE, DawidSkene, FittedDawidSkene, LabelModel
from wsal.label_models.confusions import vote_table
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.testing import make_votes, share_accuracy
from wsal.votes import VoteMatrix

LABELS = ["no", "yes"]


def crowd(seed=1, n=300, m=12, balance=(0.5, 0.3, 0.2)):
    accuracies = np.random.default_rng(seed).uniform(0.4, 0.95, m).tolist()
    return make_votes(n, accuracies=accuracies, coverage=0.3, class_balance=balance, rng=seed)


def random_answers(made, n, seed=0, *, drawn=True):
    rows = np.random.default_rng(seed).choice(made.votes.n_items, n, replace=False)
    frame = pd.DataFrame({"item": rows, "label": made.gold[rows]})
    return HumanLabels.from_frame(frame.assign(propensity=1 / made.votes.n_items) if drawn else frame)


def objective_item_by_item(model, votes, human):
    """The penalised log likelihood, from its definition, one item at a time."""
    settings, k = model.settings, len(model.labels)
    total = 0.0
    for item, row in zip(votes.item_ids.tolist(), votes.values, strict=True):
        people = np.flatnonzero(row >= 0)
        if not len(people):
            continue
        joint = np.log(model.class_balance) + sum(np.log(model.confusions[j, :, row[j]]) for j in people)
        weight = human.weight(item) if human is not None and item in human else 0.0
        total += (1 - weight) * np.log(np.exp(joint).sum())
        if weight:
            total += weight * (human.shares(k)[item] * joint).sum()
    drawn = settings.person_strength * (
        model.pooled[None] * (np.log(model.pooled)[None] - np.log(model.confusions))
    )
    first = np.full((k, k), (1 - settings.prior_precision) / (k - 1))
    np.fill_diagonal(first, settings.prior_precision)
    return (
        total
        - drawn.sum()
        + settings.pool_strength * (first * np.log(model.pooled)).sum()
        + settings.balance_strength * np.log(model.class_balance).sum()
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("given", ["nothing", "answers", "balance", "both"])
def test_the_objective_never_falls(seed, given):
    made = crowd(seed)
    model = DawidSkene(tolerance=1e-12).fit(
        made.votes,
        random_answers(made, 40, drawn=seed % 2 == 0) if given in ("answers", "both") else None,
        [0.5, 0.3, 0.2] if given in ("balance", "both") else None,
    )
    steps = np.diff(model.history)
    assert len(steps) > 10
    assert (steps >= -1e-12 * np.abs(model.history[1:])).all()  # rounding
    assert 1 < model.n_pooled_iter < model.n_iter == len(model.history)


@pytest.mark.parametrize("drawn", [True, False])
def test_the_objective_is_the_penalised_log_likelihood_of_all_items(drawn):
    made = crowd(3)
    human = random_answers(made, 30, drawn=drawn)
    model = DawidSkene(max_iter=7).fit(made.votes, human)
    assert model.history[-1] == pytest.approx(objective_item_by_item(model, made.votes, human), rel=1e-12)
    model = DawidSkene().fit(made.votes)
    assert model.history[-1] == pytest.approx(objective_item_by_item(model, made.votes, None), rel=1e-12)


def test_no_small_change_of_a_table_raises_the_objective():
    made = crowd(4)
    model = DawidSkene(tolerance=1e-14, max_iter=5000).fit(made.votes)
    best = objective_item_by_item(model, made.votes, None)
    rng = np.random.default_rng(0)
    for j in range(4):
        other = model.confusions.copy()
        other[j] *= np.exp(0.01 * rng.normal(size=other[j].shape))
        other[j] /= other[j].sum(axis=1, keepdims=True)
        changed = FittedDawidSkene(**{**vars(model), "confusions": other})
        assert objective_item_by_item(changed, made.votes, None) < best


def test_why_it_stopped():
    made = crowd()
    assert DawidSkene().fit(made.votes).stop_reason == "converged"
    short = DawidSkene(max_iter=2).fit(made.votes)
    assert (short.stop_reason, short.n_iter, short.n_pooled_iter) == ("max_iter", 4, 2)


def test_probabilities_are_those_of_bayes_rule():
    made = crowd()
    model = DawidSkene().fit(made.votes)
    for i in (0, 5, 17):
        row = made.votes.values[i]
        joint = model.class_balance.copy()
        for j in np.flatnonzero(row >= 0):
            joint *= model.confusions[j, :, row[j]]
        assert model.predict_proba(made.votes)[i] == pytest.approx(joint / joint.sum(), rel=1e-9)


def test_somebody_who_never_answers_is_a_typical_member_and_changes_nothing():
    made = crowd()
    silent = np.hstack([made.votes.values, np.full((made.votes.n_items, 1), -1, dtype=np.int8)])
    votes = VoteMatrix.from_array(silent, made.votes.labels)
    model, without = DawidSkene().fit(votes), DawidSkene().fit(made.votes)
    assert model.confusions[-1] == pytest.approx(model.pooled)
    assert model.predict_proba(votes) == pytest.approx(without.predict_proba(made.votes), abs=1e-12)


def test_items_that_nobody_votes_on_have_the_class_balance_and_change_nothing():
    made = crowd()
    more = np.vstack([made.votes.values, np.full((200, made.votes.n_lfs), -1, dtype=np.int8)])
    votes = VoteMatrix.from_array(more, made.votes.labels)
    model, without = DawidSkene().fit(votes), DawidSkene().fit(made.votes)
    assert model.confusions.tobytes() == without.confusions.tobytes()
    assert model.predict_proba(votes)[-1] == pytest.approx(model.class_balance)


def test_few_answers_leave_a_table_near_that_of_the_crowd_and_many_do_not():
    rng = np.random.default_rng(1)
    gold = rng.integers(0, 2, 2000)
    L = np.full((2000, 8), -1, dtype=np.int8)
    for j in range(8):
        right = rng.random(2000) < (0.85 if j < 6 else 0.4)
        L[:, j] = np.where(right, gold, 1 - gold)
    L[5:, 7] = -1  # as bad as person 6, with five answers
    model = DawidSkene().fit(VoteMatrix.from_array(L, LABELS))
    assert model.accuracies[6] < 0.45
    assert model.accuracies[7] > 0.55
    assert model.accuracies[:6].min() > 0.8


def test_with_every_item_known_a_table_is_counted():
    votes = VoteMatrix.from_array([[0, 0], [0, 1], [1, 1], [1, 0], [1, 1]], LABELS)
    frame = pd.DataFrame({"item": range(5), "label": [0, 0, 1, 1, 1], "propensity": 0.2})
    model = DawidSkene(person_strength=4.0, balance_strength=1.0).fit(votes, HumanLabels.from_frame(frame))
    P = model.pooled
    # Answers of the crowd: on 2 items of "no" three no, one yes; on 3 items of "yes" five yes, one no; 20 at .75.
    assert np.allclose(P, [[18 / 24, 6 / 24], [6 / 26, 20 / 26]], rtol=1e-12)
    assert model.confusions[1] == pytest.approx(np.array([[1, 1], [1, 2]]) / [[6], [7]] + 4 * P / [[6], [7]])
    assert model.class_balance == pytest.approx([3 / 7, 4 / 7])


def test_a_targeted_answer_makes_half_of_an_item_known():
    votes = VoteMatrix.from_array([[0, 1]], LABELS)
    half = DawidSkene(tolerance=1e-13).fit(votes, HumanLabels.from_pairs({0: 1}))
    counts = DawidSkene(tolerance=1e-13).fit(votes.patterns(), np.array([[0.0, 0.5]]))
    assert half.confusions.tobytes() == counts.confusions.tobytes()
    q = half.pattern_proba(votes.patterns())[0]
    mass = 0.5 * q + [0.0, 0.5]
    strength = half.settings.balance_strength
    assert half.class_balance == pytest.approx((mass + strength) / (mass + strength).sum(), abs=1e-6)


def test_gold_answers_turn_a_crowd_the_right_way_round():
    rng = np.random.default_rng(2)
    gold = rng.integers(0, 2, 600)
    # Three of five people are wrong three times out of four: by votes alone, the others are the liars.
    right = (0.25, 0.25, 0.25, 0.9, 0.9)
    L = np.stack([np.where(rng.random(600) < share, gold, 1 - gold) for share in right], axis=1)
    votes = VoteMatrix.from_array(L, LABELS)
    rows = rng.choice(600, 50, replace=False)
    human = HumanLabels.from_frame(pd.DataFrame({"item": rows, "label": gold[rows], "propensity": 1 / 600}))
    others = np.setdiff1d(np.arange(600), rows)

    def accuracy(model):
        return (model.predict_proba(votes)[others].argmax(axis=1) == gold[others]).mean()

    assert accuracy(DawidSkene().fit(votes)) < 0.1
    assert accuracy(DawidSkene().fit(votes, human)) > 0.9


def test_people_who_copy_each_other_are_believed_until_much_is_known():
    """A limit that the documentation states, so that it does not change unseen."""
    rng = np.random.default_rng(2)
    gold = rng.integers(0, 2, 600)
    guess = rng.integers(0, 2, 600)
    copies = [np.where(rng.random(600) < 0.9, guess, 1 - guess) for _ in range(3)]
    known = [np.where(rng.random(600) < share, gold, 1 - gold) for share in (0.95, 0.9)]
    votes = VoteMatrix.from_array(np.stack([*copies, *known], axis=1), LABELS)
    accuracy = share_accuracy(DawidSkene().fit(votes).predict_proba(votes), gold)
    assert accuracy < 0.6
    assert DawidSkene().fit(votes).accuracies[:3].min() > 0.8


def test_an_answer_on_an_item_without_votes_teaches_nothing():
    made = crowd()
    L = np.vstack([made.votes.values, np.full((1, made.votes.n_lfs), -1, dtype=np.int8)])
    votes = VoteMatrix.from_array(L, made.votes.labels)
    told = DawidSkene().fit(votes, HumanLabels.from_pairs({made.votes.n_items: 2}))
    assert told.confusions.tobytes() == DawidSkene().fit(votes).confusions.tobytes()
    assert told.predict_proba(votes)[-1].tolist() == [0, 0, 1]


def test_a_balance_that_is_given_stands():
    made = crowd()
    model = DawidSkene().fit(made.votes, class_balance=[0.2, 0.2, 0.6])
    assert model.class_balance.tolist() == pytest.approx([0.2, 0.2, 0.6])
    assert DawidSkene().fit(made.votes).class_balance[2] < 0.4
    with pytest.raises(DataError, match="sums to"):
        DawidSkene().fit(made.votes, class_balance=[0.2, 0.2, 0.2])


def test_terms_are_the_balance_and_those_who_voted():
    made = crowd()
    model = DawidSkene().fit(made.votes)
    row = made.votes.values[3]
    terms = model.terms(row)
    assert [t.source for t in terms] == [
        BALANCE,
        *(made.votes.lf_names[j] for j in np.flatnonzero(row >= 0)),
    ]
    assert terms[1].vote == made.votes.labels.name(int(row[row >= 0][0]))
    total = np.sum([t.log_scores for t in terms], axis=0)
    assert np.ptp(total - np.log(model.predict_proba(made.votes)[3])) < 1e-12
    with pytest.raises(DataError, match="one vote for each of 12 people"):
        model.terms(row[:5])


def test_explain_opens_a_label_of_a_crowd():
    made = crowd()
    model = DawidSkene().fit(made.votes)
    item = int(np.flatnonzero((made.votes.values >= 0).sum(axis=1) > 2)[0])
    evidence = explain(made.votes, model, item)
    a, b = (made.votes.labels.index(name) for name in evidence.contrast)
    P = model.predict_proba(made.votes)[item]
    assert evidence.log_odds == pytest.approx(np.log(P[a]) - np.log(P[b]), abs=1e-9)


def test_a_fit_on_shuffled_rows_with_answers_has_the_same_bits():
    made = crowd()
    human = random_answers(made, 50, drawn=False)
    order = np.random.default_rng(1).permutation(made.votes.n_items)
    first, second = (DawidSkene().fit(v, human) for v in (made.votes, made.votes.select_items(order)))
    assert first.confusions.tobytes() == second.confusions.tobytes()
    assert first.history == second.history


def test_a_saved_model_gives_the_same_bits():
    made = crowd()
    model = DawidSkene(person_strength=3.0).fit(made.votes, random_answers(made, 20))
    again = FittedDawidSkene.from_json(model.to_json())
    assert again.predict_proba(made.votes).tobytes() == model.predict_proba(made.votes).tobytes()
    assert again.to_json() == model.to_json()
    assert again.settings == model.settings
    with pytest.raises(DataError, match="no saved Dawid-Skene"):
        FittedDawidSkene.from_json(LabelModel().fit(made.votes).to_json())
    newer = json.dumps({**json.loads(model.to_json()), "version": 2})
    with pytest.raises(DataError, match="version 2"):
        FittedDawidSkene.from_json(newer)


def test_other_votes_than_those_of_the_fit_are_refused():
    made = crowd()
    model = DawidSkene().fit(made.votes)
    with pytest.raises(DataError, match="other labelling functions"):
        model.predict_proba(crowd(m=5).votes)


@pytest.mark.parametrize(
    "setting",
    [
        {"prior_precision": 1.0},
        {"pool_strength": 0.0},
        {"person_strength": -1.0},
        {"balance_strength": float("nan")},
        {"max_iter": 0},
        {"tolerance": 0.0},
    ],
)
def test_a_setting_out_of_range_is_refused(setting):
    with pytest.raises(InputError, match=f"{next(iter(setting))}=.* out of range"):
        DawidSkene(**setting)


def test_an_unfitted_model_refuses_to_predict():
    with pytest.raises(NotFittedError):
        DawidSkene().predict_proba(crowd().votes)


def test_votes_of_nobody_give_the_class_balance():
    votes = VoteMatrix.from_array(np.full((4, 3), -1), LABELS)
    assert DawidSkene().fit(votes).predict_proba(votes).tolist() == [[0.5, 0.5]] * 4
    assert DawidSkene().fit(votes, class_balance=[0.9, 0.1]).predict_proba(votes)[
        0
    ].tolist() == pytest.approx([0.9, 0.1])


def test_the_table_of_votes_is_the_same_over_many_chunks():
    votes = np.random.default_rng(0).integers(-1, 3, (600_000, 2)).astype(np.int8)
    table = vote_table(votes, 3)
    for u in (0, (1 << 18) - 1, 1 << 18, 599_999):
        expected = np.zeros(6)
        for j in range(2):
            if votes[u, j] >= 0:
                expected[3 * j + votes[u, j]] = 1
        assert table[[u]].toarray()[0].tolist() == expected.tolist()
    assert table.nnz == (votes >= 0).sum()


def test_counts_stand_for_items():
    made = crowd()
    patterns = made.votes.patterns()
    bare = VotePatterns(patterns.votes, patterns.counts, patterns.labels, patterns.lf_names)
    model = DawidSkene().fit(bare)
    assert model.predict_proba(bare).shape == (patterns.n_patterns, 3)
    assert model.confusions.tobytes() == DawidSkene().fit(made.votes).confusions.tobytes()
