"""How many answers a second the ledger takes, each on disk before it is acknowledged.

Writers (threads of one process, as in a web server) append one answer after the other and wait for each. Beside it,
in the same run: the same rows of a plain SQLite table with one commit each (``INSERT`` from one thread, which is as
quick as SQLite gets that way), the ledger with a single writer, and the ledger on PostgreSQL.
``synchronous=FULL``, PostgreSQL with ``synchronous_commit=on``: every commit waits for the disk. The last column
says what the disk itself can do: a write of 4 kB and fsync, once more for each run.
Run: ``python benchmarks/ledger.py [--writers 20] [--seconds 5] [--rounds 3] [--dir FOLDER]``; WSAL_POSTGRES_URL names
the server. Wall-clock time; ``--rounds`` runs of each, in turn; the table has the median run by events a second.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError
from targets import at_least

from wsal.audit import AnswerGiven, Event
from wsal.store import Store, open_store

TARGET = 2000  # events a second with 20 writers on SQLite
POSTGRES = os.environ.get("WSAL_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")


@dataclass(frozen=True)
class Measured:
    """What one run took: events, wall-clock seconds, seconds of each append, seconds of one fsync (median)."""

    n: int
    seconds: float
    latencies: np.ndarray
    fsync: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.n / self.seconds


def answer(who: int, i: int) -> Event:
    """Make an answer as the web makes it."""
    payload = AnswerGiven(
        str(uuid.uuid4()), f"item-{i}", "label", f"person-{who}", "spam", seconds=1.5, hints_shown=True
    )
    return Event.of(payload, actor=payload.annotator)


def fsync_seconds(folder: Path, n: int = 30) -> float:
    """Return the median time of one write of 4 kB that is waited for."""
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(n):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return float(np.median(times))


def measure(append: Callable[[int, int], object], writers: int, seconds: float, folder: Path) -> Measured:
    """Let writers append for some seconds."""
    fsync = fsync_seconds(folder)
    taken: list[list[float]] = [[] for _ in range(writers)]
    ready = threading.Barrier(writers + 1)

    def write(who: int) -> None:
        ready.wait()
        last = time.perf_counter()
        while last < end[0]:
            append(who, len(taken[who]))
            now = time.perf_counter()
            taken[who].append(now - last)
            last = now

    threads = [threading.Thread(target=write, args=(who,)) for who in range(writers)]
    end = [0.0]
    for thread in threads:
        thread.start()
    start = time.perf_counter()
    end[0] = start + seconds
    ready.wait()
    for thread in threads:
        thread.join()
    latencies = np.concatenate([np.array(times) for times in taken])
    return Measured(len(latencies), time.perf_counter() - start, latencies, fsync)


def in_store(store: Store, writers: int, seconds: float, folder: Path) -> Measured:
    """Measure a store, and see that what it acknowledged is there and verifies."""
    done = measure(lambda who, i: store.append(answer(who, i)), writers, seconds, folder)
    report = store.verify()
    if not report.ok or report.n_rows != done.n:
        raise SystemExit(f"{report.n_rows} rows of {done.n}: {report}")
    return done


def on_sqlite(writers: int, seconds: float, folder: Path) -> Measured:
    """Measure the ledger in a new SQLite store."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as root,
        open_store("sqlite:///store.db", create=True, root=root) as store,
    ):
        return in_store(store, writers, seconds, folder)


def plain_sqlite(_writers: int, seconds: float, folder: Path) -> Measured:
    """Measure one commit an event into a table without hashes, guards or projections, by one thread."""
    with tempfile.TemporaryDirectory(dir=folder) as root:
        connection = sqlite3.connect(Path(root, "plain.db"), isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        insert = "INSERT INTO events (body) VALUES (?)"
        try:
            return measure(
                lambda who, i: connection.execute(insert, (answer(who, i).body(),)), 1, seconds, folder
            )
        finally:
            connection.close()


@contextmanager
def postgres_schema() -> Iterator[str]:
    """Make an empty schema on the server, and drop it afterwards."""
    engine = create_engine(make_url(POSTGRES).set(drivername="postgresql+psycopg"))
    schema = f"wsal_bench_{uuid.uuid4().hex}"
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    finally:
        engine.dispose()


def postgres_answers() -> bool:
    """Say whether there is a server."""
    try:
        with postgres_schema():
            return True
    except (ImportError, OperationalError):
        return False


def on_postgres(writers: int, seconds: float, folder: Path) -> Measured:
    """Measure the ledger in a new schema of the PostgreSQL server."""
    with (
        postgres_schema() as url,
        tempfile.TemporaryDirectory(dir=folder) as root,
        open_store(url, create=True, root=root) as store,
    ):
        return in_store(store, writers, seconds, folder)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dir", type=Path, default=Path.cwd(), help="a folder on the disk to be measured")
    given = parser.parse_args()
    many = f"{given.writers} writers"
    ways: dict[str, tuple[Callable[[int, float, Path], Measured], int]] = {
        f"ledger on SQLite, {many}": (on_sqlite, given.writers),
        "ledger on SQLite, 1 writer": (on_sqlite, 1),
        "plain SQLite, a commit an event": (plain_sqlite, 1),
    }
    if postgres_answers():
        ways[f"ledger on PostgreSQL, {many}"] = (on_postgres, given.writers)
    else:
        print("no PostgreSQL server at WSAL_POSTGRES_URL: its row is missing")
    runs: dict[str, list[Measured]] = {name: [] for name in ways}
    for _ in range(given.rounds):
        for name, (run, writers) in ways.items():
            runs[name].append(run(writers, given.seconds, given.dir))
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print("| store | events/s (median run) | least–most | p50 ms | p95 ms | p99 ms | fsync ms |")
    print("|---|---|---|---|---|---|---|")
    for name, done in runs.items():
        done.sort(key=lambda run: run.rate)
        middle = done[len(done) // 2]
        p50, p95, p99 = 1000 * np.percentile(middle.latencies, [50, 95, 99])
        print(
            f"| {name} | {middle.rate:,.0f} | {done[0].rate:,.0f}–{done[-1].rate:,.0f} "
            f"| {p50:.1f} | {p95:.1f} | {p99:.1f} | {1000 * middle.fsync:.2f} |"
        )
    best = runs[f"ledger on SQLite, {many}"]
    at_least(f"ledger on SQLite, {many}, median run", best[len(best) // 2].rate, TARGET, "events/s")


if __name__ == "__main__":
    main()
