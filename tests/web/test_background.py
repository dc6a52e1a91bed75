"""Background work: in a process of its own, told to every open page, and outlived by the server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from wsal.errors import InputError
from wsal.project import Desk, Project
from wsal.web.background import Background
from wsal.web.live import Hub, News
from wsal.web.worker import Work


def told(work, order):
    return [(news.kind, news.text) for news in work.carry_out(order)]


def test_a_new_project_is_applied_fitted_and_has_items_waiting(tmp_path):
    Project.create_example(tmp_path / "x").history.store.close()
    work = Work(tmp_path / "x")
    with pytest.raises(InputError, match="run `wsal apply` first"):
        told(work, "top_up")
    kinds = told(work, "apply")
    assert [kind for kind, _ in kinds][-1] == "done"
    desk = Desk(tmp_path / "x")
    assert len(desk.take("ana", 20).cards) == 20
    desk.close()
    work.close()


def test_a_fit_is_made_when_enough_labels_are_new_and_not_before(folder):
    from wsal.project import Decision

    desk, work = Desk(folder), Work(folder)
    cards = desk.take("ana", 12).cards

    def answer(some):
        said = [
            Decision(
                f"e{c.task.draw_id}", c.task.draw_id, c.task.item_id, "label", "ham", c.task.shown_sha256
            )
            for c in some
        ]
        desk.keep(said, annotator="ana")

    answer(cards[:9])
    told(work, "top_up")
    assert len(desk.store.runs("run_fitted")) == 1
    answer(cards[9:])
    told(work, "top_up")
    assert [run.payload.n_answers for run in desk.store.runs("run_fitted")] == [0, 12]
    desk.close()
    work.close()


def test_what_a_rule_prints_does_not_stand_between_the_news(folder):
    rules = folder / "labeling_functions"
    (rules / "loud.py").write_text("def loud(x):\n    print('I am loud')\n    return x['text'] == '!'\n")
    (rules / "loud.yaml").write_text(
        "wsal: 1\nlabels: [ham, spam]\nrules: [{id: loud, label: ham, when: {python: 'loud:loud'}}]\n"
    )
    command = [sys.executable, "-m", "wsal.web.worker", str(folder)]
    done = subprocess.run(command, input="apply\n", capture_output=True, text=True, check=True, timeout=600)
    heard = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["text"] for one in heard if one["kind"] == "problem"] == []
    assert any(one["run"].startswith("fit-") for one in heard)
    assert "I am loud" in done.stderr


def until(true, seconds=600.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_worker_that_dies_is_named_and_the_next_order_starts_another(folder):
    hub, heard = Hub(), []
    hub.tell = heard.append
    background = Background(folder, hub, refit_after=10)
    background.ask("top_up")
    assert background.pid is None  # it was not started
    background.start()
    background.ask("top_up")
    until(lambda: any(news.kind == "idle" for news in heard))
    first = background.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: any("ended (exit code -9)" in news.text for news in heard))
    heard.clear()
    background.ask("fit")
    until(lambda: any(news.run.startswith("fit-") for news in heard))
    assert background.pid != first
    until(lambda: heard[-1].kind == "idle")
    heard.clear()
    background.ask("fit")
    background.ask("top_up")  # waits for its turn, and is not lost with the worker
    os.kill(background.pid, signal.SIGKILL)
    until(lambda: any("ended (exit code -9)" in news.text for news in heard))
    until(lambda: heard[-1].kind == "idle")
    assert any("items wait" in news.text for news in heard)
    background.close()
    assert background.pid is None


def test_news_reach_every_page_and_a_slow_one_misses_the_oldest():
    async def run():
        hub = Hub()
        quick, slow = hub.stream(), hub.stream()
        first = await anext(quick), await anext(slow)
        for i in range(60):
            hub.tell(News("work", str(i)))
        await asyncio.sleep(0)
        got = [json.loads((await anext(slow)).removeprefix("data: "))["text"] for _ in range(50)]
        await quick.aclose()
        await slow.aclose()
        hub.tell(News("done", "nobody listens"))
        return first, got

    first, got = asyncio.run(run())
    assert '"idle"' in first[0]
    assert got == [str(i) for i in range(10, 60)]


def test_only_who_is_signed_in_hears_the_news(client_of):
    assert client_of(None).get("/api/events").status_code == 401
