import subprocess
import sys

import numpy as np
import pytest

from wsal.audit import FileRef, canonical, parse, plain
from wsal.errors import DataError


def test_keys_are_sorted_and_nothing_is_padded():
    assert canonical({"b": [1, 2.5, None], "a": True}) == b'{"a":true,"b":[1,2.5,null]}'


def test_the_order_of_insertion_leaves_no_trace():
    assert canonical({"x": 1, "y": {"b": 1, "a": 2}}) == canonical({"y": {"a": 2, "b": 1}, "x": 1})


def test_text_is_utf8_and_not_escaped():
    assert canonical("ä€😀\n") == '"ä€😀\\n"'.encode()


def test_numpy_scalars_are_written_as_the_numbers_they_are():
    value = {"i": np.int64(7), "f": np.float32(0.5), "b": np.bool_(True), "s": np.str_("x")}
    assert canonical(value) == b'{"b":true,"f":0.5,"i":7,"s":"x"}'


def test_dataclasses_are_written_as_mappings():
    assert canonical((FileRef("a", "b"),)) == b'[{"path":"a","sha256":"b"}]'


def test_a_plain_tree_shares_nothing_with_its_source():
    source = {"a": [1]}
    tree = plain(source)
    source["a"].append(2)
    assert tree == {"a": [1]}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"p": float("nan")}, "p is nan"),
        ([float("inf")], r"\[0\] is inf"),
        ({1: "x"}, "the key 1"),
        ({"t": "a\0b"}, "NUL"),
        ({"t": "\ud800"}, "no valid Unicode"),
        ({"t": {1, 2}}, "of type set"),
        (b"bytes", "of type bytes"),
    ],
)
def test_what_json_cannot_hold_is_refused_by_name(value, words):
    with pytest.raises(DataError, match=words):
        canonical(value)


@pytest.mark.parametrize("body", [b"\xff", b"{", b'{"a":1,"a":2}', b"[NaN]", b""])
def test_bytes_that_are_no_json_are_refused(body):
    with pytest.raises(DataError):
        parse(body)


def test_another_process_with_another_hash_seed_writes_the_same_bytes():
    program = (
        "import sys; from wsal.audit import canonical;"
        "sys.stdout.buffer.write(canonical({k: 0.1 for k in {'b', 'a', 'ü', 'c'}}))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {'{"a":0.1,"b":0.1,"c":0.1,"ü":0.1}'.encode()}
