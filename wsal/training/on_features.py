"""OnFeatures: a classifier with the features of its own training items, so that it can be used on any others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, did_you_mean
from wsal.features import FeatureEncoder, FeatureSettings, ItemTable
from wsal.training.calibration import Calibration, Isotonic, Temperature
from wsal.training.inputs import Inputs
from wsal.training.linear import LinearClassifier
from wsal.training.noise_aware import FittedNoiseAware
from wsal.training.soft_classifiers import FittedSoftClassifier, FittedSoftLogistic, SoftClassifier
from wsal.types import Floats, Rng

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FittedOnFeatures", "OnFeatures", "PortableEndModel"]

_VERSION = 1


@dataclass(frozen=True)
class OnFeatures:
    """A soft classifier that reads a data frame of items and makes its features of it.

    Words, means and spreads are those of the items that it is trained on; held-out items have no part in them.

    Parameters
    ----------
    settings : FeatureSettings
        Which columns become features.
    classifier : SoftClassifier
    """

    settings: FeatureSettings
    classifier: SoftClassifier

    def learn(self, inputs: Inputs, mass: Floats, /, *, rng: Rng = 0) -> FittedOnFeatures:
        """Learn from a data frame of r items; see `SoftClassifier`."""
        table = _Frame(inputs)
        encoder = FeatureEncoder.fit(table, self.settings)
        return FittedOnFeatures(encoder, self.classifier.learn(encoder.encode(table), mass, rng=rng))


@dataclass(frozen=True, eq=False)
class FittedOnFeatures:
    """What `OnFeatures` learned."""

    encoder: FeatureEncoder
    fitted: FittedSoftClassifier

    def predict_proba(self, inputs: Inputs, /) -> Floats:
        """Return probabilities of the items of a data frame, shape (n, k)."""
        return self.fitted.predict_proba(self.encoder.encode(_Frame(inputs)))


@dataclass(frozen=True, eq=False)
class PortableEndModel:
    """A logistic end model as plain arrays: it needs neither the project nor pickle.

    Parameters
    ----------
    labels : tuple of str
        k names.
    encoder : FeatureEncoder
    classifier : LinearClassifier
    present : ndarray of bool, shape (k,)
        Classes that the training items had.
    calibration : Temperature or Isotonic, optional
    """

    labels: tuple[str, ...]
    encoder: FeatureEncoder
    classifier: LinearClassifier
    present: NDArray[np.bool_]
    calibration: Calibration | None = None

    @classmethod
    def of(
        cls, fitted: FittedNoiseAware, labels: Sequence[str], calibration: Calibration | None = None
    ) -> Self | None:
        """Take a fitted model apart; None where it is no logistic regression on features."""
        learned = fitted.learned
        if not (isinstance(learned, FittedOnFeatures) and isinstance(learned.fitted, FittedSoftLogistic)):
            return None
        return cls(tuple(labels), learned.encoder, learned.fitted.classifier, fitted.present, calibration)

    def predict_proba(self, items: ItemTable) -> Floats:
        """Return probabilities of n items, shape (n, k), classes in the order of ``labels``.

        Parameters
        ----------
        items : ItemTable
            Such as `wsal.items.read_items` reads, with the columns of the training.

        Raises
        ------
        DataError
            A column is missing, or holds what its kind cannot take.
        """
        learned = FittedSoftLogistic(self.classifier)
        whole = FittedNoiseAware(
            learned, np.zeros(0, dtype=np.int64), 0, np.ones(len(self.labels)), self.present
        )
        p = whole.predict_proba(self.encoder.encode(items))
        return p if self.calibration is None else self.calibration.apply(p)

    def to_plain(self) -> tuple[dict[str, object], dict[str, NDArray[Any]]]:
        """Return all that it knows as JSON values and arrays."""
        features, arrays = self.encoder.to_plain()
        arrays |= {
            "coefficients": self.classifier.coefficients,
            "intercepts": self.classifier.intercepts,
            "present": self.present,
        }
        about: dict[str, object] = {
            "version": _VERSION,
            "labels": list(self.labels),
            "features": features,
            "n_iter": self.classifier.n_iter,
            "stop_reason": self.classifier.stop_reason,
            "calibration": None,
        }
        match self.calibration:
            case Temperature(value, n_answers):
                about["calibration"] = {"kind": "temperature", "value": value, "n_answers": n_answers}
            case Isotonic():
                about["calibration"] = {"kind": "isotonic", "n_answers": self.calibration.n_answers}
                for y, (given, taken) in enumerate(
                    zip(self.calibration.given, self.calibration.taken, strict=True)
                ):
                    arrays[f"calibration.{y}"] = np.stack([given, taken])
        return about, arrays

    @classmethod
    def from_plain(cls, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read one back.

        Raises
        ------
        DataError
            Another version of wsal wrote it, or it is no end model.
        """
        if about.get("version") != _VERSION or "features" not in about:
            raise DataError("this is no end model that can be read", hint="train again with this wsal")
        encoder = FeatureEncoder.from_plain(about["features"], arrays)
        classifier = LinearClassifier(
            arrays["coefficients"], arrays["intercepts"], encoder.names, about["n_iter"], about["stop_reason"]
        )
        calibration = _calibration(about["calibration"], arrays, len(about["labels"]))
        return cls(tuple(about["labels"]), encoder, classifier, arrays["present"], calibration)


def _calibration(
    found: Mapping[str, Any] | None, arrays: Mapping[str, NDArray[Any]], k: int
) -> Calibration | None:
    if found is None:
        return None
    if found["kind"] == "temperature":
        return Temperature(found["value"], found["n_answers"])
    maps = [arrays[f"calibration.{y}"] for y in range(k)]
    return Isotonic(tuple(m[0] for m in maps), tuple(m[1] for m in maps), found["n_answers"])


class _Frame:
    """A data frame as features read it."""

    def __init__(self, inputs: Inputs) -> None:
        if not hasattr(inputs, "iloc"):
            raise DataError(f"a data frame of items is needed here, got a {type(inputs).__name__}")
        self._frame: pd.DataFrame = inputs  # type: ignore[assignment]  # just checked
        self.n_items = len(self._frame)

    def column(self, name: str) -> Sequence[Any]:
        """Return n values."""
        if name not in self._frame.columns:
            known = [str(column) for column in self._frame.columns]
            raise DataError(
                f"no column {name!r}; there are {', '.join(known)}", hint=did_you_mean(name, known)
            )
        return self._frame[name].tolist()
