"""A run in a later process: read back, not trained again, on another processor too; and `fit` beside bad packs."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from wsal.errors import LedgerError, StoreError
from wsal.items import read_items
from wsal.project import Project
from wsal.project.runs import material
from wsal.store import write_soft_labels
from wsal.store.files import item_snapshot
from wsal.training import EndModel, HumanClassifier

SENTINEL_PACK = """\
wsal: 1
task: spam
labels: [ham, spam]
rules:
  - {id: coded, label: spam, when: {python: "code:is_spam"}}
"""
SENTINEL_CODE = """\
from pathlib import Path
Path(__file__).with_name("it-ran").touch()
def is_spam(x):
    return "prize" in x.text
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """Make the demo's project with thirty answers: both classifiers are trained."""
    folder = tmp_path_factory.mktemp("again") / "demo"
    project, gold = Project.create_demo(folder)
    project.apply()
    project.fit()
    for task in project.tasks(30, rng=0):
        project.answer(task, gold[task.item_id], annotator="ana")
    project.fit()
    return folder


@pytest.fixture
def again(demo, tmp_path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "demo"))


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(EndModel, "fit", refuse)
    monkeypatch.setattr(HumanClassifier, "fit", refuse)


def item_of(folder: Path, source: str) -> str:
    soft = Project.open(folder).soft_labels()
    return str(soft.item_ids[list(soft.sources).index(source)])


def test_on_another_processor_a_run_is_explained_and_goes_on(wsal, again, monkeypatch):
    item = item_of(again, "rules")
    here = json.loads(wsal("why", item, "--json", cwd=again).stdout)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")  # other kernels, other rounding
    there = json.loads(wsal("why", item, "--json", cwd=again).stdout)
    assert there["probabilities"] == pytest.approx(here["probabilities"], abs=1e-9)
    assert [term["source"] for term in there["terms"]] == [term["source"] for term in here["terms"]]
    assert wsal("next", "--json", cwd=again).stdout
    wsal("fit", cwd=again)
    monkeypatch.delenv("OPENBLAS_CORETYPE")
    wsal("why", item, "--json", cwd=again)


def test_nothing_is_trained_to_explain_or_to_choose(again, no_training):
    project = Project.open(again)
    found = project.why(item_of(again, "rules")).evidence
    words = {term.source.split(":")[0] for term in found.terms}
    assert {"human classifier", "end model"} <= words
    assert project.tasks(5, rng=3)


def test_what_is_read_back_is_what_was_delivered(again, no_training):
    project = Project.open(again)
    delivered, soft = project._material.delivered(), project.soft_labels()  # what `why` and `next` work on
    assert np.abs(delivered.soft.probabilities - soft.probabilities).max() < 1e-12
    assert delivered.human_classifier is not None
    assert delivered.end_model is not None


def test_the_ledger_names_the_classifiers_and_sees_that_they_changed(again):
    project = Project.open(again)
    run = project.history.run("run_fitted")
    (file,) = [file for file in run.payload.files if file.path.endswith("classifiers.npz")]
    assert file.path == f".wsal/runs/{run.run}/classifiers.npz"
    assert project.verify().ok
    path = again / file.path
    path.write_bytes(path.read_bytes() + b"x")
    assert not project.verify().ok
    with pytest.raises(LedgerError, match="was changed after it was written"):
        project.why(item_of(again, "rules"))


def test_other_features_ask_for_a_new_fit(wsal, again):
    settings = again / "wsal.toml"
    text = settings.read_text()
    assert text.count('"mean_radius", ') == 1
    settings.write_text(text.replace('"mean_radius", ', ""))
    item = item_of(again, "rules")
    said = wsal("why", item, cwd=again, code=1).stderr
    assert "the features are not those of the training" in said
    assert "run `wsal fit` again" in said
    wsal("fit", cwd=again)
    wsal("why", item, cwd=again)


@pytest.mark.parametrize(("shift", "refused"), [(5e-8, False), (1e-4, True)])
def test_only_labels_that_come_out_different_beyond_rounding_are_refused(again, shift, refused):
    project = Project.open(again)
    run, soft = project.history.run("run_fitted"), project.soft_labels()
    soft = replace(soft, probabilities=np.abs(soft.probabilities - [shift, -shift]).clip(0, 1))
    file = write_soft_labels(soft, root=again, run="fit-other")
    project.history.append(replace(run.payload, run="fit-other", soft_labels=file))
    item = item_of(again, "rules")
    if refused:
        with pytest.raises(
            StoreError, match=r"come out different now, by up to 0\.0001\n.*run `wsal fit` again"
        ):
            Project.open(again).why(item)
    else:
        assert Project.open(again).why(item).run_id == "fit-other"


def test_a_run_that_kept_no_classifiers_asks_for_a_new_fit(again):
    project = Project.open(again)
    run = project.history.run("run_fitted")
    project.history.append(replace(run.payload, run="fit-old", files=()))
    with pytest.raises(StoreError, match=r"did not keep classifiers\n.*run `wsal fit` again"):
        Project.open(again).why(item_of(again, "rules"))


@pytest.fixture
def applied(tmp_path) -> Path:
    """Make the example project with a pack that runs code, and apply it."""
    folder = tmp_path / "first"
    project = Project.create_example(folder)
    (folder / "labeling_functions" / "coded.yaml").write_text(SENTINEL_PACK)
    (folder / "labeling_functions" / "code.py").write_text(SENTINEL_CODE)
    project.apply()
    return folder


def notes_of_fit(folder: Path) -> str:
    return "\n".join(Project.open(folder).fit().notes)


def test_fit_beside_a_broken_pack_fits_and_says_what_it_could_not_compare(wsal, applied):
    pack = applied / "labeling_functions" / "rules.yaml"
    pack.write_text(pack.read_text().replace("keywords:", "keywrods:", 1))
    said = wsal("fit", cwd=applied)
    (note,) = [line for line in said.stderr.splitlines() if "could not be compared" in line]
    assert "with run apply-001" in note
    assert "rules.yaml:" in note
    kinds = [entry.event.kind for entry in Project.open(applied).history.store.events()]
    assert kinds.count("run_fitted") == 1
    shutil.rmtree(applied / "labeling_functions")
    assert "could not be compared" in notes_of_fit(applied)


def test_fit_compares_rules_that_run_code_without_running_it(applied):
    packs = applied / "labeling_functions"
    ran = packs / "it-ran"
    ran.unlink()  # it was made when the rules voted
    assert not notes_of_fit(applied)
    (packs / "code.py").write_text(SENTINEL_CODE + "# edited\n")
    assert ": coded; run `wsal apply` to use them" in notes_of_fit(applied)
    (packs / "code.py").unlink()
    assert "there is no file 'code.py'" in notes_of_fit(applied)
    assert not ran.exists()


def test_where_the_settings_refuse_code_fit_says_that_it_could_not_compare(applied):
    (applied / "labeling_functions" / "it-ran").unlink()
    with (applied / "wsal.toml").open("a") as settings:
        settings.write("python = false\n")  # the last table is [rules]
    notes = notes_of_fit(applied)
    assert "the rules could not be compared with run apply-001" in notes
    assert "python is not allowed here" in notes
    assert not (applied / "labeling_functions" / "it-ran").exists()


def test_data_that_changed_is_read_again_and_data_that_did_not_is_not(wsal, project, monkeypatch):
    monkeypatch.setattr(item_snapshot, "_SETTLED_AFTER_NS", 0)
    monkeypatch.setattr(
        material, "read_through_snapshot", partial(item_snapshot.read_through_snapshot, least=0)
    )
    first = Project.open(project).apply()
    with monkeypatch.context() as blind:
        blind.setattr(item_snapshot, "read_items", None)
        again = Project.open(project).apply()
    data = Project.open(project).config.data_path
    data.write_text(data.read_text() + 'new-1,MYBANK,"free prize, claim it now",0\n')
    grown = Project.open(project).apply()
    assert (again.n_items, grown.n_items) == (first.n_items, first.n_items + 1)
    prints = [run.payload.data_fingerprint for run in Project.open(project).history.store.runs()]
    assert prints[0] == prints[1] != prints[2] == read_items(data, text="text").fingerprint
