"""What `wsal train` works on: the labels of the last `fit`, who is held out, and what the model reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.features import FeatureSettings, ItemTable, SyntheticItems
from wsal.labels import HumanLabels
from wsal.project.end_models.report import Truth
from wsal.project.end_models.settings import TrainSettings, audit_truth, gold_truth
from wsal.project.estimates.audit_draws import Audits
from wsal.project.project import Project
from wsal.project.runs.cross_fitting import covered_items, delivered_without
from wsal.project.runs.fitting import read_fit
from wsal.training import ANSWER_WEIGHT, Delivered, TrainingSet, grouped_holdout
from wsal.types import ABSTAIN, Floats, is_missing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NO_TRUTH", "EndModelData"]

_FEW_COPIES: Final = 0.9  # from this share of different items on, copies hardly move an interval
NO_TRUTH: Final = (
    "no honest accuracy can be given: no item has an answer that was drawn at random; answer the audit items of "
    "`wsal label`, or name true labels with --gold"
)


class EndModelData:
    """Labels, inputs and hold-out of one run of `train`.

    Parameters
    ----------
    project : Project
    settings : TrainSettings
    rng : Generator

    Raises
    ------
    InputError
        Nothing was fitted, or the data changed since.
    """

    def __init__(self, project: Project, settings: TrainSettings, rng: np.random.Generator) -> None:
        self.project = project
        self.settings = settings
        self.rng = rng
        self.fit_run = project.history.run("run_fitted")
        project.history.require_same_classes(self.fit_run)
        applied = project.history.run("run_applied", self.fit_run.payload.votes_run)
        if applied.payload.data_fingerprint != project.items.fingerprint:
            raise InputError(
                f"{project.config.data_path} changed after run {applied.run}",
                hint="run `wsal apply` and `wsal fit` again",
            )

    @cached_property
    def fitted(self) -> Delivered:
        """What the last `fit` delivered."""
        return read_fit(self.fit_run, history=self.project.history, features=self.project.features)

    @cached_property
    def human(self) -> HumanLabels:
        """The answers that the last `fit` knew."""
        return self.project.history.human(self.fitted.votes, as_of=self.fit_run.payload.answers_seq)[0]

    @cached_property
    def audit(self) -> Truth:
        """What audit draws say by now."""
        return audit_truth(self.audits)

    @cached_property
    def audits(self) -> Audits:
        """The audit draws of the project, with the answers up to now."""
        now, _ = self.project.history.human(self.fitted.votes)
        return Audits(self.project.history, self.fitted.votes, now)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """One number for all copies of an item, near ones where `fit` looked for them; shape (n,)."""
        found = self.fitted.duplicates
        return _copies(self.project) if found is None else found.codes

    @cached_property
    def inputs(self) -> Any:  # noqa: ANN401  # any `Inputs`
        """What the model reads, n rows."""
        return self.inputs_of(self.project.items)

    def inputs_of(self, table: ItemTable | SyntheticItems) -> Any:  # noqa: ANN401  # any `Inputs`
        """Return the rows of a table as the model reads them."""
        items, settings = self.project.items, self.settings
        if settings.input == "text":
            if items.text_column is None:
                raise InputError(
                    "the data has no text column to read", hint='name it: text = "body" under [data]'
                )
            return ["" if is_missing(cell) else str(cell) for cell in table.column(items.text_column)]
        hidden = {items.id_column, settings.gold}
        names = [name for name in items.columns if name not in hidden]
        if settings.input == "table":
            return _typed(table, items.to_frame()[names])
        return _untyped(table, names)

    def hold_out(self) -> tuple[Truth | None, NDArray[np.bool_], tuple[str, ...]]:
        """Return the truth of the held-out items, which items are held out, and what to say about it."""
        project, settings = self.project, self.settings
        nobody = np.zeros(project.items.n_items, dtype=np.bool_)
        if settings.held_out == 0:
            return None, nobody, ("nothing was held out, so nothing can be said of how good the model is",)
        truth = self.audit
        if settings.gold is not None:
            truth = gold_truth(settings.gold, project.items, project.config.labels, project.config)
        if not (truth.classes != ABSTAIN).any():
            return None, nobody, (*truth.notes, NO_TRUTH)
        strata = np.full(project.items.n_items, -2, dtype=np.int64)  # -1 has been drawn and not been answered
        strata[truth.rows] = truth.classes
        held = grouped_holdout(
            strata, share=settings.held_out, groups=self.groups, among=strata > -2, rng=self.rng
        )
        judged = truth.among(held)
        return judged, held, (*truth.notes, *_copies_among(self.groups[judged.rows]))

    def labels_without(self, held: NDArray[np.bool_]) -> Delivered:
        """Return labels made without the answers to some items; those of the last `fit` where there are none."""
        ids = set(self.fitted.votes.item_ids[held].tolist())
        if not any(item in ids for item in self.human.items()):
            return self.fitted
        return delivered_without(
            self.fitted.votes,
            self.fit_run.payload,
            held,
            trained=self.human,
            features=self.project.features,
            duplicates=self.fitted.duplicates,
        )

    @staticmethod
    def soft_of(labels: Delivered) -> Floats:
        """Return what rules and people say, q with the answers in it; shape (n, k)."""
        return labels.answers.carried(labels.rule_probabilities)

    def training_set(self, labels: Delivered) -> TrainingSet:
        """Return all items with the weights they have in training, those of the end model of `fit`.

        That is 1 where rules vote and `ANSWER_WEIGHT` where people answered. A group of duplicates shares the weight
        of one item; where it is answered, its answer alone trains.
        """
        covered = covered_items(labels.votes)
        answered = labels.answers.mask(len(covered))
        weights = np.where(answered, 1.0, covered)
        if labels.duplicates is not None:
            weights = labels.duplicates.training_weights(covered, answered)
        weights = weights * np.where(answered, ANSWER_WEIGHT, 1.0)
        return TrainingSet(self.inputs, self.soft_of(labels), weights, self.groups)


def _untyped(table: ItemTable | SyntheticItems, names: Sequence[str]) -> pd.DataFrame:
    """Return a data frame of objects, as the cells are."""
    import pandas as pd

    n = table.n_items
    return pd.DataFrame(
        {name: pd.Series(list(table.column(name)), index=range(n), dtype=object) for name in names},
        index=range(n),
    )


def _typed(table: ItemTable | SyntheticItems, like: pd.DataFrame) -> pd.DataFrame:
    """Return a data frame with the column types of another one."""
    try:
        return _untyped(table, like.columns.tolist()).astype(like.dtypes.to_dict())
    except (TypeError, ValueError) as error:
        raise DataError(
            f"a transformation function changed the type of a column: {error}",
            hint="keep numbers numbers and texts texts",
        ) from error


def _copies_among(groups: NDArray[np.int64]) -> tuple[str, ...]:
    different = len(np.unique(groups))
    if different >= _FEW_COPIES * len(groups):
        return ()
    note = (
        f"the {len(groups)} items held out are {different} different ones and their copies; the intervals count "
        "copies as if they were different, and are too narrow"
    )
    return (note,)


def _copies(project: Project) -> NDArray[np.int64]:
    """Give exact copies one number: the same features, texts in any case and spacing; shape (n,).

    For a project that does not look for duplicates: a copy must not cross into a hold-out there either.
    """
    config, items = project.config, project.items
    columns = FeatureSettings(config.text_features, config.numeric_features, config.vector_feature)
    texts = columns.text or ((items.text_column,) if items.text_column else ())
    rest = (*columns.numeric, *((columns.vectors,) if columns.vectors else ()))
    if not texts and not rest:
        return np.arange(items.n_items)
    parts: list[list[object]] = [
        [None if is_missing(cell) else " ".join(str(cell).casefold().split()) for cell in items.column(name)]
        for name in texts
    ]
    parts += [[None if is_missing(cell) else repr(cell) for cell in items.column(name)] for name in rest]
    numbers: dict[tuple[object, ...], int] = {}
    return np.array(
        [numbers.setdefault(key, len(numbers)) for key in zip(*parts, strict=True)], dtype=np.int64
    )
