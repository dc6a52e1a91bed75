"""apply: names, labels, sources of items, and the progress bar."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pexpect
import pytest

import wsal
from wsal.engines import apply
from wsal.errors import InputError
from wsal.lf import LabelingFunction, labeling_function, load_rules
from wsal.types import LabelSpace

ITEMS = pd.DataFrame({"id": ["a", "b", "c"], "text": ["free", "hello", "free hello"]})


def pack(folder: Path, name: str, labels: str | None, *, label: str = "spam") -> list[LabelingFunction]:
    path = folder / f"{name}.yaml"
    head = f"labels: {labels}\n" if labels else ""
    path.write_text(
        f"wsal: 1\ntask: t\n{head}rules:\n  - {{id: {name}, label: {label}, when: {{keywords: [free]}}}}\n"
    )
    return load_rules(path)


def constant(name: str, vote: object) -> LabelingFunction:
    return LabelingFunction(name, lambda x: vote)  # noqa: ARG005  # an item it does not look at


def test_apply_reads_a_file_and_names_its_columns(tmp_path):
    (tmp_path / "items.csv").write_text("key,body\n07,free\n8,hello\n")
    lf = LabelingFunction("body", lambda x: int("free" in x.body))
    votes = wsal.apply([lf], tmp_path / "items.csv", id_column="key", text="body")
    assert votes.item_ids.tolist() == ["07", "8"]
    assert votes.to_numpy().tolist() == [[1], [0]]


def test_labels_come_from_the_packs(tmp_path):
    lfs = [
        *pack(tmp_path, "one", "[ham, spam]"),
        *pack(tmp_path, "two", "[ham, spam]"),
        constant("py", "ham"),
    ]
    votes = apply(lfs, ITEMS)
    assert votes.labels == LabelSpace(("ham", "spam"))
    assert votes.to_numpy().tolist() == [[1, 1, 0], [-1, -1, 0], [1, 1, 0]]


def test_labels_given_decide_the_index_of_a_rules_label(tmp_path):
    votes = apply(pack(tmp_path, "one", "[ham, spam]"), ITEMS, labels=["spam", "ham", "other"])
    assert votes.to_numpy().ravel().tolist() == [0, -1, 0]
    assert votes.labels.names == ("spam", "ham", "other")


def test_packs_that_disagree_on_labels_are_named(tmp_path):
    lfs = [*pack(tmp_path, "one", "[ham, spam]"), *pack(tmp_path, "two", "[spam, ham]")]
    with pytest.raises(
        InputError, match=r"two\.yaml:.*rule 'two' has the labels spam, ham; rule 'one' .*one\.yaml"
    ):
        apply(lfs, ITEMS)


def test_a_rule_whose_pack_names_no_labels_needs_them(tmp_path):
    rules = pack(tmp_path, "one", None)
    with pytest.raises(InputError, match=r"labels are not known.*'one'"):
        apply(rules, ITEMS)
    assert apply(rules, ITEMS, labels=["ham", "spam"]).to_numpy().ravel().tolist() == [1, -1, 1]


def test_a_rule_for_a_label_that_is_not_given_is_named_with_its_place(tmp_path):
    with pytest.raises(InputError, match="rule 'one' votes for 'spam'; the labels are ham, spaam") as caught:
        apply(pack(tmp_path, "one", "[ham, spam]"), ITEMS, labels=["ham", "spaam"])
    assert caught.value.location.line == 5
    assert "did you mean 'spaam'" in caught.value.hint


@pytest.mark.parametrize(("vote", "names"), [(-1, ("0", "1")), (0, ("0", "1")), (3, ("0", "1", "2", "3"))])
def test_without_labels_classes_are_numbered_up_to_the_largest_vote(vote, names):
    assert apply([constant("a", vote)], ITEMS).labels.names == names


def test_a_label_by_name_needs_labels():
    with pytest.raises(
        InputError, match="'a' returned 'spam' on item 'a', but the labels are not known"
    ) as caught:
        apply([constant("a", "spam")], ITEMS)
    assert "labels=" in caught.value.hint


def test_two_functions_of_one_name_are_both_named(tmp_path):
    lfs = [constant("one", 0), constant("x", 0), *pack(tmp_path, "one", "[ham, spam]")]
    with pytest.raises(
        InputError, match=r"two .* called 'one': number 1 \(.*'one'.*\) and number 3 \(.*one\.yaml:5"
    ):
        apply(lfs, ITEMS)


@pytest.mark.parametrize(
    ("lfs", "message"),
    [
        ([], "no labelling functions"),
        (constant("a", 0), "come in a list"),
        ("abc", "come in a list"),
        (5, "come in a list"),
        ([len], "number 1 .* no name"),
        ([constant("a", 0), "b"], "number 2 .* no name"),
    ],
)
def test_what_is_no_list_of_functions_is_an_error(lfs, message):
    with pytest.raises(InputError, match=message) as caught:
        apply(lfs, ITEMS)
    assert caught.value.hint


def test_an_unknown_engine_is_named():
    with pytest.raises(InputError, match=r"no engine 'lokal'.*\n.*did you mean 'local'"):
        apply([constant("a", 0)], ITEMS, engine="lokal")


def test_functions_may_come_from_a_generator():
    assert apply((constant(n, 0) for n in "ab"), ITEMS).lf_names == ("a", "b")


def test_a_column_that_an_item_does_not_have_is_named_with_the_nearest():
    @labeling_function()
    def typo(x):
        return len(x.txet)

    with pytest.raises(
        wsal.LabelingFunctionError, match="no column 'txet'; it has id, text; did you mean 'text'"
    ):
        apply([typo], ITEMS)


def test_votes_of_a_tolerant_run_count_failures_by_function_in_their_order():
    @labeling_function()
    def late(x):
        raise ValueError("late")

    @labeling_function()
    def early(x):
        raise KeyError("early")

    votes = apply([late, constant("ok", 1), early], ITEMS, fault_tolerant=True)
    assert [(f.lf_name, f.count) for f in votes.failures] == [("late", 3), ("early", 3)]
    assert votes.to_numpy().tolist() == [[-1, 1, -1]] * 3


def test_a_keyboard_interrupt_is_never_tolerated():
    def stop(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply([LabelingFunction("stop", stop)], ITEMS, fault_tolerant=True)


SCRIPT = """
import pandas as pd, time, wsal
from wsal.lf import LabelingFunction
slow = LabelingFunction("llm[0.5,0.8)", lambda x: time.sleep(0.02) or 0)
wsal.apply([slow], pd.DataFrame({"id": range(20)}), progress=False)
print("wanted from here on", flush=True)
wsal.apply([slow], pd.DataFrame({"id": range(40)}), progress=True)
"""


def test_progress_is_shown_on_a_terminal_where_it_is_wanted_and_only_there():
    child = pexpect.spawn(sys.executable, ["-c", SCRIPT], env={**os.environ, "TERM": "xterm"}, timeout=240)
    child.expect_exact("wanted from here on")
    assert child.before == b""
    child.expect("labelling functions")
    child.expect_exact("llm[0.5,0.8)")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_progress_prints_nothing_where_there_is_no_terminal(capfd):
    apply([constant("a", 0)], ITEMS, progress=True)
    assert capfd.readouterr() == ("", "")


def test_applying_touches_neither_the_items_nor_the_global_random_state():
    frame, state = ITEMS.copy(deep=True), np.random.get_state()[1].copy()  # noqa: NPY002  # that it stays is the point
    apply([constant("a", 0)], frame)
    pd.testing.assert_frame_equal(frame, ITEMS)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002  # as above
