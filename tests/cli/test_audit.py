"""`wsal audit`: seals and what is done about findings."""

import json
import sqlite3
import stat
from contextlib import closing


def tables(project):
    return closing(sqlite3.connect(project / ".wsal" / "store.db", isolation_level=None))


def test_an_auditor_finds_rows_that_were_cut_off_by_the_seal_that_she_kept(wsal, project):
    wsal("apply", cwd=project)
    wsal("audit", "key", "k.pem", cwd=project)
    assert stat.S_IMODE((project / "k.pem").stat().st_mode) == 0o600
    said = wsal("audit", "seal", "--key", "k.pem", "--out", "s.json", cwd=project)
    assert "row 4 is sealed" in said.output
    wsal("audit", "seal", "--key", "k.pem", "--out", "s.json", cwd=project, code=2)  # seals are kept
    wsal("fit", cwd=project)
    check = ("audit", "verify", "--seal", "s.json", "--public-key", "k.pem.pub")
    verified = wsal(*check, cwd=project).output
    assert "the ledger verifies" in verified
    assert "it agrees with the seal s.json" in verified
    with tables(project) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM ledger WHERE seq > 3")
        connection.execute(
            "UPDATE ledger_head SET (seq, hash) = (SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1)"
        )
        for _, statement in triggers:
            connection.execute(statement)
    wsal("audit", "rebuild", cwd=project)
    without = wsal("audit", "verify", cwd=project)
    assert "without --seal, nobody can tell whether rows were cut off" in without.output
    found = wsal(*check, cwd=project, code=1).output
    assert "s.json: row 4, which was the last on" in found
    assert "meaning: the record is not the one that was sealed" in found
    tree = json.loads(wsal(*check, "--json", cwd=project, code=1).output)
    assert tree["ok"] is False
    assert {finding["kind"] for finding in tree["findings"]} == {"seal"}
    assert all(finding["meaning"] for finding in tree["findings"])


def test_a_seal_without_a_signature_says_what_it_lacks(wsal, project):
    wsal("apply", cwd=project)
    assert "it is not signed" in wsal("audit", "seal", cwd=project).output
    said = wsal("audit", "verify", "--seal", "seal-000004.json", cwd=project)
    assert "nobody can tell who made the seal" in said.output
    wsal("audit", "key", "k", cwd=project)
    found = wsal(
        "audit", "verify", "--seal", "seal-000004.json", "--public-key", "k.pub", cwd=project, code=1
    )
    assert "the seal is not signed, though a public key was given" in found.output


def test_a_changed_table_is_explained_and_made_anew(wsal, project):
    wsal("apply", cwd=project)
    with tables(project) as connection:
        connection.execute("UPDATE rules SET author = 'eve\x1b[2J'")
    found = wsal("audit", "verify", cwd=project, code=1)
    assert "author is 'eve" in found.output
    assert "\x1b" not in found.output
    assert "wsal audit rebuild" in found.output
    wsal("audit", "seal", cwd=project)  # the ledger itself is whole
    assert "made anew from" in wsal("audit", "rebuild", cwd=project).output
    wsal("audit", "verify", cwd=project)


def test_nothing_is_sealed_that_does_not_verify(wsal, project):
    wsal("apply", cwd=project)
    with tables(project) as connection:
        (statement,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'ledger_no_update'"
        ).fetchone()
        connection.execute("DROP TRIGGER ledger_no_update")
        connection.execute(
            "UPDATE ledger SET body = CAST(replace(body, 'messages', 'massages') AS BLOB) WHERE seq = 3"
        )
        connection.execute(statement)
    assert "row 3 was edited" in wsal("audit", "seal", cwd=project, code=1).output
    assert not list(project.glob("seal*"))


def test_bad_input_says_what_to_give(wsal, project):
    wsal("apply", cwd=project)
    (project / "no.json").write_text("{}")
    for words, said in {
        ("verify", "--seal", "nowhere.json"): "cannot be read",
        ("verify", "--seal", "no.json"): "is no seal",
        ("verify", "--public-key", "no.json"): "name one with --seal",
        ("seal", "--key", "no.json"): "no private Ed25519 key",
        ("seal", "--out", "nowhere/s.json", "--key", "nowhere"): "cannot be read",
        ("key", "nowhere/k"): "cannot be written",
        ("key", "no.json"): "is there already",
    }.items():
        assert said in wsal("audit", *words, cwd=project, code=2).output
