"""Appliers: labelling functions and items in, a matrix of votes out, with Snorkel's signatures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wsal import lf as lfs_of_wsal
from wsal.engines import apply
from wsal.errors import DataError, LabelingFunctionError
from wsal.interop.snorkel.functions import SlicingFunction
from wsal.items import Items
from wsal.items.columns import Column
from wsal.types import ABSTAIN

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ApplierMetadata",
    "DaskLFApplier",
    "LFApplier",
    "PandasLFApplier",
    "PandasParallelLFApplier",
    "PandasSFApplier",
    "SFApplier",
    "slice_dataframe",
]

_Matrix = NDArray[np.int64]


class ApplierMetadata(NamedTuple):
    """What an applier passed over.

    Parameters
    ----------
    faults : dict of str to int
        How often each function raised; functions that never did are not in it.
    """

    faults: dict[str, int]


class _Applier:
    """Functions with names of their own."""

    def __init__(self, lfs: Sequence[Any]) -> None:
        names = [lf.name for lf in lfs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DataError(
                f"two labelling functions are called {twice[0]!r}", hint="give each a name: name=…"
            )
        self._lfs = tuple(lfs)
        self._names = names

    def __repr__(self) -> str:
        return f"{type(self).__name__}, LFs: {self._names}"


class LFApplier(_Applier):
    """Apply functions to a sequence of any objects, one by one.

    Parameters
    ----------
    lfs : sequence of m labelling functions
        Of wsal or Snorkel, or anything with a name that can be called with an item.

    Raises
    ------
    DataError
        Two functions have one name.

    Examples
    --------
    >>> from wsal.interop.snorkel import labeling_function
    >>> @labeling_function()
    ... def big(x):
    ...     return 1 if x > 42 else -1
    >>> LFApplier([big]).apply([10, 100]).tolist()
    [[-1], [1]]
    """

    def apply(
        self,
        data_points: Iterable[Any],
        progress_bar: bool = True,  # noqa: ARG002  # Snorkel's signature
        fault_tolerant: bool = False,
        return_meta: bool = False,
    ) -> Any:  # noqa: ANN401  # the votes, or a pair
        """Return the votes, shape (n, m), and with ``return_meta`` how often each function raised.

        Parameters
        ----------
        data_points : iterable of n items
        progress_bar : bool
            Accepted for Snorkel's sake; a list is done before a bar would be read.
        fault_tolerant : bool
            A function that raises abstains on that item.
        return_meta : bool

        Raises
        ------
        LabelingFunctionError
            A function raised, unless ``fault_tolerant``: with its name, the item's number, and the cause.
        """
        faults: dict[str, int] = {}
        rows = [
            [self._vote(lf, x, row, faults if fault_tolerant else None) for lf in self._lfs]
            for row, x in enumerate(data_points)
        ]
        votes = self._as_result(np.array(rows, dtype=np.int64).reshape(-1, len(self._lfs)))
        return (votes, ApplierMetadata(faults)) if return_meta else votes

    @staticmethod
    def _vote(lf: Any, x: Any, row: int, faults: dict[str, int] | None) -> int:  # noqa: ANN401  # the user's own
        try:
            vote = lf(x)
        except Exception as error:
            if faults is None:
                raise LabelingFunctionError(lf.name, row, error) from error
            faults[lf.name] = faults.get(lf.name, 0) + 1
            return ABSTAIN
        if isinstance(lf, SlicingFunction):
            return int(vote)
        number = lfs_of_wsal.as_vote(vote, lf.name)
        if isinstance(number, str):
            raise DataError(
                f"labelling function {lf.name!r} returned the label {number!r} on item {row}",
                hint="this interface knows numbers alone; wsal.apply(…, labels=[…]) knows names",
            )
        return number

    def _as_result(self, votes: _Matrix) -> Any:  # noqa: ANN401  # see SFApplier
        return votes


class PandasLFApplier(_Applier):
    """Apply functions to the rows of a data frame, through wsal's engine.

    Parameters as `LFApplier`. A row has the columns as attributes and by name; the index is not looked at.
    """

    def apply(
        self,
        df: pd.DataFrame,
        progress_bar: bool = True,
        fault_tolerant: bool = False,
        return_meta: bool = False,
    ) -> Any:  # noqa: ANN401  # the votes, or a pair
        """Return the votes, shape (n, m), and with ``return_meta`` how often each function raised.

        Parameters
        ----------
        df : DataFrame
            n items.
        progress_bar : bool
            Shown on a terminal only.
        fault_tolerant : bool
            A function that raises abstains on that item.
        return_meta : bool

        Raises
        ------
        LabelingFunctionError
            A function raised, unless ``fault_tolerant``.
        DataError
            A function returned what is no class index.
        """
        if len(df) == 0:
            votes, faults = np.empty((0, len(self._lfs)), dtype=np.int64), {}
        else:
            made = apply(self._lfs, _items(df), fault_tolerant=fault_tolerant, progress=progress_bar)
            votes = made.to_numpy().astype(np.int64)
            faults = {failure.lf_name: failure.count for failure in made.failures}
        return (votes, ApplierMetadata(faults)) if return_meta else votes


class DaskLFApplier(_Applier):
    """Apply functions to a Dask data frame, partition by partition. Needs ``wsal[dask]``."""

    def apply(self, df: Any, scheduler: Any = "processes", fault_tolerant: bool = False) -> _Matrix:  # noqa: ANN401  # Snorkel's signature
        """Return the votes, shape (n, m), in the order of the partitions.

        Parameters
        ----------
        df : dask.dataframe.DataFrame
        scheduler : str or distributed.Client
        fault_tolerant : bool

        Notes
        -----
        The whole matrix comes to the caller, as Snorkel's does; ``wsal.apply(…, engine="dask")`` leaves votes where
        the data lies.
        """
        from dask.base import compute
        from dask.delayed import delayed

        applier = PandasLFApplier(self._lfs)
        parts = [
            delayed(_apply_part)(applier, part, fault_tolerant=fault_tolerant) for part in df.to_delayed()
        ]
        return np.concatenate(compute(*parts, scheduler=scheduler))  # type: ignore[no-untyped-call]  # Dask's


class PandasParallelLFApplier(DaskLFApplier):
    """Apply functions to a data frame in several processes. Needs ``wsal[dask]``."""

    def apply(  # type: ignore[override]  # Snorkel's signature
        self,
        df: pd.DataFrame,
        n_parallel: int = 2,
        scheduler: Any = "processes",  # noqa: ANN401  # a name, or a distributed.Client
        fault_tolerant: bool = False,
    ) -> _Matrix:
        """Return the votes, shape (n, m); ``n_parallel`` says into how many parts the frame is cut."""
        import dask.dataframe as dd

        if n_parallel < 2:
            raise DataError(
                f"n_parallel is at least 2, got {n_parallel}", hint="PandasLFApplier uses one process"
            )
        parts = dd.from_pandas(df, npartitions=n_parallel, sort=False)  # type: ignore[no-untyped-call]  # Dask
        return super().apply(parts, scheduler, fault_tolerant)


class SFApplier(LFApplier):
    """Apply slicing functions to a sequence; the result's columns have the functions' names."""

    def _as_result(self, votes: _Matrix) -> Any:  # noqa: ANN401  # a numpy.recarray
        return np.rec.fromarrays(list(votes.T), dtype=[(name, np.int64) for name in self._names])


class PandasSFApplier(_Applier):
    """Apply slicing functions to the rows of a data frame; the result's columns have the functions' names."""

    def apply(
        self,
        df: pd.DataFrame,
        progress_bar: bool = True,  # noqa: ARG002  # Snorkel's signature
        fault_tolerant: bool = False,
    ) -> Any:  # noqa: ANN401  # a numpy.recarray
        """Return a record array of shape (n,), one field a function."""
        rows = lfs_of_wsal.Row
        items = _items(df)
        columns = {name: items.column(name) for name in items.columns}
        points = (rows(columns, i) for i in range(len(df)))
        return SFApplier(self._lfs).apply(points, fault_tolerant=fault_tolerant)


def slice_dataframe(df: pd.DataFrame, slicing_function: SlicingFunction) -> pd.DataFrame:
    """Return the rows of a data frame that belong to a slice: those for which the function is true.

    Examples
    --------
    >>> import pandas as pd
    >>> from wsal.interop.snorkel import slicing_function
    >>> @slicing_function()
    ... def short(x):
    ...     return len(x.text) < 5
    >>> slice_dataframe(pd.DataFrame({"text": ["Hi", "Hello there"]}), short)["text"].tolist()
    ['Hi']
    """
    said = PandasSFApplier([slicing_function]).apply(df)
    return df.iloc[np.flatnonzero(said[slicing_function.name])]


def _items(df: pd.DataFrame) -> Items:
    """Read a frame with row numbers as ids: a column called id may hold anything here."""
    columns = {str(name): Column.from_series(df.iloc[:, j]) for j, name in enumerate(df.columns)}
    return Items(np.arange(len(df)), columns)


def _apply_part(applier: PandasLFApplier, part: pd.DataFrame, *, fault_tolerant: bool) -> _Matrix:
    votes: _Matrix = applier.apply(part, progress_bar=False, fault_tolerant=fault_tolerant)
    return votes
