"""Worlds: whole labelling tasks drawn at random, to try statements about label models on many of them.

`make_votes` makes the one task that is asked for. `draw_world` draws the task itself: how many items, classes and
functions, how rare a class is, who errs and how, who copies whom. Nothing in it is fitted to a dataset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from wsal.types import ABSTAIN, Floats, LabelSpace, Rng, VoteArray, as_generator
from wsal.votes import VoteMatrix

__all__ = ["Style", "World", "draw_world"]

Style: TypeAlias = Literal["rules", "voters", "mixed"]
"""Functions that vote one class each, functions that vote all classes, or some of both."""


@dataclass(frozen=True, eq=False)
class World:
    """A labelling task with its truth.

    Parameters
    ----------
    votes : VoteMatrix
        n items, m labelling functions.
    gold : ndarray of int64, shape (n,)
        The class of each item.
    class_balance : ndarray of float64, shape (k,)
        From which gold was drawn.
    style : {"rules", "voters", "mixed"}
    leaders : tuple of (int or None)
        For each function the one that it follows; None where it follows nobody.
    misled : float
        Share of the items that look like another class to some of the functions, so that these err together.
    """

    votes: VoteMatrix
    gold: NDArray[np.int64]
    class_balance: Floats
    style: Style
    leaders: tuple[int | None, ...]
    misled: float

    @property
    def balance_of_covered(self) -> Floats:
        """Share of each class among the items with votes, kept above 0 by half an item; shape (k,)."""
        covered = (self.votes.values != ABSTAIN).any(axis=1)
        counts = np.bincount(self.gold[covered], minlength=self.votes.n_classes) + 0.5
        return np.asarray(counts / counts.sum(), dtype=np.float64)


def draw_world(rng: Rng) -> World:
    """Draw a labelling task.

    Parameters
    ----------
    rng : Generator, int or None

    Returns
    -------
    World

    Notes
    -----
    Items: 300 to 4,000. Classes: 2 to 6; even in a third of the worlds, else the rarest has a share between 1/200 and
    1/(2k). Functions: 4 to 40, in three styles. A one-class function fires on a share of its class, and less often
    elsewhere by a factor between ½ and 60 that is drawn around one of its class, so rules for a rare class are less
    precise; a function for all classes has an accuracy between .35 and .98 and errs towards some classes more than
    others. About one function in ten is worse than chance. In half of the worlds some functions follow another one,
    vote by vote; in half some functions err together on items that look like another class; and in two of three some
    items make functions fire more often than others do. O(n·m).

    Examples
    --------
    >>> world = draw_world(1)
    >>> world.votes.n_items == len(world.gold)
    True
    """
    generator = as_generator(rng)
    k = int(generator.choice([2, 2, 2, 3, 4, 6]))
    n = round(np.exp(generator.uniform(np.log(300), np.log(4000))))
    m = round(np.exp(generator.uniform(np.log(4), np.log(40))))
    balance = _draw_balance(k, generator)
    gold = generator.choice(k, size=n, p=balance).astype(np.int64)
    style: Style = generator.choice(get_args(Style))
    misled = float(generator.uniform(0.03, 0.2)) if generator.random() < 0.5 else 0.0
    look = np.where(generator.random(n) < misled, generator.choice(k, size=n, p=balance), gold)
    fooled = generator.random(m) < generator.uniform(0.2, 0.8)
    lift = generator.normal(np.log(6), 0.7, size=k)  # of each class's rules
    # Some items (long texts, say) make many functions fire, whatever their class.
    activity = np.exp(generator.normal(0, generator.choice([0.0, 0.4, 0.8]), size=n))
    columns: list[VoteArray] = []
    for j in range(m):
        one_class = style == "rules" or (style == "mixed" and generator.random() < 0.5)
        table = _one_class(balance, lift, generator) if one_class else _all_classes(k, generator)
        columns.append(_draw(table, look if fooled[j] else gold, activity, generator))
    leaders = _follow(columns, generator)
    return World(
        VoteMatrix.from_array(np.stack(columns, axis=1), LabelSpace(tuple(f"class-{y}" for y in range(k)))),
        gold,
        balance,
        style,
        leaders,
        misled,
    )


def _draw_balance(k: int, generator: np.random.Generator) -> Floats:
    if generator.random() < 1 / 3:
        return np.full(k, 1 / k)
    rarest = np.exp(generator.uniform(np.log(1 / 200), np.log(1 / (2 * k))))
    others = generator.dirichlet(np.full(k - 1, 5.0)) * (1 - rarest)
    others = np.maximum(others, rarest)
    return np.asarray(generator.permutation(np.append(others / others.sum() * (1 - rarest), rarest)))


def _one_class(balance: Floats, lift: Floats, generator: np.random.Generator) -> Floats:
    """Probability of each vote given the class, shape (k, k + 1); the last column is ABSTAIN."""
    k = len(balance)
    y = int(generator.integers(k))
    fires = np.exp(generator.uniform(np.log(0.02), np.log(0.7)))
    factor = np.clip(np.exp(generator.normal(lift[y], 1.0)), 0.5, 60.0)
    table = np.zeros((k, k + 1))
    table[:, y] = np.minimum(fires / factor * generator.uniform(0.3, 1.7, size=k), 0.95)
    table[y, y] = fires
    table[:, k] = 1 - table[:, y]
    return table


def _all_classes(k: int, generator: np.random.Generator) -> Floats:
    """Return the table of a function that votes all classes, as `_one_class` does."""
    coverage = np.exp(generator.uniform(np.log(0.03), np.log(0.9)))
    accuracy = np.clip(generator.beta(5, 2), 0.35, 0.98)
    table = np.zeros((k, k + 1))
    for y in range(k):
        here = np.clip(accuracy + generator.normal(0, 0.1), 0.05, 0.99)
        errors = generator.dirichlet(np.ones(k - 1))
        table[y, :k] = np.insert(errors * (1 - here), y, here)
    table[:, :k] *= coverage
    table[:, k] = 1 - coverage
    return table


def _draw(
    table: Floats, look: NDArray[np.int64], activity: Floats, generator: np.random.Generator
) -> VoteArray:
    votes = table[:, :-1][look]
    most = 0.98 / np.maximum(votes.sum(axis=1), 1e-12)
    upper = np.cumsum(votes * np.minimum(activity, most)[:, None], axis=1)
    vote = (generator.random(len(look))[:, None] >= upper).sum(axis=1)
    return np.where(vote == len(table), ABSTAIN, vote).astype(np.int8)


def _follow(columns: list[VoteArray], generator: np.random.Generator) -> tuple[int | None, ...]:
    """Let some functions follow another one, in place: they take over most of its votes and keep few of their own."""
    m = len(columns)
    leaders: list[int | None] = [None] * m
    if generator.random() < 0.5:
        return tuple(leaders)
    for _ in range(int(generator.integers(1, 3))):
        leader, size = int(generator.integers(m)), int(generator.integers(1, max(2, m // 3)))
        closeness, own = generator.uniform(0.6, 1.0), generator.uniform(0.0, 0.3)
        for j in generator.permutation(m)[:size].tolist():
            if j == leader or leaders[j] is not None or leaders[leader] is not None or j in leaders:
                continue
            takes = (columns[leader] != ABSTAIN) & (generator.random(len(columns[j])) < closeness)
            keeps = generator.random(len(columns[j])) < own
            columns[j] = np.where(takes, columns[leader], np.where(keeps, columns[j], ABSTAIN)).astype(
                np.int8
            )
            leaders[j] = leader
    return tuple(leaders)
