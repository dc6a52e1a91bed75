"""Classifiers as plain arrays, and back: what a run keeps, so that nothing is trained twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.features import FeatureMatrix
from wsal.training.delivered import Classifiers
from wsal.training.end_model import FittedEndModel
from wsal.training.human_classifier import FittedHumanClassifier
from wsal.training.linear import LinearClassifier

__all__ = ["SavedClassifiers", "restore_classifiers", "save_classifiers"]

_VERSION = 2  # of the form, and of the way in which labels are put together from classifiers
_HUMAN, _END = "human_classifier", "end_model"


@dataclass(frozen=True, eq=False)
class SavedClassifiers:
    """Classifiers in a form that any file can hold.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Numbers and booleans; names begin with the classifier that they belong to.
    about : mapping
        All else, as JSON values: the number of features and the SHA-256 of their names, how each training
        ended, on how many items.
    """

    arrays: Mapping[str, NDArray[Any]]
    about: Mapping[str, object]


def save_classifiers(classifiers: Classifiers, features: FeatureMatrix | None) -> SavedClassifiers:
    """Take classifiers apart.

    Parameters
    ----------
    classifiers : Classifiers
    features : FeatureMatrix or None
        What they were trained on; only the names of the columns are looked at.

    Returns
    -------
    SavedClassifiers
    """
    arrays: dict[str, NDArray[Any]] = {}
    about: dict[str, object] = {"version": _VERSION, "features": _signature(features)}
    f_h, f = classifiers.human_classifier, classifiers.end_model
    if f_h is not None and classifiers.human_prior is not None:
        arrays |= _linear_arrays(_HUMAN, f_h.classifier)
        arrays[f"{_HUMAN}.answered_classes"] = f_h.answered_classes
        arrays[f"{_HUMAN}.prior"] = classifiers.human_prior
        about[_HUMAN] = {
            "n_answers": f_h.n_answers, "smoothing": f_h.smoothing, **_training(f_h.classifier),
        }  # fmt: skip
    if f is not None:
        arrays |= _linear_arrays(_END, f.classifier)
        arrays[f"{_END}.class_weights"] = f.class_weights
        about[_END] = {"n_items": f.n_items, **_training(f.classifier)}
    return SavedClassifiers(arrays, about)


def restore_classifiers(saved: SavedClassifiers, features: FeatureMatrix | None) -> Classifiers:
    """Put classifiers together again.

    Parameters
    ----------
    saved : SavedClassifiers
    features : FeatureMatrix or None
        What they are to read.

    Raises
    ------
    DataError
        The features are not those of the training, or the form is of another version.

    Examples
    --------
    >>> import numpy as np
    >>> saved = save_classifiers(Classifiers(), None)
    >>> restore_classifiers(saved, None).end_model is None
    True
    >>> restore_classifiers(saved, FeatureMatrix(np.eye(2), ("free", "prize")))
    Traceback (most recent call last):
        ...
    wsal.errors.DataError: the features are not those of the training: 0 features then, 2 now
      hint: settings changed since; train again
    """
    about: Any = saved.about
    if about.get("version") != _VERSION:
        raise DataError(
            f"classifiers of version {about.get('version')!r} cannot be read, only {_VERSION}",
            hint="another version of wsal wrote them; train again",
        )
    then, now = about["features"], _signature(features)
    if then != now:
        counts = then["count"], now["count"]
        what = (
            "their names differ" if counts[0] == counts[1] else f"{counts[0]} features then, {counts[1]} now"
        )
        raise DataError(
            f"the features are not those of the training: {what}", hint="settings changed since; train again"
        )
    names = () if features is None else features.names
    f_h: FittedHumanClassifier | None = None
    f: FittedEndModel | None = None
    if _HUMAN in about:
        facts = about[_HUMAN]
        f_h = FittedHumanClassifier(
            _linear(saved, _HUMAN, names),
            facts["n_answers"],
            saved.arrays[f"{_HUMAN}.answered_classes"],
            facts["smoothing"],
        )
    if _END in about:
        f = FittedEndModel(
            _linear(saved, _END, names), about[_END]["n_items"], saved.arrays[f"{_END}.class_weights"]
        )
    return Classifiers(f_h, saved.arrays.get(f"{_HUMAN}.prior"), f)


def _signature(features: FeatureMatrix | None) -> dict[str, object]:
    names = () if features is None else features.names
    return {"count": len(names), "sha256": hashlib.sha256(json.dumps(names).encode()).hexdigest()}


def _linear_arrays(prefix: str, classifier: LinearClassifier) -> dict[str, NDArray[Any]]:
    return {
        f"{prefix}.coefficients": classifier.coefficients,
        f"{prefix}.intercepts": classifier.intercepts,
    }


def _training(classifier: LinearClassifier) -> dict[str, object]:
    return {"n_iter": classifier.n_iter, "stop_reason": classifier.stop_reason}


def _linear(saved: SavedClassifiers, prefix: str, names: tuple[str, ...]) -> LinearClassifier:
    facts: Any = saved.about[prefix]
    return LinearClassifier(
        saved.arrays[f"{prefix}.coefficients"],
        saved.arrays[f"{prefix}.intercepts"],
        names,
        facts["n_iter"],
        facts["stop_reason"],
    )
