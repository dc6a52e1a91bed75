"""Expert: who answers in a replay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.types import ABSTAIN, Rng, as_generator

__all__ = ["Expert"]


@dataclass(frozen=True)
class Expert:
    """Answers by the gold label, and errs as often as told.

    Parameters
    ----------
    noise : float
        Share of answers that name another class, each other class equally often.
    unsure : float
        Share of questions that get no answer. They cost as much as others.

    Raises
    ------
    InputError
        A share that is none.
    """

    noise: float = 0.0
    unsure: float = 0.0

    def __post_init__(self) -> None:
        for name, share in (("noise", self.noise), ("unsure", self.unsure)):
            if not 0 <= share < 1:
                raise InputError(
                    f"{name}={share!r} is no share", hint="write a number from 0 to below 1, as 0.1"
                )

    def answers(self, gold: NDArray[np.int64], k: int, *, rng: Rng) -> NDArray[np.int64]:
        """Return what this expert would answer about each item, whoever asks and whenever.

        Parameters
        ----------
        gold : ndarray of int64, shape (n,)
        k : int
            Classes.
        rng : Generator, int or None

        Returns
        -------
        ndarray of int64, shape (n,)
            Class index; ABSTAIN where the expert is unsure, and where no gold label is known.
        """
        generator = as_generator(rng)
        wrong = generator.random(len(gold)) < self.noise
        shift = generator.integers(1, k, size=len(gold))
        unsure = generator.random(len(gold)) < self.unsure
        said = np.where(wrong, (gold + shift) % k, gold)
        return np.where(unsure | (gold == ABSTAIN), ABSTAIN, said).astype(np.int64)
