"""A pool to choose from, made by hand."""

import numpy as np
import pytest

from wsal.label_models import LabelModel
from wsal.selection.pool import Pool
from wsal.training import deliver
from wsal.votes import VoteMatrix


@pytest.fixture
def make_pool():
    """Return a function: rows of votes (and features) to a Pool; ids are ``i0, i1, …``."""

    def make(rows, *, labels=("ham", "spam"), human=None, features=None, exclude=(), lf_names=None):
        votes = VoteMatrix.from_array(
            np.array(rows, dtype=np.int8),
            labels,
            lf_names=lf_names,
            item_ids=[f"i{i}" for i in range(len(rows))],
        )
        delivered = deliver(votes, LabelModel().fit(votes, human), human=human, features=features)
        return Pool.of(votes, delivered, human=human, features=delivered.features, exclude=exclude)

    return make
