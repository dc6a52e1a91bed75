"""Finding duplicates among items, by what the settings say an item is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.features.build import FeatureSettings, ItemTable
from wsal.features.duplicates.groups import DuplicateGroups
from wsal.features.duplicates.images import BITS, difference_hash
from wsal.features.duplicates.leaders import Leaders, group_rows
from wsal.features.duplicates.texts import group_texts, normalise
from wsal.features.vectors import vector_features
from wsal.types import Floats, is_missing

__all__ = [
    "DEFAULT_THRESHOLDS",
    "DuplicateSettings",
    "find_duplicates",
    "text_duplicates",
    "vector_duplicates",
]

DEFAULT_THRESHOLDS: Final = {"texts": 0.8, "vectors": 0.98, "images": 0.95}
"""Least similarity of a near duplicate: Jaccard index of texts, cosine of vectors, equal bits of image hashes."""

_COLUMN_ENDS: Final = "\N{SYMBOL FOR UNIT SEPARATOR}"  # between texts of several columns

_Progress = Callable[[int], object] | None


@dataclass(frozen=True)
class DuplicateSettings:
    """What makes two items duplicates.

    Parameters
    ----------
    find : bool
        Whether duplicates are looked for.
    threshold : float, optional
        See `DEFAULT_THRESHOLDS`; 1 finds exact duplicates only.
    same : tuple of str
        Columns that duplicates must have in common besides: a sender, a site, whatever may change the label.
    images : str, optional
        A column of images; items are then compared by it instead of by text or vectors.
    """

    find: bool = True
    threshold: float | None = None
    same: tuple[str, ...] = ()
    images: str | None = None


def find_duplicates(
    items: ItemTable,
    item_ids: NDArray[Any],
    features: FeatureSettings,
    settings: DuplicateSettings,
    *,
    on_progress: _Progress = None,
) -> DuplicateGroups | None:
    """Group items that are copies of each other.

    Items are compared by their images, where such a column is named, else by the columns of text that are
    features, else by the vectors, else by the numbers (exact copies only). Numbers that are features, and the
    columns ``same``, must agree. What is empty or missing is like nothing else.

    Parameters
    ----------
    items : ItemTable
        n items.
    item_ids : ndarray, shape (n,)
    features : FeatureSettings
    settings : DuplicateSettings
    on_progress : callable, optional
        Called with the number of different contents compared since the last call.

    Returns
    -------
    DuplicateGroups or None
        None where nothing is to be looked for, or there is no column to look at. The partition does not
        depend on the order of the items.

    Raises
    ------
    DataError
        A column is missing or cannot be read.
    """
    if not settings.find:
        return None
    keys = [tuple(map(_as_key, cells)) for cells in _rows(items, (*features.numeric, *settings.same))]
    threshold = settings.threshold
    if settings.images is not None:
        cells = items.column(settings.images)
        return _image_duplicates(cells, settings.images, threshold, item_ids, keys, on_progress)
    if features.text:
        parts = (tuple(map(normalise, cells)) for cells in _rows(items, features.text))
        texts = [_COLUMN_ENDS.join(cells) if any(cells) else None for cells in parts]
        return text_duplicates(texts, item_ids, threshold=threshold, keys=keys, on_progress=on_progress)
    if features.vectors is not None:
        cells = items.column(features.vectors)
        present = np.array([not is_missing(cell) for cell in cells], dtype=np.bool_)
        matrix = np.asarray(vector_features(cells, name=features.vectors).matrix)
        return vector_duplicates(
            matrix, item_ids, threshold=threshold, keys=keys, present=present, on_progress=on_progress
        )
    if features.numeric:
        nothing = [all(is_missing(cell) for cell in cells) for cells in _rows(items, features.numeric)]
        return _grouped(item_ids, np.where(nothing, -1, 0), _alone(1), keys)
    return None


def text_duplicates(
    texts: Sequence[object],
    item_ids: NDArray[Any] | None = None,
    *,
    threshold: float | None = None,
    keys: Sequence[Hashable] | None = None,
    on_progress: _Progress = None,
) -> DuplicateGroups:
    """Group texts: exact duplicates are equal once normalised, near ones have most of their shingles in common.

    Parameters
    ----------
    texts : sequence of n values
        Missing and empty ones are like no other.
    item_ids : ndarray, shape (n,), optional
        Row numbers where not given.
    threshold : float, optional
        Least Jaccard index of sets of 5-character shingles; 0.8 where not given.
    keys : sequence of n hashable values, optional
        Duplicates have equal ones.
    on_progress : callable, optional

    Returns
    -------
    DuplicateGroups

    Examples
    --------
    >>> long = "Congratulations, you have won a prize of 1000 pounds, call now to claim it"
    >>> groups = text_duplicates([long, long.upper(), long + "!", "Lunch?", None, None])
    >>> groups.codes.tolist(), groups.exact.tolist()
    ([0, 0, 0, 3, 4, 5], [0, 0, 2, 3, 4, 5])
    """
    normal = [normalise(text) for text in texts]
    distinct = sorted({text for text in normal if text.strip()})
    rank = {text: i for i, text in enumerate(distinct)}
    threshold = _threshold(threshold, "texts")
    leaders = (
        _alone(len(distinct))
        if threshold >= 1
        else group_texts(distinct, threshold=threshold, on_progress=on_progress)
    )
    contents = np.array([rank.get(text, -1) for text in normal], dtype=np.int64)
    return _grouped(item_ids, contents, leaders, keys)


def vector_duplicates(
    matrix: Floats,
    item_ids: NDArray[Any] | None = None,
    *,
    threshold: float | None = None,
    keys: Sequence[Hashable] | None = None,
    present: NDArray[np.bool_] | None = None,
    on_progress: _Progress = None,
) -> DuplicateGroups:
    """Group vectors: exact duplicates are equal, near ones have nearly the same direction.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n, d)
    item_ids, keys, on_progress
        As for `text_duplicates`.
    threshold : float, optional
        Least cosine; 0.98 where not given.
    present : ndarray of bool, shape (n,), optional
        Vectors that are there; the others are like no other.

    Returns
    -------
    DuplicateGroups

    Examples
    --------
    >>> vector_duplicates(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.1], [0.0, 1.0]])).codes.tolist()
    [0, 1, 0, 1]
    """
    present = np.ones(len(matrix), dtype=np.bool_) if present is None else present
    distinct, inverse = np.unique(matrix[present] + 0.0, axis=0, return_inverse=True)  # + 0.0 turns −0 into 0
    contents = np.full(len(matrix), -1, dtype=np.int64)
    contents[present] = inverse.reshape(-1)
    threshold = _threshold(threshold, "vectors")
    leaders = (
        _alone(len(distinct))
        if threshold >= 1
        else group_rows(distinct, threshold=threshold, on_progress=on_progress)
    )
    return _grouped(item_ids, contents, leaders, keys)


def _image_duplicates(
    cells: Sequence[Any],
    name: str,
    threshold: float | None,
    item_ids: NDArray[Any],
    keys: Sequence[Hashable],
    on_progress: _Progress,
) -> DuplicateGroups:
    """Group images: exact duplicates are equal cell by cell, near ones have nearly the same hash."""
    threshold = _threshold(threshold, "images")
    hashes = [difference_hash(cell, name=f"column {name!r}, row {i + 1}") for i, cell in enumerate(cells)]
    pixels: list[Hashable] = [None if is_missing(cell) else _as_key(cell) for cell in cells]
    present = np.array([found is not None for found in hashes], dtype=np.bool_)
    bits = np.array([found for found in hashes if found is not None]).reshape(-1, BITS)
    near = vector_duplicates(
        bits, np.flatnonzero(present), threshold=2 * threshold - 1, on_progress=on_progress
    )
    # Every distinct image is a content; images with the same hash are near duplicates, not exact ones.
    rank: dict[Hashable, int] = {}
    contents = np.array(
        [-1 if cell is None or not here else rank.setdefault(cell, len(rank))
         for cell, here in zip(pixels, present, strict=True)], dtype=np.int64)  # fmt: skip
    first = np.unique(contents[present], return_index=True)[1]
    leaders = contents[present][near.codes[first]]
    similarity = (1.0 + near.similarity[first]) / 2.0
    if threshold >= 1:
        return _grouped(item_ids, contents, _alone(len(rank)), keys)
    return _grouped(item_ids, contents, Leaders(leaders, similarity), keys)


def _grouped(
    item_ids: NDArray[Any] | None,
    contents: NDArray[np.int64],
    leaders: Leaders,
    keys: Sequence[Hashable] | None,
) -> DuplicateGroups:
    """Make groups of items from groups of their contents; −1 is a content that is like no other."""
    n = len(contents)
    key_of: dict[Hashable, int] = {}
    key = np.array([key_of.setdefault(k, len(key_of)) for k in keys or [()] * n], dtype=np.int64)
    known = contents >= 0
    rows = np.arange(n)
    codes, exact, similarity = rows.copy(), rows.copy(), np.ones(n)
    if known.any():
        own = contents[known]
        codes[known] = _first_rows(rows[known], leaders.leaders[own], key[known])
        exact[known] = _first_rows(rows[known], own, key[known])
        alone = np.bincount(codes, minlength=n)[codes] == 1
        similarity[known] = leaders.similarity[own]
        similarity[alone] = 1.0
    return DuplicateGroups(rows if item_ids is None else item_ids, codes, exact, similarity)


def _first_rows(rows: NDArray[np.int64], content: NDArray[np.int64], key: NDArray[np.int64]) -> Any:  # noqa: ANN401  # ndarray of int64
    """Return, for each row, the first one with the same content and key."""
    _, first, inverse = np.unique(
        np.stack([content, key], axis=1), axis=0, return_index=True, return_inverse=True
    )
    return rows[first[inverse.reshape(-1)]]


def _alone(n: int) -> Leaders:
    return Leaders(np.arange(n, dtype=np.int64), np.ones(n))


def _threshold(given: float | None, kind: str) -> float:
    found = DEFAULT_THRESHOLDS[kind] if given is None else given
    if not 0 < found <= 1:
        raise InputError(f"threshold={given!r} of duplicate {kind} is not above 0 and at most 1")
    return found


def _rows(items: ItemTable, names: Sequence[str]) -> list[tuple[object, ...]]:
    return list(zip(*(items.column(name) for name in names), strict=True))


def _as_key(cell: object) -> Hashable:
    """Return what equal cells have in common."""
    if is_missing(cell):
        return None
    if isinstance(cell, np.ndarray) and cell.dtype != object:
        return (cell.shape, np.ascontiguousarray(cell).tobytes())
    if isinstance(cell, list | tuple | np.ndarray):
        return tuple(_as_key(part) for part in cell)
    return cell if type(cell).__hash__ is not None else repr(cell)
