import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wsal.audit import FileRef
from wsal.errors import DataError, LedgerError, StoreError
from wsal.labels import SoftLabels
from wsal.store import (
    read_json,
    read_soft_labels,
    read_votes,
    sha256_of,
    write_atomically,
    write_json,
    write_soft_labels,
    write_votes,
)
from wsal.store.files import artefacts
from wsal.types import LabelSpace
from wsal.votes import LFFailure, VoteMatrix

LABELS = ("ham", "spam")


def make_votes(item_ids, lf_names=("a", "b")):
    rows = np.random.default_rng(0).integers(-1, 2, (len(item_ids), len(lf_names)))
    prints = [None] + ["f"] * (len(lf_names) - 1)
    return VoteMatrix.from_array(rows, LABELS, lf_names=lf_names, item_ids=item_ids, lf_fingerprints=prints)


def assert_same(left, right):
    assert np.array_equal(left.values, right.values)
    assert left.values.dtype == right.values.dtype == np.int8
    assert left.item_ids.tolist() == right.item_ids.tolist()
    assert left.item_ids.dtype == right.item_ids.dtype
    assert (left.labels, left.lf_names, left.lf_fingerprints, left.failures) == (
        right.labels,
        right.lf_names,
        right.lf_fingerprints,
        right.failures,
    )


@pytest.mark.parametrize("item_ids", [["x", "ü", ""], [3, 1, 2**62], ["7", 7, "seven"], []])
def test_votes_come_back_as_they_were(tmp_path, item_ids):
    votes = make_votes(item_ids)
    file = write_votes(votes, root=tmp_path, run="r1")
    assert file.path == ".wsal/runs/r1/votes.parquet"
    assert_same(read_votes(file, root=tmp_path), votes)


@pytest.mark.parametrize("n_items", [0, 1, 300])
@pytest.mark.parametrize("largest", [0, 1 << 29])  # rows as they are; and each different one once
def test_votes_know_their_patterns_when_they_come_back(tmp_path, monkeypatch, n_items, largest):
    monkeypatch.setattr(artefacts, "_LARGEST_DICTIONARY", largest)
    monkeypatch.setattr(artefacts, "_ROW_GROUP", 128)
    votes = make_votes(range(n_items), ("a", "b", "c"))
    again = read_votes(write_votes(votes, root=tmp_path, run="r1"), root=tmp_path)
    for name in ("votes", "counts", "inverse"):
        found, expected = getattr(again.patterns(), name), getattr(votes.patterns(), name)
        assert np.array_equal(found, expected)
        assert found.dtype == expected.dtype
    assert_same(again, votes)


def test_votes_of_older_runs_are_read(tmp_path):
    """Version 1 kept a column of numbers for each function."""
    votes = make_votes(["x", "ü", ""], ("id", "b"))
    about = {"v": 1, "id": "id_", "id_json": False, "labels": LABELS, "lf_names": votes.lf_names}
    about |= {"lf_fingerprints": votes.lf_fingerprints, "failures": []}
    columns = {"id_": ["x", "ü", ""]} | dict(zip(votes.lf_names, votes.values.T, strict=True))
    table = pa.table(columns).replace_schema_metadata({"wsal": json.dumps(about)})
    pq.write_table(table, tmp_path / "votes.parquet")
    old = FileRef("votes.parquet", sha256_of(tmp_path / "votes.parquet"))
    assert_same(read_votes(old, root=tmp_path), votes)


@pytest.mark.parametrize(
    ("version", "cells", "message"),
    [
        (2, [b"\0\1", None], "missing"),
        (2, [b"\0", b"\0\1\1"], "widths"),
        (2, [b"\0\1", b"\0\2"], "no class of 2"),
        (2, [b"\0\1", b"\0\xfe"], "no class of 2"),
        (2, [1, 2], "cast"),
        (3, [b"\0\1", b"\0\1"], "a later wsal"),
    ],
)
@pytest.mark.parametrize("as_dictionary", [True, False])
def test_votes_that_cannot_be_are_refused(tmp_path, version, cells, message, as_dictionary):
    about = {"v": version, "id": "id", "id_json": False, "labels": LABELS, "lf_names": ["a", "b"]}
    about |= {"lf_fingerprints": [None, None], "failures": []}
    column = pa.array(cells)
    table = pa.table({"id": [1, 2], "votes": column.dictionary_encode() if as_dictionary else column})
    pq.write_table(table.replace_schema_metadata({"wsal": json.dumps(about)}), tmp_path / "votes.parquet")
    file = FileRef("votes.parquet", sha256_of(tmp_path / "votes.parquet"))
    with pytest.raises(StoreError, match=rf"votes\.parquet holds no votes that can be read: .*{message}"):
        read_votes(file, root=tmp_path)


def test_functions_may_have_any_name(tmp_path):
    votes = make_votes(["x", "y"], ("id", "id_", "p_spam", "ü b"))
    assert_same(read_votes(write_votes(votes, root=tmp_path, run="r1"), root=tmp_path), votes)


def test_failures_of_functions_come_back(tmp_path):
    plain = make_votes(["x", "y"])
    failures = (LFFailure("a", 2, "x", "Traceback …"),)
    votes = VoteMatrix(
        plain.values, plain.labels, plain.lf_names, plain.item_ids, plain.lf_fingerprints, failures
    )
    assert read_votes(write_votes(votes, root=tmp_path, run="r1"), root=tmp_path).failures == failures


def test_the_file_is_readable_by_anyone(tmp_path):
    file = write_votes(make_votes(["x", "y"]), root=tmp_path, run="r1")
    frame = pq.read_table(tmp_path / file.path).to_pandas()
    assert frame["id"].tolist() == ["x", "y"]
    rows = [np.frombuffer(votes, dtype=np.int8).tolist() for votes in frame["votes"]]
    assert rows == make_votes(["x", "y"]).values.tolist()
    assert (tmp_path / file.path).stat().st_mode & 0o444 == 0o444


def test_the_same_votes_give_the_same_bytes(tmp_path):
    votes = make_votes(["x", "y"])
    first, second = (write_votes(votes, root=tmp_path, run=run) for run in ("r1", "r2"))
    assert first.sha256 == second.sha256 == sha256_of(tmp_path / first.path)


def test_soft_labels_come_back_bit_for_bit(tmp_path):
    P = np.random.default_rng(0).dirichlet([1, 1, 1], 50)
    sources = np.array(["human", "rules", "model", "none", "rules"] * 10)
    soft = SoftLabels(P, LabelSpace(("a", "b", "id")), np.arange(50), sources)
    file = write_soft_labels(soft, root=tmp_path, run="r1")
    again = read_soft_labels(file, root=tmp_path)
    assert np.array_equal(again.probabilities, P)
    assert (again.labels, again.sources.tolist()) == (soft.labels, sources.tolist())
    assert np.array_equal(again.hard(ties="first"), soft.hard(ties="first"))
    assert pq.read_schema(tmp_path / file.path).names == ["id", "p_a", "p_b", "p_id", "source"]


def test_parameters_come_back_and_nan_is_refused(tmp_path):
    tree = {"weights": [0.1, 1e-300, -2.5], "labels": ["ham"], "n": 3}
    assert read_json(write_json(tree, root=tmp_path, run="r1"), root=tmp_path) == tree
    with pytest.raises(DataError, match="nan"):
        write_json({"x": float("nan")}, root=tmp_path, run="r2")
    assert not (tmp_path / ".wsal" / "runs" / "r2").exists()


@pytest.mark.parametrize("run", ["", "..", "a/b", "/etc", ".hidden", "a b"])
def test_a_run_cannot_lead_out_of_its_folder(tmp_path, run):
    with pytest.raises(StoreError, match="no name of a run"):
        write_json({}, root=tmp_path, run=run)


@pytest.mark.parametrize("position", [0, 100, -1])
def test_a_changed_byte_is_refused_when_read(tmp_path, position):
    file = write_votes(make_votes(["x", "y"]), root=tmp_path, run="r1")
    raw = bytearray((tmp_path / file.path).read_bytes())
    raw[position] ^= 1
    (tmp_path / file.path).write_bytes(raw)
    with pytest.raises(LedgerError, match=r"was changed after it was written(.|\n)*hint"):
        read_votes(file, root=tmp_path)


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"votes\.parquet cannot be read(.|\n)*hint: .*wsal apply"):
        read_votes(FileRef(".wsal/runs/r1/votes.parquet", "ab" * 32), root=tmp_path)


def test_a_file_of_something_else_is_refused(tmp_path):
    file = write_json([1, 2], root=tmp_path, run="r1")
    with pytest.raises(StoreError, match="none of wsal's Parquet files"):
        read_votes(file, root=tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a" / "f.txt"
    write_atomically(path, lambda temporary: temporary.write_text("old"))

    def fail(temporary):
        temporary.write_text("half of the n")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, fail)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/f\.txt cannot be written"):
        write_atomically(tmp_path / "file" / "f.txt", lambda temporary: temporary.touch())
