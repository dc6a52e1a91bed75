"""FeatureEncoder: features learned from some items, and then the same columns for any others.

`build_features` looks at all items together, which is right for labelling them. A model that is to be judged
on items that it has not seen, or used on items that come later, needs features that know only the items that it
was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features.build import FeatureSettings, ItemTable, require_columns_named
from wsal.features.matrix import FeatureMatrix, stack_features
from wsal.features.numeric import as_numbers, scale_of
from wsal.features.text import as_documents, text_features, tfidf
from wsal.features.vectors import vector_features
from wsal.types import Floats, is_missing

__all__ = ["FeatureEncoder"]


@dataclass(frozen=True, eq=False)
class _Text:
    """Words of one column, with their inverse document frequencies."""

    column: str
    prefix: str
    terms: tuple[str, ...]
    idf: Floats

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.prefix + term for term in self.terms)

    @cached_property
    def _vectorizer(self) -> Any:  # noqa: ANN401  # scikit-learn has no types
        made = tfidf(vocabulary={term: j for j, term in enumerate(self.terms)})
        made.idf_ = self.idf
        return made

    def encode(self, values: Sequence[object]) -> FeatureMatrix:
        from scipy.sparse import csr_array

        if not self.terms:
            return FeatureMatrix(csr_array((len(values), 0), dtype=np.float64), ())
        return FeatureMatrix(csr_array(self._vectorizer.transform(as_documents(values))), self.names)


@dataclass(frozen=True)
class _Number:
    """One column of numbers: ``(x/scale − mean)/spread``; no spread where it is no feature."""

    column: str
    scale: float
    mean: float
    spread: float | None
    marks_missing: bool

    @property
    def names(self) -> tuple[str, ...]:
        own = () if self.spread is None else (self.column,)
        return (*own, f"{self.column} is missing") if self.marks_missing else own

    def encode(self, values: Sequence[object]) -> FeatureMatrix:
        numbers = as_numbers(self.column, values)
        gone = np.isnan(numbers)
        parts = []
        if self.spread is not None:
            parts.append(np.where(gone, 0.0, (numbers / self.scale - self.mean) / self.spread))
        if self.marks_missing:
            parts.append(gone.astype(np.float64))
        matrix = np.stack(parts, axis=1) if parts else np.zeros((len(values), 0))
        return FeatureMatrix(matrix, self.names)


@dataclass(frozen=True, eq=False)
class _Vector:
    """A column of vectors of one length, with the mean that stands for a missing one."""

    column: str
    mean: Floats
    marks_missing: bool

    @property
    def names(self) -> tuple[str, ...]:
        own = tuple(f"{self.column}[{j}]" for j in range(len(self.mean)))
        return (*own, f"{self.column} is missing") if self.marks_missing else own

    def encode(self, values: Sequence[object]) -> FeatureMatrix:
        gone = np.array([is_missing(value) for value in values], dtype=np.bool_)
        matrix = np.tile(self.mean, (len(values), 1))
        present = np.flatnonzero(~gone)
        if len(present):
            chosen = [values[row] for row in present.tolist()]
            given = np.asarray(vector_features(chosen, name=self.column).matrix)
            if given.shape[1] != len(self.mean):
                raise DataError(
                    f"column {self.column!r} holds vectors of length {given.shape[1]}; in training they had "
                    f"length {len(self.mean)}"
                )
            matrix[present] = given
        if self.marks_missing:
            matrix = np.column_stack([matrix, gone.astype(np.float64)])
        return FeatureMatrix(matrix, self.names)


@dataclass(frozen=True, eq=False)
class FeatureEncoder:
    """Features as some items have them, for any items with the same columns.

    Make one with `fit`.

    Parameters
    ----------
    parts : tuple
        One for each column, in the order of `build_features`.
    """

    parts: tuple[_Text | _Number | _Vector, ...]

    @classmethod
    def fit(cls, items: ItemTable, settings: FeatureSettings) -> FeatureEncoder:
        """Learn words with their frequencies, means and spreads; settings and errors as for `build_features`."""
        require_columns_named(settings)
        several = len(settings.text) > 1
        parts: list[_Text | _Number | _Vector] = [
            _fit_text(name, f"{name}: " if several else "", items.column(name)) for name in settings.text
        ]
        parts += [_fit_number(name, items.column(name)) for name in settings.numeric]
        if settings.vectors:
            parts.append(_fit_vector(settings.vectors, items.column(settings.vectors)))
        return cls(tuple(parts))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the d features."""
        return tuple(name for part in self.parts for name in part.names)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(part.column for part in self.parts)

    def encode(self, items: ItemTable) -> FeatureMatrix:
        """Make the features of any items.

        Parameters
        ----------
        items : ItemTable
            n items with the columns of the training.

        Returns
        -------
        FeatureMatrix
            Shape (n, d). Words that training did not know are passed over; a missing number or vector is the
            mean of the training.

        Raises
        ------
        DataError
            A column is missing, or holds what its kind cannot take.
        """
        return stack_features([part.encode(items.column(part.column)) for part in self.parts])

    def to_plain(self) -> tuple[dict[str, object], dict[str, NDArray[Any]]]:
        """Return all that it knows as JSON values and arrays; `from_plain` reads them back."""
        described: list[dict[str, object]] = []
        arrays: dict[str, NDArray[Any]] = {}
        for number, part in enumerate(self.parts):
            match part:
                case _Text():
                    described.append(
                        {
                            "kind": "text",
                            "column": part.column,
                            "prefix": part.prefix,
                            "terms": list(part.terms),
                        }
                    )
                    arrays[f"features.{number}.idf"] = part.idf
                case _Number():
                    described.append(
                        {
                            "kind": "number", "column": part.column, "scale": part.scale, "mean": part.mean,
                            "spread": part.spread, "marks_missing": part.marks_missing,
                        }
                    )  # fmt: skip
                case _Vector():
                    described.append(
                        {"kind": "vectors", "column": part.column, "marks_missing": part.marks_missing}
                    )
                    arrays[f"features.{number}.mean"] = part.mean
        return {"version": 1, "parts": described}, arrays

    @classmethod
    def from_plain(cls, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> FeatureEncoder:
        """Read an encoder back.

        Raises
        ------
        DataError
            Another version of wsal wrote it.
        """
        if about.get("version") != 1:
            raise DataError(
                f"features of version {about.get('version')!r} cannot be read", hint="train again"
            )
        parts: list[_Text | _Number | _Vector] = []
        for number, part in enumerate(about["parts"]):
            match part["kind"]:
                case "text":
                    idf = arrays[f"features.{number}.idf"]
                    parts.append(_Text(part["column"], part["prefix"], tuple(part["terms"]), idf))
                case "number":
                    facts = (part[key] for key in ("column", "scale", "mean", "spread", "marks_missing"))
                    parts.append(_Number(*facts))
                case _:
                    mean = arrays[f"features.{number}.mean"]
                    parts.append(_Vector(part["column"], mean, part["marks_missing"]))
        return cls(tuple(parts))


def _fit_text(column: str, prefix: str, values: Sequence[object]) -> _Text:
    found = text_features(values)
    if isinstance(found.matrix, np.ndarray) or not found.names:
        return _Text(column, prefix, (), np.zeros(0))
    # The smooth inverse document frequency, as scikit-learn has it.
    counts = np.bincount(found.matrix.indices, minlength=found.n_features)
    return _Text(column, prefix, found.names, np.log((1 + found.n_items) / (1 + counts)) + 1.0)


def _fit_number(column: str, values: Sequence[object]) -> _Number:
    numbers = as_numbers(column, values)
    gone = np.isnan(numbers)
    marks = bool(gone.any() and not gone.all())
    found = scale_of(numbers[~gone])
    return _Number(column, 1.0, 0.0, None, marks) if found is None else _Number(column, *found, marks)


def _fit_vector(column: str, values: Sequence[object]) -> _Vector:
    present = [value for value in values if not is_missing(value)]
    matrix = np.asarray(vector_features(present, name=column).matrix)
    return _Vector(column, matrix.mean(axis=0), len(present) < len(values))
