"""RunState: a run of `fit`, as far as two runs are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wsal.evidence.label_parts import LabelParts, LabelsThen
from wsal.label_models import FittedLabelModel
from wsal.labels import SoftLabels
from wsal.types import LabelSpace
from wsal.votes import VoteMatrix

__all__ = ["RunState"]


@dataclass(frozen=True, eq=False)
class RunState:
    """A run, as far as two runs are compared.

    Parameters
    ----------
    name : str
    votes : VoteMatrix
        n items, m functions with their fingerprints.
    model : FittedLabelModel
    soft : SoftLabels
        As delivered.
    parts : LabelParts
        What the labels are made of beside the votes.
    digests : ndarray of uint64, shape (n,), or None
        Of the content of each item; None where the run did not keep them.
    """

    name: str
    votes: VoteMatrix
    model: FittedLabelModel
    soft: SoftLabels
    parts: LabelParts
    digests: NDArray[np.uint64] | None = None

    def only(self, rows: NDArray[np.int64]) -> RunState:
        """Return the run for some items alone, in the order asked for."""
        soft = replace(
            self.soft,
            probabilities=self.soft.probabilities[rows],
            item_ids=self.soft.item_ids[rows],
            sources=self.soft.sources[rows],
        )
        return replace(
            self,
            votes=self.votes.select_items(rows),
            soft=soft,
            parts=self.parts.at(rows),
            digests=None if self.digests is None else self.digests[rows],
        )

    def renamed(self, labels: LabelSpace) -> RunState:
        """Return the run with its classes, in their order, under other names."""
        return replace(
            self,
            votes=replace(self.votes, labels=labels),
            model=replace(self.model, labels=labels),
            soft=replace(self.soft, labels=labels),
        )

    @property
    def labels(self) -> LabelsThen:
        """The labels as delivered."""
        return LabelsThen(self.soft.probabilities, self.soft.sources != "none")
