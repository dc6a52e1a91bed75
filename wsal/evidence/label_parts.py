"""LabelParts: what delivered labels are made of beside the votes, so that they can be evaluated with other votes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wsal.features import DuplicateGroups
from wsal.features.duplicates import CopiedAnswers
from wsal.label_models import AnsweredRows
from wsal.label_models.log_space import softmax
from wsal.labels import hard_labels
from wsal.training import Delivered
from wsal.types import Floats

__all__ = ["LabelParts", "LabelsThen", "carried_answers"]


@dataclass(frozen=True, eq=False)
class LabelsThen:
    """Labels as they would be delivered.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (r, k)
        Rows sum to 1; no statement where nothing speaks.
    spoken : ndarray of bool, shape (r,)
        Whether anything speaks for the item: a vote, an answer or a classifier.
    """

    probabilities: Floats
    spoken: NDArray[np.bool_]

    @cached_property
    def hard(self) -> NDArray[np.int64]:
        """The best class, shape (r,); ABSTAIN in a tie and where nothing speaks."""
        return hard_labels(self.probabilities, self.spoken)


@dataclass(frozen=True, eq=False)
class LabelParts:
    """All of n delivered labels that does not depend on votes.

    Parameters
    ----------
    n_items : int
    human_probabilities : ndarray of float64, shape (n, k), or None
        F_h, above 0; None where there is no human classifier.
    human_prior : ndarray of float64, shape (k,), or None
        π_h.
    trust : float
        What the human classifier's log odds are multiplied by: 1; less in runs that an older wsal made (ADR 0016).
    end_probabilities : ndarray of float64, shape (n, k), or None
        F, above 0; None where there is no end model.
    carried : CopiedAnswers
        The items' own answers (weight 1), and those that are copied from their duplicates.
    """

    n_items: int
    human_probabilities: Floats | None
    human_prior: Floats | None
    trust: float
    end_probabilities: Floats | None
    carried: CopiedAnswers

    @classmethod
    def of(cls, delivered: Delivered) -> LabelParts:
        """Take what a run delivered apart; arrays are shared, not copied."""
        return cls(
            delivered.votes.n_items,
            delivered.human_probabilities,
            delivered.human_prior,
            1.0,
            delivered.end_probabilities,
            carried_answers(delivered.answers, delivered.duplicates),
        )

    @cached_property
    def standing(self) -> NDArray[np.bool_]:
        """Whether a label is an answer, or an exact copy of one: no vote changes it. Shape (n,)."""
        out = np.zeros(self.n_items, dtype=np.bool_)
        out[self.carried.rows[self.carried.weights == 1.0]] = True
        return out

    @cached_property
    def _carried_at(self) -> NDArray[np.int64]:
        out = np.full(self.n_items, -1, dtype=np.int64)
        out[self.carried.rows] = np.arange(len(self.carried.rows))
        return out

    def at(self, rows: NDArray[np.int64]) -> LabelParts:
        """Return the parts of some items, in the order asked for."""
        carried = self._carried_at[rows]
        here = np.flatnonzero(carried >= 0)
        found = carried[here]
        f_h, f = self.human_probabilities, self.end_probabilities
        return replace(
            self,
            n_items=len(rows),
            human_probabilities=None if f_h is None else f_h[rows],
            end_probabilities=None if f is None else f[rows],
            carried=CopiedAnswers(here, self.carried.shares[found], self.carried.weights[found]),
        )

    def labels(
        self, log_q: Floats, covered: NDArray[np.bool_], rows: NDArray[np.int64] | None = None
    ) -> LabelsThen:
        """Evaluate the labels of some items with what a label model says of their votes.

        Parameters
        ----------
        log_q : ndarray of float64, shape (r, k)
            Log probabilities of the label model, nats.
        covered : ndarray of bool, shape (r,)
            Whether any rule votes.
        rows : ndarray of int64, shape (r,), optional
            Which items; all n in their order where not given. An item may stand several times.

        Returns
        -------
        LabelsThen
            ∝ q·(F_h/π_h)^trust; with an end model ∝ √(F·that) where covered, else F; answers in their place
            (DESIGN §5).

        Notes
        -----
        O(r·k), array operations alone.
        """
        at = slice(None) if rows is None else rows
        scores = log_q
        if self.human_probabilities is not None and self.human_prior is not None:
            ratio = np.log(self.human_probabilities[at]) - np.log(self.human_prior)
            scores = scores + self.trust * ratio
        if self.end_probabilities is not None:
            end = np.log(self.end_probabilities[at])
            scores = np.where(covered[:, None], 0.5 * (scores + end), end)
        p = softmax(scores)
        carried = self._carried_at[at]
        here = np.flatnonzero(carried >= 0)
        if len(here):
            found = carried[here]
            w = self.carried.weights[found, None]
            p[here] = w * self.carried.shares[found] + (1.0 - w) * p[here]
        return LabelsThen(p, covered | (carried >= 0) | (self.end_probabilities is not None))


def carried_answers(own: AnsweredRows, duplicates: DuplicateGroups | None) -> CopiedAnswers:
    """Return the answers that items carry: their own with weight 1, and those copied from duplicates. O(n)."""
    rows, shares, weights = own.rows, own.shares, np.ones(len(own.rows))
    if duplicates is not None and len(rows):
        copies = duplicates.copied(own.rows, own.shares)
        rows = np.concatenate([rows, copies.rows])
        shares = np.concatenate([shares, copies.shares])
        weights = np.concatenate([weights, copies.weights])
    order = np.argsort(rows)
    return CopiedAnswers(rows[order], shares[order], weights[order])
