"""LabelModel: the default of wsal. Rules are better than chance; how much better, people say.

Derivation, assumptions and limits: docs/explanation/label-model.md.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import NoReturn

import numpy as np

from wsal.errors import DataError, InputError, NotFittedError
from wsal.label_models.balance import ClassBalance, as_class_balance, audited_balance, raking_weights
from wsal.label_models.base import FittedModel
from wsal.label_models.evidence_terms import BALANCE, PEOPLE, VOTE_SHARE, Term
from wsal.label_models.human_counts import Answers, as_human_counts, drawn_answers
from wsal.label_models.log_space import softmax
from wsal.label_models.near_copies import CopyGroups, find_copies
from wsal.label_models.peer_agreement import peer_agreement
from wsal.label_models.saving import answers_from_data, answers_to_data, read_model
from wsal.label_models.sources import SourceCounts, share_votes, source_log_posterior
from wsal.label_models.vote_share import StopReason, VoteShareRule, correct_locally
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import Floats, LabelSpace, VoteArray
from wsal.votes import VoteMatrix

__all__ = ["FittedLabelModel", "LabelModel"]

_KIND = "label model"


@dataclass(frozen=True)
class LabelModel:
    """The label model of DESIGN §5: closed form but for one small fixed point; deterministic.

    Parameters
    ----------
    prior_precision : float
        ρ: how often a rule that tells two classes apart is right, before anybody has answered; among k
        classes its odds are divided by √(k − 1).
    prior_strength : float
        α: that belief counts as so many answers.
    local_strength : float
        The model's opinion on a pattern counts as so many answers on items of that pattern.
    tie_weight : float
        Weight of the class that rules vote for less, where two or more votes are cast; breaks ties.
    agreement_weight : float
        Weight of a rule's agreement with its peers in the prior log odds of its votes; breaks the ties that
        are left.
    uniform_share : float
        What part of the share of votes v is uniform, so that no class has a share of 0.
    copy_similarity : float
        Rules whose votes agree at least this far (weighted Jaccard index, average linkage) share one vote.
    copy_min_equal : int
        Rules with fewer equal votes than this are never near-copies.
    max_iter : int
        Steps of the fixed point of v, at most.
    tolerance : float
        It has converged when no share changes by as much.

    Raises
    ------
    InputError
        A parameter outside its range.

    Examples
    --------
    >>> votes = VoteMatrix.from_array([[1, 1, -1], [0, -1, 0], [1, -1, -1]], labels=["ham", "spam"])
    >>> model = LabelModel().fit(votes)
    >>> model.predict_proba(votes).round(3).tolist()
    [[0.154, 0.846], [0.867, 0.133], [0.22, 0.78]]
    >>> model.stop_reason
    'converged'
    """

    prior_precision: float = 0.78
    prior_strength: float = 20.0
    local_strength: float = 10.0
    tie_weight: float = 0.3
    agreement_weight: float = 0.03
    uniform_share: float = 0.2
    copy_similarity: float = 0.5
    copy_min_equal: int = 10
    max_iter: int = 100
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        within: tuple[tuple[str, float, bool], ...] = (
            ("prior_precision", self.prior_precision, 0 < self.prior_precision < 1),
            ("prior_strength", self.prior_strength, 0 < self.prior_strength < np.inf),
            ("local_strength", self.local_strength, 0 < self.local_strength < np.inf),
            ("tie_weight", self.tie_weight, 0 <= self.tie_weight < 1),
            ("agreement_weight", self.agreement_weight, 0 <= self.agreement_weight < np.inf),
            ("uniform_share", self.uniform_share, 0 < self.uniform_share <= 1),
            ("copy_similarity", self.copy_similarity, 0 < self.copy_similarity <= 1),
            ("copy_min_equal", self.copy_min_equal, self.copy_min_equal >= 1),
            ("max_iter", self.max_iter, self.max_iter >= 1),
            ("tolerance", self.tolerance, 0 < self.tolerance < np.inf),
        )
        for name, value, fits in within:
            if not fits:
                raise InputError(
                    f"{name}={value!r} is out of range", hint=f"the default is {type(self).__dict__[name]}"
                )

    def fit(
        self,
        votes: VoteMatrix | VotePatterns,
        human: HumanLabels | Floats | None = None,
        class_balance: ClassBalance | None = None,
    ) -> FittedLabelModel:
        """Learn from votes, and from what people answered.

        Parameters
        ----------
        votes : VoteMatrix or VotePatterns
        human : HumanLabels, or ndarray of float64 of shape (p, k), optional
            Answers by item, or weighted counts of answers by pattern.
        class_balance : sequence of float or "audit", optional
            Share of each class among covered items, where it is known; or "audit": estimated from those answers
            of ``human`` that were drawn at random (`audited_balance`), none while there are none.

        Returns
        -------
        FittedLabelModel
            Bit by bit the same for every order of items, and for shards merged.

        Raises
        ------
        DataError
            Answers for items that are not among the votes, a balance that is none, counts of a wrong shape,
            or "audit" together with counts, which know no draws.

        Notes
        -----
        O(votes of patterns + steps·p·k); items are touched only to join answers.
        """
        if isinstance(class_balance, str) and class_balance != "audit":
            raise DataError(
                f"class_balance={class_balance!r} is neither a share of each class nor the word 'audit'"
            )
        patterns = votes.patterns() if isinstance(votes, VoteMatrix) else votes
        human_counts, answers = as_human_counts(votes, human)
        copies = find_copies(patterns, similarity=self.copy_similarity, min_equal=self.copy_min_equal)
        sources = SourceCounts.of(patterns.votes, human_counts)
        shares = share_votes(patterns.votes, patterns.n_classes, copies)
        agreement = peer_agreement(shares, patterns.counts, patterns.n_classes)
        scores = shares.log_scores(self.log_posterior(sources, agreement))
        rule = self.vote_share_rule
        found = rule.fit(scores, shares.n_votes, items=patterns.counts, human=human_counts)
        balance, weights, n_audited = None, None, 0
        if class_balance is not None:
            opinion = rule.log_opinion(scores, shares.n_votes, found.share)
            codes, counts = human_counts.codes, human_counts.counts
            q = np.exp(correct_locally(opinion, codes, counts, local_strength=self.local_strength))
            covered = patterns.covered
            if isinstance(class_balance, str):
                balance, n_audited = audited_balance(patterns, q, drawn_answers(votes, human))
            else:
                balance = as_class_balance(class_balance, patterns.labels)
            weights = raking_weights(q[covered], patterns.counts[covered], balance)
        return FittedLabelModel(
            labels=patterns.labels,
            lf_names=patterns.lf_names,
            answers=answers,
            settings=self,
            copies=copies,
            sources=sources,
            agreement=agreement,
            vote_share=found.share,
            answered_votes=patterns.votes[human_counts.codes],
            answered_counts=human_counts.counts,
            class_balance=balance,
            audited=isinstance(class_balance, str),
            n_audited=n_audited,
            balance_weights=weights,
            n_iter=len(found.history),
            stop_reason=found.stop_reason,
            history=found.history,
        )

    def log_posterior(self, sources: SourceCounts, agreement: Floats) -> Floats:
        """Return log P_s(y) of each source under this model's prior; shape (m·k, k), nats."""
        return source_log_posterior(
            sources,
            prior_precision=self.prior_precision,
            prior_strength=self.prior_strength,
            lean=self.agreement_weight * agreement,
        )

    @property
    def vote_share_rule(self) -> VoteShareRule:
        """How the share of votes is found and used."""
        return VoteShareRule(
            tie_weight=self.tie_weight,
            local_strength=self.local_strength,
            uniform_share=self.uniform_share,
            max_iter=self.max_iter,
            tolerance=self.tolerance,
        )

    def predict_proba(self, votes: VoteMatrix | VotePatterns) -> NoReturn:  # noqa: ARG002  # fitted models' signature
        """Refuse: there is nothing to predict with before ``fit``."""
        raise NotFittedError("LabelModel is not fitted; use the model that fit returns")


@dataclass(frozen=True, eq=False)
class FittedLabelModel(FittedModel):
    """What `LabelModel` returns from ``fit``.

    Parameters
    ----------
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        The m labelling functions.
    answers : Answers
        Carried by answered items.
    settings : LabelModel
        The parameters of the fit.
    copies : CopyGroups
        Which functions share a vote.
    sources : SourceCounts
        What people said on the items of each source.
    agreement : ndarray of float64, shape (m·k,)
        How far each source agrees more with its peers than others do, nats.
    vote_share : ndarray of float64, shape (k,)
        v. Internal: how often rules speak for a class, not how often it occurs.
    answered_votes : ndarray of int8, shape (a, m)
        Patterns that hold answers.
    answered_counts : ndarray of float64, shape (a, k)
        H of those patterns.
    class_balance : ndarray of float64, shape (k,), or None
        Of covered items, as given or as estimated from audit answers.
    audited : bool
        Whether it was estimated.
    n_audited : int
        Answered covered items that it was estimated from.
    balance_weights : ndarray of float64, shape (k,), or None
        The raking weights w, where there is a class balance; q is multiplied by √w.
    n_iter : int
        Steps of the fixed point of v.
    stop_reason : {"converged", "max_iter"}
    history : tuple of float
        The largest change of a share in each step.
    """

    labels: LabelSpace
    lf_names: tuple[str, ...]
    answers: Answers
    settings: LabelModel
    copies: CopyGroups
    sources: SourceCounts
    agreement: Floats
    vote_share: Floats
    answered_votes: VoteArray
    answered_counts: Floats
    class_balance: Floats | None
    audited: bool
    n_audited: int
    balance_weights: Floats | None
    n_iter: int
    stop_reason: StopReason
    history: tuple[float, ...]

    @cached_property
    def log_posterior(self) -> Floats:
        """Log P_s(y), what each source says; row ``j·k + l`` is function j voting l. Shape (m·k, k), nats."""
        return self.settings.log_posterior(self.sources, self.agreement)

    def pattern_proba(self, patterns: VotePatterns) -> Floats:
        """Return q by pattern, shape (p, k), with the class balance in it."""
        self.require_same_lfs(patterns)
        shares = share_votes(patterns.votes, len(self.labels), self.copies)
        scores = shares.log_scores(self.log_posterior)
        opinion = self.settings.vote_share_rule.log_opinion(scores, shares.n_votes, self.vote_share)
        log_q = self._with_answers_on_items_alike(opinion, patterns.votes)
        return softmax(log_q + self._balance_scores)

    def start_proba(self, patterns: VotePatterns) -> Floats:
        """Return q as it was before anybody answered: the same fit without answers. As costly as a fit."""
        balance = None if self.audited or self.class_balance is None else self.class_balance.tolist()
        return self.settings.fit(patterns, class_balance=balance).pattern_proba(patterns)

    def terms(self, row: VoteArray) -> tuple[Term, ...]:
        """Open the label of a row of votes into parts that add up.

        Parameters
        ----------
        row : ndarray of int8, shape (m,)

        Returns
        -------
        tuple of Term
            The share of votes, each function that voted (copies with their share of one vote), people on
            items alike where they answered some, and the class balance where one was given. The sum of
            ``log_scores`` is the log of `pattern_proba` up to a constant common to all classes.

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
        k, rule = len(self.labels), self.settings.vote_share_rule
        shares = share_votes(row[None, :], k, self.copies)
        n_votes = shares.n_votes
        terms = [Term(VOTE_SHARE, None, rule.weight(n_votes)[0] * np.log(self.vote_share))]
        scale = 1.0 / np.sqrt(max(float(n_votes[0]), 1.0))
        for source, share in zip(shares.weights.indices.tolist(), shares.weights.data.tolist(), strict=True):
            lf, vote = divmod(source, k)
            scores = scale * share * self.log_posterior[source]
            terms.append(Term(self.lf_names[lf], self.labels.name(vote), scores))
        opinion = rule.log_opinion(shares.log_scores(self.log_posterior), n_votes, self.vote_share)
        corrected = self._with_answers_on_items_alike(opinion, row[None, :])
        if corrected is not opinion:
            terms.append(Term(PEOPLE, None, (corrected - opinion)[0]))
        if self.balance_weights is not None:
            terms.append(Term(BALANCE, None, self._balance_scores))
        return tuple(terms)

    @property
    def _balance_scores(self) -> Floats:
        if self.balance_weights is None:
            return np.zeros(len(self.labels))
        return np.asarray(0.5 * np.log(self.balance_weights), dtype=np.float64)

    def _with_answers_on_items_alike(self, opinion: Floats, votes: VoteArray) -> Floats:
        """Correct log m by answers on the same patterns; returns ``opinion`` itself where there are none."""
        if not len(self.answered_votes):
            return opinion
        found = self._answered.find(votes)
        codes = np.flatnonzero(found >= 0)
        return correct_locally(
            opinion, codes, self.answered_counts[found[codes]], local_strength=self.settings.local_strength
        )

    @cached_property
    def _answered(self) -> VotePatterns:
        ones = np.ones(len(self.answered_votes), dtype=np.int64)
        return VotePatterns(self.answered_votes, ones, self.labels, self.lf_names)

    def to_json(self) -> str:
        """Return the model as JSON text: fit, settings, and the answers it carries, without annotators."""
        return json.dumps(
            {
                "wsal_model": _KIND,
                "version": 2,
                "labels": list(self.labels),
                "lf_names": list(self.lf_names),
                "settings": asdict(self.settings),
                "copies": {"group": self.copies.group.tolist(), "cluster": self.copies.cluster.tolist()},
                "sources": {"numbers": self.sources.sources.tolist(), "counts": self.sources.counts.tolist()},
                "agreement": self.agreement.tolist(),
                "vote_share": self.vote_share.tolist(),
                "answered_votes": self.answered_votes.tolist(),
                "answered_counts": self.answered_counts.tolist(),
                "class_balance": None if self.class_balance is None else self.class_balance.tolist(),
                "audited": self.audited,
                "n_audited": self.n_audited,
                "balance_weights": None if self.balance_weights is None else self.balance_weights.tolist(),
                "n_iter": self.n_iter,
                "stop_reason": self.stop_reason,
                "history": list(self.history),
                "answers": answers_to_data(self.answers),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> FittedLabelModel:
        """Read a model that `to_json` wrote.

        Raises
        ------
        DataError
            Not JSON, another kind of model, or a version that this wsal does not know.
        """
        data = read_model(text, _KIND, version=2)
        labels, lf_names = LabelSpace(tuple(data["labels"])), tuple(data["lf_names"])
        k, m = len(labels), len(lf_names)
        balance, weights = data["class_balance"], data["balance_weights"]
        return cls(
            labels=labels,
            lf_names=lf_names,
            answers=answers_from_data(data["answers"], k),
            settings=LabelModel(**data["settings"]),
            copies=CopyGroups(
                *(np.array(data["copies"][name], dtype=np.int64) for name in ("group", "cluster"))
            ),
            sources=SourceCounts(
                np.array(data["sources"]["numbers"], dtype=np.int64),
                np.array(data["sources"]["counts"], dtype=np.float64).reshape(-1, k),
            ),
            agreement=np.array(data["agreement"], dtype=np.float64),
            vote_share=np.array(data["vote_share"], dtype=np.float64),
            answered_votes=np.array(data["answered_votes"], dtype=np.int8).reshape(-1, m),
            answered_counts=np.array(data["answered_counts"], dtype=np.float64).reshape(-1, k),
            class_balance=None if balance is None else np.array(balance, dtype=np.float64),
            audited=data["audited"],
            n_audited=data["n_audited"],
            balance_weights=None if weights is None else np.array(weights, dtype=np.float64),
            n_iter=data["n_iter"],
            stop_reason=data["stop_reason"],
            history=tuple(data["history"]),
        )
