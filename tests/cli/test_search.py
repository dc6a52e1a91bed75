"""wsal search, sub-pools of wsal next, and wsal outliers."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from wsal.project import Project


@pytest.fixture
def made(wsal, project):
    """Make the example project with votes and labels."""
    wsal("apply", cwd=project)
    wsal("fit", cwd=project)
    return project


def read(wsal, folder, *arguments):
    return json.loads(wsal(*arguments, "--json", cwd=folder).stdout)


def test_items_are_ranked_with_votes_label_and_answers(wsal, made):
    (made / "answers.csv").write_text("id,label\nm005,ham\n")
    wsal("import", "answers.csv", cwd=made)
    report = read(wsal, made, "search", "free", "prize", "--most", "5")
    assert len(report["hits"]) == 5 <= report["n_found"]
    scores = [hit["score"] for hit in report["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert all("free" in hit["text"].lower() or "prize" in hit["text"].lower() for hit in report["hits"])
    assert {"item", "text", "votes", "label", "source", "answers", "score"} == report["hits"][0].keys()
    assert any("says spam" in vote for hit in report["hits"] for vote in hit["votes"])
    like = read(wsal, made, "search", "--like", "m005", "--most", "2")["hits"]
    assert [hit["item"] for hit in like] == ["m005", "m104"]  # an exact copy of it
    assert like[0]["answers"] == ["ham"]
    left = read(wsal, made, "search", "--like", "m005", "--open")["hits"]
    assert "m005" not in [hit["item"] for hit in left]
    assert "prize" in wsal("search", "prize", cwd=made).stdout.lower()


def test_what_is_found_goes_into_the_queue_once_and_never_into_an_estimate(wsal, made):
    report = read(wsal, made, "search", "--like", "m005", "--most", "6", "--queue", "--hunt", "ham")
    queued = report["queued"]
    assert len(queued) == 5  # m005 and m104 are copies: one is enough
    tasks = read(wsal, made, "next")
    assert [task["item"] for task in tasks] == queued
    assert {task["purpose"] for task in tasks} == {"hunt"}
    assert all(task["propensity"] is None for task in tasks)
    assert tasks[0]["reason"].startswith("found by search for item m005")
    assert (
        "0 items put into the queue"
        in wsal("search", "--like", "m005", "--most", "6", "--queue", cwd=made).stdout
    )
    wsal("audit", "verify", cwd=made)


def test_one_label_to_hunt_for_is_named_as_in_select(made):
    tasks = Project.open(made).tasks(10, hunt="spam", rng=1)
    assert "hunt" in {task.purpose for task in tasks}


def test_a_search_that_finds_nothing_says_so(wsal, made):
    assert "none of the words 'zebra'" in wsal("search", "zebra", cwd=made, code=2).stderr
    assert "nothing to search for" in wsal("search", cwd=made, code=2).stderr
    assert "there is no item 'zz'" in wsal("search", "--like", "zz", cwd=made, code=2).stderr
    assert "in no text: zebra" in wsal("search", "zebra", "prize", cwd=made).stderr
    assert "--hunt goes with --queue" in wsal("search", "prize", "--hunt", "spam", cwd=made, code=2).stderr


def test_searching_needs_no_rules_and_no_fit(wsal, project):
    hit = read(wsal, project, "search", "prize")["hits"][0]
    assert (hit["votes"], hit["label"], hit["source"]) == ([], None, "none")


def test_a_hunt_within_rules_chooses_there_and_audits_everywhere(wsal, made):
    project = Project.open(made)
    votes = project.votes()
    rule = "easy-money"
    fires = {
        item for item, row in zip(votes.item_ids.tolist(), votes.values, strict=True)
        if row[votes.lf_names.index(rule)] >= 0
    }  # fmt: skip
    tasks = read(wsal, made, "next", "-n", "20", "--hunt", "spam", "--within", rule, "--seed", "1")
    targeted = {task["item"] for task in tasks if task["purpose"] != "audit"}
    audited = {task["item"] for task in tasks if task["purpose"] == "audit"}
    assert targeted
    assert targeted <= fires
    assert audited - fires
    (drawn,) = [entry.event.payload() for entry in project.history.store.events("batch_drawn")]
    assert drawn.within == (f"where rule {rule} votes",)
    wsal("audit", "verify", cwd=made)


def test_anchors_are_words_or_items(wsal, made):
    tasks = read(
        wsal, made, "next", "-n", "20", "--about", "lunch", "--near", "m005", "--pool", "8", "--seed", "1"
    )
    near = {
        hit["item"] for hit in read(wsal, made, "search", "lunch", "--like", "m005", "--most", "8")["hits"]
    }
    assert {task["item"] for task in tasks if task["purpose"] != "audit"} <= near


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--within", "easy-mony"), "did you mean 'easy-money'"),
        (("--near", "zz"), "there is no item 'zz'"),
        (("--about", "zebra"), "none of the words 'zebra'"),
        (("--about", "lunch", "--strategy", "margin"), "chooses from all items"),
    ],
)
def test_a_sub_pool_that_cannot_be_made_is_one_clear_error(wsal, made, arguments, said):
    assert said in wsal("next", *arguments, cwd=made, code=2).stderr
    assert read(wsal, made, "status")["n_open"] == 0


def test_outliers_are_listed_and_keep_their_labels(wsal, tmp_path):
    texts = [f"the weather in town {i % 7} is fine today" for i in range(60)]
    frame = pd.DataFrame({"id": [f"t{i}" for i in range(61)], "text": [*texts, "♥♥♥"]})
    frame.to_csv(tmp_path / "texts.csv", index=False)
    wsal("init", "p", "--data", "texts.csv", "--labels", "ham,spam", "--text", "text", "--id", "id")
    report = read(wsal, tmp_path / "p", "outliers")
    assert [hit["item"] for hit in report["outliers"]] == ["t60"]
    assert report["n_items"] == 61
    assert "1 of 61 items" in wsal("outliers", cwd=tmp_path / "p").stdout
    wsal("apply", cwd=tmp_path / "p")
    wsal("fit", cwd=tmp_path / "p")
    assert len(Project.open(tmp_path / "p").soft_labels().item_ids) == 61
