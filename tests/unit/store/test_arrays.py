import numpy as np
import pytest

from wsal.audit import FileRef
from wsal.errors import DataError, LedgerError, StoreError
from wsal.store import read_arrays, sha256_of, write_arrays


def test_arrays_come_back_as_they_were(tmp_path):
    arrays = {
        "a.w": np.array([[0.1, -1e-300], [np.inf, 3.0]]), "flags": np.array([True, False]),
        "none": np.zeros((0, 4)), "n": np.array(7),
    }  # fmt: skip
    about = {"v": 1, "names": ["ü", "b"], "nested": {"x": None}}
    file = write_arrays(arrays, about, root=tmp_path, run="r1", name="arrays.npz")
    assert file == FileRef(".wsal/runs/r1/arrays.npz", sha256_of(tmp_path / ".wsal/runs/r1/arrays.npz"))
    found, told = read_arrays(file, root=tmp_path)
    assert told == about
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


def test_the_same_arrays_are_the_same_bytes(tmp_path):
    one, other = (write_arrays({"a": np.eye(3)}, {}, root=tmp_path, run=run, name="x.npz") for run in "ab")
    assert one.sha256 == other.sha256


def test_what_only_pickle_could_write_is_refused(tmp_path):
    with pytest.raises(StoreError, match="'a' cannot be written"):
        write_arrays({"a": np.array([object()])}, {}, root=tmp_path, run="r1", name="x.npz")
    with pytest.raises(StoreError, match="'wsal' cannot be written"):
        write_arrays({"wsal": np.eye(2)}, {}, root=tmp_path, run="r1", name="x.npz")
    with pytest.raises(DataError):
        write_arrays({"a": np.eye(2)}, {"x": object()}, root=tmp_path, run="r1", name="x.npz")
    assert not list(tmp_path.rglob("*.npz"))


def test_changed_bytes_and_other_files_are_refused(tmp_path):
    file = write_arrays({"a": np.eye(2)}, {}, root=tmp_path, run="r1", name="x.npz")
    path = tmp_path / file.path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LedgerError, match="was changed"):
        read_arrays(file, root=tmp_path)
    for damaged in (b"PK\x03\x04", b"", b"{}"):
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match="none of wsal's files of arrays"):
            read_arrays(FileRef(file.path, sha256_of(path)), root=tmp_path)
    np.savez(path, a=np.eye(2))
    with pytest.raises(StoreError, match="none of wsal's files of arrays"):
        read_arrays(FileRef(file.path, sha256_of(path)), root=tmp_path)
