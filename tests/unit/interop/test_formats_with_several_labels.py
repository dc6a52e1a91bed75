from __future__ import annotations

import json

import pytest

from wsal.errors import DataError, InputError
from wsal.interop import FORMATS
from wsal.types import LabelSpace

LABELS = LabelSpace(("sport", "money"))


def rows(table, *columns):
    return list(zip(*(table.columns[name].values for name in columns), strict=True))


@pytest.mark.parametrize("name", ["label-studio", "prodigy", "argilla"])
def test_sets_of_labels_come_back_as_what_they_say_of_each_label(name, sets, tmp_path):
    path = tmp_path / f"made{FORMATS[name].suffix}"
    FORMATS[name].write(sets, path)
    table = FORMATS[name].read(path, sets.items, LABELS, several=True)
    assert rows(table, "id", "label", "annotator", "rationale") == [
        ("i0", "sport", "ana", "a ball"),
        ("i0", "not money", "ana", "a ball"),
        ("i0", "sport", "ben", ""),
        ("i0", "money", "ben", ""),
        ("i1", "not sport", "ana", "why not"),
        ("i1", "not money", "ana", "why not"),
    ]


def test_doccano_has_the_labels_and_does_not_tell_none_from_not_asked(sets, tmp_path):
    path = tmp_path / "made.jsonl"
    FORMATS["doccano"].write(sets, path)
    read = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["label"] for one in read] == [["sport", "money"], [], []]
    assert [one["wsal_suggestion"] for one in read] == ["sport, money", "", "sport"]
    table = FORMATS["doccano"].read(path, sets.items, LABELS, several=True)
    assert rows(table, "id", "label") == [("i0", "sport"), ("i0", "money")]
    assert table.notes == ("2 texts have no label",)


def test_a_person_who_did_not_speak_of_all_labels_gave_no_set(sets):
    from dataclasses import replace

    part = replace(sets, answers=sets.answers | {"money": sets.answers["money"][:1]})
    assert [len(part.given(row)) for row in range(3)] == [1, 0, 0]
    assert sets.confidence(0) == pytest.approx(0.8 * 0.8)
    assert sets.confidence(1) == pytest.approx(0.7 * 0.7)


def test_a_binary_reject_of_prodigy_says_that_one_label_does_not_hold(sets, tmp_path):
    path = tmp_path / "p.jsonl"
    tasks = [
        {"text": "A bank", "label": "sport", "answer": "reject"},
        {"text": "A bank", "label": "money", "answer": "accept"},
    ]
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks))
    table = FORMATS["prodigy"].read(path, sets.items, LABELS, several=True)
    assert rows(table, "id", "label") == [("i1", "not sport"), ("i1", "money")]


def test_formats_with_one_label_an_item_refuse_several(sets, tmp_path):
    for name, one in FORMATS.items():
        if not one.sets:
            with pytest.raises(InputError, match="items have one label each there"):
                one.write(sets, tmp_path / name)
    (tmp_path / "c.csv").write_text("task,worker,label\ni0,ana,sport\n")
    with pytest.raises(InputError, match="formats with several labels: argilla"):
        FORMATS["crowd"].read(tmp_path / "c.csv", sets.items, LABELS, several=True)


def test_argilla_takes_lists_of_labels(sets, tmp_path):
    records = pytest.importorskip("argilla.records")
    FORMATS["argilla"].write(sets, tmp_path / "made.json")
    read = [records.Record.from_dict(one) for one in json.loads((tmp_path / "made.json").read_text())]
    assert read[0].suggestions["label"].value == ["sport", "money"]
    assert [response.value for response in read[0].responses["label"]] == [["sport"], ["sport", "money"]]


def test_what_is_no_list_of_labels_is_counted(sets, tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "i0", "label.responses": ["sport"]}) + "\n")
    with pytest.raises(DataError, match="1 responses do not hold what the question asks for"):
        FORMATS["argilla"].read(tmp_path / "a.jsonl", sets.items, LABELS, several=True)
