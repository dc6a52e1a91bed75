"""Estimators by scikit-learn's conventions: an end model on soft targets, and rules with a label model before one.

They clone, pickle in memory, know the names of their features, take ``sample_weight``, and pass scikit-learn's own
checks (``tests/contracts/test_scikit_learn.py`` names those that cannot apply, with the reason). wsal itself never
reads or writes a pickle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

from wsal.engines import apply
from wsal.errors import DataError, InputError
from wsal.label_models import LabelModel
from wsal.label_models.log_space import softmax
from wsal.labels import HumanLabels
from wsal.training.expansion import expand_soft_labels
from wsal.training.soft_logistic import minimise
from wsal.types import Floats, ItemId, LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["SoftLogisticRegression", "WeakSupervisionClassifier"]

# scikit-learn publishes no types: X, y and other estimators are Any, and its base classes too.


class SoftLogisticRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # base classes without types
    """Multinomial logistic regression whose targets may be probabilities.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty ``½‖w‖²/C``, as scikit-learn's; above 0.
    tol : float
        Length of the gradient, in coordinates scaled by its curvature, at which it has converged.
    classes : sequence, optional
        Names of the columns of soft targets; 0..k−1 where not given. Hard targets bring their own.

    Attributes
    ----------
    classes_ : ndarray, shape (k,)
    coef_ : ndarray of float64, shape (1, d) for two classes, else (k, d)
    intercept_ : ndarray of float64, shape (1,) or (k,)
    n_iter_ : int
        Steps of Newton's method.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X was a data frame.

    Notes
    -----
    The objective is solved on the targets as they are, without writing each item once for each class; see
    `wsal.training.soft_logistic`. Deterministic.

    Examples
    --------
    >>> model = SoftLogisticRegression(classes=["ham", "spam"])
    >>> model = model.fit([[0.0], [1.0], [2.0]], [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    >>> model.predict([[0.0], [2.0]]).tolist()
    ['ham', 'spam']
    """

    def __init__(self, C: float = 1.0, *, tol: float = 1e-9, classes: Sequence[Any] | None = None) -> None:
        self.C = C
        self.tol = tol
        self.classes = classes

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: ANN401  # scikit-learn's signature
        """Learn.

        Parameters
        ----------
        X : array-like or sparse, shape (n, d)
        y : array-like of shape (n,), or of shape (n, k) with k ≥ 2
            Classes; or the probability of each class, or any mass of it: at least 0.
        sample_weight : array-like, shape (n,), optional

        Raises
        ------
        ValueError
            As scikit-learn's own; soft targets below 0, or fewer than two classes with any weight.
        """
        if not self.C > 0:
            raise InputError(f"C is {self.C!r}; it must be above 0")
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64)
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        targets = np.asarray(y)
        soft = targets.ndim == 2 and targets.shape[1] >= 2
        classes, mass = self._soft(targets) if soft else _one_hot(y)
        if len(mass) != X.shape[0]:
            raise DataError(f"X has {X.shape[0]} rows and y has {len(mass)}")
        mass = mass * _check_sample_weight(sample_weight, X, ensure_non_negative=True)[:, None]
        present = mass.sum(axis=0) > 0
        if present.sum() < 2:
            raise DataError(f"there is weight on {present.sum()} class; two classes are needed")
        rows = mass.sum(axis=1) > 0  # an item of no weight is as if it were not there
        found = minimise(X[rows], mass[np.ix_(rows, present)], C=float(self.C), tolerance=float(self.tol))
        self.classes_ = classes[present]
        self.coef_, self.intercept_, self.n_iter_ = found.coefficients, found.intercepts, found.n_iter
        if len(self.classes_) == 2:
            self.coef_ = self.coef_[1:] - self.coef_[:1]
            self.intercept_ = self.intercept_[1:] - self.intercept_[:1]
        return self

    def decision_function(self, X: Any) -> Floats:  # noqa: ANN401  # as above
        """Return log odds of the second class, shape (n,), or with more classes scores, shape (n, k); in nats."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        scores = np.asarray(X @ self.coef_.T + self.intercept_, dtype=np.float64)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X: Any) -> Floats:  # noqa: ANN401  # as above
        """Return the probability of each class, shape (n, k)."""
        scores = self.decision_function(X)
        return softmax(np.column_stack([np.zeros_like(scores), scores]) if scores.ndim == 1 else scores)

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401  # as above
        """Return the most probable class, shape (n,)."""
        proba = self.predict_proba(X)
        return np.asarray(self.classes_[proba.argmax(axis=1)])

    def _soft(self, targets: NDArray[Any]) -> tuple[NDArray[Any], Floats]:
        mass = np.asarray(targets, dtype=np.float64)
        if not (np.isfinite(mass).all() and (mass >= 0).all()):
            raise DataError("soft targets are probabilities: finite, and at least 0")
        classes = np.arange(mass.shape[1]) if self.classes is None else np.asarray(self.classes)
        if len(classes) != mass.shape[1]:
            raise DataError(f"there are {len(classes)} classes for {mass.shape[1]} columns of soft targets")
        return classes, mass

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401  # as above
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class WeakSupervisionClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # base classes without types
    """Rules vote, a label model weighs them with the answers in ``y``, and an end model learns from the result.

    Parameters
    ----------
    labeling_functions : sequence
        What `wsal.apply` takes: functions, rules of packs, Snorkel's objects. They see a row by the names of its
        columns; columns of an array are called ``x0``, ``x1``, …. None: the end model learns from ``y`` alone.
    classes : sequence, optional
        In the order of the rules' labels. Those in ``y`` where not given.
    label_model : object, optional
        With ``fit(votes, human=…)``; `wsal.LabelModel` where not given.
    end_model : estimator, optional
        Any classifier that takes ``sample_weight``, or a pipeline that ends in `SoftLogisticRegression`, which is
        what is taken where not given.
    unlabelled : object
        What stands in ``y`` where nobody answered.

    Attributes
    ----------
    classes_ : ndarray, shape (k,)
    votes_ : VoteMatrix or None
    label_model_ : fitted label model, or None
    soft_labels_ : ndarray of float64, shape (n, k)
        Of the training items; NaN where neither a rule nor a person said anything, which take no part.
    end_model_ : estimator
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X was a data frame.

    Examples
    --------
    >>> import pandas as pd, wsal
    >>> X = pd.DataFrame({"links": [0.0, 5.0, 0.0, 7.0], "words": [9.0, 8.0, 2.0, 1.0]})
    >>> many = wsal.LabelingFunction("many", lambda x: "spam" if x.links > 3 else "ham")
    >>> model = WeakSupervisionClassifier([many], classes=["ham", "spam"])
    >>> model.fit(X, [-1, -1, -1, -1]).predict(X).tolist()
    ['ham', 'spam', 'ham', 'spam']
    """

    def __init__(
        self,
        labeling_functions: Sequence[Any] | None = None,
        *,
        classes: Sequence[Any] | None = None,
        label_model: Any = None,  # noqa: ANN401  # any of ours, or alike
        end_model: Any = None,  # noqa: ANN401  # scikit-learn has no types
        unlabelled: Any = -1,  # noqa: ANN401  # whatever stands in y
    ) -> None:
        self.labeling_functions = labeling_functions
        self.classes = classes
        self.label_model = label_model
        self.end_model = end_model
        self.unlabelled = unlabelled

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: ANN401  # scikit-learn's signature
        """Let the rules vote, fit the label model, and train the end model.

        Parameters
        ----------
        X : array-like or data frame, shape (n, d)
        y : array-like, shape (n,)
            Answers of people, and ``unlabelled`` where there are none.
        sample_weight : array-like, shape (n,), optional
            Of the end model's examples; the label model counts every item once.

        Raises
        ------
        ValueError
            As scikit-learn's own; an answer that is no class; or nothing was said about any item.
        """
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        X = self._checked(X, reset=True)
        answers = column_or_1d(y, warn=True)
        assert_all_finite(answers, input_name="y")
        if len(answers) != _n_rows(X):
            raise DataError(f"X has {_n_rows(X)} rows and y has {len(answers)}")
        answered = np.array([answer != self.unlabelled for answer in answers.tolist()], dtype=bool)
        check_classification_targets(answers[answered])
        self.classes_ = np.unique(answers[answered]) if self.classes is None else np.asarray(self.classes)
        if len(self.classes_) < 2:
            raise DataError(
                f"there is {len(self.classes_)} class; two classes are needed, name them with classes="
            )
        human = self._human(answers, answered)
        self.soft_labels_ = self._soft_labels(X, human)
        weight = _check_sample_weight(sample_weight, np.empty((_n_rows(X), 1)), ensure_non_negative=True)
        known = ~np.isnan(self.soft_labels_[:, 0])
        if not known.any():
            raise DataError("no rule votes and nobody answered: there is nothing to learn from")
        self.end_model_ = self._train(_take(X, known), self.soft_labels_[known] * weight[known, None])
        return self

    def predict_proba(self, X: Any) -> Floats:  # noqa: ANN401  # as above
        """Return the probability of each class by the end model, shape (n, k); rules do not vote here."""
        check_is_fitted(self)
        given = np.asarray(self.end_model_.predict_proba(self._checked(X, reset=False)), dtype=np.float64)
        proba = np.zeros((len(given), len(self.classes_)))
        proba[:, np.asarray(self.end_model_.classes_, dtype=np.int64)] = given
        return proba

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401  # as above
        """Return the most probable class, shape (n,)."""
        proba = self.predict_proba(X)
        return np.asarray(self.classes_[proba.argmax(axis=1)])

    def _checked(self, X: Any, *, reset: bool) -> Any:  # noqa: ANN401  # as above
        """Check X; a data frame may hold texts, which are the end model's business."""
        if hasattr(X, "columns") and hasattr(X, "iloc"):
            validate_data(self, X, skip_check_array=True, reset=reset)
            return X
        return validate_data(self, X, dtype=np.float64, reset=reset)

    def _human(self, answers: NDArray[Any], answered: NDArray[np.bool_]) -> dict[ItemId, int]:
        index = {name: i for i, name in enumerate(self.classes_.tolist())}
        human: dict[ItemId, int] = {}
        for row in np.flatnonzero(answered).tolist():
            answer = answers[row : row + 1].tolist()[0]
            if answer not in index:
                raise DataError(f"row {row} of y is {answer!r}, which is no class; there are {list(index)}")
            human[row] = index[answer]
        return human

    def _soft_labels(self, X: Any, human: dict[ItemId, int]) -> Floats:  # noqa: ANN401  # as above
        n, k = _n_rows(X), len(self.classes_)
        soft = np.full((n, k), np.nan)
        self.votes_: VoteMatrix | None = None
        self.label_model_: Any = None
        if self.labeling_functions:
            space = LabelSpace(tuple(map(str, self.classes_.tolist())))
            self.votes_ = apply(list(self.labeling_functions), _as_frame(X), labels=space)
            model = self.label_model if self.label_model is not None else LabelModel()
            said = HumanLabels.from_pairs(human) if human else None
            self.label_model_ = model.fit(self.votes_, human=said)
            covered = (self.votes_.values >= 0).any(axis=1)
            soft[covered] = self.label_model_.predict_proba(self.votes_)[covered]
        for row, label in human.items():
            soft[row] = np.arange(k) == label
        return soft

    def _train(self, X: Any, mass: Floats) -> Any:  # noqa: ANN401  # as above
        model = SoftLogisticRegression() if self.end_model is None else clone(self.end_model)
        if _takes_soft(model):
            return model.fit(X, mass)
        expanded = expand_soft_labels(mass, np.ones(len(mass)))
        return model.fit(_take(X, expanded.rows), expanded.classes, sample_weight=expanded.weights)


def _takes_soft(model: Any) -> bool:  # noqa: ANN401  # as above
    steps = getattr(model, "steps", None)
    return isinstance(steps[-1][1] if steps else model, SoftLogisticRegression)


def _one_hot(y: Any) -> tuple[NDArray[Any], Floats]:  # noqa: ANN401  # as above
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    return classes, np.eye(len(classes))[codes]


def _n_rows(X: Any) -> int:  # noqa: ANN401  # as above
    return int(X.shape[0])


def _take(X: Any, rows: NDArray[Any]) -> Any:  # noqa: ANN401  # as above
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def _as_frame(X: Any) -> Any:  # noqa: ANN401  # as above
    import pandas as pd

    if hasattr(X, "iloc"):
        return X.reset_index(drop=True)
    return pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])
