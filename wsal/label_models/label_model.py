"""LabelModel: the default of wsal. Rules are better than chance; how much better, people say.

Derivation, assumptions and limits: docs/explanation/label-model.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from wsal.errors import DataError, InputError
from wsal.label_models.balance import ClassBalance, as_class_balance, audited_balance, raking_weights
from wsal.label_models.base import FittedModel, Unfitted
from wsal.label_models.evidence_terms import BALANCE, PEOPLE, VOTE_SHARE, Term
from wsal.label_models.human_counts import Answers, PlacedAnswers, as_human_counts, drawn_answers
from wsal.label_models.label_model_data import learned_from_data, learned_to_data
from wsal.label_models.log_space import softmax
from wsal.label_models.near_copies import CopyGroups, find_copies
from wsal.label_models.peer_agreement import peer_agreement
from wsal.label_models.sources import SourceCounts, share_votes, source_log_posterior
from wsal.label_models.vote_share import StopReason, VoteShareRule, correct_locally
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray
from wsal.votes import VoteMatrix, patterns_of

__all__ = ["FittedLabelModel", "LabelModel"]


@dataclass(frozen=True)
class LabelModel(Unfitted):
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
        human: HumanLabels | PlacedAnswers | Floats | None = None,
        class_balance: ClassBalance | None = None,
    ) -> FittedLabelModel:
        """Learn from votes, and from what people answered.

        Parameters
        ----------
        votes : VoteMatrix or VotePatterns
        human : HumanLabels, PlacedAnswers, or ndarray of float64 of shape (p, k), optional
            Answers by item, the same with the patterns of their items, or weighted counts of answers by pattern.
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
        patterns = patterns_of(votes)
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

    kind: ClassVar[str] = "label model"
    file_version: ClassVar[int] = 2

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
        log_q = self._with_answers_on_items_alike(opinion, patterns)
        return softmax(log_q + self._balance_scores)

    def with_lfs(self, lf_names: Sequence[str]) -> FittedLabelModel:
        """Return the same model among more functions: those that it has never seen are as good as any rule.

        Parameters
        ----------
        lf_names : sequence of str
            In any order; all of the model's are among them.

        Returns
        -------
        FittedLabelModel
            It says the same of the same votes. A function that the fit did not have has the prior: nobody has answered
            on its items, it has no peers, and it is a copy of none.
        """
        names, k = tuple(lf_names), len(self.labels)
        place = np.array([names.index(name) for name in self.lf_names], dtype=np.int64)
        # Numbers from m on are no group's yet.
        group, cluster = np.arange(len(names)), np.arange(len(names))
        fresh = np.setdiff1d(np.arange(len(names)), place)
        group[fresh] = cluster[fresh] = len(place) + np.arange(len(fresh))
        group[place], cluster[place] = self.copies.group, self.copies.cluster
        sources = place[self.sources.sources // k] * k + self.sources.sources % k
        order = np.argsort(sources)
        agreement = np.zeros((len(names), k))
        agreement[place] = self.agreement.reshape(-1, k)
        answered = np.full((len(self.answered_votes), len(names)), ABSTAIN, dtype=np.int8)
        answered[:, place] = self.answered_votes.reshape(-1, len(place))
        return replace(
            self,
            lf_names=names,
            copies=CopyGroups(group, cluster),
            sources=SourceCounts(sources[order], self.sources.counts[order]),
            agreement=agreement.reshape(-1),
            answered_votes=answered,
        )

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
            items alike where they answered some, and the class balance where it changes anything. The sum of
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
        alone = VotePatterns(row[None, :], np.ones(1, dtype=np.int64), self.labels, self.lf_names)
        corrected = self._with_answers_on_items_alike(opinion, alone)
        if corrected is not opinion:
            terms.append(Term(PEOPLE, None, (corrected - opinion)[0]))
        # Weights of exactly 1 say nothing: an audit without any answer yet.
        if self.balance_weights is not None and (self.balance_weights != 1.0).any():
            terms.append(Term(BALANCE, None, self._balance_scores))
        return tuple(terms)

    @property
    def _balance_scores(self) -> Floats:
        if self.balance_weights is None:
            return np.zeros(len(self.labels))
        return np.asarray(0.5 * np.log(self.balance_weights), dtype=np.float64)

    def _with_answers_on_items_alike(self, opinion: Floats, patterns: VotePatterns) -> Floats:
        """Correct log m by answers on the same patterns; returns ``opinion`` itself where there are none."""
        if not len(self.answered_votes):
            return opinion
        codes, which = patterns.occurrences(self.answered_votes)
        counts = self.answered_counts[which]
        return correct_locally(opinion, codes, counts, local_strength=self.settings.local_strength)

    def to_data(self) -> dict[str, Any]:
        """Return fit and settings, for JSON."""
        return {"settings": asdict(self.settings), **learned_to_data(self)}

    @classmethod
    def from_data(
        cls, data: dict[str, Any], labels: LabelSpace, lf_names: tuple[str, ...], answers: Answers
    ) -> Self:
        """Build the model from what `to_data` returned."""
        return cls(
            labels=labels,
            lf_names=lf_names,
            answers=answers,
            settings=LabelModel(**data["settings"]),
            **learned_from_data(data, k=len(labels), m=len(lf_names)),
        )
