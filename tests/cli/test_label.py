"""`wsal label` at a real terminal, and from a pipe."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from wsal.project import Project

WSAL = str(Path(sys.executable).with_name("wsal"))


@pytest.fixture
def fitted(project) -> Path:
    made = Project.open(project)
    made.apply()
    made.fit()
    return project


def terminal(folder: Path, *arguments: str) -> pexpect.spawn:
    spawned = pexpect.spawn(
        WSAL, ["label", *arguments], cwd=folder, timeout=240, encoding="utf-8", dimensions=(40, 150)
    )
    spawned.expect("left in this batch")
    return spawned


def answers(folder: Path, *, current: bool = True):
    return Project.open(folder).history.store.answers(current=current)


def test_keys_answer_undo_skip_flag_and_give_reasons(fitted):
    spawned = terminal(fitted, "--annotator", "ana")
    for keys, said in (
        ("2", "kept: spam"),
        ("u", "undone"),
        ("1", "kept: ham"),
        ("r", "rationale: "),
        ("asks for money\n", "money"),
        ("2", "kept: spam"),
        (" ", "kept: skip"),
        ("d", "kept: unsure"),
        ("n", "kept: not_applicable"),
        ("f", "kept: flag"),
        ("?", "carries on here"),
        ("9", ""),
    ):
        spawned.send(keys)
        spawned.expect(said)
    spawned.send("q")
    spawned.expect("answers kept")
    spawned.expect(pexpect.EOF)
    spawned.close()
    assert spawned.exitstatus == 0
    standing = answers(fitted)
    assert [a.outcome for a in standing] == ["label", "label", "skip", "unsure", "not_applicable", "flag"]
    assert [a.label for a in standing[:2]] == ["ham", "spam"]
    assert standing[1].rationale == "asks for money"
    assert {a.annotator for a in standing} == {"ana"}
    assert len(answers(fitted, current=False)) == 7
    assert all(a.draw_id and a.shown_sha256 and a.seconds is not None for a in standing)


def test_undo_goes_back_as_far_as_the_session(fitted):
    spawned = terminal(fitted)
    for _ in range(3):
        spawned.send("1")
        spawned.expect("kept: ham")
    for _ in range(3):
        spawned.send("u")
        spawned.expect("undone")
    spawned.send("u")
    spawned.expect("nothing to undo")
    spawned.send("q")
    spawned.expect(pexpect.EOF)
    assert answers(fitted) == ()


def test_the_next_session_carries_on_with_what_is_left(fitted):
    open_before = [task.item_id for task in Project.open(fitted).tasks()]
    spawned = terminal(fitted)
    spawned.send("1")
    spawned.expect("kept: ham")
    spawned.sendcontrol("c")
    spawned.expect(pexpect.EOF)
    assert [task.item_id for task in Project.open(fitted).tasks()] == open_before[1:]


def test_hints_stay_hidden_on_audit_items_until_they_are_answered(fitted):
    tasks = Project.open(fitted).tasks()
    spawned = terminal(fitted)
    shown = []
    for task in tasks:
        spawned.send("1")
        spawned.expect("kept: ham")
        shown.append((task, spawned.before))
    for task, before in shown:
        if task.purpose == "audit" or not task.hints:
            assert "rules: " not in before
        else:
            assert "rules: " in before
    kept = {a.item: a.hints_shown for a in answers(fitted)}
    assert not any(kept[task.item_id] for task in tasks if task.purpose == "audit")
    spawned.expect("the batch is done")  # it fits, and goes on with a new batch
    spawned.expect("left in this batch")
    spawned.send("q")
    spawned.expect(pexpect.EOF)


def test_answers_from_a_pipe_are_kept_and_its_end_stops(wsal, fitted):
    said = wsal("label", "--annotator", "ben", cwd=fitted, stdin="12\n1").stdout
    assert "3 answers kept" in said
    assert [a.label for a in answers(fitted)] == ["ham", "spam", "ham"]


def test_more_than_nine_labels_are_typed(wsal, tmp_path):
    labels = ",".join(f"class-{chr(97 + i)}" for i in range(12))
    rows = "\n".join(f"i{i},word{i % 12} text number {i}" for i in range(60))
    (tmp_path / "data.csv").write_text(f"id,text\n{rows}\n")
    wsal("init", "many", "--data", "data.csv", "--labels", labels, "--text", "text")
    folder = tmp_path / "many"
    rules = "".join(
        f"  - {{id: r{i}, label: class-{chr(97 + i)}, when: {{keywords: [word{i}]}}}}\n" for i in range(12)
    )
    (folder / "labeling_functions" / "rules.yaml").write_text(f"wsal: 1\nrules:\n{rules}")
    for verb in ("check", "apply", "fit"):
        wsal(verb, cwd=folder)
    said = wsal("label", cwd=folder, stdin="12\n/class-c\n/cl\n/zz\nq").stdout
    assert "kept: class-l" in said
    assert "kept: class-c" in said
    assert "12 labels begin with 'cl'" in said
    assert "0 labels begin with 'zz'" in said


@pytest.mark.parametrize("keys", ["²", "①", "\x1b[A", "é"])
def test_keys_that_mean_nothing_do_nothing(wsal, fitted, keys):
    assert "0 answers kept" in wsal("label", cwd=fitted, stdin=f"{keys}\n").stdout


def test_hints_that_were_seen_are_recorded_even_if_hidden_again(fitted):
    task = next(task for task in Project.open(fitted).tasks(30) if task.hints and task.purpose != "audit")
    spawned = terminal(fitted)
    while True:
        spawned.send("h")
        spawned.expect("left in this batch")
        spawned.expect(r"\[1\] ham")
        spawned.send("1")
        spawned.expect("kept: ham")
        kept = {a.item: a.hints_shown for a in answers(fitted)}
        if task.item_id in kept:
            break
        spawned.expect("left in this batch")
    assert kept[task.item_id] is True


def test_keys_typed_ahead_are_not_lost(fitted):
    spawned = pexpect.spawn(WSAL, ["label"], cwd=fitted, timeout=240, encoding="utf-8", dimensions=(40, 150))
    spawned.expect("you are")
    spawned.send("\x1b[2~" + "12" * 12 + "q")  # a function key, then more answers than a batch has
    spawned.expect("24 answers kept")
    spawned.expect(pexpect.EOF)
    assert [a.label for a in answers(fitted)] == ["ham", "spam"] * 12
