from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError, InputError
from wsal.interop import FORMATS, find_format
from wsal.interop.arrays import cleanlab_inputs, sample_weights
from wsal.interop.spacy_files import pack_of_patterns
from wsal.items import read_items
from wsal.lf import load_rules
from wsal.types import LabelSpace

LABELS = LabelSpace(("ham", "spam"))
TWO_WAYS = [name for name, one in FORMATS.items() if one.reader]


def rows(table):
    return list(zip(*(table.columns[name].values for name in table.columns), strict=True))


def wanted(name):
    """What comes back: doccano keeps labels alone; of i1, which nobody answered, nothing."""
    if name == "doccano":
        return [("i0", "ham", "", "", ""), ("i2", "spam", "", "", "")]
    return [
        ("i0", "spam", "ana", "a prize", "2026-01-31T09:30:00+00:00"),
        ("i0", "ham", "ben", "", "2026-01-31T09:30:00+00:00"),
        ("i2", "spam", "", "", "2026-02-01T10:00:00+00:00"),
    ]


@pytest.mark.parametrize("name", TWO_WAYS)
def test_answers_come_back_with_ids_people_times_and_rationales(name, made, tmp_path):
    path = tmp_path / f"made{FORMATS[name].suffix}"
    FORMATS[name].write(made, path)
    assert rows(FORMATS[name].read(path, made.items, LABELS)) == wanted(name)


@pytest.mark.parametrize(
    ("name", "note"), [("label-studio", "1 annotations were cancelled"), ("prodigy", "1 tasks were ignored")]
)
def test_a_skip_is_no_answer_and_is_counted(name, note, made, tmp_path):
    path = tmp_path / "made"
    FORMATS[name].write(made, path)
    assert FORMATS[name].read(path, made.items, LABELS).notes == (note,)


def test_what_a_model_says_goes_to_doccano_as_no_label(made, tmp_path):
    path = tmp_path / "made.jsonl"
    FORMATS["doccano"].write(made, path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(one["label"], one["wsal_suggestion"]) for one in lines[:2]] == [(["ham"], "ham"), ([], "spam")]


def test_labels_of_people_go_to_doccano_as_they_gave_them(made, tmp_path):
    ana, ben, *others = made.answers
    elsewhere = replace(made, answers=(ana, replace(ben, label="spam"), *others))
    FORMATS["doccano"].write(elsewhere, tmp_path / "made.jsonl")
    first = json.loads((tmp_path / "made.jsonl").read_text().splitlines()[0])
    assert (first["wsal_id"], first["label"], first["wsal_suggestion"]) == ("i0", ["spam"], "ham")


@pytest.mark.parametrize("name", ["label-studio", "prodigy", "doccano", "argilla"])
def test_half_a_character_goes_out_as_the_sign_for_an_unknown_one(name, made, tmp_path):
    texts = ["a\ud83d b", "c\ude00", "\U0001f600", "\ufeffd"]
    items = read_items(pd.DataFrame({"id": made.ids, "text": texts, "other": texts}, dtype=object))
    FORMATS[name].write(replace(made, items=items), tmp_path / "made")
    written = (tmp_path / "made").read_text(encoding="utf-8")
    assert all(text in written for text in ("a\ufffd b", "c\ufffd", "\U0001f600", "\ufeffd"))


def test_unknown_formats_and_ways_are_refused(made, tmp_path):
    with pytest.raises(InputError, match="label-studoi") as caught:
        find_format("label-studoi")
    assert "label-studio" in str(caught.value)
    with pytest.raises(InputError, match="written, not read"):
        FORMATS["spacy"].read(tmp_path / "x", made.items, LABELS)


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_a_task_without_id_is_found_by_its_text_unless_several_items_have_it(made, tmp_path):
    task = {"text": "Lunch?", "label": "ham", "answer": "accept"}
    read = FORMATS["prodigy"].read(write(tmp_path / "p.jsonl", [task]), made.items, LABELS)
    assert rows(read) == [("i1", "ham", "", "", "")]
    twice = write(tmp_path / "q.jsonl", [{**task, "text": "Free prize"}])
    with pytest.raises(DataError, match="line 1: 2 items have this text") as caught:
        FORMATS["prodigy"].read(twice, made.items, LABELS)
    assert "wsal_id" in str(caught.value)
    unknown = write(tmp_path / "r.jsonl", [{**task, "text": "Dinner?", "id": "zz"}])
    with pytest.raises(DataError, match="unknown item 'zz'"):
        FORMATS["prodigy"].read(unknown, made.items, LABELS)


def test_a_binary_reject_is_a_class_only_where_there_are_two(made, tmp_path):
    path = write(tmp_path / "p.jsonl", [{"text": "Lunch?", "label": "spam", "answer": "reject"}])
    assert rows(FORMATS["prodigy"].read(path, made.items, LABELS)) == [("i1", "ham", "", "", "")]
    with pytest.raises(DataError, match="1 rejects say only which class it is not"):
        FORMATS["prodigy"].read(path, made.items, LabelSpace(("ham", "spam", "other")))


def test_label_studio_exports_of_others_are_read(made, tmp_path):
    path = tmp_path / "tasks.json"
    choice = {"type": "choices", "value": {"choices": ["spam"]}}
    task = {
        "id": 7,
        "data": {"text": "Lunch?", "uid": "i2"},
        "annotations": [
            {
                "completed_by": 10,
                "was_cancelled": False,
                "created_at": "2021-03-09T22:16:08Z",
                "result": [choice],
            },
            {"completed_by": {"id": 3, "email": "bo@example.org"}, "result": [choice]},
            {"completed_by": 10, "was_cancelled": True, "result": []},
            {"completed_by": 11, "result": [choice, choice]},
        ],
    }
    path.write_text(json.dumps([task]), encoding="utf-8")
    table = FORMATS["label-studio"].read(path, made.items, LABELS)
    assert rows(table) == [
        ("i2", "spam", "10", "", "2021-03-09T22:16:08Z"),
        ("i2", "spam", "bo@example.org", "", ""),
    ]
    assert table.notes == ("1 annotations were cancelled", "1 annotations do not have exactly one choice")


def test_argillas_flat_keys_are_read(made, tmp_path):
    flat = {
        "id": "i1",
        "text": "Lunch?",
        "label.responses": ["ham", "spam"],
        "label.responses.users": ["u1", "u2"],
    }
    table = FORMATS["argilla"].read(write(tmp_path / "a.jsonl", [flat]), made.items, LABELS)
    assert [row[:3] for row in rows(table)] == [("i1", "ham", "u1"), ("i1", "spam", "u2")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ("[1]", "record 1 is no object"),
        ("[" * 100_000, "nested too deeply|no JSON"),
        ("", "holds no answer"),
    ],
)
@pytest.mark.parametrize("name", ["label-studio", "prodigy", "doccano", "argilla"])
def test_what_is_no_such_file_is_refused_by_name(name, text, message, made, tmp_path):
    path = tmp_path / "made"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        FORMATS[name].read(path, made.items, LABELS)
    assert str(path) in str(caught.value)


def test_a_crowd_table_without_its_columns_is_refused(made, tmp_path):
    path = tmp_path / "crowd.csv"
    path.write_text("task,worker,lable\ni1,ana,ham\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column 'label'") as caught:
        FORMATS["crowd"].read(path, made.items, LABELS)
    assert "lable" in str(caught.value)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # crowd-kit's use of pandas
def test_crowd_kit_aggregates_the_crowd_table(made, tmp_path):
    aggregation = pytest.importorskip("crowdkit.aggregation")
    import pandas as pd

    FORMATS["crowd"].write(made, tmp_path / "crowd.csv")
    table = pd.read_csv(tmp_path / "crowd.csv")
    assert aggregation.MajorityVote().fit_predict(table)["i2"] == "spam"


def test_hugging_face_reads_classes_and_probabilities(made, tmp_path):
    datasets = pytest.importorskip("datasets")
    FORMATS["hugging-face"].write(made, tmp_path / "made.parquet")
    read = datasets.Dataset.from_parquet(str(tmp_path / "made.parquet"), cache_dir=str(tmp_path / "cache"))
    assert read.features["label"] == datasets.ClassLabel(names=["ham", "spam"])
    assert read["label"] == [0, 1, 0, -1]
    assert read[0]["probs"] == [0.8, 0.2]
    assert read["n_links"] == [1, 0, 2, 0]


def test_cleanlab_takes_the_arrays(made, tmp_path):
    rank = pytest.importorskip("cleanlab.rank")
    ids, labels, probabilities = cleanlab_inputs(made)
    assert (ids, labels.tolist()) == (["i0", "i2"], [0, 1])
    scores = rank.get_label_quality_scores(np.tile(labels, 4), np.tile(probabilities, (4, 1)))
    assert scores.shape == (8,)
    FORMATS["cleanlab"].write(made, tmp_path / "made.npz")
    read = np.load(tmp_path / "made.npz")  # allow_pickle is False by default
    assert read["labels"].tolist() == [0, 1, 0, -1]
    assert read["pred_probs"].shape == (4, 2)


def test_sample_weights_train_a_classifier_on_soft_labels(made):
    from sklearn.linear_model import LogisticRegression

    where, classes, weights = sample_weights(made)
    assert weights.sum() == pytest.approx(3)
    X = np.array(made.items.column("n_links"))[where, None]
    model = LogisticRegression().fit(X, classes, sample_weight=weights)
    assert model.predict_proba(X).shape == (6, 2)


def test_spacy_reads_the_docs_with_their_categories(made, tmp_path):
    import spacy
    from spacy.tokens import DocBin

    FORMATS["spacy"].write(made, tmp_path / "made.spacy")
    docs = list(DocBin().from_disk(tmp_path / "made.spacy").get_docs(spacy.blank("en").vocab))
    assert [doc.text for doc in docs] == ["Free prize", "Lunch?", "Free prize"]
    assert docs[0].cats == pytest.approx({"ham": 0.8, "spam": 0.2})
    assert docs[0].user_data["id"] == "i0"


def test_argilla_reads_its_records(made, tmp_path):
    records = pytest.importorskip("argilla.records")
    FORMATS["argilla"].write(made, tmp_path / "made.json")
    read = [records.Record.from_dict(one) for one in json.loads((tmp_path / "made.json").read_text())]
    assert [record.id for record in read] == ["i0", "i1", "i2", "i3"]
    assert read[0].suggestions["label"].value == "ham"
    assert [response.value for response in read[0].responses["label"]] == ["spam", "ham"]


def test_patterns_become_rules_that_vote_as_spacys_ruler(made, tmp_path):
    import wsal

    path = write(
        tmp_path / "patterns.jsonl",
        [
            {"label": "spam", "pattern": [{"LOWER": "free"}, {"LOWER": "prize"}]},
            {"label": "ham", "pattern": "Lunch", "id": "lunch time"},
            {"label": "spam", "pattern": "lunch"},
        ],
    )
    pack = tmp_path / "rules.yaml"
    pack.write_text(pack_of_patterns(path, LABELS, author="ana"), encoding="utf-8")
    rules = load_rules(pack)
    assert [rule.name for rule in rules] == ["spam", "lunch-time", "spam-2"]
    votes = wsal.apply(rules, made.items).to_numpy()
    assert votes.tolist() == [[1, -1, -1], [-1, 0, -1], [1, -1, -1], [-1, -1, -1]]
    with pytest.raises(DataError, match="'SPAM' is none of ham, spam"):
        pack_of_patterns(write(tmp_path / "x.jsonl", [{"label": "SPAM", "pattern": "free"}]), LABELS)
    with pytest.raises(DataError, match="no pattern"):
        pack_of_patterns(write(tmp_path / "y.jsonl", [{"label": "spam", "pattern": []}]), LABELS)
