"""`wsal rules RULE`: all that is known of a rule."""

from __future__ import annotations

import json

import pandas as pd
import pytest

PACK = """\
wsal: 1
labels: [ham, spam]
rules:
  - id: prize
    label: spam
    author: ana
    why: Prizes are bait.
    when: {keywords: [prize]}
    tests: {match: ["your prize"], no_match: ["hello"]}
  - {id: lunch, label: ham, when: {keywords: [lunch]}}
"""


@pytest.fixture
def folder(wsal, tmp_path):
    """Make a project of 400 dated messages, in which a rule stops to vote half-way."""
    rows = [
        {
            "id": f"m{i}",
            "text": "a prize" if i % 2 == 0 and i < 200 else "lunch today" if i % 3 == 0 else "hello",
            "day": f"2024-{1 + i // 40:02d}-01",
        }
        for i in range(400)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "data.csv", index=False)
    wsal("init", "first", "--data", "data.csv", "--labels", "ham,spam", "--text", "text", "--id", "id")
    folder = tmp_path / "first"
    pack = next((folder / "labeling_functions").glob("*.yaml"))
    pack.write_text(PACK)
    wsal("apply", cwd=folder)
    return folder


def test_a_scorecard_says_versions_votes_cost_tests_and_peers(wsal, folder):
    card = json.loads(wsal("rules", "prize", "--json", cwd=folder).stdout)
    assert (card["author"], card["why"], card["polarity"]) == ("ana", "Prizes are bait.", ["spam"])
    assert card["profile"]["votes"] == {"spam": 100}
    assert card["profile"]["n_alone"] == 100
    assert card["tests"]["n_tests"] == 2
    assert card["tests"]["failures"] == []
    assert card["cost"]["n_items"] == 400
    assert card["cost"]["n_sharing"] == 2
    assert card["cost"]["cpu_seconds"] > 0
    assert [v["number"] for v in card["versions"]] == [1]
    assert card["precision"] is None
    assert "wsal fit" in card["precision_note"]
    drawn = wsal("rules", "prize", cwd=folder).stdout
    assert "µs of CPU an item" in drawn
    assert "2, 0 failed" in drawn


def test_an_edit_is_a_second_version_and_the_runs_show_what_it_changed(wsal, folder):
    pack = next((folder / "labeling_functions").glob("*.yaml"))
    pack.write_text(PACK.replace("[prize]", "[prize, hello]").replace("author: ana", "author: ben"))
    wsal("apply", cwd=folder)
    card = json.loads(wsal("rules", "prize", "--json", cwd=folder).stdout)
    assert [(v["number"], v["author"], v["current"]) for v in card["versions"]] == [
        (1, "ana", False),
        (2, "ben", True),
    ]
    first, second = card["runs"]
    assert (first["version"], second["version"]) == (1, 2)
    assert (second["gained"], second["lost"]) == (second["n_votes"] - 100, 0)
    assert len(card["tests"]["failures"]) == 1  # it now votes on "hello"
    kept = json.loads(wsal("rules", "lunch", "--json", cwd=folder).stdout)
    assert kept["cost"]["run"] == first["run"]  # its votes came from the cache
    assert "runs of apply" in wsal("rules", "prize", cwd=folder).stdout


def test_appended_items_are_compared_with_those_before(wsal, folder):
    more = pd.DataFrame(
        {"id": [f"n{i}" for i in range(100)], "text": ["a prize"] * 100, "day": ["2025-01-01"] * 100}
    )
    data = folder / "data.csv"
    if not data.exists():
        data = folder.parent / "data.csv"
    pd.concat([pd.read_csv(data), more]).to_csv(data, index=False)
    wsal("apply", cwd=folder)
    last = json.loads(wsal("rules", "prize", "--json", cwd=folder).stdout)["runs"][-1]
    assert (last["n_new"], last["new_votes"], last["gained"]) == (100, 100, 0)
    assert last["adjusted"] < 0.001
    assert "(drift)" in wsal("rules", "prize", cwd=folder).stdout


def test_drift_over_a_column_of_times_is_found(wsal, folder):
    card = json.loads(wsal("rules", "prize", "--time", "day", "--json", cwd=folder).stdout)
    votes = next(test for test in card["drift"]["tests"] if test["what"] == "votes")
    assert votes["adjusted"] < 0.001
    assert "how often it votes differs over day" in wsal("rules", "--time", "day", cwd=folder).stdout
    drawn = wsal("rules", "lunch", "--time", "day", "--bins", "4", cwd=folder).stdout
    assert "over day" in drawn


def test_the_table_names_what_only_a_rule_labels_and_what_it_takes(wsal, folder):
    drawn = wsal("rules", cwd=folder).stdout
    for heading in ("only it", "precision", "µs an item"):
        assert heading in drawn
    rows = json.loads(wsal("rules", "--json", cwd=folder).stdout)
    assert [row["name"] for row in rows] == ["prize", "lunch"]
    assert all(row["fingerprint"] for row in rows)


def test_wrong_names_are_refused_with_the_cure(wsal, folder):
    assert "did you mean 'prize'" in wsal("rules", "prise", code=2, cwd=folder).stderr.replace("`", "'")
    assert "did you mean" in wsal("rules", "prize", "--time", "dya", code=2, cwd=folder).stderr
    assert "which is no time" in wsal("rules", "prize", "--time", "text", code=2, cwd=folder).stderr
