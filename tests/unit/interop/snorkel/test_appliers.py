from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wsal.errors import DataError, LabelingFunctionError
from wsal.interop.snorkel import (
    DaskLFApplier,
    LFApplier,
    PandasLFApplier,
    PandasParallelLFApplier,
    SFApplier,
    labeling_function,
    slicing_function,
)


@labeling_function()
def big(x):
    return 1 if x.num > 2 else -1


@labeling_function()
def known(x):
    return {1: 0, 3: 1}[x.num]


FRAME = pd.DataFrame({"num": [1, 2, 3, 4]}, index=[4, 4, 2, 2])


def test_two_functions_of_one_name_are_refused():
    with pytest.raises(DataError, match="'big'"):
        PandasLFApplier([big, big])


def test_a_function_that_raises_is_named_with_its_item_and_cause():
    for applier, items in ((PandasLFApplier([known]), FRAME), (LFApplier([known]), FRAME.itertuples())):
        with pytest.raises(LabelingFunctionError, match=r"known.*1") as caught:
            applier.apply(items, progress_bar=False)
        assert isinstance(caught.value.__cause__, KeyError)


def test_faults_are_counted_by_function():
    votes, meta = PandasLFApplier([big, known]).apply(
        FRAME, progress_bar=False, fault_tolerant=True, return_meta=True
    )
    assert votes.tolist() == [[-1, 0], [-1, -1], [1, 1], [1, -1]]
    assert meta.faults == {"known": 2}


def test_no_items_are_a_matrix_without_rows():
    assert PandasLFApplier([big]).apply(FRAME.head(0)).shape == (0, 1)
    assert LFApplier([big, known]).apply([]).shape == (0, 2)


def test_what_is_no_vote_is_refused():
    with pytest.raises(DataError, match="label"):
        LFApplier([labeling_function(name="named")(lambda _: "spam")]).apply([1])
    with pytest.raises(LabelingFunctionError, match="True"):
        LFApplier([labeling_function(name="yes")(lambda _: True)]).apply([1])


def test_slices_are_named_columns():
    @slicing_function()
    def small(x):
        return x < 2

    made = SFApplier([small]).apply([1, 3])
    assert made["small"].tolist() == [1, 0]


@pytest.mark.parametrize("scheduler", ["processes", "threads"])
def test_dask_gives_the_votes_of_pandas(scheduler):
    dd = pytest.importorskip("dask.dataframe")
    frame = pd.DataFrame({"num": np.arange(20)})
    wanted = PandasLFApplier([big]).apply(frame, progress_bar=False).tolist()
    assert DaskLFApplier([big]).apply(dd.from_pandas(frame, npartitions=3), scheduler).tolist() == wanted
    assert PandasParallelLFApplier([big]).apply(frame, 2, scheduler).tolist() == wanted


def test_one_process_is_what_the_plain_applier_is_for():
    pytest.importorskip("dask.dataframe")
    with pytest.raises(DataError, match="at least 2"):
        PandasParallelLFApplier([big]).apply(FRAME, n_parallel=1)
