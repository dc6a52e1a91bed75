"""Votes from a known truth: what a label model should find is known because it was put in.

Each labelling function has a precision and a coverage, and votes independently of the others given the class;
copies of a function, with some of their votes dropped, break that independence on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.errors import InputError
from wsal.types import ABSTAIN, Floats, LabelSpace, Rng, VoteArray, as_generator
from wsal.votes import VoteMatrix

__all__ = ["Copies", "SyntheticVotes", "make_features", "make_votes"]


@dataclass(frozen=True)
class Copies:
    """Several near-copies of one labelling function.

    Parameters
    ----------
    of : int
        Index of the function that is copied.
    n : int
        Number of copies.
    dropout : float
        Share of the votes that each copy drops, at random; 0 makes exact copies.
    """

    of: int
    n: int = 1
    dropout: float = 0.0


@dataclass(frozen=True, eq=False)
class SyntheticVotes:
    """Votes, and the truth that made them.

    Parameters
    ----------
    votes : VoteMatrix
        n items, m labelling functions: the originals, then the copies.
    gold : ndarray of int64, shape (n,)
        The class of each item.
    class_balance : ndarray of float64, shape (k,)
        Probability of each class.
    accuracies : ndarray of float64, shape (m,)
        Probability that a vote is right.
    coverage : ndarray of float64, shape (m,)
        Probability that the function votes.
    polarities : tuple of (int or None)
        The one class that a function votes for; None where it votes for all.
    copy_of : tuple of (int or None)
        The function that a copy copies; None for originals.
    """

    votes: VoteMatrix
    gold: NDArray[np.int64]
    class_balance: Floats
    accuracies: Floats
    coverage: Floats
    polarities: tuple[int | None, ...]
    copy_of: tuple[int | None, ...]

    def posterior(self) -> Floats:
        """Return the true probability of each class given the votes, shape (n, k), by Bayes' rule.

        An abstain of a one-class function is evidence too. A copy votes only where its original does, and
        drops votes regardless of the class, so it adds nothing.
        """
        k = len(self.class_balance)
        log_joint = np.tile(np.log(self.class_balance), (self.votes.n_items, 1))
        for j, original in enumerate(self.copy_of):
            if original is None:
                table = _vote_probabilities(
                    self.accuracies[j], self.coverage[j], self.polarities[j], self.class_balance
                )
                with np.errstate(divide="ignore"):  # a vote that a class never gets rules the class out
                    log_joint += np.log(table)[:, self.votes.values[:, j] % (k + 1)].T
        joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
        return np.asarray(joint / joint.sum(axis=1, keepdims=True), dtype=np.float64)


def make_votes(
    n: int,
    *,
    accuracies: Sequence[float] = (0.9, 0.8, 0.8, 0.7, 0.7, 0.6),
    coverage: float | Sequence[float] = 0.3,
    class_balance: Sequence[float] = (0.5, 0.5),
    polarities: Sequence[int | None] | None = None,
    copies: Sequence[Copies] = (),
    rng: Rng = 0,
) -> SyntheticVotes:
    """Draw items and votes from a known truth.

    Parameters
    ----------
    n : int
        Number of items.
    accuracies : sequence of float
        For each function, the probability that its vote is right.
    coverage : float or sequence of float
        Probability that a function votes, for all or for each.
    class_balance : sequence of float
        Probability of each of the k classes; sums to 1.
    polarities : sequence of (int or None), optional
        The one class that each function votes for (unipolar), or None where it votes for all
        (multipolar); all are multipolar where not given.
    copies : sequence of Copies
        Near-copies of functions, appended as further columns.
    rng : Generator, int or None

    Returns
    -------
    SyntheticVotes

    Raises
    ------
    InputError
        Numbers that are no probabilities, or a one-class function whose precision and coverage ask for more
        items of a class than there are.

    Notes
    -----
    A multipolar function votes with probability ``coverage`` whatever the class; a wrong vote falls on each
    other class alike. A unipolar one votes for its class l with probability ``accuracy·coverage/b_l`` on
    items of l and ``(1−accuracy)·coverage/(1−b_l)`` on the others, so its precision and coverage are those
    asked for. O(n·m).

    Examples
    --------
    >>> made = make_votes(1000, accuracies=[0.9, 0.6], polarities=[0, 1], copies=[Copies(of=1, n=2)], rng=1)
    >>> made.votes.values.shape, made.copy_of
    ((1000, 4), (None, None, 1, 1))
    """
    balance = _checked_balance(class_balance)
    m, k = len(accuracies), len(balance)
    shares = [float(coverage)] * m if isinstance(coverage, int | float) else [float(c) for c in coverage]
    kinds = list(polarities) if polarities is not None else [None] * m
    for what, given in (("coverage", shares), ("polarities", kinds)):
        if len(given) != m:
            raise InputError(f"{what} has {len(given)} entries for {m} accuracies")
    generator = as_generator(rng)
    gold = generator.choice(k, size=n, p=balance).astype(np.int64)
    columns = []
    for accuracy, share, kind in zip(accuracies, shares, kinds, strict=True):
        table = _vote_probabilities(float(accuracy), share, kind, balance)
        columns.append(_draw_votes(table, gold, generator))
    origins: list[int | None] = [None] * m
    for copy in copies:
        _check_copies(copy, m)
        for _ in range(copy.n):
            kept = generator.random(n) >= copy.dropout
            columns.append(np.where(kept, columns[copy.of], ABSTAIN))
            origins.append(copy.of)
            shares.append(shares[copy.of] * (1 - copy.dropout))
    source = [j if origin is None else origin for j, origin in enumerate(origins)]
    L = np.stack(columns, axis=1) if columns else np.empty((n, 0), dtype=np.int8)
    names = _lf_names(origins)
    return SyntheticVotes(
        VoteMatrix.from_array(L, LabelSpace(tuple(f"class-{y}" for y in range(k))), lf_names=names),
        gold,
        balance,
        np.array([float(accuracies[j]) for j in source]),
        np.array(shares),
        tuple(kinds[j] for j in source),
        tuple(origins),
    )


def make_features(
    gold: NDArray[np.int64], *, n_features: int = 5, separation: float = 2.0, rng: Rng = 0
) -> Floats:
    """Draw features that tell the classes apart: one Gaussian cloud of unit variance for each class.

    Parameters
    ----------
    gold : ndarray of int64, shape (n,)
    n_features : int
        Number of columns, d.
    separation : float
        Expected distance between the centres of two classes, in standard deviations.
    rng : Generator, int or None

    Returns
    -------
    ndarray of float64, shape (n, d)
    """
    generator = as_generator(rng)
    k = int(gold.max(initial=0)) + 1
    centres = generator.normal(scale=separation / np.sqrt(2 * n_features), size=(k, n_features))
    return np.asarray(centres[gold] + generator.normal(size=(len(gold), n_features)), dtype=np.float64)


def _lf_names(origins: Sequence[int | None]) -> list[str]:
    names, seen = [], dict.fromkeys(origins, 0)
    for j, origin in enumerate(origins):
        if origin is None:
            names.append(f"lf_{j}")
        else:
            seen[origin] += 1
            names.append(f"lf_{origin}-copy-{seen[origin]}")
    return names


def _check_copies(copy: Copies, m: int) -> None:
    if not 0 <= copy.of < m:
        raise InputError(f"copies of function {copy.of}: there are functions 0..{m - 1}")
    if copy.n < 0 or not 0 <= copy.dropout <= 1:
        raise InputError(f"{copy}: n counts copies and dropout is a share between 0 and 1")


def _checked_balance(class_balance: Sequence[float]) -> Floats:
    balance = np.asarray(class_balance, dtype=np.float64)
    if balance.ndim != 1 or len(balance) < 2 or not (balance > 0).all() or abs(balance.sum() - 1) > 1e-9:
        raise InputError(
            f"class_balance={list(class_balance)} is no balance",
            hint="give a positive probability for each of at least two classes, summing to 1",
        )
    return balance


def _vote_probabilities(accuracy: float, coverage: float, kind: int | None, balance: Floats) -> Floats:
    """Probability of each vote given the class, shape (k, k + 1); the last column is ABSTAIN."""
    k = len(balance)
    if not (0 <= accuracy <= 1 and 0 <= coverage <= 1):
        raise InputError(f"accuracy {accuracy} and coverage {coverage} are probabilities, between 0 and 1")
    table = np.zeros((k, k + 1))
    if kind is None:
        table[:, :k] = coverage * (1 - accuracy) / (k - 1)
        np.fill_diagonal(table, coverage * accuracy)
    else:
        if not 0 <= kind < k:
            raise InputError(f"polarity {kind} is no class 0..{k - 1}")
        table[:, kind] = (1 - accuracy) * coverage / (1 - balance[kind])
        table[kind, kind] = accuracy * coverage / balance[kind]
        if table.max() > 1 + 1e-12:
            raise InputError(
                f"a function for class {kind} cannot cover {coverage:.3g} of the items and be right in "
                f"{accuracy:.3g} of its votes: only {balance[kind]:.3g} of the items are of that class",
                hint="lower its coverage",
            )
    table[:, k] = np.maximum(0.0, 1 - table[:, :k].sum(axis=1))  # rounding may leave −1e-17
    return table


def _draw_votes(table: Floats, gold: NDArray[np.int64], generator: np.random.Generator) -> VoteArray:
    upper = np.cumsum(table, axis=1)[gold]
    vote = (generator.random(len(gold))[:, None] >= upper[:, :-1]).sum(axis=1)
    return np.where(vote == len(table), ABSTAIN, vote).astype(np.int8)
