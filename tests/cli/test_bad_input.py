"""Bad packs, settings, data and answers: one clear error each, exit code 2, and a store that is as it was."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from wsal.cli.main import cli
from wsal.errors import InputError
from wsal.project import Project
from wsal.store import open_store

PACK = """\
wsal: 1
task: spam
labels: [ham, spam]
rules:
  - id: prize
    label: spam
    when: {keywords: [prize]}
  - id: lunch
    label: ham
    when: {number: n, above: 2}
"""
DATA = "id,text,n\na,Claim your prize,1\nb,Lunch at noon?,3\nc,See you,\n"
ANSWERS = "id,label,annotator\na,spam,ana\nb,ham,ana\n"
SETTINGS = (
    '[task]\nname = "spam"\nlabels = ["ham", "spam"]\n[data]\npath = "data.csv"\nid = "id"\ntext = "text"\n'
    '[rules]\npaths = ["rules"]\n'
)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """Make a project that has been applied and fitted."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "rules").mkdir()
    (folder / "wsal.toml").write_text(SETTINGS)
    (folder / "rules" / "pack.yaml").write_text(PACK)
    (folder / "data.csv").write_text(DATA)
    (folder / "answers.csv").write_text(ANSWERS)
    project = Project.open(folder)
    project.apply()
    project.fit()
    return folder


@pytest.fixture
def project(good, tmp_path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "project"))


def state(folder: Path) -> tuple:
    with open_store("sqlite:///.wsal/store.db", root=folder) as store:
        head = store.head()
        assert store.verify().ok
    return head, sorted(str(path) for path in (folder / ".wsal" / "runs").rglob("*"))


def swap(old: str, new: str):
    return lambda text: text.replace(old, new)


PACK_ERRORS = [
    ("bad YAML", swap("[ham, spam]", "[ham, spam"), r"pack\.yaml:\d+:\d+: error"),
    ("a tab", swap("    label: spam", "\tlabel: spam"), r"pack\.yaml:6:\d+: error"),
    ("unknown key", swap("label: ham", "lable: ham"), r"pack\.yaml:9:5: error.*lable(.|\n)*did you mean 'label'"),
    ("unknown key in a condition", swap("above: 2", "abvoe: 2"), r"pack\.yaml:10:\d+: error.*abvoe"),
    ("wrong type", swap("above: 2", "above: many"), r"pack\.yaml:10:\d+: error"),
    ("unknown label", swap("label: ham", "label: hma"), r"pack\.yaml:9:12: error.*hma(.|\n)*did you mean 'ham'"),
    ("labels of another task", swap("[ham, spam]", "[ham, junk]"), r"pack\.yaml:\d+:\d+: error"),
    ("duplicate rule id", swap("id: lunch", "id: prize"), r"pack\.yaml:8:\d+: error.*prize(.|\n)*:5"),
    ("an empty pack", lambda _: "", r"pack\.yaml.*error.*empty"),
    ("not UTF-8", lambda text: text.replace("Lunch", "x").encode() + b"# caf\xe9\n", r"pack\.yaml:11.*UTF-8"),
    ("a cycle", swap("{keywords: [prize]}", "{rule: lunch}\n  - {id: x, label: ham, when: {rule: y}}\n"
                     "  - {id: y, label: ham, when: {rule: x}}"), r"pack\.yaml:\d+:\d+: error.*(cycle|circle)"),
    ("a rule that is not there", swap("{keywords: [prize]}", "{rule: lnuch}"), r":7:\d+: error(.|\n)*'lunch'"),
    ("an invalid regex", swap("{keywords: [prize]}", "{regex: 'prize('}"), r"pack\.yaml:7:\d+: error"),
    ("bounds that exclude each other", swap("above: 2", "above: 3, below: 2"), r"pack\.yaml:10:\d+: error.*no number"),
    ("an empty open interval", swap("above: 2", "above: 2, at_most: 2"), r"pack\.yaml:10:\d+: error.*no number"),
    ("a number outside its bounds", swap("above: 2", "above: 2, equals: 1"), r"pack\.yaml:10:\d+: error.*no number"),
    ("NaN as a threshold", swap("above: 2", "above: .nan"), r"pack\.yaml:10:\d+: error"),
    ("infinity as a threshold", swap("above: 2", "above: .inf"), r"pack\.yaml:10:\d+: error"),
    ("a list that is not there", swap("{keywords: [prize]}", "{in_list: 'no.csv:word'}"), r":7:\d+: error.*no\.csv"),
    ("a column that is not there", swap("number: n,", "number: m,"), r"pack\.yaml:\d+.*error.*'m'(.|\n)*hint"),
    ("texts read as numbers", swap("number: n,", "number: text,"), r"pack\.yaml:10:\d+: error.*row 1 holds 'Claim"),
    ("texts read as dates", swap("{number: n, above: 2}", "{date: text, after: '2024'}"), r"pack\.yaml:10:\d+: error"),
    ("columns that do not compare", swap("{number: n, above: 2}", "{compare: n, above: text}"), r":10:\d+: error"),
    ("numbers read as texts", swap("{keywords: [prize]}", "{keywords: [prize], field: n}"), r":7:\d+: error.*holds 1"),
    ("a column of votes without labels", swap("label: ham\n    when: {number: n, above: 2}", "when: {column: text}"),
     r"pack\.yaml:\d+:\d+: error.*no label"),
    ("no condition", swap("    when: {number: n, above: 2}\n", ""), r"pack\.yaml:8:\d+: error.*when"),
    ("another version", swap("wsal: 1", "wsal: 9"), r"pack\.yaml:1:\d+: error"),
]  # fmt: skip

SETTINGS_ERRORS = [
    ("no TOML", swap('"spam"\n', "spam\n"), r"wsal\.toml:2:\d+: error"),
    ("unknown key", swap("labels", "label"), r"wsal\.toml:3:1: error.*label(.|\n)*did you mean 'labels'"),
    ("wrong type", swap('["ham", "spam"]', '"ham"'), r"wsal\.toml:3:1: error"),
    ("other labels", swap('["ham", "spam"]', '["spam", "ham"]'), r"wsal\.toml.*labels"),
    ("no such data", swap("data.csv", "dta.csv"), r"dta\.csv(.|\n)*did you mean 'data\.csv'"),
    (
        "no such id column",
        swap('id = "id"', 'id = "idd"'),
        r"data\.csv.*error.*'idd'(.|\n)*did you mean 'id'",
    ),
    ("no such rules", swap('["rules"]', '["ruels"]'), r"ruels"),
]

DATA_ERRORS = [
    ("a duplicate id", swap("b,Lunch", "a,Lunch"), r"data\.csv:3: error.*'a' stands twice"),
    ("an empty file", lambda _: "", r"data\.csv: error.*empty"),
    ("a header alone", lambda text: text.splitlines()[0] + "\n", r"data\.csv:1: error"),
    ("not UTF-8", lambda text: text.encode() + b"d,caf\xe9,1\n", r"data\.csv:5: error.*UTF-8"),
    ("a row too long", swap("noon?,3", "noon?,3,4"), r"data\.csv:3: error"),
    (
        "a missing column",
        swap("id,text,n", "id,txet,n"),
        r"data\.csv.*error.*'text'(.|\n)*did you mean 'txet'",
    ),
    ("an item without id", swap("c,See", ",See"), r"data\.csv:4: error.*no id"),
    ("a quote that never closes", swap("See you", '"See you'), r"data\.csv:4: error"),
]

ANSWER_ERRORS = [
    ("an unknown item", swap("b,ham", "bb,ham"), r"answers\.csv:3: error.*'bb'"),
    ("an unknown label", swap("b,ham", "b,hma"), r"answers\.csv:3: error.*'hma'(.|\n)*did you mean 'ham'"),
    (
        "a label in another case",
        swap("b,ham", "b,HAM"),
        r"answers\.csv:3: error.*'HAM'(.|\n)*did you mean 'ham'",
    ),
    ("a label like none", swap("b,ham", "b,?"), r"answers\.csv:3: error.*'\?'(.|\n)*name one of these"),
    ("a missing column", swap("id,label", "id,lable"), r"answers\.csv:1: error.*'label'"),
    ("an empty file", lambda _: "", r"answers\.csv: error.*empty"),
    ("two answers of one person", swap("b,ham", "a,ham"), r"answers\.csv:3: error.*twice: line 2"),
    ("no label", swap("b,ham", "b,"), r"answers\.csv:3: error.*no label"),
]


def cases(file, verbs, table):
    return [
        pytest.param(file, verbs, change, pattern, id=f"{file}: {name}") for name, change, pattern in table
    ]


@pytest.mark.parametrize(
    ("file", "verbs", "change", "pattern"),
    [
        *cases("rules/pack.yaml", ["check", "apply"], PACK_ERRORS),
        *cases("wsal.toml", ["check", "apply"], SETTINGS_ERRORS),
        *cases("data.csv", ["check", "apply", "fit"], DATA_ERRORS),
        *cases("answers.csv", ["import answers.csv"], ANSWER_ERRORS),
    ],
)
def test_bad_input_gives_one_clear_error_and_changes_nothing(
    project, monkeypatch, file, verbs, change, pattern
):
    before = state(project)
    path = project / file
    changed = change(path.read_text())
    path.write_bytes(changed if isinstance(changed, bytes) else changed.encode())
    monkeypatch.chdir(project)
    for verb in verbs:
        result = CliRunner().invoke(cli, verb.split())
        if verb == "fit" and result.exit_code == 2 and "changed after run" in result.stderr:
            continue
        assert result.exit_code == 2, f"{verb}: {result.output}"
        assert re.search(pattern, result.stderr), f"{verb}: {result.stderr}"
        assert "hint: " in result.stderr, result.stderr
        assert "Traceback" not in result.output
        assert len(re.findall(r"error:", result.stderr)) == 1, result.stderr
    assert state(project) == before


def test_a_missing_value_is_normal_and_abstains(project):
    votes = Project.open(project).votes()
    assert votes.values[votes.row_of("c")].tolist() == [-1, -1]


@pytest.mark.parametrize("verb", ["status", "rules", "next", "why a", "export x.csv", "fit"])
def test_a_project_before_its_first_run_says_what_to_run(tmp_path, monkeypatch, verb):
    (tmp_path / "rules").mkdir()
    for name, text in (("wsal.toml", SETTINGS), ("rules/pack.yaml", PACK), ("data.csv", DATA)):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, verb.split())
    assert result.exit_code == (0 if verb == "status" else 2), result.output
    assert re.search(r"run `wsal (check|apply|fit)`", result.output)


def test_outside_a_project_the_cure_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["status"])
    assert result.exit_code == 2
    assert "wsal init" in result.stderr


def test_an_unknown_item_is_named_with_the_nearest(project, monkeypatch):
    monkeypatch.chdir(project)
    result = CliRunner().invoke(cli, ["why", "aa"])
    assert result.exit_code == 2
    assert "did you mean 'a'?" in result.stderr
    assert "hint: ids look like 'a', 'b', 'c'" in CliRunner().invoke(cli, ["why", "4711"]).stderr


def test_a_failed_test_of_a_rule_exits_with_one(project, monkeypatch):
    pack = project / "rules" / "pack.yaml"
    pack.write_text(PACK.replace("{keywords: [prize]}", "{keywords: [prize]}\n    tests: {match: [nothing]}"))
    monkeypatch.chdir(project)
    result = CliRunner().invoke(cli, ["check"])
    assert result.exit_code == 1
    assert "pack.yaml:8" in result.stderr
    report = json.loads(CliRunner().invoke(cli, ["check", "--json"]).stdout)
    assert report["n_tests"] == 1
    assert len(report["failures"]) == 1


def test_a_pack_that_runs_code_can_be_refused(project, monkeypatch):
    (project / "rules" / "code.py").write_text("def f(x):\n    raise SystemExit(3)\n")
    pack = project / "rules" / "pack.yaml"
    pack.write_text(PACK.replace("{keywords: [prize]}", "{python: 'code:f'}"))
    monkeypatch.chdir(project)
    for verb in ("check", "apply"):
        result = CliRunner().invoke(cli, [verb, "--no-python"])
        assert result.exit_code == 2
        assert "pack.yaml:7" in result.stderr


def test_a_seed_that_is_none_is_refused_and_none_hunts_for_nothing(project):
    opened = Project.open(project)
    with pytest.raises(InputError, match="rng='x' makes no random numbers"):
        opened.tasks(2, rng="x")
    assert len(opened.tasks(2, hunt=None, rng=0)) == 2


def test_answers_on_items_that_left_the_data_are_no_silence(project, monkeypatch):
    opened = Project.open(project)
    opened.import_answers(project / "answers.csv")
    data = project / "data.csv"
    data.write_text("id,text,n\nc,See you,\nd,A prize,3\n")
    again = Project.open(project)
    again.apply()
    again.fit()
    assert again.estimate().refusal.startswith("no answered item is in the data")


def test_a_move_to_what_is_no_database_is_the_users_error(project, monkeypatch):
    monkeypatch.chdir(project)
    result = CliRunner().invoke(cli, ["migrate", "--to", "nope://x"])
    assert result.exit_code == 2
    assert "hint: write sqlite:///" in result.stderr
