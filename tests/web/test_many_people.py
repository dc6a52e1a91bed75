"""Twenty people at once: no answer is lost, nobody gets another's item, the server's memory stays flat."""

import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from wsal.config import read_config
from wsal.store import open_store
from wsal.web.secrets import Signing, digest_of, new_secret

PEOPLE = 20


MOST_GROWTH = 24
"""MB that the server may grow after the first third of the answers.

What may still grow has an end: the caches of SQLite, 512 KiB for each of at most 15 connections, until the store
outgrows them (8 MB); and what malloc keeps in pieces for its threads, as much again. Five minutes measured 14 MB.
What each answer left behind would have none: 12 kB of it are found by the 2,000 answers of the other two thirds.
"""


class Worker(threading.Thread):
    """A person who labels as fast as the page would let them, by the interface of the page."""

    def __init__(self, url: str, label: str, cookie: tuple[str, str], csrf: str, until: float) -> None:
        super().__init__()
        self.client = httpx.Client(
            base_url=url, cookies=dict([cookie]), headers={"x-csrf-token": csrf, "origin": url}, timeout=120
        )
        self.label = label
        self.until = until
        self.kept: dict[str, str] = {}
        self.items: list[str] = []
        self.wrong: list[str] = []
        self.seconds: list[float] = []
        self.n_empty = 0

    def run(self) -> None:
        try:
            for task in self.tasks():
                self.items.append(task["item"])
                self.answer(task)
                time.sleep(0.05)
        except (httpx.HTTPError, LookupError, ValueError) as error:
            self.wrong.append(repr(error))
        self.client.close()

    def tasks(self) -> Iterator[dict]:
        while time.monotonic() < self.until:
            taken = self.client.post("/api/label/take", json={"n": 4}).raise_for_status().json()["tasks"]
            yield from taken
            if not taken:
                self.n_empty += 1
                time.sleep(0.2)

    def answer(self, task: dict) -> None:
        event_id = str(uuid.uuid4())
        event = {
            "kind": "decision", "event_id": event_id, "draw_id": task["draw_id"], "item": task["item"],
            "outcome": "label", "label": self.label, "shown_sha256": task["shown_sha256"],
        }  # fmt: skip
        began = time.perf_counter()
        said = self.client.post("/api/label/said", json={"events": [event]}).raise_for_status().json()
        self.seconds.append(time.perf_counter() - began)
        if [receipt["status"] for receipt in said["receipts"]] == ["kept"]:
            self.kept[event_id] = task["item"]
        else:
            self.wrong.append(str(said))


def resident(pid: int) -> int:
    """Return the memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def watch(served, workers: list[Worker]) -> list[tuple[int, int]]:
    """Return, for every second that they work, the answers kept by then and the server's memory in MB."""
    seen = []
    while any(worker.is_alive() for worker in workers):
        seen.append((sum(len(worker.kept) for worker in workers), resident(served.process.pid)))
        time.sleep(1)
    return seen


def hire(served, label: str, seconds: float) -> list[Worker]:
    names = [f"p{i}" for i in range(PEOPLE)]
    with open_store(read_config(served.folder / "wsal.toml").store_url, root=served.folder) as store:
        for name in names:
            store.accounts.add(name, "annotator")
            store.accounts.set_password(name, "unused")
    signed_in = [session_of(served, name) for name in names]
    until = time.monotonic() + seconds
    return [Worker(served.url, label, cookie, csrf, until) for cookie, csrf in signed_in]


def warm_up(served) -> None:
    """Look at the rules once, whose tests load what they need when a server starts: it is no growth."""
    cookie, value = session_of(served, "root")[0]
    with httpx.Client(base_url=served.url, cookies={cookie: value}, timeout=600) as root:
        root.get("/api/rules").raise_for_status()


def session_of(served, name: str) -> tuple[tuple[str, str], str]:
    """Sign a person in behind the form; return the cookie, and the token of its session."""
    secret, signing = new_secret(), Signing.of_project(served.folder)
    with open_store(read_config(served.folder / "wsal.toml").store_url, root=served.folder) as store:
        store.accounts.open_session(digest_of(secret), name, until=time.time() + 3600)
    return (signing.cookie, signing.sign(secret)), signing.form_token(digest_of(secret))


def work_at_once(served, label: str, seconds: float) -> None:
    """Let them work; assert that each answer that was confirmed is in the ledger once, and nothing else is."""
    warm_up(served)
    workers = hire(served, label, seconds)
    for worker in workers:
        worker.start()
    seen = watch(served, workers)
    assert [wrong for worker in workers for wrong in worker.wrong] == []
    kept = {event: item for worker in workers for event, item in worker.kept.items()}
    items = [item for worker in workers for item in worker.items]
    # By answers, not by the clock: how soon a server is warm is a matter of what else the machine does.
    early, *_, late = (memory for n, memory in seen if 3 * n >= len(kept))
    took = 1000 * np.quantile([one for worker in workers for one in worker.seconds], [0.5, 0.95])
    print(  # noqa: T201  # for -s
        f"{PEOPLE} people, {seconds} s: {len(kept)} answers, kept in p50 {took[0]:.0f} ms, p95 {took[1]:.0f} ms; "
        f"asked for more in vain {sum(w.n_empty for w in workers)} times; memory {early} MB, at the end {late} MB"
    )
    assert kept
    assert len(items) == len(set(items))
    with open_store(read_config(served.folder / "wsal.toml").store_url, root=served.folder) as store:
        assert {answer.event_id: answer.item for answer in store.answers(current=False)} == kept
        assert store.verify().ok
    assert late - early <= MOST_GROWTH


@pytest.mark.parametrize(("folder", "seconds"), [("sqlite", 30), ("postgresql", 15)], indirect=["folder"])
def test_twenty_people_at_once_lose_no_answer_and_never_meet(process, seconds):
    work_at_once(process, "spam", seconds)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_twenty_people_at_once_for_five_minutes_on_20_000_items(make_large, serve_process):
    work_at_once(serve_process(make_large(20_000)), "a", 300)
