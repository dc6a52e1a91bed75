"""The pattern ceiling: how right labels by pattern are expected to be, and how right they could get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.types import Floats

__all__ = ["PatternCeiling", "pattern_ceiling"]

_NODES = 96
_MOST_PATTERNS = 5000


@dataclass(frozen=True, eq=False)
class PatternCeiling:
    """What answers can still mend, and what they cannot, by pattern of votes.

    Parameters
    ----------
    counts : ndarray of float64, shape (p,)
        Unanswered items of each pattern.
    shape : ndarray of float64, shape (p, k)
        Dirichlet parameters of the class shares of each pattern.
    now : ndarray of float64, shape (p,)
        Expected share of right labels if all items of the pattern get its most probable class.
    ceiling : ndarray of float64, shape (p,)
        The same if its class shares were known.
    """

    counts: Floats
    shape: Floats
    now: Floats
    ceiling: Floats

    @property
    def gain(self) -> Floats:
        """Labels that answers in a pattern are expected to put right, at most; shape (p,), in items."""
        return np.asarray(self.counts * (self.ceiling - self.now), dtype=np.float64)

    @property
    def lost(self) -> Floats:
        """Labels that stay wrong whatever is answered, as items alike differ; shape (p,), in items."""
        return np.asarray(self.counts * (1 - self.ceiling), dtype=np.float64)

    def wrong(self, code: int, *, level: float = 0.95) -> tuple[float, float, float]:
        """Return the expected number of wrong labels of a pattern now, and a credible interval of it.

        Parameters
        ----------
        code : int
            The pattern.
        level : float
        """
        from scipy.special import betaincinv

        a = self.shape[code]
        best, tail = float(a.max()), (1 - level) / 2
        rest, count = float(a.sum()) - best, float(self.counts[code])
        low, high = (float(betaincinv(rest, best, q)) for q in (tail, 1 - tail))
        return count * rest / (best + rest), count * low, count * high


def pattern_ceiling(
    probabilities: Floats, counts: NDArray[np.int64] | Floats, answers: Floats, *, strength: float = 10.0
) -> PatternCeiling:
    """Find how right labels by pattern are, and could be, by a label model's own reckoning.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (p, k)
        Of each class by pattern, answers on items alike taken in; above 0, rows sum to 1.
    counts : ndarray, shape (p,)
        Unanswered items of each pattern.
    answers : ndarray of float64, shape (p,)
        Weighted answers that were given in each pattern.
    strength : float
        What the model's opinion is worth, in answers; the label model's own default.

    Notes
    -----
    The class shares θ of a pattern are taken to be Dirichlet with mean q and weight ``strength + answers``. The best
    label by pattern is right with max E θ now, and with E max θ were θ known: the expected value of perfect
    information. For two classes E max θ is two incomplete beta functions; for more, θ = G/ΣG with independent
    gamma variables and ΣG independent of θ, so E max θ = ∫ (1 − Π P(a_y, t)) dt / Σa, by quadrature, for the 5,000
    patterns with most to gain; for the others the ceiling is taken to be what is reached. It is a reckoning of the
    model, not an estimate: with bad votes it is wrong. Source: Raiffa and Schlaifer, Applied Statistical
    Decision Theory (1961), ch. 4.

    Examples
    --------
    >>> q = np.array([[0.5, 0.5], [0.5, 0.5], [0.01, 0.99]])
    >>> found = pattern_ceiling(q, np.array([100, 100, 100]), np.array([0.0, 1000.0, 0.0]))
    >>> found.gain.round(1).tolist(), found.lost.round(1).tolist()
    ([12.3, 1.3, 0.0], [37.7, 48.7, 1.0])
    """
    q = np.asarray(probabilities, dtype=np.float64)
    shape = q * (strength + answers)[:, None]
    now = q.max(axis=1)
    items = np.asarray(counts, dtype=np.float64)
    if q.shape[1] == 2:
        ceiling = _of_two(shape)
    else:
        ceiling = now.copy()
        promising = np.argsort(-items * (1 - now), kind="stable")[:_MOST_PATTERNS]
        ceiling[promising] = _of_many(shape[promising])
    return PatternCeiling(items, shape, now, np.clip(ceiling, now, 1.0))


def _of_two(shape: Floats) -> Floats:
    from scipy.special import betainc

    a, b = shape[:, 0], shape[:, 1]
    first = a * (1 - betainc(a + 1, b, 0.5))
    second = b * betainc(a, b + 1, 0.5)
    return np.asarray((first + second) / (a + b), dtype=np.float64)


def _of_many(shape: Floats) -> Floats:
    from scipy.special import gammainc

    total = shape.sum(axis=1)
    root, weight = np.polynomial.legendre.leggauss(_NODES)
    upper = np.sqrt(total + 12 * np.sqrt(total) + 30)  # beyond its square nothing is left to integrate
    s = upper[:, None] * (root + 1) / 2  # t = s², since the integrand falls fast near 0
    below = np.ones_like(s)
    for column in shape.T:
        below *= gammainc(column[:, None], s**2)
    found = ((1 - below) * 2 * s * weight).sum(axis=1) * upper / 2 / total
    return np.asarray(found, dtype=np.float64)
