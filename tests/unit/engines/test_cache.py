"""Votes are computed again exactly when something that they depend on changed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wsal.engines import DirectoryCache, apply
from wsal.errors import DataError, LabelingFunctionError, StoreError
from wsal.lf import LabelingFunction, load_rules

FRAME = pd.DataFrame({"id": ["a", "b", "c"], "text": ["free", "hello", None], "n": [1, 2, 3]})
VOTES = np.array([0, -1, 1], dtype=np.int8)


class Counting:
    """Counts the calls of a function and has the fingerprint that it is given."""

    def __init__(
        self, name: str, fingerprint: str | None, vote: object = 0, *, fails_on: str | None = None
    ) -> None:
        self.name, self.fingerprint, self.vote, self.fails_on, self.calls = (
            name,
            fingerprint,
            vote,
            fails_on,
            0,
        )

    def __call__(self, x):
        self.calls += 1
        if x.id == self.fails_on:
            raise ValueError("no")
        return self.vote


class Recording:
    """A cache in memory that says what was asked for and kept."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], np.ndarray] = {}
        self.hits: list[str] = []

    def get(self, lf_fingerprint, data_fingerprint):
        votes = self.kept.get((lf_fingerprint, data_fingerprint))
        if votes is not None:
            self.hits.append(lf_fingerprint)
        return votes

    def put(self, lf_fingerprint, data_fingerprint, votes):
        self.kept[lf_fingerprint, data_fingerprint] = votes


def test_a_second_run_computes_nothing_and_gives_the_same_votes(tmp_path):
    cache = DirectoryCache(tmp_path / "votes")
    lf = Counting("lf", "f1")
    first = apply([lf], FRAME, cache=cache)
    second = apply([lf], FRAME, cache=cache)
    assert lf.calls == 3
    assert np.array_equal(first.values, second.values)
    assert second.lf_fingerprints == ("f1",)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(text=["free", "hello", "x"]),
        lambda f: f.assign(id=["a", "b", "d"]),
        lambda f: f.iloc[::-1],
        lambda f: f.iloc[:2],
        lambda f: f.assign(extra=0),
    ],
)
def test_a_python_function_votes_again_when_any_cell_or_the_order_changes(change):
    cache, lf = Recording(), Counting("lf", "f1")
    apply([lf], FRAME, cache=cache)
    apply([lf], change(FRAME), cache=cache)
    assert lf.calls == 3 + len(change(FRAME))


def test_another_fingerprint_votes_again_and_another_name_does_not():
    cache = Recording()
    apply([Counting("lf", "f1", 0)], FRAME, cache=cache)
    changed, renamed = Counting("lf", "f2", 1), Counting("other", "f1", 1)
    assert apply([changed], FRAME, cache=cache).to_numpy().ravel().tolist() == [1, 1, 1]
    assert apply([renamed], FRAME, cache=cache).to_numpy().ravel().tolist() == [0, 0, 0]


def test_a_label_that_moves_to_another_index_moves_in_the_votes():
    cache = Recording()
    for labels, expected in ((["ham", "spam"], 1), (["spam", "ham"], 0)):
        votes = apply([Counting("lf", "f1", "spam")], FRAME, labels=labels, cache=cache)
        assert set(votes.to_numpy().ravel().tolist()) == {expected}


def test_a_rule_keeps_its_votes_when_a_column_changes_that_it_does_not_read(tmp_path):
    path = tmp_path / "pack.yaml"
    path.write_text(
        textwrap.dedent("""
        wsal: 1
        task: t
        labels: [ham, spam]
        rules:
          - {id: words, label: spam, when: {keywords: [free]}}
          - {id: count, label: ham, when: {number: n, above: 1}}
        """)
    )
    rules, cache = load_rules(path), Recording()
    apply(rules, FRAME, cache=cache)
    votes = apply(rules, FRAME.assign(n=[9, 0, 0]), cache=cache)
    assert cache.hits == [rules[0].fingerprint]
    assert votes.to_numpy().tolist() == [[1, 0], [-1, -1], [-1, -1]]
    path.write_text(path.read_text().replace("above: 1", "above: 100").replace("id: words", "id: word-list"))
    cache.hits.clear()
    again = apply(load_rules(path), FRAME, cache=cache)
    assert cache.hits == [rules[0].fingerprint]
    assert again.to_numpy().tolist() == [[1, -1], [-1, -1], [-1, -1]]


def test_a_function_without_a_fingerprint_is_never_kept():
    cache, lf = Recording(), Counting("lf", None)
    apply([lf], FRAME, cache=cache)
    apply([lf], FRAME, cache=cache)
    assert (lf.calls, cache.kept) == (6, {})


def test_votes_with_failures_are_never_kept():
    cache = Recording()
    lfs = [Counting("bad", "f1", fails_on="b"), Counting("good", "f2")]
    apply(lfs, FRAME, cache=cache, fault_tolerant=True)
    assert [key[0] for key in cache.kept] == ["f2"]
    with pytest.raises(LabelingFunctionError):
        apply(lfs, FRAME, cache=cache)


def test_a_rule_is_not_kept_when_a_rule_that_it_names_failed(tmp_path):
    (tmp_path / "own.py").write_text("def good(x):\n    return 10 / (x.n - 1) > 4\n")
    (tmp_path / "pack.yaml").write_text(
        textwrap.dedent("""
        wsal: 1
        task: t
        labels: [no, yes]
        rules:
          - {id: own, label: yes, when: {python: "own:good"}}
          - {id: not-own, label: no, when: {not: {rule: own}}}
          - {id: n, label: no, when: {any: [{number: n, at_least: 1}, {rule: own}]}}
        """)
    )
    cache, rules = Recording(), load_rules(tmp_path / "pack.yaml")
    votes = apply(rules, FRAME, cache=cache, fault_tolerant=True)
    assert {f.lf_name for f in votes.failures} == {"own", "not-own", "n"}
    assert cache.kept == {}


def test_an_interrupted_run_keeps_the_columns_that_were_finished(tmp_path):
    cache = DirectoryCache(tmp_path)
    first = Counting("first", "f1")

    class Interrupted(Counting):
        def __call__(self, x):  # noqa: ARG002  # the signature
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply([first, Interrupted("second", "f2")], FRAME, cache=cache)
    second = Counting("second", "f2", 1)
    votes = apply([first, second], FRAME, cache=cache)
    assert (first.calls, second.calls) == (3, 3)
    assert votes.to_numpy().tolist() == [[0, 1]] * 3


def test_items_that_cannot_be_hashed_are_voted_on_without_the_cache():
    cache, lf = Recording(), Counting("lf", "f1")
    votes = apply([lf], FRAME.assign(f=[object(), "x", 2]), cache=cache)
    assert (votes.n_items, cache.kept) == (3, {})


@pytest.mark.parametrize(
    "wrong",
    [
        np.array([0, 0], np.int8),
        np.array([0, 0, 2], np.int8),
        np.array([0, 0, -2], np.int8),
        np.array([0, 0, 0]),
    ],
)
def test_a_cache_that_gives_what_cannot_be_these_votes_is_not_believed(wrong):
    class Lying(Recording):
        def get(self, lf_fingerprint, data_fingerprint):  # noqa: ARG002  # the signature
            return wrong

    lf = Counting("lf", "f1", 1)
    assert apply([lf], FRAME, labels=["a", "b"], cache=Lying()).to_numpy().ravel().tolist() == [1, 1, 1]


# Appended items

PACK = """
wsal: 1
labels: [ham, spam]
rules:
  - {id: words, label: spam, when: {keywords: [free]}}
  - {id: count, label: ham, when: {number: n, above: 1}}
"""
MORE = pd.DataFrame({"id": ["d", "e"], "text": ["free", "x"], "n": [0, 7]})


def test_appended_items_alone_are_voted_on(tmp_path):
    cache, lf = DirectoryCache(tmp_path), Counting("lf", "f1", 1)
    apply([lf], FRAME, cache=cache)
    grown = pd.concat([FRAME, MORE])
    votes = apply([lf, Counting("new", "f2")], grown, cache=cache)
    assert lf.calls == 5
    assert votes.to_numpy().tolist() == [[1, 0]] * 5
    assert votes.item_ids.tolist() == list("abcde")
    apply([lf], pd.concat([grown, MORE.assign(id=["f", "g"])]), cache=cache)
    assert lf.calls == 7
    apply([lf], grown, cache=cache)
    assert lf.calls == 7


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(text=["free", "hello", "x", "free", "x"]),
        lambda f: f.iloc[::-1],
        lambda f: f.assign(n=["1", 2, 3, 0, 7]),  # a text among the numbers: another column
    ],
)
def test_items_that_changed_are_voted_on_again_although_others_were_appended(tmp_path, change):
    cache, lf = DirectoryCache(tmp_path), Counting("lf", "f1", 1)
    apply([lf], FRAME, cache=cache)
    apply([lf], change(pd.concat([FRAME, MORE])), cache=cache)
    assert lf.calls == 3 + 5


def test_votes_on_a_grown_table_are_those_of_a_fresh_start(tmp_path):
    (tmp_path / "pack.yaml").write_text(PACK)
    rules, cache = load_rules(tmp_path / "pack.yaml"), DirectoryCache(tmp_path / "votes")
    apply(rules, FRAME, cache=cache)
    grown = pd.concat([FRAME, MORE])
    assert np.array_equal(apply(rules, grown, cache=cache).values, apply(rules, grown).values)


def test_an_error_among_appended_items_names_the_row_of_the_whole_table(tmp_path):
    (tmp_path / "pack.yaml").write_text(PACK)
    rules, cache = load_rules(tmp_path / "pack.yaml"), DirectoryCache(tmp_path / "votes")
    mixed = FRAME.assign(n=["1", 2, 3])
    apply(rules, mixed, cache=cache)
    with pytest.raises(DataError, match="but row 5 holds 'many'"):
        apply(rules, pd.concat([mixed, MORE.assign(n=[0, "many"])]), cache=cache)


def test_failures_among_appended_items_are_counted_and_not_kept(tmp_path):
    cache = DirectoryCache(tmp_path)
    lf = Counting("lf", "f1", fails_on="e")
    apply([lf], FRAME, cache=cache)
    grown = pd.concat([FRAME, MORE])
    for calls in (5, 7):
        votes = apply([lf], grown, cache=cache, fault_tolerant=True)
        assert [(f.count, f.first_item) for f in votes.failures] == [(1, "e")]
        assert lf.calls == calls


def test_a_damaged_list_of_lengths_costs_time_alone(tmp_path):
    cache, lf = DirectoryCache(tmp_path), Counting("lf", "f1")
    apply([lf], FRAME, cache=cache)
    for damaged in ("[", "{}", '["3", -1, true]'):
        (tmp_path / "sizes.json").write_text(damaged)
        assert cache.sizes() == ()
    apply([lf], pd.concat([FRAME, MORE]), cache=cache)
    assert lf.calls == 3 + 5


def test_a_deleted_rule_drops_its_column_and_the_others_are_not_computed_again(tmp_path):
    cache = DirectoryCache(tmp_path)
    stays, goes = Counting("stays", "f1"), Counting("goes", "f2")
    apply([stays, goes], FRAME, cache=cache)
    votes = apply([stays], FRAME, cache=cache)
    assert (votes.lf_names, stays.calls, goes.calls) == (("stays",), 3, 3)


# DirectoryCache


def test_votes_come_back_as_they_were_kept_also_in_another_process(tmp_path):
    DirectoryCache(tmp_path).put("lf", "data", VOTES)
    read = f"DirectoryCache({str(tmp_path)!r}).get('lf', 'data')"
    code = f"from wsal.engines import DirectoryCache; print({read}.tolist())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[0, -1, 1]"
    got = DirectoryCache(tmp_path).get("lf", "data")
    assert got.dtype == np.int8
    assert DirectoryCache(tmp_path).get("lf", "other") is None
    assert DirectoryCache(tmp_path).get("other", "data") is None
    assert DirectoryCache(tmp_path / "absent").get("lf", "data") is None


def only_file(folder: Path) -> Path:
    (file,) = folder.glob("*.npz")
    return file


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.soak)])
def test_any_damage_to_a_file_is_a_miss_or_harmless(tmp_path, step):
    cache = DirectoryCache(tmp_path)
    votes = np.tile(VOTES, 20)
    cache.put("lf", "data", votes)
    file = only_file(tmp_path)
    whole = file.read_bytes()
    misses = 0
    for position in range(0, len(whole), step):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        file.write_bytes(damaged)
        got = cache.get("lf", "data")
        misses += got is None
        assert got is None or np.array_equal(got, votes), position
    assert misses > len(whole) / step / 4  # most of a small zip file is its directory
    for length in range(0, len(whole), step):
        file.write_bytes(whole[:length])
        assert cache.get("lf", "data") is None


@pytest.mark.parametrize(
    "votes",
    [
        [],
        [-1] * 9,
        [2] + [-1] * 20,
        [-1] * 20 + [0],
        [-1] * 70_000 + [1] + [-1] * 300 + [3, 0],
        [1, 0, -1],
    ],
)
def test_a_column_that_mostly_abstains_comes_back_whole(tmp_path, votes):
    column = np.array(votes, dtype=np.int8)
    DirectoryCache(tmp_path).put("lf", "data", column)
    got = DirectoryCache(tmp_path).get("lf", "data")
    assert got.dtype == np.int8
    assert got.tolist() == votes


def test_a_column_with_few_votes_takes_few_bytes(tmp_path):
    column = np.full(1_000_000, -1, dtype=np.int8)
    column[np.random.default_rng(0).choice(1_000_000, 1_000, replace=False)] = 1
    DirectoryCache(tmp_path).put("lf", "data", column)
    assert only_file(tmp_path).stat().st_size < 4_000


def age(folder: Path, hours: float) -> None:
    for file in folder.glob("*.npz"):
        os.utime(file, (file.stat().st_mtime - hours * 3600,) * 2)


def test_a_sweep_keeps_what_may_be_asked_for_again(tmp_path):
    cache = DirectoryCache(tmp_path)
    for lf in ("now", "recent", "long gone"):
        cache.put(lf, "data", VOTES)
    assert DirectoryCache(tmp_path).sweep({"now"}).n_columns == 0  # none is an hour old
    age(tmp_path, 1.1)
    assert cache.sweep({"now", "recent"}).n_columns == 0  # this process wrote them
    (tmp_path / "notes.txt").write_text("not ours")
    later = DirectoryCache(tmp_path)
    swept = later.sweep({"now", "recent"})
    assert swept.n_columns == 1
    assert swept.n_bytes > 0
    assert later.get("long gone", "data") is None
    assert later.get("now", "data").tolist() == later.get("recent", "data").tolist() == VOTES.tolist()
    assert (tmp_path / "notes.txt").exists()


def test_a_sweep_keeps_what_was_read_and_bounds_what_one_function_has(tmp_path):
    for day in range(9):
        age(tmp_path, 24)
        DirectoryCache(tmp_path).put("lf", f"data {day}", VOTES)
    age(tmp_path, 24)
    cache = DirectoryCache(tmp_path)
    assert cache.get("lf", "data 0") is not None
    assert cache.sweep({"lf"}).n_columns == 4
    left = [day for day in range(9) if cache.get("lf", f"data {day}") is not None]
    assert left == [0, 5, 6, 7, 8]


def test_a_foreign_file_is_a_miss(tmp_path):
    cache = DirectoryCache(tmp_path)
    cache.put("lf", "data", VOTES)
    file = only_file(tmp_path)
    other = tmp_path / "other.npz"
    key = np.array(["lf", "data", "3"])
    for arrays in (
        {"votes": VOTES, "key": np.array(["lf", "elsewhere", "3"])},
        {"votes": VOTES, "key": np.array(["lf", "data", "4"])},
        {"votes": VOTES.astype(np.int64), "key": key},
        {"votes": VOTES.reshape(3, 1), "key": key},
        {"votes": np.array([object()] * 3), "key": key},
        {"votes": VOTES, "gaps": np.array([0, 1], dtype=np.uint8), "key": key},
        {"votes": VOTES, "gaps": np.array([0, 1, 2], dtype=np.uint8), "key": key},
        {"votes": VOTES, "gaps": np.array([0, 1, -1], dtype=np.int8), "key": key},
        {"votes": VOTES, "gaps": np.array([0, 1, 1], dtype=np.uint8), "key": np.array(["lf", "data", "x"])},
        {"key": key},
    ):
        np.savez(other, **arrays)
        other.replace(file)
        assert cache.get("lf", "data") is None
    np.save(tmp_path / "x.npy", VOTES)
    (tmp_path / "x.npy").replace(file)
    assert cache.get("lf", "data") is None
    file.unlink()
    file.mkdir()
    assert cache.get("lf", "data") is None


def test_a_damaged_file_is_computed_again_and_mended(tmp_path):
    cache, lf = DirectoryCache(tmp_path), Counting("lf", "f1")
    apply([lf], FRAME, cache=cache)
    only_file(tmp_path).write_bytes(b"damaged")
    apply([lf], FRAME, cache=cache)
    apply([lf], FRAME, cache=cache)
    assert lf.calls == 6


def test_a_process_killed_while_writing_leaves_the_old_votes_or_the_new(tmp_path):
    cache = DirectoryCache(tmp_path)
    cache.put("lf", "data", VOTES)
    code = textwrap.dedent(f"""
        import os, signal
        import numpy as np
        from wsal.engines import DirectoryCache
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
        DirectoryCache({str(tmp_path)!r}).put("lf", "data", np.zeros(3, np.int8))
    """)
    run = subprocess.run([sys.executable, "-c", code], check=False)
    assert run.returncode == -9
    assert cache.get("lf", "data").tolist() == VOTES.tolist()
    cache.put("lf", "data", VOTES)
    assert cache.get("lf", "data").tolist() == VOTES.tolist()


def test_what_killed_processes_left_is_swept_and_what_others_are_writing_is_not(tmp_path):
    DirectoryCache(tmp_path).put("lf", "data", VOTES)
    old, young, foreign = (tmp_path / name for name in (".part-old", ".part-young", "notes.txt"))
    for path in (old, young, foreign):
        path.write_bytes(b"x")
    for path, hours in ((old, 1.1), (young, 0.9), (foreign, 100), (only_file(tmp_path), 100)):
        os.utime(path, (time.time() - hours * 3600,) * 2)
    cache = DirectoryCache(tmp_path)
    assert (old.exists(), young.exists(), foreign.exists()) == (False, True, True)
    assert cache.get("lf", "data").tolist() == VOTES.tolist()


def test_the_folder_is_flushed_after_the_file_has_its_name(tmp_path, monkeypatch):
    flushed = []
    original = os.fsync

    def recorded(handle):
        flushed.append((Path(f"/proc/self/fd/{handle}").resolve(), len(list(tmp_path.glob("*.npz")))))
        original(handle)

    monkeypatch.setattr("os.fsync", recorded)
    cache = DirectoryCache(tmp_path)
    cache.put("lf", "data", VOTES)
    del flushed[2:]  # those of the list of lengths, which may be lost
    assert len(flushed) == 2
    assert flushed[0][0].name.startswith(".part-")
    assert flushed[1] == (tmp_path.resolve(), 1)


def test_a_folder_that_cannot_be_written_to_is_an_error_with_a_cure(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        StoreError, match=r"votes cannot be kept in .*file.*\n  hint: make the folder writable"
    ):
        DirectoryCache(tmp_path / "file" / "votes").put("lf", "data", VOTES)


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        DirectoryCache(tmp_path).put("lf", "data", VOTES)
    assert list(tmp_path.iterdir()) == []


def test_real_labelling_functions_are_kept_by_what_they_do(tmp_path):
    cache = DirectoryCache(tmp_path)
    for threshold in (1, 2, 1):
        lf = LabelingFunction("n", lambda x, least: int(x.n >= least), {"least": threshold})
        assert apply([lf], FRAME, cache=cache).to_numpy().ravel().tolist() == [
            int(n >= threshold) for n in (1, 2, 3)
        ]
    assert len(list(tmp_path.glob("*.npz"))) == 2
