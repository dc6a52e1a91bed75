"""Every label model through one suite."""

from __future__ import annotations

import os

import pytest

from wsal.label_models import DawidSkene, LabelModel, MajorityVote, SnorkelModel
from wsal.testing import check_label_model


@pytest.mark.parametrize("make_model", [DawidSkene, LabelModel, MajorityVote])
def test_a_label_model_keeps_the_contract(make_model):
    check_label_model(make_model)


def test_a_label_model_with_other_settings_keeps_the_contract():
    check_label_model(
        lambda: LabelModel(prior_precision=0.6, tie_weight=0.0, copy_similarity=0.9, max_iter=1)
    )


def test_a_crowd_model_with_other_settings_keeps_the_contract():
    check_label_model(lambda: DawidSkene(prior_precision=0.6, person_strength=1.0, max_iter=3))


def test_snorkels_model_keeps_the_contract():
    _require_snorkel()
    check_label_model(SnorkelModel)


def test_snorkels_model_with_other_settings_keeps_the_contract():
    _require_snorkel()
    check_label_model(lambda: SnorkelModel(n_epochs=5, optimizer="adam", l2=0.1, seed=7))


def _require_snorkel():
    if os.environ.get("WSAL_CI") != "1":
        pytest.importorskip("snorkel", reason="snorkel is not installed (pip install 'wsal[snorkel]')")
