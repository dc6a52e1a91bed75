"""Items that nobody can label leave the queue, are listed, and can be put back."""

from __future__ import annotations

import json

import pytest

from wsal.project import Project


@pytest.fixture
def made(wsal, project):
    """Make the example project with votes and labels."""
    opened = Project.open(project)
    opened.apply()
    opened.fit()
    return opened


def say(project, task, outcome, annotator="ana", label=None):
    return project.answer(task, label, outcome=outcome, annotator=annotator)


def aside(project):
    return {item.item_id: item for item in project.aside()}


@pytest.mark.parametrize("second", ["ana", "ben"])
def test_unsure_twice_by_one_person_or_two_leaves_the_queue_and_once_does_not(made, second):
    task = made.tasks(5, rng=0)[0]
    say(made, task, "unsure")
    assert aside(made) == {}
    say(made, task, "unsure", second)
    (found,) = made.aside()
    assert (found.item_id, found.why) == (task.item_id, "unsure twice")
    assert [said.annotator for said in found.said] == ["ana", second]
    assert all(said.time.startswith("20") for said in found.said)


def test_an_unsure_that_was_undone_or_followed_by_something_definite_does_not_count(made):
    first, second, third = made.tasks(5, rng=0)[:3]
    taken_back = say(made, first, "unsure")
    made.undo(taken_back, annotator="ana")
    say(made, first, "unsure")
    assert aside(made) == {}
    for outcome in ("unsure", "unsure"):
        say(made, second, outcome)
    say(made, second, "label", label="ham")
    assert aside(made) == {}
    say(made, third, "unsure")
    say(made, third, "skip")
    say(made, third, "unsure")  # a skip is "not now" and takes nothing back
    assert list(aside(made)) == [third.item_id]


def test_an_item_unsure_once_rests_for_a_batch_and_then_may_come_again(made):
    task = next(task for task in made.tasks(6, rng=0) if task.purpose == "uncertain")
    for other in made.tasks(6):
        say(made, other, "unsure" if other.item_id == task.item_id else "skip")
    after = {t.item_id for t in made.tasks(6, rng=1)}
    assert task.item_id not in after
    for other in made.tasks(6):
        say(made, other, "skip")
    assert task.item_id in {t.item_id for t in made.tasks(6, rng=2)}


def test_flagged_and_not_applicable_items_are_listed_too_and_skipped_ones_are_not(made):
    one, two, three = made.tasks(5, rng=0)[:3]
    say(made, one, "flag")
    say(made, two, "not_applicable")
    say(made, three, "skip")
    assert {item: found.why for item, found in aside(made).items()} == {
        one.item_id: "flagged",
        two.item_id: "not applicable",
    }


def test_the_verb_lists_who_and_when_and_puts_an_item_back(wsal, project, made):
    task = made.tasks(5, rng=0)[0]
    assert "no item is set aside" in wsal("aside", cwd=project).stdout
    for annotator in ("ana", "ben"):
        say(made, task, "unsure", annotator)
    listed = json.loads(wsal("aside", "--json", cwd=project).stdout)["aside"]
    assert [(item["item"], item["why"]) for item in listed] == [(task.item_id, "unsure twice")]
    assert [said["annotator"] for said in listed[0]["said"]] == ["ana", "ben"]
    assert "ana 20" in wsal("aside", cwd=project).stdout
    assert "is not set aside" in wsal("aside", "--put-back", "m428", cwd=project, code=2).stderr
    assert "asked for again" in wsal("aside", "--put-back", str(task.item_id), cwd=project).stdout
    assert Project.open(project).aside() == ()
    say(made, task, "unsure", "cleo")
    assert aside(made) == {}  # what was said before it was put back is forgotten
    wsal("audit", "verify", cwd=project)


def test_an_item_set_aside_is_not_asked_for_until_it_is_put_back(made):
    task = next(task for task in made.tasks(6, rng=0) if task.purpose == "uncertain")
    for annotator in ("ana", "ben"):
        say(made, task, "unsure", annotator)
    for other in made.tasks(6):
        say(made, other, "skip")
    for seed in range(3):
        for other in made.tasks(6, rng=seed):
            assert other.item_id != task.item_id
            say(made, other, "skip")
    made.put_back([str(task.item_id)])
    assert task.item_id in {t.item_id for t in made.tasks(6, rng=2)}


def test_an_item_that_was_skipped_is_asked_for_again_when_nothing_else_is_left(wsal, tmp_path):
    (tmp_path / "texts.csv").write_text("id,text\n" + "".join(f"i{j},text {j} of many\n" for j in range(6)))
    wsal("init", "small", "--data", "texts.csv", "--labels", "ham,spam", "--text", "text", "--id", "id")
    small = Project.open(tmp_path / "small")
    small.apply()
    small.fit()
    first = small.tasks(10, rng=0)
    assert len(first) == 6
    for task in first:
        say(
            small,
            task,
            "skip" if task.item_id == "i3" else "label",
            label=None if task.item_id == "i3" else "ham",
        )
    (again,) = small.tasks(10, rng=0)
    assert again.item_id == "i3"
    given = say(small, again, "unsure")
    assert small.tasks(10, rng=0)[0].item_id == "i3"
    small.undo(given, annotator="ana")
    assert [task.draw_id for task in small.tasks(10)].count(again.draw_id) == 1
    assert small.verify().ok
