"""``wsal apply --dry-run``: what an edit would change is what it then changes, and nothing is saved before."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from wsal.project import Project

RULES = "rules/rules.yaml"


def edit(folder: Path, old: str, new: str) -> None:
    (path,) = [p for p in folder.rglob("*.yaml") if old in p.read_text()]
    path.write_text(path.read_text().replace(old, new, 1))


@pytest.fixture
def applied(project: Path) -> Path:
    """Apply the rules of the example once."""
    Project.open(project).apply()
    return project


def state(folder: Path) -> tuple[int, list[str]]:
    runs = sorted(str(p) for p in (folder / ".wsal").rglob("*") if "cache" not in p.parts and p.is_file())
    return Project.open(folder).history.store.head().seq, [p for p in runs if "store.db" not in p]


def test_what_a_dry_run_says_is_what_apply_then_does(wsal, applied):
    before = Project.open(applied).votes()
    saved = state(applied)
    edit(applied, "label: spam", "label: ham")
    name = before.lf_names[0]
    said = json.loads(wsal("apply", "--dry-run", name, "--json", cwd=applied).stdout)
    assert state(applied) == saved
    whole = said["all"]
    project = Project.open(applied)
    project.apply()
    after = project.votes()
    was, now = (votes.values[:, votes.lf_names.index(name)] for votes in (before, after))
    assert said["sample"] is None  # fewer items than a sample has
    assert whole["flipped"] == int(((was != -1) & (now != -1) & (was != now)).sum()) > 0
    assert (whole["gained"], whole["lost"], whole["kept"]) == (0, 0, 0)
    for effect in whole["classes"]:
        y = after.labels.index(effect["label"])
        assert effect["votes_after"] == int((now == y).sum())
        assert effect["covered_after"] == int((after.values == y).any(axis=1).sum())
        assert effect["covered_before"] == int((before.values == y).any(axis=1).sum())
    first = whole["examples"][0]
    assert (first["before"], first["after"]) == ("spam", "ham")


def test_a_sample_goes_first_and_its_limits_hold_the_truth(applied):
    edit(applied, "keywords: [", "keywords: [the, ")
    project = Project.open(applied)
    name = project.votes().lf_names[0]
    sample, whole = project.dry_run(name, sample=100)
    assert (sample.n_seen, whole.n_seen) == (100, whole.n_items)
    assert whole.gained + whole.lost + whole.flipped > 0
    for kind in ("gained", "lost", "flipped"):
        limits = sample.estimates[kind]
        assert limits.low <= getattr(whole, kind) <= limits.high
    assert whole.estimates is None
    assert sample.classes[0].labels_before is None
    assert whole.classes[0].labels_before is not None


def test_people_read_the_counts_the_classes_and_some_rows(wsal, applied):
    name = Project.open(applied).votes().lf_names[0]
    edit(applied, "label: spam", "label: ham")
    said = wsal("apply", "--dry-run", name, cwd=applied)
    assert f"rule {name} on all" in said.stdout
    assert "flipped" in said.stdout
    assert "Before and after" in said.stdout
    assert "nothing was saved" in said.stdout


def test_a_rule_that_was_not_edited_changes_nothing_and_says_so(wsal, applied):
    name = Project.open(applied).votes().lf_names[0]
    said = wsal("apply", "--dry-run", name, cwd=applied)
    assert "0 rows gained, 0 lost, 0 flipped" in said.stdout
    assert f"rule '{name}' is as it was" in said.stderr


def test_a_new_rule_only_gains_and_a_deleted_one_only_loses(wsal, applied):
    (pack,) = [p for p in applied.rglob("*.yaml") if "rules:" in p.read_text()]
    old = pack.read_text()
    pack.write_text(old + "\n  - {id: every-e, label: ham, when: {regex: e}}\n")
    new = json.loads(wsal("apply", "--dry-run", "every-e", "--json", cwd=applied).stdout)["all"]
    assert new["gained"] > 0
    assert (new["lost"], new["flipped"], new["kept"]) == (0, 0, 0)
    Project.open(applied).apply()
    pack.write_text(old)
    gone = json.loads(wsal("apply", "--dry-run", "every-e", "--json", cwd=applied).stdout)["all"]
    assert (gone["lost"], gone["gained"]) == (new["gained"], 0)
    assert "in no pack any more" in gone["notes"][0]


def test_rules_that_refer_to_it_change_with_it_and_other_edits_are_named(wsal, applied):
    (pack,) = [p for p in applied.rglob("*.yaml") if "rules:" in p.read_text()]
    old = pack.read_text()
    more = "\n  - {id: base, label: ham, when: {regex: zzz}}\n"
    more += "  - {id: refers, label: spam, when: {not: {rule: base}}}\n"
    pack.write_text(old + more + "  - {id: apart, label: spam, when: {regex: qqq}}\n")
    Project.open(applied).apply()
    pack.write_text(old + more.replace("zzz", "e") + "  - {id: apart, label: spam, when: {regex: qq}}\n")
    whole = json.loads(wsal("apply", "--dry-run", "base", "--json", cwd=applied).stdout)["all"]
    assert whole["also"] == ["refers"]
    assert whole["notes"] == ["other rules changed too, and are left out of this: apart"]
    spam = next(effect for effect in whole["classes"] if effect["label"] == "spam")
    assert spam["covered_after"] < spam["covered_before"]


def test_a_dry_run_of_no_rule_or_before_any_run_is_an_error_with_a_cure(wsal, project):
    assert "wsal apply" in wsal("apply", "--dry-run", "x", cwd=project, code=2).stderr
    Project.open(project).apply()
    name = Project.open(project).votes().lf_names[0]
    said = wsal("apply", "--dry-run", name + "x", cwd=project, code=2)
    assert f"did you mean '{name}'?" in said.stderr
    assert "leave out" in wsal("apply", "--dry-run", name, "--fault-tolerant", cwd=project, code=2).stderr


def test_votes_of_an_edit_stay_in_the_cache_for_five_runs_and_then_leave_it(wsal, applied):
    cache = applied / ".wsal" / "cache"
    first = set(cache.glob("*.npz"))
    edit(applied, "keywords: [", "keywords: [the, ")
    for _ in range(4):
        Project.open(applied).apply()
    for file in cache.glob("*.npz"):
        os.utime(file, (time.time() - 2 * 3600,) * 2)
    fifth = wsal("apply", cwd=applied)
    gone = first - set(cache.glob("*.npz"))
    assert 1 <= len(gone) < len(first)  # of the rule, and of those that refer to it
    assert f"{len(gone)} column" in fifth.output
    assert "left the cache" in fifth.output
    assert "left the cache" not in wsal("apply", cwd=applied).output
    edit(applied, "keywords: [the, ", "keywords: [")
    wsal("apply", cwd=applied)
    assert gone <= set(cache.glob("*.npz"))  # computed again
