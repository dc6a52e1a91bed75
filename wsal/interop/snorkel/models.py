"""Label models with Snorkel's methods: wsal's LabelModel, and the baselines."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wsal import label_models
from wsal.errors import DataError, InputError, NotFittedError, did_you_mean
from wsal.interop.snorkel.analysis import as_vote_matrix
from wsal.interop.snorkel.label_arrays import TieBreakPolicy, as_classes, probs_to_preds
from wsal.interop.snorkel.scores import scores
from wsal.label_models import FittedLabelModel
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats, Rng, as_generator

__all__ = ["LabelModel", "MajorityClassVoter", "MajorityLabelVoter", "RandomVoter"]

_OF_SNORKELS_TRAINING: Final = frozenset(
    {
        "n_epochs",
        "lr",
        "l2",
        "optimizer",
        "optimizer_config",
        "lr_scheduler",
        "lr_scheduler_config",
        "prec_init",
        "seed",
        "log_freq",
        "mu_eps",
    }
)
"""Settings of gradient descent: accepted, and without effect on a model in closed form."""


class _Labeler(ABC):
    """What every model can do with the probabilities it gives.

    Parameters
    ----------
    cardinality : int
        Number of classes, k.
    """

    def __init__(self, cardinality: int = 2, **_: object) -> None:
        if cardinality < 2:
            raise InputError(
                f"cardinality={cardinality!r} is no number of classes", hint="there are at least 2"
            )
        self.cardinality = int(cardinality)

    @abstractmethod
    def predict_proba(self, L: ArrayLike) -> Floats:
        """Return the probability of each class for each row of votes, shape (n, k)."""

    def predict(
        self,
        L: ArrayLike,
        return_probs: bool = False,
        tie_break_policy: TieBreakPolicy = "abstain",
    ) -> Any:  # noqa: ANN401  # one array, or two
        """Return the class of each row of votes, shape (n,), and with ``return_probs`` the probabilities too.

        Parameters
        ----------
        L : array-like of int, shape (n, m)
        return_probs : bool
        tie_break_policy : {"abstain", "random", "true-random"}
            With ``abstain`` a row without any vote has no class either.
        """
        probabilities = self.predict_proba(L)
        chosen = probs_to_preds(probabilities, tie_break_policy)
        if tie_break_policy == "abstain":
            chosen[self._silent(L)] = ABSTAIN
        return (chosen, probabilities) if return_probs else chosen

    def score(
        self,
        L: ArrayLike,
        Y: ArrayLike,
        metrics: Sequence[str] = ("accuracy",),
        tie_break_policy: TieBreakPolicy = "abstain",
    ) -> dict[str, float]:
        """Compare the classes of rows of votes with the true ones.

        Parameters
        ----------
        L : array-like of int, shape (n, m)
        Y : array-like of int, shape (n,)
            Rows whose truth is -1 are left out.
        metrics : sequence of str
            ``accuracy``, ``coverage``, ``precision``, ``recall``, ``f1``, ``f1_micro``, ``f1_macro``,
            ``matthews_corrcoef``, ``roc_auc``.
        tie_break_policy : {"abstain", "random", "true-random"}
            Rows without a class are left out, as Snorkel does, except of ``coverage``; a warning says how many.

        Returns
        -------
        dict of str to float

        Raises
        ------
        DataError
            An unknown metric, or one that is not defined for these classes.
        """
        chosen, probabilities = self.predict(L, return_probs=True, tie_break_policy=tie_break_policy)
        truth = as_classes(Y)
        if len(truth) != len(chosen):
            raise DataError(f"there are {len(truth)} true classes and {len(chosen)} rows of votes")
        left_out = int(((chosen == ABSTAIN) & (truth != ABSTAIN)).sum())
        if left_out:
            warnings.warn(
                f"{left_out} of {int((truth != ABSTAIN).sum())} rows have no class (ties, or no vote) and are left "
                'out of the scores; tie_break_policy="random" gives them one',
                stacklevel=2,
            )
        return scores(truth, chosen, probabilities, metrics)

    def _silent(self, L: ArrayLike) -> NDArray[np.bool_]:
        return np.asarray((np.asarray(L) == ABSTAIN).all(axis=1))


class LabelModel(_Labeler):
    """wsal's `LabelModel` with Snorkel's methods.

    It is in closed form: settings of gradient descent are accepted and have no effect. Rows without any vote have the
    class balance if one is given, else the share of votes, and with ``tie_break_policy="abstain"`` no class.

    Parameters
    ----------
    cardinality : int
        Number of classes, k.
    verbose, device
        Accepted for Snorkel's sake.

    Examples
    --------
    >>> model = LabelModel(cardinality=2)
    >>> model.fit([[0, 0, -1], [1, -1, 1], [0, 1, 1], [-1, -1, -1]])
    >>> model.predict([[0, 0, -1], [1, -1, 1], [-1, -1, -1]]).tolist()
    [0, 1, -1]
    """

    _fitted: FittedLabelModel | None = None
    _patterns: VotePatterns | None = None

    def fit(
        self,
        L_train: ArrayLike,
        Y_dev: ArrayLike | None = None,
        class_balance: Sequence[float] | None = None,
        progress_bar: bool = True,  # noqa: ARG002  # Snorkel's signature
        **settings: Any,  # noqa: ANN401  # those of Snorkel's training
    ) -> None:
        """Learn from votes.

        Parameters
        ----------
        L_train : array-like of int, shape (n, m)
            Class index, or -1. Two functions are enough.
        Y_dev : array-like of int, optional
            True classes of other items: their shares are the class balance, where that is not given.
        class_balance : sequence of float, shape (k,), optional
        progress_bar : bool
            Accepted for Snorkel's sake; there is nothing to wait for.
        **settings
            ``n_epochs``, ``lr``, ``seed`` and so on: accepted, without effect.

        Raises
        ------
        DataError
            No votes, a vote that is no class, or a balance that is none.
        InputError
            A setting that Snorkel does not have either.
        """
        for name in settings.keys() - _OF_SNORKELS_TRAINING:
            raise InputError(
                f"LabelModel.fit has no setting {name!r}",
                hint=did_you_mean(name, sorted(_OF_SNORKELS_TRAINING)),
            )
        votes = as_vote_matrix(L_train, self.cardinality)
        balance = self._balance(Y_dev, class_balance)
        self._fitted = label_models.LabelModel().fit(votes, class_balance=balance)
        self._patterns = votes.patterns()

    def _balance(self, Y_dev: ArrayLike | None, given: Sequence[float] | None) -> list[float] | None:
        if given is not None:
            return [float(share) for share in given]
        if Y_dev is None:
            return None
        known = as_classes(Y_dev)
        counts = np.bincount(known[known != ABSTAIN], minlength=self.cardinality)
        if len(counts) > self.cardinality or not counts.all():
            raise DataError(
                f"Y_dev has {counts.tolist()} items of the classes 0 to {len(counts) - 1}, of {self.cardinality}",
                hint="give class_balance, with a positive share for every class",
            )
        return [float(share) for share in counts / counts.sum()]

    @property
    def fitted(self) -> FittedLabelModel:
        """The model of wsal, with its evidence and its file format.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        """
        if self._fitted is None:
            raise NotFittedError("LabelModel is not fitted; call fit first")
        return self._fitted

    def predict_proba(self, L: ArrayLike) -> Floats:
        """Return the probability of each class for each row of votes, shape (n, k)."""
        return self.fitted.predict_proba(as_vote_matrix(L, self.cardinality))

    def get_conditional_probs(self) -> Floats:
        """Return P(vote | class) as the model believes it on the votes of ``fit``, shape (m, k + 1, k).

        Row 0 is abstaining, row l + 1 a vote for class l.
        """
        patterns, believed = self._believed()
        votes = patterns.votes[:, :, None] == np.arange(ABSTAIN, self.cardinality)
        joint = np.einsum("umv,uy->mvy", votes, believed)
        return np.asarray(joint / np.maximum(believed.sum(axis=0), np.finfo(np.float64).tiny))

    def get_weights(self) -> Floats:
        """Return how often each function is right where it votes, as the model believes, shape (m,).

        0 for a function that never votes.
        """
        patterns, believed = self._believed()
        voted = patterns.votes != ABSTAIN
        right = np.take_along_axis(believed, np.where(voted, patterns.votes, 0), axis=1) * voted
        n_votes = (patterns.counts[:, None] * voted).sum(axis=0)
        weights: Floats = np.divide(right.sum(axis=0), n_votes, out=np.zeros(len(n_votes)), where=n_votes > 0)
        return weights

    def _believed(self) -> tuple[VotePatterns, Floats]:
        """Return the patterns of ``fit``, and the mass of each class in each, shape (p, k)."""
        model = self.fitted
        if self._patterns is None:
            raise NotFittedError("a model that was loaded does not have its votes; fit it again")
        return self._patterns, model.pattern_proba(self._patterns) * self._patterns.counts[:, None]

    def save(self, destination: str | Path) -> None:
        """Write the model as JSON; a pickle of somebody else could run anything."""
        Path(destination).write_text(self.fitted.to_json(), encoding="utf-8")

    def load(self, source: str | Path) -> None:
        """Read a model that `save` wrote; its votes are not in it.

        Raises
        ------
        DataError
            The file is no such model, or one with another number of classes.
        """
        try:
            model = FittedLabelModel.from_json(Path(source).read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise DataError(
                f"{source} is no model of wsal", hint="models saved by Snorkel are pickles: fit again"
            ) from error
        if len(model.labels) != self.cardinality:
            raise DataError(f"{source} has {len(model.labels)} classes, this model {self.cardinality}")
        self._fitted, self._patterns = model, None


class MajorityLabelVoter(_Labeler):
    """Equal probabilities for the classes with most votes; for all classes where nothing votes.

    Examples
    --------
    >>> MajorityLabelVoter().predict_proba([[0, 0, -1], [-1, 0, 1]]).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """

    def predict_proba(self, L: ArrayLike) -> Floats:
        """Return the probability of each class for each row of votes, shape (n, k)."""
        patterns = as_vote_matrix(L, self.cardinality).patterns()
        tally = patterns.tally()
        return np.asarray(patterns.expand(_shared(tally == tally.max(axis=1, keepdims=True))))


class MajorityClassVoter(_Labeler):
    """The most frequent class for every item, whatever the votes."""

    balance: Floats | None = None

    def fit(self, balance: ArrayLike, *_: object, **__: object) -> None:
        """Set the class balance, shape (k,).

        Raises
        ------
        DataError
            Another number of classes.
        """
        given = np.asarray(balance, dtype=np.float64)
        if given.shape != (self.cardinality,):
            raise DataError(f"the balance has {given.size} shares for {self.cardinality} classes")
        self.balance = given

    def predict_proba(self, L: ArrayLike) -> Floats:
        """Return the probability of each class, shape (n, k): equal for the largest classes."""
        if self.balance is None:
            raise NotFittedError("MajorityClassVoter is not fitted; call fit(balance) first")
        return np.tile(_shared((self.balance == self.balance.max())[None, :]), (len(np.asarray(L)), 1))

    def _silent(self, L: ArrayLike) -> NDArray[np.bool_]:
        return np.zeros(len(np.asarray(L)), dtype=np.bool_)


class RandomVoter(_Labeler):
    """Random probabilities.

    Parameters
    ----------
    cardinality : int
    rng : Generator, int or None
        numpy's global generator is never touched.
    """

    def __init__(self, cardinality: int = 2, *, rng: Rng = None, **_: object) -> None:
        super().__init__(cardinality)
        self._rng = as_generator(rng)

    def predict_proba(self, L: ArrayLike) -> Floats:
        """Return random probabilities, shape (n, k)."""
        drawn = self._rng.random((len(np.asarray(L)), self.cardinality))
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))

    def _silent(self, L: ArrayLike) -> NDArray[np.bool_]:
        return np.zeros(len(np.asarray(L)), dtype=np.bool_)


def _shared(best: NDArray[np.bool_]) -> Floats:
    return np.asarray(best / best.sum(axis=1, keepdims=True), dtype=np.float64)
