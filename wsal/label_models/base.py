"""What every fitted label model can do, given the probabilities of patterns."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, NotFittedError
from wsal.label_models.human_counts import Answers
from wsal.label_models.saving import answers_from_data, answers_to_data, read_model
from wsal.labels import HumanLabels, TiePolicy, UncoveredPolicy, hard_labels
from wsal.patterns import VotePatterns
from wsal.types import Floats, LabelSpace, Rng
from wsal.votes import VoteMatrix, patterns_of

__all__ = ["FittedModel", "Model", "Unfitted"]


class FittedModel(ABC):
    """A label model after ``fit``: it turns votes into soft labels.

    Attributes
    ----------
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        The m labelling functions.
    answers : Answers
        What people answered, which answered items carry.
    kind : str
        What a saved model says it is.
    file_version : int
        Goes up when a saved model changes its shape.
    """

    kind: ClassVar[str]
    file_version: ClassVar[int] = 1

    labels: LabelSpace
    lf_names: tuple[str, ...]
    answers: Answers

    @abstractmethod
    def pattern_proba(self, patterns: VotePatterns) -> Floats:
        """Return the probability of each class for each pattern of votes.

        No item's own answer is carried here; what people said of items alike is in it, where the model uses
        that.

        Parameters
        ----------
        patterns : VotePatterns
            Any, not only those of the fit.

        Returns
        -------
        ndarray of float64, shape (p, k)
            Rows sum to 1; nothing is exactly 0 or 1 unless the model is one of plain shares.

        Raises
        ------
        DataError
            The votes are of other labelling functions or labels than those of the fit.
        """

    def start_proba(self, patterns: VotePatterns) -> Floats:
        """Return what this model would say of the votes it was fitted on if nobody had answered.

        The same as `pattern_proba` for a model that does not learn from answers.

        Parameters
        ----------
        patterns : VotePatterns
            Those of the fit.

        Returns
        -------
        ndarray of float64, shape (p, k)
        """
        return self.pattern_proba(patterns)

    @abstractmethod
    def to_data(self) -> dict[str, Any]:
        """Return what the model learned and its settings, as what JSON knows: no labels, names or answers."""

    @classmethod
    @abstractmethod
    def from_data(
        cls, data: dict[str, Any], labels: LabelSpace, lf_names: tuple[str, ...], answers: Answers
    ) -> Self:
        """Build the model from what `to_data` returned."""

    def to_json(self) -> str:
        """Return the model as JSON text: fit, settings, and the answers it carries, without annotators."""
        return json.dumps(
            {
                "wsal_model": self.kind,
                "version": self.file_version,
                "labels": list(self.labels),
                "lf_names": list(self.lf_names),
                **self.to_data(),
                "answers": answers_to_data(self.answers),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a model that `to_json` wrote, bit by bit.

        Raises
        ------
        DataError
            Not JSON, another kind of model, or a version that this wsal does not know.
        """
        data = read_model(text, cls.kind, version=cls.file_version)
        labels = LabelSpace(tuple(data["labels"]))
        answers = answers_from_data(data["answers"], len(labels))
        return cls.from_data(data, labels, tuple(data["lf_names"]), answers)

    def predict_proba(self, votes: VoteMatrix | VotePatterns, *, answers: bool = True) -> Floats:
        """Return soft labels.

        Parameters
        ----------
        votes : VoteMatrix or VotePatterns
            Any votes of the same functions and labels.
        answers : bool
            Whether answered items carry their answer (the share of their answers by class). Patterns know no
            items, so there nothing is carried.

        Returns
        -------
        ndarray of float64, shape (n, k)
            Rows sum to 1. Shape (p, k) for patterns that hold counts only.

        Raises
        ------
        DataError
            The votes are of other labelling functions or labels than those of the fit.
        """
        patterns = patterns_of(votes)
        by_pattern = self.pattern_proba(patterns)
        if patterns.inverse is None:
            return by_pattern
        probabilities = np.asarray(patterns.expand(by_pattern), dtype=np.float64)
        if isinstance(votes, VoteMatrix) and answers:
            return self.answers.found_in(votes).carried(probabilities)
        return probabilities

    def predict(
        self,
        votes: VoteMatrix | VotePatterns,
        *,
        ties: TiePolicy = "abstain",
        uncovered: UncoveredPolicy = "abstain",
        rng: Rng = 0,
    ) -> NDArray[np.int64]:
        """Return hard labels under explicit policies.

        Parameters
        ----------
        votes : VoteMatrix or VotePatterns
        ties : {"abstain", "first", "random"}
            What to do where the best classes tie.
        uncovered : {"abstain", "guess"}
            What to do where every function abstains and nobody answered.
        rng : Generator, int or None
            Used where ``ties="random"``.

        Returns
        -------
        ndarray of int64, shape (n,)
            Class index, or ABSTAIN. Shape (p,) for patterns that hold counts only.
        """
        patterns = patterns_of(votes)
        spoken = patterns.covered
        if patterns.inverse is not None:
            spoken = spoken[patterns.inverse]
            if isinstance(votes, VoteMatrix):
                spoken = spoken | self.answers.found_in(votes).mask(votes.n_items)
        return hard_labels(self.predict_proba(votes), spoken, ties=ties, uncovered=uncovered, rng=rng)

    def require_same_lfs(self, patterns: VotePatterns) -> None:
        """Refuse votes of other labelling functions or labels than those of the fit.

        Raises
        ------
        DataError
            Names the difference.
        """
        for what, fitted, given in (
            ("labelling functions", self.lf_names, patterns.lf_names),
            ("labels", self.labels.names, patterns.labels.names),
        ):
            if fitted != given:
                raise DataError(
                    f"the model was fitted on other {what}: {_difference(fitted, given)}",
                    hint="apply the functions of the fit, in its order, or fit again",
                )


class Model(Protocol):
    """A label model before ``fit``: its settings."""

    def fit(
        self,
        votes: VoteMatrix | VotePatterns,
        human: HumanLabels | Floats | None = None,
        class_balance: Sequence[float] | None = None,
    ) -> FittedModel:
        """Return a fitted model; the model itself does not change."""
        ...


class Unfitted:
    """What every label model says before ``fit``."""

    def predict_proba(self, votes: VoteMatrix | VotePatterns) -> NoReturn:  # noqa: ARG002  # fitted models' signature
        """Refuse: there is nothing to predict with before ``fit``."""
        raise NotFittedError(f"{type(self).__name__} is not fitted; use the model that fit returns")


def _difference(fitted: Sequence[str], given: Sequence[str]) -> str:
    lost = [name for name in fitted if name not in set(given)]
    new = [name for name in given if name not in set(fitted)]
    parts = [
        *([f"missing here: {', '.join(lost)}"] if lost else []),
        *([f"not in the fit: {', '.join(new)}"] if new else []),
    ]
    if parts:
        return "; ".join(parts)
    place = next(i for i, (a, b) in enumerate(zip(fitted, given, strict=True)) if a != b)
    return (
        f"the same names in another order, from position {place + 1} on "
        f"({fitted[place]} there, {given[place]} here)"
    )
