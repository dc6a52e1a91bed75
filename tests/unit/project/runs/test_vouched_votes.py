"""A forged cache of votes is noticed by what earlier runs recorded, and computed again."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from wsal.engines import DirectoryCache
from wsal.project import Project


@pytest.fixture
def folder(tmp_path):
    with Project.create_example(tmp_path / "p").history.store:
        return tmp_path / "p"


def forge(folder):
    """Turn every cached vote into another one, in files that are whole and have the right keys."""
    cache = DirectoryCache(folder / ".wsal" / "cache")
    files = sorted(cache.path.glob("*.npz"))
    for file in files:
        with np.load(file, allow_pickle=False) as stored:
            lf, data, _ = stored["key"].tolist()
        votes = cache.get(lf, data)
        cache.put(lf, data, np.where(votes < 0, 1, 1 - votes).astype(np.int8))
    return len(files)


def test_a_forged_cache_is_computed_again_and_said(folder):
    project = Project.open(folder)
    project.apply()
    honest = project.votes()
    assert forge(folder) == honest.n_lfs
    run = Project.open(folder).apply()
    np.testing.assert_array_equal(project.votes(run.run_id).values, honest.values)
    said = [note for note in run.notes if note.startswith("the cache held other votes of")]
    assert len(said) == honest.n_lfs
    assert "so all votes were computed again: somebody changed .wsal/cache" in said[0]
    again = Project.open(folder).apply()  # the cache was mended, too
    assert not any("the cache held" in note for note in again.notes)
    assert project.verify().ok


def test_an_untouched_cache_is_believed(folder):
    Project.open(folder).apply()
    second = Project.open(folder).apply()
    assert not any("cache" in note for note in second.notes)


def test_a_rule_that_contradicts_itself_is_not_taken_for_a_forgery(folder, monkeypatch):
    rules = folder / "labeling_functions"
    with (rules / "my_rules.py").open("a") as file:
        file.write('\n\ndef by_mood(x):\n    import os\n    return "MOOD" in os.environ\n')
    with (rules / "rules.yaml").open("a") as file:
        file.write('\n  - {id: moody, label: spam, when: {python: "my_rules:by_mood"}}\n')
    Project.open(folder).apply()
    shutil.rmtree(folder / ".wsal" / "cache")
    monkeypatch.setenv("MOOD", "bad")
    run = Project.open(folder).apply()
    (said,) = [note for note in run.notes if "moody" in note]
    assert "though neither the rule nor the data changed: what it votes depends on more than it says" in said


def test_columns_of_runs_with_other_classes_contradict_nothing(folder):
    from wsal.project import carry_out, plan_classes

    project = Project.open(folder)
    project.apply()
    carry_out(plan_classes(project.history, "add", [], ["unclear"]), project.history)
    assert not any("cache" in note for note in Project.open(folder).apply().notes)


def test_the_ledger_keeps_a_hash_of_each_column(folder):
    project = Project.open(folder)
    project.apply()
    kept = project.history.run("run_applied").payload.column_sha256
    assert len(kept) == project.votes().n_lfs
    assert all(len(digest) == 64 for digest in kept)
