"""Learners by name: every model with every strategy."""

import pytest

from wsal.errors import InputError
from wsal.label_models import DawidSkene
from wsal.selection import strategies, strategy_names
from wsal.simulation import MODELS, learner_named, replay


def test_the_default_is_the_first_strategy_and_all_others_are_there():
    assert strategy_names() == ("default", *strategies())


@pytest.mark.parametrize("name", strategy_names())
def test_every_strategy_can_be_played(data, name):
    records = list(replay(data, learner_named("wsal", name), budgets=(5,), batch_size=5))
    assert [record.budget for record in records] == [0, 5]
    assert records[-1].learner == f"wsal + {name}"


@pytest.mark.parametrize("model", MODELS)
def test_every_model_can_be_played(data, model):
    if model == "snorkel":
        pytest.importorskip("snorkel", reason="needs wsal[snorkel]")
    records = list(replay(data, learner_named(model, "margin"), budgets=(10,)))
    assert [record.budget for record in records] == [0, 10]


def test_a_model_is_wsals_training_with_that_label_model_in_its_place():
    assert learner_named("dawid-skene").make.model == DawidSkene()


def test_a_strategy_has_the_audit_draws_that_it_has_in_a_project_and_none_without_rules():
    assert learner_named("wsal", "margin").strategy.audit_share == 0.3
    assert learner_named("none", "margin").strategy.audit_share == 0


def test_a_class_balance_reaches_the_label_model(data):
    plain, skewed = (
        next(iter(replay(data, learner_named("wsal", class_balance=balance), budgets=(10,))))
        for balance in (None, (0.95, 0.05))
    )
    assert plain.train_log_loss != skewed.train_log_loss


def test_a_hunt_stands_in_the_name_and_only_the_default_hunts():
    assert learner_named("wsal", hunt=["spam"]).name == "wsal + default, hunting spam"
    with pytest.raises(InputError, match="margin does not hunt"):
        learner_named("wsal", "margin", hunt=["spam"])


@pytest.mark.parametrize(("model", "name"), [("wsla", "default"), ("wsal", "marign")])
def test_an_unknown_name_is_refused_with_a_suggestion(model, name):
    with pytest.raises(InputError, match="did you mean"):
        learner_named(model, name)
