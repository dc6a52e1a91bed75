"""The rate over all answers, under a name that says what it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError
from wsal.estimation.planning import sample_size_for_share
from wsal.types import ABSTAIN

__all__ = ["NaiveRate", "naive_rate"]


@dataclass(frozen=True)
class NaiveRate:
    """How often labels agree with the answers there happen to be. **Not an accuracy**; it has no interval.

    Parameters
    ----------
    agreement : float
        Share of the answered, labelled items whose label is the answer.
    n_answers : int
    n_enough : int
        Fresh audit draws, all answered, that would give an accuracy with ± .05 whatever it is.
    """

    agreement: float
    n_answers: int
    n_enough: int

    def __str__(self) -> str:
        return (
            f"not an accuracy: labels agree with {self.agreement:.3f} of {self.n_answers} answers, but these items "
            "were chosen, and answers may have trained the labels; "
            f"{self.n_enough} audit draws among the labelled items would give the accuracy within .05"
        )


def naive_rate(labels: NDArray[np.integer], answers: NDArray[np.integer]) -> NaiveRate:
    """Compare labels with answers on whatever items people were asked about.

    Parameters
    ----------
    labels, answers : ndarray of int, shape (B,)
        Of the answered items; items with the label ABSTAIN are not compared.

    Raises
    ------
    DataError
        Different lengths, or nothing to compare.

    Examples
    --------
    >>> print(naive_rate(np.array([1, 1, 0, -1]), np.array([1, 0, 0, 0])))  # doctest: +ELLIPSIS
    not an accuracy: labels agree with 0.667 of 3 answers, but these items were chosen, ... within .05
    """
    if labels.shape != answers.shape:
        raise DataError(f"{labels.shape} labels cannot be compared with {answers.shape} answers")
    labelled = labels != ABSTAIN
    if not labelled.any():
        raise DataError("no answered item has a label; there is nothing to compare")
    agreement = float(np.mean(labels[labelled] == answers[labelled]))
    return NaiveRate(agreement, int(labelled.sum()), sample_size_for_share(0.5, half_width=0.05))
