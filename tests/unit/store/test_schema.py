import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import wsal.store
from wsal.store import open_store
from wsal.store.connect import make_engine, resolve_url, writing
from wsal.store.ddl.tables import KNOWN_REVISIONS, VERSION_TABLE, metadata
from wsal.store.schema import schema_state


def test_the_revisions_make_the_tables_that_the_code_uses(store):
    with store._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": False}
        )
        differences = compare_metadata(context, metadata)
    # SQLite says of an INTEGER PRIMARY KEY that it may be NULL, and gives it a number then.
    (only,) = differences
    assert only[0][:4] == ("modify_nullable", None, "ledger", "seq")


def test_the_known_revisions_are_those_of_the_folder():
    folder = wsal.store.__path__[0] + "/migrations"
    revisions = [script.revision for script in ScriptDirectory(folder).walk_revisions()]
    assert tuple(reversed(revisions)) == KNOWN_REVISIONS


def test_a_schema_is_made_whole_or_not_at_all(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("killed here")

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(RuntimeError, match="killed here"):
        open_store("sqlite:///store.db", create=True, root=tmp_path)
    engine = make_engine(resolve_url("sqlite:///store.db", tmp_path), timeout=1)
    with writing(engine) as connection:
        assert schema_state(connection) == "absent"
    engine.dispose()
