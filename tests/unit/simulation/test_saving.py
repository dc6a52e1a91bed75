"""RecordFile: nothing that was recorded is lost, and no two simulations are mixed."""

from dataclasses import replace

import numpy as np
import pytest

from wsal.errors import DataError, StoreError
from wsal.features import DuplicateGroups, FeatureMatrix
from wsal.simulation import Learner, RecordFile, Wsal, fingerprint, replay

ABOUT = {"data": "abc", "noise": 0.1}


@pytest.fixture(scope="module")
def records(data):
    return list(replay(data, Learner("wsal", Wsal()), budgets=(10, 20)))


def test_records_come_back_as_they_were(tmp_path, records):
    file = RecordFile(tmp_path / "new" / "r.jsonl", ABOUT)
    for record in records:
        file.append(record)
    again = RecordFile(tmp_path / "new" / "r.jsonl", dict(reversed(ABOUT.items())))
    assert repr(again.records) == repr(file.records) == repr(tuple(records))


@pytest.mark.parametrize("lost", [1, 40])
def test_a_last_line_that_is_not_whole_is_written_over(tmp_path, records, lost):
    path = tmp_path / "r.jsonl"
    file = RecordFile(path, ABOUT)
    for record in records[:2]:
        file.append(record)
    path.write_bytes(path.read_bytes()[:-lost])
    again = RecordFile(path, ABOUT)
    assert repr(again.records) == repr(tuple(records[:1]))
    again.append(records[1])
    assert repr(RecordFile(path, ABOUT).records) == repr(tuple(records[:2]))


def test_a_file_of_another_simulation_is_refused_and_left_as_it_is(tmp_path, records):
    path = tmp_path / "r.jsonl"
    RecordFile(path, ABOUT).append(records[0])
    before = path.read_bytes()
    with pytest.raises(DataError, match="is of another simulation"):
        RecordFile(path, ABOUT | {"noise": 0.2})
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello\n", b'{"a": 1}\n', b"\xff\xfe\n"])
def test_another_file_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError):
        RecordFile(path, ABOUT)
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"r\.jsonl cannot be"):
        RecordFile(tmp_path / "file" / "r.jsonl", ABOUT)


def test_the_fingerprint_follows_everything_that_a_replay_depends_on(data):
    def changed(**kwargs):
        return fingerprint(replace(data, **kwargs))

    gold = data.gold.copy()
    gold[0] = 1 - gold[0]
    other_votes = data.votes.from_array(1 - np.abs(data.votes.values), data.votes.labels)
    matrix = data.features.matrix.copy()
    matrix[0, 0] += 1
    different = {
        fingerprint(data),
        changed(gold=gold),
        changed(votes=other_votes),
        changed(features=FeatureMatrix(matrix, data.features.names)),
        changed(test=None),
        changed(test=replace(data.test, gold=data.test.gold[::-1].copy())),
        changed(metric="f1"),
        changed(name="other"),
    }
    groups = DuplicateGroups(data.votes.item_ids, np.zeros(200, int), np.zeros(200, int), np.ones(200))
    different.add(changed(duplicates=groups))
    assert len(different) == 9
    assert fingerprint(data) == changed(notes=("other words",))
