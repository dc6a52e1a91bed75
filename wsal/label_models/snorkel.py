"""SnorkelModel: Snorkel's LabelModel behind wsal's interface, for comparison. Needs ``wsal[snorkel]``.

What it does and where it fails: docs/explanation/snorkel.md.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wsal.errors import DataError, InputError
from wsal.label_models.balance import as_class_balance
from wsal.label_models.base import FittedModel, Unfitted
from wsal.label_models.confusions import log_likelihoods, vote_table
from wsal.label_models.evidence_terms import BALANCE, Term
from wsal.label_models.human_counts import Answers, as_human_counts
from wsal.label_models.log_space import softmax
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray
from wsal.votes import VoteMatrix

__all__ = ["FittedSnorkelModel", "SnorkelModel"]


_MIN_LFS = 3  # Snorkel refuses fewer columns

Optimizer: TypeAlias = Literal["sgd", "adam", "adamax"]
"""Names of Snorkel's optimizers."""


@dataclass(frozen=True)
class SnorkelModel(Unfitted):
    """Snorkel's ``LabelModel`` (release 0.10) with its own defaults, but for what is said under Notes.

    It learns from votes and the class balance alone: answers of people are carried by answered items and
    teach it nothing.

    Parameters
    ----------
    n_epochs : int
        Steps of gradient descent; there is no test of convergence.
    lr : float
        Step size.
    l2 : float
        Strength of the pull towards where it started.
    optimizer : {"sgd", "adam", "adamax"}
    prec_init : float
        How often functions are right, at the start.
    mu_eps : float, optional
        Learned probabilities are kept this far from 0 and 1; where not given, min(.01, 10^−⌈log₁₀ n⌉). Functions
        that vote more rarely than this are flattened.
    seed : int
        Scales the starting point. Snorkel's own default differs by process.

    Raises
    ------
    InputError
        A parameter outside its range.

    Notes
    -----
    Snorkel trains; what stands around it is wsal's: its matrix of overlaps is summed over patterns, so memory
    does not grow with items; classes are put in an order of their own first, since its result depends on that
    order; fewer than three functions are joined by silent ones, which change nothing; the random states of
    Python, NumPy and torch are afterwards what they were; the class balance is that which is given, and even
    where none is given.

    Source: Ratner et al., *Training complex models with multi-task weak supervision*, AAAI 2019.
    """

    n_epochs: int = 100
    lr: float = 0.01
    l2: float = 0.0
    optimizer: Optimizer = "sgd"
    prec_init: float = 0.7
    mu_eps: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        within: tuple[tuple[str, object, bool], ...] = (
            ("n_epochs", self.n_epochs, self.n_epochs >= 1),
            ("lr", self.lr, 0 < self.lr < math.inf),
            ("l2", self.l2, 0 <= self.l2 < math.inf),
            ("optimizer", self.optimizer, self.optimizer in {"sgd", "adam", "adamax"}),
            ("prec_init", self.prec_init, 0 < self.prec_init < 1),
            ("mu_eps", self.mu_eps, self.mu_eps is None or 0 < self.mu_eps < 0.5),
            ("seed", self.seed, 0 <= self.seed < 2**32),
        )
        for name, value, fits in within:
            if not fits:
                raise InputError(
                    f"{name}={value!r} is out of range", hint=f"the default is {type(self).__dict__[name]!r}"
                )

    def fit(
        self,
        votes: VoteMatrix | VotePatterns,
        human: HumanLabels | Floats | None = None,
        class_balance: Sequence[float] | None = None,
    ) -> FittedSnorkelModel:
        """Learn from votes and the class balance.

        Parameters
        ----------
        votes : VoteMatrix or VotePatterns
        human : HumanLabels, optional
            Carried by answered items. Counts by pattern are taken too, and are without effect.
        class_balance : sequence of float, optional
            Share of each class among all items. 1/k each where not given, which the result leans on heavily.

        Returns
        -------
        FittedSnorkelModel
            Bit by bit the same for every order of items, and for shards merged.

        Raises
        ------
        InputError
            Snorkel is not installed.
        DataError
            There are no votes; answers for items that are not among them; a balance that is none; or the
            steps diverge.

        Notes
        -----
        O(votes·k) and, for each step, O((m·k)²·k) time; O((m·k)²) memory.
        """
        patterns = votes.patterns() if isinstance(votes, VoteMatrix) else votes
        k = patterns.n_classes
        balance = (
            np.full(k, 1.0 / k) if class_balance is None else as_class_balance(class_balance, patterns.labels)
        )
        _, answers = as_human_counts(votes, human)
        if not patterns.covered.any():
            raise DataError("there is no vote to learn from", hint="MajorityVote can be fitted on nothing")
        order = _order_of_classes(patterns, balance)
        overlaps = _overlaps(patterns)
        sources = _in_order(order, patterns.n_lfs)
        mu, history = _train(self, overlaps[np.ix_(sources, sources)], patterns.n_items, balance[order])
        learned = np.empty((patterns.n_lfs * k, k))
        learned[np.ix_(sources, order)] = mu
        return FittedSnorkelModel(
            patterns.labels, patterns.lf_names, answers, self, learned, balance, len(history), history
        )


@dataclass(frozen=True, eq=False)
class FittedSnorkelModel(FittedModel):
    """What `SnorkelModel` returns from ``fit``.

    Parameters
    ----------
    labels : LabelSpace
    lf_names : tuple of str
    answers : Answers
        Carried by answered items.
    settings : SnorkelModel
    mu : ndarray of float64, shape (m·k, k)
        Row ``j·k + l``, column y: the learned probability that function j votes l on items of class y.
    class_balance : ndarray of float64, shape (k,)
        As given, or even.
    n_iter : int
        Steps taken.
    history : tuple of float
        Snorkel's loss before each step. It need not fall.
    """

    kind: ClassVar[str] = "Snorkel"

    labels: LabelSpace
    lf_names: tuple[str, ...]
    answers: Answers
    settings: SnorkelModel
    mu: Floats
    class_balance: Floats
    n_iter: int
    history: tuple[float, ...]

    stop_reason = "all epochs done"

    @cached_property
    def _log_mu(self) -> Floats:
        return np.asarray(np.log(self.mu), dtype=np.float64)

    def pattern_proba(self, patterns: VotePatterns) -> Floats:
        """Return Snorkel's posterior by pattern, shape (p, k); the class balance where all abstain.

        An abstain says nothing. A probability below 1e-308 becomes 0.
        """
        self.require_same_lfs(patterns)
        table = vote_table(patterns.votes, len(self.labels))
        return softmax(log_likelihoods(table, self._log_mu) + np.log(self.class_balance))

    def terms(self, row: VoteArray) -> tuple[Term, ...]:
        """Open the label of a row of votes into parts that add up.

        Parameters
        ----------
        row : ndarray of int8, shape (m,)

        Returns
        -------
        tuple of Term
            The class balance, and each function that voted.

        Raises
        ------
        DataError
            The row does not have m votes.
        """
        row = np.asarray(row, dtype=np.int8)
        if row.shape != (len(self.lf_names),):
            raise DataError(
                f"a row has one vote for each of {len(self.lf_names)} functions, got shape {row.shape}"
            )
        k = len(self.labels)
        voters = np.flatnonzero(row != ABSTAIN).tolist()
        return (
            Term(BALANCE, None, np.log(self.class_balance)),
            *(
                Term(self.lf_names[j], self.labels.name(int(row[j])), self._log_mu[j * k + int(row[j])])
                for j in voters
            ),
        )

    def to_data(self) -> dict[str, Any]:
        """Return what was learned and the settings, for JSON; reading it back does not need Snorkel."""
        return {
            "settings": asdict(self.settings),
            "mu": self.mu.tolist(),
            "class_balance": self.class_balance.tolist(),
            "n_iter": self.n_iter,
            "history": list(self.history),
        }

    @classmethod
    def from_data(
        cls, data: dict[str, Any], labels: LabelSpace, lf_names: tuple[str, ...], answers: Answers
    ) -> Self:
        """Build the model from what `to_data` returned."""
        return cls(
            labels,
            lf_names,
            answers,
            SnorkelModel(**data["settings"]),
            np.array(data["mu"], dtype=np.float64).reshape(-1, len(labels)),
            np.array(data["class_balance"], dtype=np.float64),
            data["n_iter"],
            tuple(data["history"]),
        )


def _order_of_classes(patterns: VotePatterns, balance: Floats) -> NDArray[np.int64]:
    """Order classes by what is known of them, never by their place: those voted for most come first."""
    votes = np.stack([patterns.counts @ (patterns.votes == y) for y in range(patterns.n_classes)])
    keys = [(-row.sum(), *row.tolist(), share) for row, share in zip(votes, balance.tolist(), strict=True)]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def _in_order(order: NDArray[np.int64], m: int) -> NDArray[np.int64]:
    """Return the sources (function j, class) with the classes of each function in that order; shape (m·k,)."""
    return (np.arange(m)[:, None] * len(order) + order).reshape(-1)


def _overlaps(patterns: VotePatterns) -> Floats:
    """Count the items on which each two sources vote together; whole numbers of shape (m·k, m·k)."""
    table = vote_table(patterns.votes, patterns.n_classes)
    return np.asarray((table.T @ (table * patterns.counts[:, None])).toarray(), dtype=np.float64)


def _train(
    settings: SnorkelModel, overlaps: Floats, n: int, balance: Floats
) -> tuple[Floats, tuple[float, ...]]:
    """Let Snorkel learn mu, of shape (m·k, k), from counts of overlaps; also its loss before each step."""
    k = len(balance)
    m = len(overlaps) // k
    silent = max(_MIN_LFS - m, 0)
    joint = np.pad(overlaps, (0, silent * k)) / n
    with _random_states_kept():
        torch, label_model = _import_snorkel()
        history: list[float] = []

        class Trained(label_model):  # type: ignore[misc, valid-type]  # Snorkel publishes no types
            """Snorkel's model, told the overlaps instead of counting them."""

            def _generate_O(self, L: Any, higher_order: bool = False) -> None:  # noqa: ANN401, ARG002, FBT001, FBT002, N802  # Snorkel's signature
                self._get_augmented_label_matrix(L)  # fills c_data
                self.d = len(joint)
                self.O = torch.from_numpy(joint).float()

            def _loss_mu(self, l2: float = 0) -> Any:  # noqa: ANN401  # a tensor
                loss = super()._loss_mu(l2=l2)
                history.append(float(loss.detach()))
                if not math.isfinite(history[-1]):
                    raise DataError(
                        f"Snorkel's steps diverge: the loss is {history[-1]} in step {len(history)}",
                        hint="lower lr (the default is 0.01)",
                    )
                return loss

        model = Trained(cardinality=k, verbose=False)
        rows = np.zeros((1, m + silent), dtype=np.int64)  # their number of columns is all that is read of it
        model.fit(
            rows,
            class_balance=balance.tolist(),
            progress_bar=False,
            n_epochs=settings.n_epochs,
            lr=settings.lr,
            l2=settings.l2,
            optimizer=settings.optimizer,
            prec_init=settings.prec_init,
            mu_eps=settings.mu_eps or min(0.01, 10.0 ** -math.ceil(math.log10(n))),
            seed=settings.seed,
        )
        mu = model.mu.detach().numpy().astype(np.float64)
    return mu[: m * k], tuple(history)


def _import_snorkel() -> tuple[Any, Any]:
    """Return the module torch and Snorkel's LabelModel, by name: torch's own types would slow mypy down."""
    try:
        return import_module("torch"), import_module("snorkel.labeling.model").LabelModel
    except ImportError as error:
        raise InputError(
            f"SnorkelModel needs Snorkel, which cannot be imported: {error}",
            hint="pip install 'wsal[snorkel]'",
        ) from error


@contextmanager
def _random_states_kept() -> Iterator[None]:
    """Put back the global random states of Python, NumPy and torch: Snorkel seeds all three.

    Importing it draws from NumPy's as well, so that too happens inside.
    """
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  # the state to be kept
    torch = import_module("torch") if find_spec("torch") else None
    before = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002  # as above
        if torch:
            torch.set_rng_state(before)
