"""A copy that an auditor may only read answers every reading verb, and stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

# Root may write anywhere unless it gives that right up.
_WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []

# The verbs in one process, since each start costs half a second.
_PROGRAM = """
import json, sys
from click.testing import CliRunner
from wsal.cli.main import cli
said = []
for arguments in json.load(sys.stdin):
    result = CliRunner().invoke(cli, arguments)
    broken = result.exception and not isinstance(result.exception, SystemExit)
    said.append([arguments, result.exit_code, result.output + (repr(result.exception) if broken else "")])
json.dump(said, sys.stdout)
"""


def run_all(folder, commands, *, without=_WITHOUT_RIGHTS):
    child = subprocess.run(
        [*without, sys.executable, "-c", _PROGRAM],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return json.loads(child.stdout)


def seen(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def copy(tmp_path):
    """The example project with votes and labels, in folders that cannot be written."""
    if _WITHOUT_RIGHTS and shutil.which("setpriv") is None:
        pytest.skip("root may write anywhere, and setpriv is not here to give that up")
    # In processes of their own, so that nobody has the store open any more.
    run_all(tmp_path, [["init", "first"]], without=[])
    project = tmp_path / "first"
    answers = project / "answers.csv"
    ids = [line.split(",")[0] for line in (project / "messages.csv").read_text().splitlines()[1:13]]
    answers.write_text("id,label\n" + "\n".join(f"{item},ham" for item in ids), encoding="utf-8")
    made = run_all(project, [["apply"], ["fit"], ["next"], ["import", str(answers)], ["fit"]], without=[])
    assert [code for _, code, _ in made] == [0] * 5, made
    there = [project, *project.rglob("*")]
    for path in there:
        path.chmod(path.stat().st_mode & ~0o222)
    yield project
    for path in there:
        path.chmod(path.stat().st_mode | 0o200)


def test_every_reading_verb_answers_and_changes_nothing(copy, tmp_path):
    before = seen(copy)
    item = (copy / "answers.csv").read_text().splitlines()[1].split(",")[0]
    reading = [
        ["audit", "verify"],
        ["audit", "replay", "--from-rules"],
        ["audit", "lineage"],
        ["audit", "lineage", item, "--format", "prov"],
        ["audit", "report", "--out", str(tmp_path / "report.html")],
        ["status"],
        ["why", item],
        ["why", item, "--history"],
        ["diff"],
        ["rules"],
        ["classes"],
        ["people"],
        ["costs"],
        ["backup", str(tmp_path / "copy.zip")],
    ]
    for arguments, code, said in run_all(copy, reading):
        assert code == 0, (arguments, said)
    assert (tmp_path / "report.html").is_file()
    assert seen(copy) == before


def test_a_writing_verb_says_at_once_that_the_project_can_only_be_read(copy, tmp_path):
    before = seen(copy)
    out, seal = tmp_path / "labels.csv", tmp_path / "seal.json"
    writing = [
        ["apply"],
        ["fit"],
        ["train"],
        ["export", str(out)],
        ["audit", "seal", "--out", str(seal)],
        ["serve"],
    ]
    for arguments, code, said in run_all(copy, writing):
        assert code == 1, (arguments, said)
        assert "cannot be written: it or its folder is read-only" in said, arguments
        assert "hint: make the file and its folder writable, or copy them" in said
    assert not out.exists()
    assert not seal.exists()
    assert seen(copy) == before
