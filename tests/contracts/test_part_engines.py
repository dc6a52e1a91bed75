"""What every engine for data in parts promises: what the local engine says of the same items in memory."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import wsal
from wsal.engines import PART_ENGINES, VoteParts, write_soft_labels
from wsal.errors import DataError, InputError, LabelingFunctionError

LABELS = ["ham", "spam", "other"]

PACK = """
wsal: 1
task: messages
labels: [ham, spam, other]
rules:
  - {id: prize, label: spam, when: {keywords: [free, prize], at_least: 2}}
  - {id: link, label: spam, when: {regex: 'https?://'}}
  - {id: question, label: ham, when: {regex: '[?]$'}}
  - {id: many-links, label: spam, when: {number: n_links, above: 2}}
  - {id: colleague, label: ham, when: {in_list: "people.txt", field: sender}}
  - {id: annotator, when: {column: ana}}
  - {id: long, label: other, when: {python: "own:is_long", args: {limit: 30}}}
"""


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    dask = pytest.importorskip("dask")
    patience = {"distributed.comm.timeouts.connect": "240s", "distributed.comm.timeouts.tcp": "240s"}
    with (
        dask.config.set(patience),  # other tests share the machine
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as started,
        distributed.Client(started) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def session():
    sql = pytest.importorskip("pyspark.sql", reason='no PySpark: pip install "wsal[spark]"')
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java: Spark needs Java 17")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the one that has wsal
    started = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    yield started
    started.stop()


# Spark needs half a minute to begin with, and its smallest test 50 s in all: `make soak` runs them.
SPARK = pytest.param(
    "spark",
    marks=[
        pytest.mark.spark,
        pytest.mark.soak,
        pytest.mark.timeout(1800),
        pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
        pytest.mark.filterwarnings("ignore::ResourceWarning"),
    ],
)


@pytest.fixture(params=[SPARK if name == "spark" else name for name in sorted(PART_ENGINES)])
def engine(request) -> str:
    if request.param in {"dask", "spark"}:
        request.getfixturevalue({"dask": "cluster", "spark": "session"}[request.param])
    return request.param


@pytest.fixture
def rules(tmp_path: Path):
    (tmp_path / "people.txt").write_text("ana@work.example\nbo@work.example\n")
    (tmp_path / "own.py").write_text(
        "LEAST = 0\n\ndef is_long(x, limit):\n    return None if x.text is None else len(x.text) > limit + LEAST\n"
    )
    (tmp_path / "pack.yaml").write_text(PACK)
    return wsal.load_rules(tmp_path / "pack.yaml")


def functions():
    @wsal.labeling_function()
    def without_links(x):
        return 0 if x.n_links != x.n_links else -1  # a missing number is NaN, in every part

    @wsal.labeling_function(resources={"known": frozenset({"free"})})
    def free(x, known):
        return "spam" if known & set((x.text or "").lower().split()) else None

    return [without_links, free]


def frame(n: int) -> pd.DataFrame:
    texts = [
        "Free prize! http://a.b",
        "See you at lunch?",
        None,
        "free",
        "A prize, free of charge, for you alone",
    ]
    senders = ["ana@work.example", "win@a.b", None]
    return pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(n)],
            "text": [texts[i * 7 // 3 % 5] for i in range(n)],
            "sender": [senders[i // 2 % 3] for i in range(n)],
            # No number at all in the first row group.
            "n_links": [None if i < 2_000 or i % 5 == 0 else i % 4 for i in range(n)],
            "ana": [[None, "ham", "other", "spam"][i // 11 % 4] for i in range(n)],
        }
    )


def in_parts(folder: Path, data: pd.DataFrame, *, group: int = 700) -> Path:
    """Write items as two files of row groups of different sizes."""
    folder.mkdir()
    half = len(data) // 3
    data.iloc[:half].to_parquet(folder / "a.parquet", row_group_size=max(400, group // 2))
    data.iloc[half:].to_parquet(folder / "b.parquet", row_group_size=group)
    return folder


def matrix_of(votes: VoteParts) -> tuple[np.ndarray, list]:
    parts = list(votes.matrices())
    return np.concatenate([m.values for m in parts]), [i for m in parts for i in m.item_ids.tolist()]


def assert_same(votes: VoteParts, whole: wsal.VoteMatrix) -> None:
    values, ids = matrix_of(votes)
    assert ids == whole.item_ids.tolist()
    assert np.array_equal(values, whole.values)
    ours, theirs = votes.patterns(), whole.patterns()
    assert np.array_equal(ours.votes, theirs.votes)
    assert np.array_equal(ours.counts, theirs.counts)
    assert votes.lf_names == whole.lf_names
    assert votes.lf_fingerprints == whole.lf_fingerprints
    fitted = wsal.LabelModel().fit(ours)
    assert fitted.to_json() == wsal.LabelModel().fit(whole).to_json()


def test_votes_patterns_and_the_model_are_those_of_the_items_in_memory(engine, rules, tmp_path):
    data = frame(100_000 if engine == "spark" else 50_000)
    lfs = [*rules, *functions()]
    whole = wsal.apply(lfs, data)
    items = in_parts(tmp_path / "items", data, group=4_000)
    votes = wsal.apply(lfs, items, out=tmp_path / "votes", engine=engine)
    assert len(votes.parts) > 15
    assert_same(votes, whole)
    assert all((whole.values[:, j] >= 0).any() for j in range(whole.n_lfs)), (
        "a function that never votes tests nothing"
    )
    assert_same(VoteParts.open(tmp_path / "votes"), whole)


def test_soft_labels_are_those_of_the_items_in_memory(engine, rules, tmp_path):
    data = frame(3_000)
    whole = wsal.apply(rules, data)
    model = wsal.LabelModel().fit(whole)
    votes = wsal.apply(rules, in_parts(tmp_path / "items", data), out=tmp_path / "votes", engine=engine)
    written = write_soft_labels(
        votes,
        model.predict_proba(votes.patterns()),
        out=tmp_path / "labels",
        engine=engine,
        beside={"run": "fit-1"},
    )
    labels = pd.read_parquet(tmp_path / "labels")
    covered = whole.patterns().expand(whole.patterns().covered)
    expected = np.where(covered[:, None], model.predict_proba(whole), np.nan)
    assert written.n_items == len(labels) == 3_000
    assert labels["id"].tolist() == data["id"].tolist()
    assert np.array_equal(labels[[f"p_{name}" for name in LABELS]].to_numpy(), expected, equal_nan=True)
    assert labels["source"].tolist() == np.where(covered, "rules", "none").tolist()
    names = [None if y < 0 else LABELS[y] for y in model.predict(whole).tolist()]
    assert [None if pd.isna(name) else name for name in labels["label"]] == names
    assert set(labels["run"]) == {"fit-1"}
    again = write_soft_labels(
        votes,
        model.predict_proba(votes.patterns()),
        out=tmp_path / "labels",
        engine=engine,
        beside={"run": "fit-1"},
    )
    assert again.n_reused == len(votes.parts)
    assert again.manifest == written.manifest


def test_parts_that_are_written_are_not_computed_again(engine, rules, tmp_path):
    items = in_parts(tmp_path / "items", frame(3_000))
    first = wsal.apply(rules, items, out=tmp_path / "votes", engine=engine)
    assert first.n_reused == 0
    lost = first.parts[2]
    (tmp_path / "votes" / lost.items.path).unlink()
    (tmp_path / "votes" / first.parts[3].receipt.patterns.path).write_bytes(b"damaged")
    again = wsal.apply(rules, items, out=tmp_path / "votes", engine=engine)
    assert again.n_reused == len(first.parts) - 2
    assert again.parts == first.parts
    fewer = wsal.apply(rules[:3], items, out=tmp_path / "votes", engine=engine)
    assert fewer.n_reused == 0
    changed = pq.read_table(items / "a.parquet").to_pandas()
    changed.loc[0, "text"] = "free"
    changed.to_parquet(items / "a.parquet", row_group_size=400)
    edited = wsal.apply(rules, items, out=tmp_path / "votes", engine=engine)
    assert len(first.parts) > edited.n_reused > 0


def test_a_poisoned_item_is_named_with_its_rule_and_its_place(engine, rules, tmp_path):
    @wsal.labeling_function()
    def length(x):
        return len(x.text) % 2  # None has no length

    data = frame(3_000)
    data["text"] = data["text"].fillna("nothing")
    data.loc[1_900, "text"] = None
    data.loc[2_500, "text"] = None
    items = in_parts(tmp_path / "items", data)
    with pytest.raises(
        LabelingFunctionError, match=r"'length' raised on item 'm1900' \(.*b\.parquet, row group 1\)"
    ):
        wsal.apply([*rules, length], items, out=tmp_path / "votes", engine=engine)
    votes = wsal.apply([*rules, length], items, out=tmp_path / "votes", engine=engine, fault_tolerant=True)
    whole = wsal.apply([*rules, length], data, fault_tolerant=True)
    assert_same(votes, whole)
    (failure,), (expected,) = votes.failures, whole.failures
    assert (failure.lf_name, failure.count, failure.first_item) == ("length", 2, "m1900")
    assert failure.count == expected.count


def test_a_cell_that_cannot_be_read_is_named_with_its_place(engine, rules, tmp_path):
    data = frame(3_000)
    data.loc[2_345, "ana"] = "spma"
    items = in_parts(tmp_path / "items", data)
    with pytest.raises(DataError) as raised:
        wsal.apply(rules, items, out=tmp_path / "votes", engine=engine)
    message = str(raised.value)
    assert "item 'm2345'" in message
    assert "b.parquet, row group 1, row 646" in message
    assert "column 'ana', row 646 holds 'spma'" in message
    assert "did you mean 'spam'?" in message


def test_an_id_that_stands_in_two_parts_is_refused(engine, rules, tmp_path):
    data = frame(3_000)
    data.loc[2_345, "id"] = "m17"
    items = in_parts(tmp_path / "items", data)
    expected = (
        r"id 'm17' stands twice: .*a\.parquet, row group 0, row 18; and .*b\.parquet, row group 1, row 646"
    )
    with pytest.raises(DataError, match=expected):
        wsal.apply(rules, items, out=tmp_path / "votes", engine=engine)


@pytest.mark.parametrize(
    ("n", "group"),
    [
        (10_000, 700),
        pytest.param(1_000_000, 25_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)]),
    ],
)
def test_a_dask_worker_that_is_killed_changes_nothing(cluster, rules, tmp_path, n, group):
    killed = str(tmp_path / "killed")

    @wsal.labeling_function()
    def deadly(x):
        if x.id == "m9000" and not os.path.exists(killed):  # noqa: PTH110  # runs where nothing is imported
            with open(killed, "w", encoding="utf-8") as file:  # noqa: PTH123  # as above
                file.write(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return 1 if x.n_links == 3 else None

    data = frame(n)
    items = in_parts(tmp_path / "items", data, group=group)
    votes = wsal.apply([*rules, deadly], items, out=tmp_path / "votes", engine="dask")
    dead = int(Path(killed).read_text(encoding="utf-8"))
    assert dead != os.getpid()
    assert not Path(f"/proc/{dead}").exists()
    assert_same(votes, wsal.apply([*rules, deadly], data))


def test_a_dask_data_frame_votes_partition_by_partition(cluster, rules, tmp_path):
    dd = pytest.importorskip("dask.dataframe")
    data = frame(5_000)
    lfs = [*rules, *functions()]
    parted = dd.from_pandas(data, npartitions=7)
    votes = wsal.apply(lfs, parted, out=tmp_path / "votes", engine="dask")
    assert len(votes.parts) == 7
    assert_same(votes, wsal.apply(lfs, data))
    assert wsal.apply(lfs, parted, out=tmp_path / "votes", engine="dask").n_reused == 7
    some = parted[parted["n_links"] == 3]  # nothing of the first partition is left
    assert wsal.apply(lfs, some, out=tmp_path / "some", engine="dask").n_items == int(
        (data["n_links"] == 3).sum()
    )
    with pytest.raises(DataError, match=r"partition \d has no id column"):
        wsal.apply(rules, parted.drop(columns="id"), out=tmp_path / "without", engine="dask")
    with pytest.raises(InputError, match='a Dask data frame is for engine="dask"'):
        wsal.apply(rules, parted, out=tmp_path / "votes")


@pytest.mark.spark
@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_spark_data_frame_votes_partition_by_partition(session, rules, tmp_path):
    data = frame(5_000)
    items = in_parts(tmp_path / "items", data)
    parted = session.read.parquet(str(items)).repartition(5)
    votes = wsal.apply(rules, parted, out=tmp_path / "votes", engine="spark")
    whole = wsal.apply(rules, data).patterns()
    assert len(votes.parts) == 5
    assert np.array_equal(votes.patterns().votes, whole.votes)
    assert np.array_equal(votes.patterns().counts, whole.counts)
    with pytest.raises(InputError, match='a Spark data frame is for engine="spark"'):
        wsal.apply(rules, parted, out=tmp_path / "votes", engine="dask")


def test_workers_of_one_machine_give_the_same(rules, tmp_path):
    data = frame(3_000)
    items = in_parts(tmp_path / "items", data)
    votes = wsal.apply([*rules, *functions()], items, out=tmp_path / "votes", workers=2)
    assert_same(votes, wsal.apply([*rules, *functions()], data))


def test_an_engine_for_parts_needs_to_know_where_votes_go(rules):
    with pytest.raises(InputError, match="out="):
        wsal.apply(rules, frame(10), engine="dask")
    with pytest.raises(InputError, match=r"no engine 'dusk'.*\n.*did you mean 'dask'"):
        wsal.apply(rules, "items", out="votes", engine="dusk")
