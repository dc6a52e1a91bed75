"""What tests of every room share."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

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
        _go_without(f"the shared dataset {name} is not at {path} (set WSAL_SHARED_DATA)")
    return path


def _go_without(message: str) -> NoReturn:
    """Skip a test that lacks something; under WSAL_CI=1 fail it."""
    if os.environ.get("WSAL_CI") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def postgres() -> Iterator[str]:
    """Return the URL of a new schema in a real PostgreSQL; skip without a server, fail there under WSAL_CI=1."""
    server = os.environ.get("WSAL_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
    schema = f"wsal_{uuid.uuid4().hex}"
    try:
        url = make_url(server).set(drivername="postgresql+psycopg")
        engine = create_engine(url, connect_args={"connect_timeout": 30})
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    except (ImportError, OperationalError) as error:
        _go_without(f"no PostgreSQL at {server} (set WSAL_POSTGRES_URL): {error}")
    yield f"{server}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


@pytest.fixture(scope="session")
def shared_folder() -> Callable[[str], Path]:
    """Return the folder of a shared dataset, for meta.json and the like."""
    return shared_path
