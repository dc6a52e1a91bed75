"""Snorkel's model behind wsal's interface."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from wsal.errors import DataError, InputError, NotFittedError
from wsal.label_models import FittedSnorkelModel, MajorityVote, SnorkelModel
from wsal.labels import HumanLabels
from wsal.testing import make_votes, share_accuracy
from wsal.votes import VoteMatrix

if os.environ.get("WSAL_CI") != "1":
    pytest.importorskip("snorkel", reason="snorkel is not installed (pip install 'wsal[snorkel]')")

MADE = make_votes(500, coverage=0.4, class_balance=(0.3, 0.7), rng=4)


@pytest.mark.parametrize("balance", [None, [0.3, 0.7]])
def test_probabilities_are_those_of_snorkel_itself(balance):
    from snorkel.labeling.model import LabelModel

    L = MADE.votes.values.astype(int)
    theirs = LabelModel(verbose=False)
    state = np.random.get_state()  # noqa: NPY002  # Snorkel seeds it
    theirs.fit(L, class_balance=balance, seed=5, progress_bar=False)
    np.random.set_state(state)  # noqa: NPY002  # as above
    ours = SnorkelModel(seed=5).fit(MADE.votes, class_balance=balance)
    assert ours.predict_proba(MADE.votes) == pytest.approx(theirs.predict_proba(L), abs=1e-5)


def test_it_learns_who_is_right_where_functions_are_independent():
    made = make_votes(2000, accuracies=(0.95, 0.9, 0.6, 0.55, 0.55), coverage=0.8, rng=1)
    ours = SnorkelModel(n_epochs=500).fit(made.votes)
    majority = MajorityVote().fit(made.votes)
    gain = share_accuracy(ours.predict_proba(made.votes), made.gold) - share_accuracy(
        majority.predict_proba(made.votes), made.gold
    )
    assert gain > 0.05  # measured: .10


def test_global_random_states_are_what_they_were():
    import torch

    random.seed(1)
    torch.manual_seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002  # watched
    SnorkelModel(n_epochs=2).fit(MADE.votes)
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002  # watched
    assert before == after


def test_importing_snorkel_draws_nothing_from_numpy_either():
    code = (
        "import numpy as np; from wsal.testing import make_votes; from wsal.label_models import SnorkelModel; "
        "votes = make_votes(20).votes; np.random.seed(3); a = np.random.get_state()[1].tolist(), "
        "np.random.get_state()[2]; SnorkelModel(n_epochs=1).fit(votes); "
        "assert a == (np.random.get_state()[1].tolist(), np.random.get_state()[2])"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_snorkel_is_one_error_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "snorkel.labeling.model", None)
    with pytest.raises(InputError, match=r"Snorkel, which cannot be imported(.|\n)*wsal\[snorkel\]"):
        SnorkelModel().fit(MADE.votes)


def test_answers_are_carried_and_teach_nothing():
    item = MADE.votes.item_ids.tolist()[0]
    without = SnorkelModel(n_epochs=5).fit(MADE.votes).predict_proba(MADE.votes)
    carried = (
        SnorkelModel(n_epochs=5).fit(MADE.votes, HumanLabels.from_pairs({item: 1})).predict_proba(MADE.votes)
    )
    assert carried[0].tolist() == [0.0, 1.0]
    assert carried[1:].tobytes() == without[1:].tobytes()


def test_the_balance_is_even_unless_it_is_given():
    assert SnorkelModel(n_epochs=2).fit(MADE.votes).class_balance.tolist() == [0.5, 0.5]
    given = SnorkelModel(n_epochs=2).fit(MADE.votes, class_balance=[0.3, 0.7])
    assert given.class_balance == pytest.approx([0.3, 0.7])
    assert given.terms(np.full(6, -1))[0].log_scores == pytest.approx(np.log([0.3, 0.7]))


def test_it_says_how_it_stopped_and_what_the_loss_was():
    model = SnorkelModel(n_epochs=7).fit(MADE.votes)
    assert (model.n_iter, len(model.history), model.stop_reason) == (7, 7, "all epochs done")
    assert model.history[-1] < model.history[0]


def test_steps_that_diverge_are_an_error_with_a_cure():
    with pytest.raises(DataError, match=r"diverge(.|\n)*lower lr"):
        SnorkelModel(lr=1e6).fit(MADE.votes)


def test_votes_that_are_none_are_an_error():
    with pytest.raises(DataError, match="no vote"):
        SnorkelModel().fit(VoteMatrix.from_array([[-1, -1, -1]], ["a", "b"]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_epochs": 0},
        {"lr": 0},
        {"l2": -1},
        {"optimizer": "lbfgs"},
        {"prec_init": 1},
        {"mu_eps": 0.5},
        {"seed": -1},
    ],
)
def test_a_parameter_out_of_range_is_named(wrong):
    with pytest.raises(InputError, match=f"{next(iter(wrong))}=.*out of range"):
        SnorkelModel(**wrong)


def test_it_reads_back_from_json_bit_by_bit():
    model = SnorkelModel(n_epochs=3).fit(
        MADE.votes, HumanLabels.from_pairs({MADE.votes.item_ids.tolist()[3]: 1})
    )
    again = FittedSnorkelModel.from_json(model.to_json())
    assert again.predict_proba(MADE.votes).tobytes() == model.predict_proba(MADE.votes).tobytes()
    assert json.loads(again.to_json()) == json.loads(model.to_json())


def test_an_unfitted_one_refuses_to_predict():
    with pytest.raises(NotFittedError):
        SnorkelModel().predict_proba(MADE.votes)
