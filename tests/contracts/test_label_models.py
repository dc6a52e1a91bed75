"""Every label model through one suite."""

from __future__ import annotations

import pytest

from wsal.label_models import LabelModel, MajorityVote
from wsal.testing import check_label_model


@pytest.mark.parametrize("make_model", [LabelModel, MajorityVote])
def test_a_label_model_keeps_the_contract(make_model):
    check_label_model(make_model)


def test_a_label_model_with_other_settings_keeps_the_contract():
    check_label_model(
        lambda: LabelModel(prior_precision=0.6, tie_weight=0.0, copy_similarity=0.9, max_iter=1)
    )
