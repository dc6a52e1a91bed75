"""Cases for strategies: items that no rule covers, so that nothing but the strategy ranks them."""

import importlib
import os
import warnings

import numpy as np
import pytest

from wsal.label_models import LabelModel
from wsal.labels import HumanLabels
from wsal.votes import VoteMatrix


@pytest.fixture
def uncovered():
    """Return a function: number of items and classes to votes of two rules that always abstain."""

    def make(n, k=2):
        return VoteMatrix.from_array(np.full((n, 2), -1, dtype=np.int8), [f"class-{y}" for y in range(k)])

    return make


@pytest.fixture
def ask(uncovered):
    """Return a function that asks a strategy for rows of items that no rule covers."""

    def rows(strategy, n_items, n, *, k=2, answers=None, **kwargs):
        votes = uncovered(n_items, k)
        human = HumanLabels.from_pairs(answers) if answers else None
        batch = strategy(votes, LabelModel().fit(votes, human), n=n, human=human, **kwargs)
        return list(batch.item_ids)

    return rows


@pytest.fixture(scope="session")
def peer():
    """Return a function that imports a peer's module; skips where it is absent, fails there under WSAL_CI=1."""

    def load(name):
        try:
            with warnings.catch_warnings():
                # What a peer's import says of its own code is not ours to mend.
                warnings.simplefilter("ignore")
                return importlib.import_module(name)
        except ModuleNotFoundError as error:
            message = f"the peer {name} cannot be imported: {error}"
            if os.environ.get("WSAL_CI") == "1":
                pytest.fail(message)
            pytest.skip(message)

    return load
