"""What tests of every room share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

# No limit is on the clock: how long an example takes to make says only what else the machine is doing.
_UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, **_UNHURRIED)  # the same examples in every run
settings.register_profile("explore", **_UNHURRIED)
settings.load_profile("ci" if os.environ.get("WSAL_CI") == "1" else "explore")

ROOT = Path(__file__).resolve().parent.parent


def _shared_root() -> Path:
    return Path(os.environ.get("WSAL_SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str, str], pd.DataFrame]:
    """Read one split of a shared dataset: ``shared_data("sms", "train")``; skips where the data is absent."""

    def read(name: str, split: str = "train") -> pd.DataFrame:
        return pd.read_parquet(shared_path(name) / f"{split}.parquet")

    return read


def shared_path(name: str) -> Path:
    """Return the folder of a shared dataset; skip where it is absent, fail there under WSAL_CI=1."""
    path = _shared_root() / name
    if not path.is_dir():
        message = f"the shared dataset {name} is not at {path} (set WSAL_SHARED_DATA)"
        if os.environ.get("WSAL_CI") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def shared_folder() -> Callable[[str], Path]:
    """Return the folder of a shared dataset, for meta.json and the like."""
    return shared_path
