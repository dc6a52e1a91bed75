"""What a strategy looks at: the pool, the answers, who says what of each item, and where the items lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features import FeatureMatrix, as_feature_matrix
from wsal.label_models import AnsweredRows
from wsal.selection.pool import Choice, Pool
from wsal.selection.strategies.learner import Examples, FittedLearner, Learner, examples_of
from wsal.types import ABSTAIN, Floats

__all__ = ["Situation", "read_inputs", "read_probabilities", "votes_as_features"]

_SUM_TOLERANCE = 1e-6
_CHUNK = 1_024  # rows at a time: they fit into the processor's cache


@dataclass(frozen=True, eq=False)
class Situation:
    """All that a strategy may look at; what costs a training is computed when it is first asked for.

    Parameters
    ----------
    choice : Choice
        What is free, and what the batch has taken so far.
    generator : Generator
    answers : AnsweredRows
        All that is answered.
    given : ndarray of float64, shape (n, k) or (c, n, k), or None
        Probabilities that came in from outside; of c members for a committee.
    classifiers : tuple of object
        What came in as ``classifier``.
    inputs : object
        What these read, one entry an item.
    """

    choice: Choice
    generator: np.random.Generator
    answers: AnsweredRows
    given: Floats | None
    classifiers: tuple[Any, ...]
    inputs: Any

    @property
    def pool(self) -> Pool:
        """The items."""
        return self.choice.pool

    @property
    def n_classes(self) -> int:
        """Number of classes, k."""
        return self.pool.votes.n_classes

    @cached_property
    def closed(self) -> NDArray[np.int64]:
        """Items answered, set aside, or in the batch already when this is first asked for."""
        return np.flatnonzero(~self.choice.free)

    @cached_property
    def examples(self) -> Examples:
        """What a classifier learns from."""
        return examples_of(self.answers)

    def learner(self, classifier: Any) -> Learner:  # noqa: ANN401  # any object with fit and predict_proba
        """Make a classifier trainable on these items."""
        return Learner(classifier, self.inputs, self.n_classes, int(self.generator.integers(2**31)))

    @cached_property
    def fitted(self) -> FittedLearner | None:
        """The classifier given, trained on all answers; None where there is none, or answers of one class."""
        if len(self.classifiers) != 1 or not self.examples.teach:
            return None
        return self.learner(self.classifiers[0]).fit(self.examples)

    @cached_property
    def voice(self) -> tuple[str, Floats]:
        """Who speaks for the items, and the probabilities, shape (n, k).

        What came in from outside; else the classifier given, once it can be trained; else the end model;
        else the rules.
        """
        delivered = self.pool.delivered
        if self.given is not None:
            return "the given model", self.given
        if self.fitted is not None:
            return "the classifier", self.fitted.predict_proba()
        if delivered.end_probabilities is not None:
            return "the end model", delivered.end_probabilities
        return "the rules", delivered.rule_probabilities

    @cached_property
    def geometry(self) -> FeatureMatrix:
        """Where the items lie: their features; without any, their votes. Shape (n, d)."""
        found = self.pool.features if self.pool.features is not None else votes_as_features(self.pool)
        matrix = found.matrix
        if isinstance(matrix, np.ndarray) or matrix.nnz > np.iinfo(np.int32).max:
            return found
        # Parts of scikit-learn take 32-bit indices only; the numbers themselves are not copied.
        indices, starts = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
        return FeatureMatrix(type(matrix)((matrix.data, indices, starts), shape=matrix.shape), found.names)


def votes_as_features(pool: Pool) -> FeatureMatrix:
    """Return one column for each (function, class) that is voted, 1 where it is; shape (n, d), sparse."""
    from scipy.sparse import csr_array

    patterns = pool.patterns
    code, lf = np.nonzero(patterns.votes != ABSTAIN)
    column = lf * patterns.n_classes + patterns.votes[code, lf]
    present, compact = np.unique(column, return_inverse=True)
    shape = (patterns.n_patterns, max(len(present), 1))  # no vote at all: one column of zeros
    matrix = csr_array((np.ones(len(code)), (code, compact.reshape(-1))), shape=shape)
    names = [f"{patterns.lf_names[c // patterns.n_classes]} says {c % patterns.n_classes}" for c in present]
    return FeatureMatrix(matrix[pool.inverse], tuple(names) or ("no vote",))


def read_inputs(features: Any, n_items: int, *, raw: bool) -> tuple[FeatureMatrix | None, Any]:  # noqa: ANN401
    """Take features, which a classifier may read in a form of its own.

    Parameters
    ----------
    features : FeatureMatrix, array, sparse matrix, data frame or list, or None
    n_items : int
    raw : bool
        Whether there is a classifier to read them. Without one, features are numbers.

    Returns
    -------
    matrix : FeatureMatrix or None
        None where they are no matrix of numbers.
    inputs : object
        As the classifier reads them.

    Raises
    ------
    DataError
        Not one entry an item; or no numbers, and no classifier.
    """
    if features is None:
        return None, None
    if not raw or isinstance(features, FeatureMatrix) or _is_numeric(features):
        matrix = as_feature_matrix(features, n_items)
        return matrix, features.matrix if isinstance(features, FeatureMatrix) else features
    length = features.shape[0] if hasattr(features, "shape") else len(features)
    if length != n_items:
        raise DataError(
            f"there are {length} entries of features for {n_items} items",
            hint="give one entry for each item of the votes, in their order",
        )
    return None, features


def _is_numeric(features: Any) -> bool:  # noqa: ANN401  # looked at here
    from scipy.sparse import issparse

    if issparse(features):
        return True
    try:
        array = np.asarray(features)
    except ValueError:  # a list of lists of several lengths
        return False
    return array.ndim == 2 and array.dtype.kind in "biuf"


def read_probabilities(given: object, *, n_items: int, n_classes: int, committee: bool) -> Floats | None:
    """Check probabilities from outside.

    Raises
    ------
    DataError
        Another shape than (n, k), or (c, n, k) for a committee; or rows that are no probabilities.
    """
    if given is None:
        return None
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"probabilities are numbers: {error}") from None
    wanted = (n_items, n_classes)
    if found.shape[-2:] != wanted or found.ndim != (3 if committee else 2):
        shape = ("members", *wanted) if committee else wanted
        raise DataError(
            f"probabilities have shape {found.shape}; this strategy, these items and classes need "
            f"({', '.join(map(str, shape))})"
        )
    if not _are_probabilities(found.reshape(-1, n_classes)):
        bad = ~((found >= 0).all(axis=-1) & (np.abs(found.sum(axis=-1) - 1.0) <= _SUM_TOLERANCE))
        row: Sequence[int] = np.argwhere(bad)[0].tolist()
        raise DataError(
            f"probabilities of row {row[-1]} are {found[tuple(row)].tolist()}; "
            "they are not negative and sum to 1"
        )
    return found


def _are_probabilities(rows: Floats) -> bool:
    parts = (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
    return all(part.min() >= 0 and (np.abs(part.sum(axis=1) - 1.0) <= _SUM_TOLERANCE).all() for part in parts)
