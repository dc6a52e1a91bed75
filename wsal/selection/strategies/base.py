"""The frame of every strategy: reading what came in, audit draws, picks, and the batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from wsal.errors import DataError, InputError
from wsal.label_models import AnsweredRows, Answers, FittedModel
from wsal.labels import HumanLabels
from wsal.selection.audit import draw_audit
from wsal.selection.batch import Batch, Purpose
from wsal.selection.building import Pick, build_batch
from wsal.selection.margin import pick_items
from wsal.selection.pool import Choice, Pool
from wsal.selection.strategies.learner import require_classifier
from wsal.selection.strategies.situation import Situation, read_inputs, read_probabilities
from wsal.training import Delivered, deliver
from wsal.types import Floats, ItemId, Rng, as_generator
from wsal.votes import VoteMatrix

__all__ = ["QueryStrategy", "ScoredStrategy"]


@dataclass(frozen=True, kw_only=True)
class QueryStrategy(ABC):
    """A way to choose items, called as `wsal.select` is.

    Parameters
    ----------
    audit_share : float
        Share of a batch that is drawn at random from all items, as `select` does, so that the labels can be
        graded. 0 is the strategy as it was published; 0.3 is what projects use.

    Attributes
    ----------
    name : str
        What `strategy` finds it by.
    """

    audit_share: float = 0.0
    name: ClassVar[str]
    committee: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 0 <= self.audit_share <= 1:
            raise InputError(f"audit_share={self.audit_share} is no share", hint="give a number from 0 to 1")

    def __call__(  # noqa: PLR0913  # select's signature, and where probabilities come from
        self,
        votes: VoteMatrix,
        model: FittedModel,
        *,
        n: int = 10,
        human: HumanLabels | None = None,
        features: Any = None,  # noqa: ANN401  # a matrix, or whatever the classifier reads
        rng: Rng = 0,
        exclude: Iterable[ItemId] = (),
        delivered: Delivered | None = None,
        classifier: Any = None,  # noqa: ANN401  # any object with fit and predict_proba, or several
        probabilities: Any = None,  # noqa: ANN401  # anything that numpy takes for an array
    ) -> Batch:
        """Choose the items that people should label next.

        Parameters
        ----------
        votes, model, n, human, rng, exclude, delivered
            As for `wsal.select`.
        features : FeatureMatrix, array, sparse matrix, data frame or list, optional
            One entry an item. With a classifier it may be whatever the classifier reads, such as a list of
            texts; without one it is a matrix of numbers, shape (n, d).
        classifier : object, optional
            Anything with ``fit(X, y)`` and ``predict_proba(X)``, such as a scikit-learn pipeline. A copy is
            trained on what is answered, with class indices as labels; the object itself is not changed. While
            answers of two classes are missing, the strategy does without it. For a committee: one, of
            which several are trained on resampled answers, or a list of several.
        probabilities : array_like, shape (n, k), optional
            What to go by in place of any classifier; shape (c, n, k) for a committee of c.

        Returns
        -------
        Batch

        Raises
        ------
        InputError
            ``n`` below 1, or a classifier that is none.
        DataError
            Features or probabilities that do not fit, a classifier without features, answers for items that
            are not among the votes, or a ``delivered`` of another run.

        Notes
        -----
        Where neither classifier nor probabilities are given, the end model F speaks for the items, and without
        features the label model. Where a strategy asks how far items lie from each other and there are no
        numbers to tell, their votes are taken: one column for each (function, class), 1 where voted. Items
        of one pattern of votes and exact duplicates come one at a time, as in `wsal.select`.
        """
        if n < 1:
            raise InputError(f"n={n}: a batch has at least one item")
        classifiers = self._read_classifiers(classifier)
        given = read_probabilities(
            probabilities, n_items=votes.n_items, n_classes=votes.n_classes, committee=self.committee
        )
        matrix, inputs = read_inputs(features, votes.n_items, raw=bool(classifiers))
        if delivered is None:
            delivered = deliver(votes, model, human=human, features=matrix)
        delivered.require_made_of(votes, model)
        matrix = delivered.features if matrix is None else matrix
        if inputs is None and matrix is not None:
            inputs = matrix.matrix
        if classifiers and inputs is None:
            raise DataError(
                "there is a classifier, but no features for it to read",
                hint="give features=: what the classifier reads, one entry for each item of the votes",
            )
        choice = Choice(Pool.of(votes, delivered, human=human, features=matrix, exclude=exclude))
        generator = as_generator(rng)
        rows, draws = draw_audit(choice, round(self.audit_share * n), generator=generator)
        answers = _all_answers(votes, delivered, human)
        situation = Situation(choice, generator, answers, given, classifiers, inputs)
        picks = [Pick(row, "audit") for row in rows]
        wanted = min(n - len(picks), choice.n_left)
        if wanted:
            picks += self.pick(situation, wanted)
        return build_batch(choice.pool, picks, draws)

    @abstractmethod
    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take ``count`` items; that many are free, and at least one."""

    def _read_classifiers(self, given: Any) -> tuple[Any, ...]:  # noqa: ANN401  # as in __call__
        if given is None:
            return ()
        several = isinstance(given, list | tuple)
        if several and not self.committee:
            raise InputError(
                f"{self.name} goes by one classifier, got {len(given)}",
                hint="several are for a committee: vote-entropy or committee-kl",
            )
        found = tuple(given) if several else (given,)
        for one in found:
            require_classifier(one)
        return found


@dataclass(frozen=True, kw_only=True)
class ScoredStrategy(QueryStrategy):
    """A strategy that gives every item a utility and takes the items of highest."""

    purpose: ClassVar[Purpose] = "uncertain"

    @abstractmethod
    def utilities(self, situation: Situation) -> Floats:
        """Return how much an answer is worth, by this strategy; shape (n,), finite."""

    @abstractmethod
    def lead(self, situation: Situation, row: int, utility: float) -> str:
        """Say in words why an item was chosen."""

    def pick(self, situation: Situation, count: int) -> list[Pick]:
        """Take the items of highest utility, patterns in turn; ties are broken at random."""
        # Rounded, so that what is equal on paper ties whatever the order of classes and items.
        utilities = np.round(self.utilities(situation), 12)
        rows = pick_items(situation.choice, -utilities, count, generator=situation.generator)
        return [
            Pick(row, self.purpose, lead=self.lead(situation, row, float(utilities[row]))) for row in rows
        ]


def _all_answers(votes: VoteMatrix, delivered: Delivered, human: HumanLabels | None) -> AnsweredRows:
    """Join what the run knew with what came after it; the latter counts where both speak of an item."""
    known = delivered.answers
    if human is None or human is delivered.human:
        return known
    newer = Answers.of(human, votes.n_classes).found_in(votes)
    kept = ~np.isin(known.rows, newer.rows)
    return AnsweredRows(
        np.concatenate([known.rows[kept], newer.rows]),
        np.concatenate([known.shares[kept], newer.shares]),
        np.concatenate([known.weights[kept], newer.weights]),
    )
