"""Worker processes: the votes, failures and errors of one process, from any number of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest

from wsal.engines import apply
from wsal.engines.local.engine import vote_locally
from wsal.engines.progress import NO_PROGRESS
from wsal.errors import DataError, InputError, LabelingFunctionError, WsalError
from wsal.items import read_items
from wsal.lf import LabelingFunction, labeling_function, load_rules, preprocessor
from wsal.types import LabelSpace

LABELS = LabelSpace(("ham", "spam"))
N = 97
FRAME = pd.DataFrame(
    {
        "id": [f"i{i}" for i in range(N)],
        "text": [["free prize", "lunch?", None, "für dich", "x" * 30][i % 5] for i in range(N)],
        "n": [None if i % 7 == 0 else i for i in range(N)],
    }
)
PACK = """
wsal: 1
labels: [ham, spam]
rules:
  - {id: prize, label: spam, when: {keywords: [prize]}}
  - {id: question, label: ham, when: {all: [{regex: '[?]$'}, {not: {rule: prize}}]}}
  - {id: many, label: spam, when: {number: n, above: 40}}
"""


def functions(folder):
    (folder / "pack.yaml").write_text(PACK)

    @preprocessor(memoize=True)
    def words(x):
        x.words = (x.text or "").split()
        return x

    return [
        LabelingFunction("length", lambda x: int(len(x.words) > 1), pre=[words]),
        *load_rules(folder / "pack.yaml"),
        LabelingFunction("third", lambda x: None if x.n != x.n else int(x.n) % 2),
        LabelingFunction(
            "last", lambda x: "spam" if x.words and x.words[-1] == "prize" else None, pre=[words]
        ),
        LabelingFunction("fails", lambda x: int(len(x.text) > 9)),
    ]


@pytest.mark.parametrize("chunk", [8, 50, 1000])
@pytest.mark.parametrize("workers", [2, 3])
def test_votes_and_failures_do_not_depend_on_the_number_of_workers(tmp_path, workers, chunk):
    lfs, items = functions(tmp_path), read_items(FRAME)

    def run(n):
        voted = vote_locally(
            lfs, items, LABELS, fault_tolerant=True, progress=NO_PROGRESS, workers=n, chunk=chunk
        )
        return {one.position: (one.votes.tolist(), one.failure) for one in voted}

    alone, together = run(1), run(workers)
    assert list(together) == list(alone)
    for position, (votes, failure) in alone.items():
        assert together[position][0] == votes
        other = together[position][1]
        assert (other is None) == (failure is None)
        if failure is not None:
            assert (other.lf_name, other.count, other.first_item) == (
                failure.lf_name,
                failure.count,
                failure.first_item,
            )
    assert alone[len(lfs) - 1][1].count == 19


def test_the_work_is_done_in_other_processes():
    parent = os.getpid()

    @labeling_function()
    def elsewhere(_x):
        return int(os.getpid() != parent)

    assert apply([elsewhere], FRAME).to_numpy().max() == 0
    assert apply([elsewhere], FRAME, workers=2).to_numpy().min() == 1


def test_the_error_is_that_of_one_process_with_its_cause():
    class UnpicklableError(Exception):
        def __init__(self):
            super().__init__("cannot be sent")
            self.lock = threading.Lock()  # which cannot be sent

    def late(x):
        if x.id == "i60":
            raise UnpicklableError
        return 0

    lfs = [LabelingFunction("late", late), LabelingFunction("early", lambda x: len(x.text))]
    for workers in (1, 2):
        with pytest.raises(LabelingFunctionError) as caught:
            apply(lfs, FRAME, workers=workers)
        assert (caught.value.lf_name, caught.value.item_id) == ("late", "i60")
        assert isinstance(caught.value.__cause__, UnpicklableError)


def test_a_value_that_a_rule_cannot_read_is_named_with_its_row(tmp_path):
    (rule, *_) = functions(tmp_path)[1:]
    frame = FRAME.astype({"text": object})
    frame.loc[70, "text"] = 5
    for workers in (1, 2):
        with pytest.raises(DataError, match="row 71 holds 5"):
            list(
                vote_locally(
                    [rule], read_items(frame), LABELS, fault_tolerant=True, progress=NO_PROGRESS,
                    workers=workers, chunk=16,
                )
            )  # fmt: skip


def test_a_worker_that_is_killed_is_an_error_and_not_a_wait_for_ever():
    parent = os.getpid()

    @labeling_function()
    def deadly(x):
        if x.id == "i50" and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    with pytest.raises(WsalError, match="worker process was killed while 'deadly' voted on items"):
        apply([deadly], FRAME, workers=2)


SCRIPT = r"""
import os, pandas as pd, time, wsal
begun = []
def sleep(x):
    if not begun:
        begun.append(1)
        os.write(1, b"begun\n")
    time.sleep(0.2)
    return 0
slow = wsal.LabelingFunction("slow", sleep)
try:
    wsal.apply([slow], pd.DataFrame({"id": range(1000)}), workers=2)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_the_workers_without_a_word_of_theirs():
    command = [sys.executable, "-c", SCRIPT]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as child:
        begun = [child.stdout.readline() for _ in range(2)]  # each of the workers
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does
        out, err = child.communicate(timeout=240)
    assert begun == ["begun\n"] * 2
    assert (out, err) == ("interrupted\n", "")


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_what_is_no_number_of_workers_is_an_error(workers):
    with pytest.raises(InputError, match="no number of processes"):
        apply([LabelingFunction("a", lambda _x: 0)], FRAME, workers=workers)


def test_a_system_without_forks_says_so(monkeypatch):
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    with pytest.raises(InputError, match="cannot be forked"):
        apply([LabelingFunction("a", lambda _x: 0)], FRAME, workers=2)
    assert apply([LabelingFunction("a", lambda _x: 0)], FRAME).to_numpy().any() is np.False_
