import pytest

from wsal.store import open_store


@pytest.fixture
def store(tmp_path):
    with open_store("sqlite:///.wsal/store.db", create=True, root=tmp_path) as opened:
        yield opened
