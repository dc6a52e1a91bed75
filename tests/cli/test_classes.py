"""``wsal classes``: what it says before, what it does, and what stays under the names of its time."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest

from wsal.audit import AnswerGiven
from wsal.errors import StoreError
from wsal.project import Project


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Make a project without rules in Python, with a fit, drawn answers and imported ones."""
    folder = tmp_path_factory.mktemp("classes") / "p"
    project = Project.create_example(folder)
    pack = folder / "labeling_functions" / "rules.yaml"
    text = pack.read_text()
    start = text.index("  - id: money-and-hurry")
    pack.write_text(text[:start] + text[text.index("  - id: colleague") :])
    project = Project.open(folder)
    project.apply()
    project.fit()
    (folder / "answers.csv").write_text("id,label,annotator\nm001,spam,ana\nm002,ham,bo\n")
    project.import_answers(folder / "answers.csv")
    for i, task in enumerate(project.tasks(6, rng=0)):
        project.answer(task, ("spam", "ham")[i % 2], annotator="ana")
    project.fit()
    project.history.store.close()
    return folder


@pytest.fixture
def folder(template, tmp_path):
    """Copy it, to change the copy."""
    shutil.copytree(template, tmp_path / "p")
    return tmp_path / "p"


def answers(folder):
    found = pd.Series([a.label for a in Project.open(folder).history.store.answers() if a.label])
    return found.value_counts().to_dict()


def everything(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.name.startswith("store.db")}


def test_in_a_pipe_nothing_is_done_unless_it_is_asked_for(wsal, folder):
    before, head = everything(folder), Project.open(folder).history.store.head()
    said = wsal("classes", "rename", "ham", "legit", cwd=folder)
    assert "answers: 4 say ham; they would say legit" in said.stdout
    assert "rules.yaml" in said.stdout
    assert "nothing was changed; --yes does it" in said.stdout
    assert everything(folder) == before
    assert Project.open(folder).history.store.head() == head
    tree = json.loads(wsal("classes", "rename", "ham", "legit", "--json", cwd=folder).stdout)
    assert (tree["done"], tree["answers"], tree["classes"]) == (False, {"ham": 4}, ["legit", "spam"])


def test_a_renamed_class_has_its_new_name_from_here_on_and_its_old_one_in_the_past(wsal, folder):
    old_run = Project.open(folder).history.run("run_fitted").run
    wsal("classes", "rename", "ham", "legit", "--yes", "--reason", "clearer", cwd=folder)
    assert answers(folder) == {"legit": 4, "spam": 4}
    assert (
        "the classes changed after the last run (ham renamed to legit)" in wsal("status", cwd=folder).stdout
    )
    assert "label: ham" in wsal("why", "m002", cwd=folder).stdout  # the last run is of the time of ham
    for verb in (["fit"], ["export", "x.csv"], ["estimate"], ["train"], ["next", "--new"]):
        assert "run `wsal apply`, then `wsal fit`" in wsal(*verb, cwd=folder, code=2).stderr
    wsal("check", cwd=folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    wsal("export", "x.csv", cwd=folder)
    frame = pd.read_csv(folder / "x.csv").set_index("id")
    assert list(frame.columns[:2]) == ["p_legit", "p_spam"]
    assert frame.loc["m002", "label"] == "legit"
    assert "identical" in wsal("audit", "replay", old_run, cwd=folder).stdout
    lineage = json.loads(wsal("audit", "lineage", old_run, "--json", cwd=folder).stdout)
    then = [n["facts"] for n in lineage["nodes"] if n["kind"] == "answer"]
    assert {a["label"] for a in then} == {"ham", "spam"}
    now = json.loads(wsal("audit", "lineage", "m002", "--json", cwd=folder).stdout)
    (answer,) = [n["facts"] for n in now["nodes"] if n["kind"] == "answer"]
    assert (answer["label"], answer["given_as"], answer["annotator"]) == ("legit", "ham", "bo")
    life = wsal("why", "m002", "--history", cwd=folder).stdout
    assert life.count("answered ham, imported") == 1
    assert "answered legit" not in life
    assert "ham renamed to legit" in life
    assert (
        "the classes changed since the run before" not in life
    )  # a class that was renamed is the same class
    wsal("audit", "verify", cwd=folder)
    listed = json.loads(wsal("classes", "--json", cwd=folder).stdout)
    assert listed["classes"] == {"legit": 4, "spam": 4}
    assert [(c["what"], c["reason"], c["by"]) for c in listed["changes"]] == [
        ("ham renamed to legit", "clearer", "tester")
    ]


def test_the_labels_of_a_renamed_class_are_those_that_it_had(wsal, folder):
    before = Project.open(folder).soft_labels().probabilities
    wsal("classes", "rename", "ham", "legit", "--yes", cwd=folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    assert Project.open(folder).soft_labels().probabilities.tobytes() == before.tobytes()


def test_an_added_class_can_be_answered_at_once(wsal, folder):
    before = (folder / "labeling_functions" / "rules.yaml").read_bytes()
    wsal("classes", "add", "unclear", "--yes", cwd=folder)
    assert (folder / "labeling_functions" / "rules.yaml").read_bytes() == before
    (folder / "more.csv").write_text("id,label,annotator\nm003,unclear,cy\n")
    wsal("import", "more.csv", cwd=folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    assert Project.open(folder).soft_labels().labels.names == ("ham", "spam", "unclear")


def test_merged_classes_are_one(wsal, folder):
    wsal("classes", "add", "advert", "--yes", cwd=folder)
    (folder / "more.csv").write_text("id,label,annotator\nm003,advert,cy\n")
    wsal("import", "more.csv", cwd=folder)
    wsal("classes", "merge", "spam", "advert", "--into", "junk", "--yes", cwd=folder)
    assert answers(folder) == {"junk": 5, "ham": 4}
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    project = Project.open(folder)
    assert project.soft_labels().labels.names == ("ham", "junk")
    assert project.verify().ok


def test_a_split_class_is_asked_for_again_and_never_guessed(wsal, folder):
    said = wsal("classes", "split", "spam", "scam", "advert", cwd=folder).stdout
    assert "answers: 4 say spam; they would count for nothing" in said
    assert "rule prize-words votes for spam: " in said
    assert "not decided: prize-words, " in said
    split = ["classes", "split", "spam", "scam", "advert"]
    before = everything(folder)
    assert "say with --rule ID=PART" in wsal(*split, "--yes", cwd=folder, code=2).stderr
    refused = wsal(*split, "--set-aside", "--yes", cwd=folder, code=2).stderr
    assert "could not be read after the change" in refused  # another rule refers to one that would go
    assert everything(folder) == before
    wsal(
        *split,
        "--rule",
        "prize-words=advert",
        "--rule",
        "lost-phone-story=scam",
        "--set-aside",
        "--yes",
        cwd=folder,
    )
    assert answers(folder) == {"ham": 4}
    waiting = {task.item_id: task for task in Project.open(folder).tasks()}
    assert waiting["m001"].reason == "needs another look: spam split into scam, advert"
    assert len(waiting) == 4  # the three that were drawn ask again by themselves
    aside = (folder / "labeling_functions" / "rules.yaml.set-aside").read_text()
    assert aside.startswith("# spam split into scam, advert: give these rules a class, and put them back\n")
    assert "id: premium-number" in aside
    wsal("check", cwd=folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    soft = Project.open(folder).soft_labels()
    assert soft.labels.names == ("ham", "scam", "advert")
    assert soft.sources[list(soft.item_ids).index("m001")] != "human"
    wsal("audit", "verify", cwd=folder)
    assert "identical" in wsal("audit", "replay", cwd=folder).stdout


def test_an_answer_by_a_program_that_knows_the_old_classes_is_refused(wsal, folder):
    stale = Project.open(folder)
    wsal("classes", "rename", "spam", "junk", "--yes", cwd=folder)
    with pytest.raises(
        StoreError, match=r"'spam' is no class any more: row \d+ of the ledger says: spam renamed to"
    ):
        stale.history.append(AnswerGiven("late", "m009", "label", "ana", label="spam"))
    stale.history.append(AnswerGiven("late", "m009", "skip", "ana"))


def test_settings_with_other_classes_than_the_ledger_are_named_with_the_cure(wsal, folder):
    wsal("classes", "rename", "ham", "legit", "--yes", cwd=folder)
    settings = folder / "wsal.toml"
    settings.write_text(settings.read_text().replace('"legit"', '"ham"'))
    said = wsal("status", cwd=folder, code=2).stderr
    assert "the labels are ham, spam, but the project has since row" in said
    assert "write labels = ['legit', 'spam'] under [task]" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "spam"], "there is a class 'spam' already"),
        (["rename", "spma", "x"], "unknown label 'spma'"),
        (["rename", "spam", "ham"], "there is a class 'ham' already"),
        (["rename", "spam", "spam"], "is called 'spam' already"),
        (["rename", "spam", " "], "a label is a non-empty text"),
        (["merge", "spam", "--into", "x"], "name two classes at least"),
        (["merge", "spam", "ham", "--into", "x"], "a task needs at least two labels"),
        (["split", "spam", "x"], "name two parts at least"),
        (["split", "spam", "spam", "x"], "cannot stay beside its parts"),
        (["split", "spam", "x", "x"], "'x' stands twice"),
        (["split", "spam", "x", "y", "--rule", "colleague=x"], "no rule 'colleague' votes for spam"),
        (["split", "spam", "x", "y", "--rule", "prize-words=ham"], "cannot vote for 'ham' now"),
        (["split", "spam", "x", "y", "--rule", "prize-words"], "is not of the form ID=PART"),
    ],
)
def test_what_cannot_be_is_refused(wsal, folder, arguments, said):
    before = everything(folder)
    assert said in wsal("classes", *arguments, "--yes", cwd=folder, code=2).stderr
    assert everything(folder) == before


def split_spam(wsal, folder):
    return json.loads(
        wsal(
            "classes",
            "split",
            "spam",
            "scam",
            "advert",
            "--rule",
            "prize-words=advert",
            "--rule",
            "lost-phone-story=scam",
            "--set-aside",
            "--yes",
            "--json",
            cwd=folder,
        ).stdout
    )


def test_an_item_that_keeps_another_persons_label_is_not_asked_again(wsal, folder):
    """And one that somebody else skipped is, though the skip closed its draw."""
    project = Project.open(folder)
    spam = [a for a in project.history.store.answers() if a.label == "spam" and not a.imported]
    kept, skipped = spam[0].item, spam[1].item
    (folder / "more.csv").write_text(f"id,label,annotator\n{kept},ham,cy\n")
    project.import_answers(folder / "more.csv")
    project.history.append(AnswerGiven("skip-1", skipped, "skip", "cy"))
    project.history.store.close()
    said = split_spam(wsal, folder)
    assert (said["answers"], said["n_again"], said["n_decided"]) == ({"spam": 4}, 3, 1)
    waiting = {task.item_id for task in Project.open(folder).tasks()}
    assert len(waiting) == 3
    assert skipped in waiting
    assert kept not in waiting


def test_splitting_a_class_brings_no_answer_back_that_had_been_replaced(wsal, folder):
    (folder / "more.csv").write_text("id,label,annotator\nm002,spam,bo\n")  # until now bo said ham
    wsal("import", "more.csv", cwd=folder)
    split_spam(wsal, folder)
    store = Project.open(folder).history.store
    assert [a.label for a in store.answers() if a.item == "m002"] == []
    assert store.verify().ok


def test_runs_before_and_after_a_renaming_are_compared_as_ever(wsal, folder):
    before = Project.open(folder).history.run("run_fitted").run
    wsal("classes", "rename", "ham", "legit", "--yes", cwd=folder)
    wsal("apply", cwd=folder)
    (folder / "more.csv").write_text("id,label,annotator\nm004,spam,cy\n")
    wsal("import", "more.csv", cwd=folder)
    wsal("fit", cwd=folder)
    result = wsal("diff", before, cwd=folder)
    assert "under the names of the later run: ham renamed to legit" in result.stderr
    assert "answers: 1 given (cy)" in result.stdout  # no renamed answer counts as another
    tree = json.loads(wsal("diff", before, "--json", "--most", "1000", cwd=folder).stdout)
    assert {one["before"] for one in tree["items"]} <= {"legit", "spam", None}
    for one in tree["items"]:
        if one["steps"] is not None:
            whole = one["probability_after"] - one["probability_before"]
            assert sum(one["steps"].values()) == pytest.approx(whole, abs=1e-9)
    after = Project.open(folder).history.run("run_fitted").run
    back = json.loads(wsal("diff", after, before, "--json", cwd=folder).stdout)
    assert back["run_b"] == before
    assert {answer["before"] for answer in back["answers"]} == {"spam"}


def test_runs_before_and_after_a_split_are_crossed(wsal, folder):
    before = Project.open(folder).history.run("run_fitted").run
    split_spam(wsal, folder)
    wsal("apply", cwd=folder)
    wsal("fit", cwd=folder)
    said = wsal("diff", before, cwd=folder).stdout
    assert "classes: spam split into scam, advert" in said
    assert "no change can be put down to a cause" in said
    tree = json.loads(wsal("diff", before, "--json", "--most", "1000", cwd=folder).stdout)
    n = sum(row["items"] for row in tree["counts"])
    assert n == len(Project.open(folder).soft_labels().item_ids)
    follows = {(row["before"], row["after"]): row["follows"] for row in tree["counts"]}
    assert follows["ham", "ham"]
    assert follows["spam", "advert"]
    assert not follows.get(("ham", "advert"), False)
    assert tree["n_items"] == sum(row["items"] for row in tree["counts"] if not row["follows"])
    refused = wsal("diff", before, "--csv", "x.csv", cwd=folder, code=2).stderr
    assert "the classes changed, and no change has a kind or a cause" in refused
