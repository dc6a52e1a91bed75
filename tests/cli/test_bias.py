"""`wsal bias`: groups by a column, from rates to who carries a gap."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

PACK = """\
wsal: 1
labels: [refuse, grant]
rules:
  - {id: debts, label: refuse, when: {number: debts, above: 6}}
  - {id: savings, label: grant, when: {number: savings, above: 6}}
  - {id: part-of-town, label: refuse, when: {regex: "^east", field: street}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a project in which one rule reads a street's name, and streets of the east are lived in by one group."""
    from wsal.project import Project

    rng = np.random.default_rng(1)
    n = 500
    town = rng.choice(["north", "south"], size=n, p=[0.4, 0.6])
    east = rng.random(n) < np.where(town == "south", 0.5, 0.05)
    debts, savings = rng.integers(0, 10, size=n), rng.integers(0, 10, size=n)
    frame = pd.DataFrame(
        {
            "id": [f"p{i}" for i in range(n)],
            "text": [
                f"application {i} of " + " ".join(rng.choice(list("abcdefghij"), size=12)) for i in range(n)
            ],
            "town": town,
            "age": rng.integers(18, 90, size=n),
            "street": np.where(east, "east 1", "west 2"),
            "debts": debts,
            "savings": savings,
        }
    )
    root = tmp_path_factory.mktemp("bias")
    frame.to_csv(root / "people.csv", index=False)
    project = Project.create(
        root / "p", data=root / "people.csv", labels=["refuse", "grant"], text="text", id_column="id"
    )
    next((root / "p" / "labeling_functions").glob("*.yaml")).write_text(PACK)
    project.apply()
    project.fit()
    truth = dict(zip(frame["id"], np.where(debts > savings, "refuse", "grant"), strict=True))
    project.certify(120, rng=0)
    for task in project.tasks():
        project.answer(task, truth[task.item_id], annotator="ana")
    return root / "p"


def test_the_rule_that_tells_groups_apart_is_found_first_and_carries_the_gap(wsal, folder):
    said = wsal("bias", "--by", "town", "--json", code=1, cwd=folder).stdout
    report = json.loads(said)
    assert report["suspects"] == ["part-of-town"]
    gap = next(one for one in report["carried"] if one["label"] == "refuse")
    assert gap["carriers"][0]["rule"] == "part-of-town"
    assert abs(gap["carriers"][0]["without"]) < abs(gap["gap"])
    assert report["errors"]
    assert all(one["errors"]["n_answers"] >= 10 for one in report["errors"])
    drawn = wsal("bias", "--by", "town", code=1, cwd=folder).stdout
    assert any(
        line.lstrip().startswith("!") and "part-of-town: refuse" in line for line in drawn.splitlines()
    )
    assert "without part-of-town" in drawn
    assert "not why, and not that it is unjust" in drawn
    assert "by audit draws alone" in drawn


def test_in_80_columns_no_figure_is_cut(wsal, folder, monkeypatch):
    report = json.loads(wsal("bias", "--by", "town", "--json", code=1, cwd=folder).stdout)
    monkeypatch.setenv("COLUMNS", "80")
    drawn = wsal("bias", "--by", "town", code=1, cwd=folder).stdout
    for one in report["rates"]:
        gap, npmi = one["gap"], one["npmi"]
        assert f"{100 * gap['value']:+.1f} ({100 * gap['low']:+.1f}…{100 * gap['high']:+.1f})" in drawn
        assert f"{npmi['value']:+.2f} ({npmi['low']:+.2f}…{npmi['high']:+.2f})" in drawn


def test_a_column_that_has_nothing_to_do_with_it_flags_nothing(wsal, folder):
    report = json.loads(wsal("bias", "--by", "age", "--json", cwd=folder).stdout)
    assert list(report["groups"][0]) == ["name", "n_items"]
    assert len(report["groups"]) == 4
    assert report["suspects"] == []
    cut = json.loads(wsal("bias", "--by", "age", "--edges", "21,65", "--json", cwd=folder).stdout)
    assert [one["name"] for one in cut["groups"]] == ["below 21", "21 to below 65", "65 and above"]
    small = next(one["n_items"] for one in cut["groups"] if one["name"] == "below 21")
    assert (small < 30) == any("too few to go by" in text for text in cut["warnings"])


def test_before_a_fit_rules_alone_are_compared(wsal, folder, tmp_path):
    import shutil

    fresh = shutil.copytree(folder, tmp_path / "fresh")
    shutil.rmtree(fresh / ".wsal")
    shutil.copy(folder.parent / "people.csv", tmp_path / "people.csv")
    wsal("apply", cwd=fresh)
    report = json.loads(wsal("bias", "--by", "town", "--json", code=1, cwd=fresh).stdout)
    assert (report["labels_run"], report["carried"], report["errors"]) == ("", [], [])
    assert any("nothing was fitted yet" in text for text in report["warnings"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "twon"), "did you mean"),
        (("--by", "id"), "these are no groups"),
        (("--by", "text"), "these are no groups"),
        (("--by", "age", "--edges", "a"), "no numbers with commas"),
        (("--by", "age", "--edges", "65,18"), "edges rise"),
        (("--by", "town", "--edges", "3"), "holds no numbers"),
        ((), "--by"),
    ],
)
def test_bad_input_is_refused_with_the_cure(wsal, folder, arguments, said):
    assert said in wsal("bias", *arguments, code=2, cwd=folder).stderr
