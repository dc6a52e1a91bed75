"""A small dataset with a known truth, with features and a test split."""

import numpy as np
import pytest

from wsal.features import as_feature_matrix
from wsal.simulation import LabelledDataset, TestSplit
from wsal.testing import make_features, make_votes


@pytest.fixture(scope="session")
def data() -> LabelledDataset:
    made = make_votes(260, coverage=0.2, rng=1)
    features = as_feature_matrix(make_features(made.gold, rng=2), 260)
    train, test = np.arange(260) < 200, np.arange(260) >= 200
    return LabelledDataset(
        "made",
        made.votes.select_items(train),
        made.gold[train],
        features.rows(train),
        TestSplit(made.votes.select_items(test), made.gold[test], features.rows(test)),
    )
