"""What `wsal train` is asked for: a model, what it reads, the truth to judge it by, and functions of the user's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from wsal.config import Config
from wsal.errors import ConfigError, InputError, did_you_mean
from wsal.features import FeatureSettings, TransformationFunction
from wsal.items import Items
from wsal.lf.resources import PackFolder, ResourceError
from wsal.project.end_models.report import Truth
from wsal.project.estimates.audit_draws import Audits
from wsal.project.files.answers import read_answers_file
from wsal.training import NoiseAware, OnFeatures, ScikitLearn, SoftClassifier, SoftLogistic
from wsal.training.calibration import CalibrationMethod
from wsal.training.noise_aware import ClassWeight, Sampling
from wsal.types import ABSTAIN, ItemId, LabelSpace

__all__ = [
    "MODELS",
    "ModelInput",
    "TrainSettings",
    "audit_truth",
    "end_model",
    "gold_truth",
    "transformations",
]

ModelInput: TypeAlias = Literal["features", "text", "table"]
"""What the model is handed: the features that the settings name, the texts, or a data frame of all columns."""

MODELS: Final = ("logistic", "random-forest", "hist-gradient-boosting")
"""Models that have a name; any other is ``module:factory``."""


@dataclass(frozen=True)
class TrainSettings:
    """What to train, and how to judge it.

    Parameters
    ----------
    model : str
        One of `MODELS`, or ``module:factory`` for a file beside ``wsal.toml``.
    input : {"features", "text", "table"}
    held_out : float
        Share of the items with a known truth that is held out; 0 holds out none and judges nothing.
    gold : str, optional
        A column of the data, or a file with ``id`` and ``label``.
    out : Path, optional
        A folder to write the model and its predictions to.
    force : bool
        Replace files that are there.
    calibration : {"temperature", "isotonic"}, optional
    augment : str, optional
        ``module:name,name``: transformation functions.
    class_weight, sampling, minimum_confidence
        See `wsal.training.NoiseAware`.
    resample : bool
        For a classifier that takes no weights.
    seed : int
    """

    model: str = "logistic"
    input: ModelInput = "features"
    held_out: float = 0.2
    gold: str | None = None
    out: Path | None = None
    force: bool = False
    calibration: CalibrationMethod | None = None
    augment: str | None = None
    class_weight: ClassWeight = "none"
    sampling: Sampling = "none"
    minimum_confidence: float = 0.0
    resample: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.held_out < 1:
            raise InputError(
                f"a hold-out of {self.held_out!r} is no share below 1", hint="0.2 is usual, 0 is none"
            )


def end_model(settings: TrainSettings, config: Config) -> tuple[NoiseAware, str | None]:
    """Make the model that is asked for.

    Returns
    -------
    NoiseAware
    str or None
        SHA-256 of the file that made it, where it is the user's own.

    Raises
    ------
    InputError
        No such model, file or factory; the factory raised, or made no classifier.
    ConfigError
        The settings name no features for it to read.
    """
    classifier, source = _classifier(settings, config)
    if settings.input == "features":
        columns = FeatureSettings(config.text_features, config.numeric_features, config.vector_feature)
        if not columns:
            raise ConfigError(
                f"{config.file} names no features for the model to read",
                hint="name columns under [features], or hand it the items: --input table or --input text",
            )
        classifier = OnFeatures(columns, classifier)
    return NoiseAware(
        classifier,
        minimum_confidence=settings.minimum_confidence,
        class_weight=settings.class_weight,
        sampling=settings.sampling,
    ), source


def _classifier(settings: TrainSettings, config: Config) -> tuple[SoftClassifier, str | None]:
    without_weights: Literal["refuse", "resample"] = "resample" if settings.resample else "refuse"
    if ":" in settings.model:
        (factory,), source = load_functions(settings.model, config)
        try:
            made = factory()
        except Exception as error:
            raise InputError(
                f"{settings.model} raised {type(error).__name__}: {error}",
                hint="a factory takes no arguments and returns a classifier",
            ) from error
        return ScikitLearn(made, without_weights=without_weights), source
    if settings.model not in MODELS:
        raise InputError(
            f"unknown model {settings.model!r}; there are {', '.join(MODELS)}",
            hint=did_you_mean(settings.model, MODELS)
            or "name your own as module:factory, a file beside wsal.toml",
        )
    if settings.input != "features":
        raise InputError(
            f"{settings.model} reads features, not --input {settings.input}",
            hint="leave --input out, or name a pipeline of your own as module:factory",
        )
    if settings.model == "logistic":
        return SoftLogistic(), None
    if settings.model == "random-forest":
        from sklearn.ensemble import RandomForestClassifier

        return ScikitLearn(RandomForestClassifier(200)), None
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Its own early stopping would look at copies of what it trains on (`wsal.training.ScikitLearn`).
    boosting = HistGradientBoostingClassifier(early_stopping=False)
    if config.text_features:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.pipeline import make_pipeline

        return ScikitLearn(make_pipeline(TruncatedSVD(100), boosting)), None  # it takes no sparse matrix
    return ScikitLearn(boosting), None


def transformations(settings: TrainSettings, config: Config) -> tuple[TransformationFunction, ...]:
    """Load the transformation functions that are asked for; none where none are.

    Raises
    ------
    InputError
        No such file or name, or something else than a transformation function.
    """
    if settings.augment is None:
        return ()
    found, _ = load_functions(settings.augment, config)
    for name, function in zip(settings.augment.partition(":")[2].split(","), found, strict=True):
        if not isinstance(function, TransformationFunction):
            raise InputError(
                f"{name.strip()!r} in {settings.augment!r} is no transformation function",
                hint="decorate it with @transformation_function()",
            )
    return tuple(found)


def load_functions(spec: str, config: Config) -> tuple[list[Any], str]:
    """Load ``module:name,name`` from a file beside ``wsal.toml``; return the objects and the file's SHA-256."""
    module, _, names = spec.partition(":")
    folder, found, source = PackFolder(config.folder), [], ""
    try:
        for name in names.split(","):
            function, source = folder.function(f"{module}:{name.strip()}")
            found.append(function)
    except ResourceError as error:
        raise InputError(error.message, hint=error.hint) from None
    return found, source


def gold_truth(given: str, items: Items, labels: LabelSpace, config: Config) -> Truth:
    """Read true labels from a column of the data, or from a file with ``id`` and ``label``.

    Raises
    ------
    InputError
        Neither a column nor a file; a column that is a feature; a label that is none.
    """
    if given not in items.columns:
        path = config.folder / given if not Path(given).is_file() else Path(given)
        if not path.is_file():
            raise InputError(
                f"{given!r} is neither a column of {config.data_path.name} nor a file",
                hint=did_you_mean(given, items.columns) or f"its columns are {', '.join(items.columns)}",
            )
        read, _ = read_answers_file(path, items, labels)
        return _gold_of({a.item: labels.index(a.label) for a in read.answers if a.label is not None}, items)
    if given in (*config.text_features, *config.numeric_features, config.vector_feature):
        raise InputError(
            f"the gold column {given!r} is a feature, so the model would read the answer",
            hint="take it out of [features]",
        )
    found: dict[ItemId, int] = {}
    for row, cell in enumerate(items.column(given)):
        if cell is not None and cell == cell and str(cell).strip():  # noqa: PLR0124  # NaN
            try:
                found[items.item_ids[row]] = labels.index(str(cell).strip())
            except InputError as error:
                raise InputError(
                    f"column {given!r}, row {row + 1}: {error.message}", hint=error.hint
                ) from None
    return _gold_of(found, items)


def _gold_of(classes: dict[ItemId, int], items: Items) -> Truth:
    rows = [row for row, item in enumerate(items.item_ids.tolist()) if item in classes]
    if not rows:
        raise InputError("no item has a gold label", hint="give the label of some items at least")
    ids = items.item_ids[rows].tolist()
    return Truth("gold", np.array(rows, dtype=np.int64), np.array([classes[i] for i in ids], dtype=np.int64))


def audit_truth(audits: Audits) -> Truth:
    """Take what audit draws say: each draw that was uniform over the items is one observation.

    Draws that were stratified (for a hunt, or a certificate) are left out, since their items are not of equal
    weight; so are items whose annotators differ evenly.
    """
    shares = audits.known.shares(len(audits.votes.labels))
    uniform = [batch for batch in audits.batches if batch.kind == ("audit",)]
    draws = [draw for batch in uniform for draw in batch.draws]
    kept = [draw for draw in draws if draw.item not in shares or not _tied(shares[draw.item])]
    notes = list(audits.notes())
    if len(audits.batches) > len(uniform):
        stratified = sum(len(batch.draws) for batch in audits.batches) - len(draws)
        notes.append(
            f"{stratified} audit draws were stratified, for a hunt or a certificate, and are left out"
        )
    if len(draws) > len(kept):
        notes.append(
            f"{len(draws) - len(kept)} audit draws are left out: people differ evenly on their items"
        )
    classes = [int(shares[draw.item].argmax()) if draw.item in shares else ABSTAIN for draw in kept]
    rows = [audits.votes.row_of(draw.item) for draw in kept]
    return Truth("audit", np.array(rows, dtype=np.int64), np.array(classes, dtype=np.int64), tuple(notes))


def _tied(shares: Any) -> bool:  # noqa: ANN401  # an array
    best = np.sort(shares)
    return bool(best[-1] == best[-2])
