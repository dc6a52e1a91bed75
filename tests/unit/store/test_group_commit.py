import asyncio
import gc
import os
import threading
import time

import pytest

from wsal.audit import AnswerGiven, Event
from wsal.errors import StoreError
from wsal.store import open_store


def answer(item, **more):
    return Event.of(AnswerGiven(f"e{item}", item, "skip", "ana", **more), actor="ana")


def writers():
    return [thread for thread in threading.enumerate() if thread.name == "wsal-ledger"]


def test_a_coroutine_can_wait_for_its_events(store):
    async def all_of_them():
        return await asyncio.gather(
            *(asyncio.wrap_future(store.submit([answer(i)])) for i in range(10)),
        )

    assert sorted(asyncio.run(all_of_them())) == [(seq,) for seq in range(1, 11)]


def test_what_is_cancelled_before_it_is_written_is_left_out_and_the_others_are_written(store):
    with store._engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        first = store.submit([answer(0)])
        while not first.running():
            time.sleep(0.001)
        cancelled, kept = store.submit([answer(1)]), store.submit([answer(2)])
        assert cancelled.cancel()
    assert (first.result(), kept.result()) == ((1,), (2,))
    assert [row.item for row in store.answers()] == [0, 2]


def test_nothing_to_append_is_nothing_to_wait_for(store):
    assert store.submit([]).result(timeout=0) == ()


def test_closing_writes_what_was_submitted_and_ends_the_thread(tmp_path):
    before = len(writers())
    with open_store("sqlite:///store.db", create=True, root=tmp_path) as store:
        assert len(writers()) == before  # a store that is only read needs none
        futures = [store.submit([answer(i)]) for i in range(30)]
    assert [future.result(timeout=0) for future in futures] == [(seq,) for seq in range(1, 31)]
    assert len(writers()) == before
    assert store.append(answer(99)) == 31  # one that goes on after all gets a thread again
    store.close()
    assert len(writers()) == before


def test_a_store_that_nobody_closed_leaves_no_thread_behind(tmp_path):
    before = len(writers())
    store = open_store("sqlite:///store.db", create=True, root=tmp_path)
    store.append(answer(1))
    assert len(writers()) == before + 1
    del store
    gc.collect()
    assert len(writers()) == before


def test_a_child_process_can_append_too(tmp_path):
    with open_store("sqlite:///store.db", create=True, root=tmp_path) as store:
        store.append(answer(1))
        store._engine.dispose()
        child = os.fork()
        if child == 0:
            try:
                store.append(answer(2))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert [row.item for row in store.answers()] == [1, 2]
        assert store.append(answer(3)) == 3


def test_a_full_disk_is_told_to_all_callers_and_the_store_goes_on_when_there_is_room(store):
    store.append(answer(0))
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    lock = store._engine.connect()
    lock.exec_driver_sql("ROLLBACK")
    lock.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    lock.exec_driver_sql("BEGIN IMMEDIATE")
    sent = [store.submit([answer(i, rationale="x" * 100_000)]) for i in range(1, 6)]
    lock.close()
    for future in sent:
        with pytest.raises(StoreError, match=r"the disk is full(.|\n)*nothing was written"):
            future.result()
    assert store.head().seq == 1
    store._engine.dispose()
    assert store.append(answer(1)) == 2
    assert store.verify().ok
