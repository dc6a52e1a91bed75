from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

import wsal.store
from wsal.audit import AnswerGiven, Event
from wsal.store import migrate_store, open_store
from wsal.store.connect import make_engine, resolve_url, writing
from wsal.store.ddl.tables import VERSION_TABLE
from wsal.store.ledger.appending import append_events, move_head
from wsal.store.ledger.people import People
from wsal.store.ledger.reading import read_head


class PlainPeople(People):
    """As before revision 0003: names and texts stand in the ledger as they are."""

    def protect(self, event):
        return event


def test_a_store_of_the_first_revision_is_brought_up_to_date_with_its_ledger_untouched(tmp_path, monkeypatch):
    monkeypatch.setattr("wsal.store.ledger.appending.read_people", lambda _: PlainPeople(()))
    engine = make_engine(resolve_url("sqlite:///store.db", tmp_path), timeout=5)
    script = ScriptDirectory(wsal.store.__path__[0] + "/migrations")
    with writing(engine) as connection:
        steps = EnvironmentContext(
            Config(), script, fn=lambda current, _context: script._upgrade_revs("0001", current)
        )
        with steps:
            steps.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=True)
            steps.run_migrations()
        old = read_head(connection)
        _, new = append_events(connection, old, [Event.of(AnswerGiven("e", "i", "skip", "ana"), actor="ana")])
        move_head(connection, old, new)
    engine.dispose()
    migrate_store("sqlite:///store.db", root=tmp_path)
    with open_store("sqlite:///store.db", root=tmp_path) as store:
        assert store.head() == new
        assert store.verify().ok
        assert [answer.annotator for answer in store.answers()] == ["ana"]
        assert store.people() == ()
        assert store.accounts.all() == ()
        store.accounts.add("ana", "annotator")
        assert [account.name for account in store.accounts.all()] == ["ana"]
