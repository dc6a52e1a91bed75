"""Case: all that speaks for the classes of one item, as terms that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from wsal.evidence.label_parts import LabelParts, LabelsThen
from wsal.features.duplicates import CopiedAnswers
from wsal.label_models import Term
from wsal.label_models.log_space import softmax
from wsal.patterns import VotePatterns
from wsal.training import Delivered
from wsal.types import ABSTAIN, Floats, LabelSpace, VoteArray

__all__ = ["HUMAN_CLASSIFIER", "OTHER_WORDS", "Case", "OpensIntoTerms"]

HUMAN_CLASSIFIER = "human classifier"
"""Source of the term of the classifier that was trained on people's answers alone."""

OTHER_WORDS = "end model: other features"
"""Source of the sum of the words that are too small to be named."""

_WORDS = 10  # named one by one


@runtime_checkable
class OpensIntoTerms(Protocol):
    """A fitted label model whose label is a sum of evidence."""

    def terms(self, row: VoteArray, /) -> tuple[Term, ...]:
        """Return terms whose log scores sum to the log probability of a row of votes, up to a constant."""
        ...

    def pattern_proba(self, patterns: VotePatterns, /) -> Floats:
        """Return the probability of each class for each row of votes, shape (p, k)."""
        ...


@dataclass(frozen=True, eq=False)
class Case:
    """One item: its votes, what the models make of it, and what people said in place of that.

    Parameters
    ----------
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        The m labelling functions.
    row : ndarray of int8, shape (m,)
        The votes on the item.
    model : OpensIntoTerms
    human_scores : ndarray of float64, shape (k,), or None
        What the human classifier adds to the rules: log(F_h/π_h), nats; None where there is none.
    words : tuple of Term
        The end model's intercept, then its features; empty where there is no end model.
    answer_shares : ndarray of float64, shape (k,), or None
        The share of its answers, or of those to its duplicates, by class.
    answer_weight : float
        What they weigh beside the models: 1 for own answers and those to exact duplicates, less for near ones.
    """

    labels: LabelSpace
    lf_names: tuple[str, ...]
    row: VoteArray
    model: OpensIntoTerms
    human_scores: Floats | None
    words: tuple[Term, ...]
    answer_shares: Floats | None = None
    answer_weight: float = 0.0

    @classmethod
    def of(cls, delivered: Delivered, model: OpensIntoTerms, row: int) -> Case:
        """Gather what is known of a row of the votes."""
        human_scores = None
        if delivered.human_probabilities is not None and delivered.human_prior is not None:
            human_scores = np.log(delivered.human_probabilities[row]) - np.log(delivered.human_prior)
        words: tuple[Term, ...] = ()
        if delivered.end_model is not None and delivered.features is not None:
            words = delivered.end_model.word_terms(delivered.features.rows(np.array([row])))
        votes = delivered.votes
        shares, weight = _answer(delivered, row)
        return cls(
            votes.labels, votes.lf_names, votes.values[row], model, human_scores, words, shares, weight
        )

    @property
    def covered(self) -> bool:
        """Whether any rule votes."""
        return bool((self.row != ABSTAIN).any())

    @property
    def silent(self) -> bool:
        """Whether nothing speaks for any class: no rule votes and there is no end model."""
        return not self.covered and not self.words

    def terms(self) -> tuple[Term, ...]:
        """Return the terms of the delivered label, each with the weight that it has there; none where silent.

        Covered, with an end model: half of the rules' evidence and half of the end model's (a geometric
        pool). Covered, without: the rules'. Uncovered: the end model's.
        """
        if not self.covered:
            return self.words
        terms = self._by_rules()
        if not self.words:
            return terms
        return tuple(replace(term, log_scores=0.5 * term.log_scores) for term in (*terms, *self.words))

    def probabilities(self) -> Floats:
        """Return the label that the terms add up to, shape (k,).

        Where nothing speaks: what the label model says of an item without votes, which is no statement.
        """
        total = np.sum([term.log_scores for term in self.terms() or self._by_rules()], axis=0)
        p = np.exp(total - total.max())
        return np.asarray(p / p.sum(), dtype=np.float64)

    def with_answers(self, probabilities: Floats) -> Floats:
        """Put answers in the place of what the models say, as far as they count; shape (k,)."""
        if self.answer_shares is None:
            return probabilities
        return self.answer_weight * self.answer_shares + (1.0 - self.answer_weight) * probabilities

    def labels_of(self, rows: VoteArray) -> LabelsThen:
        """Evaluate what would be delivered for other votes on the item, shape (s, m), all else as it is."""
        k, answered = len(self.labels), int(self.answer_shares is not None)
        shares = np.zeros((0, k)) if self.answer_shares is None else self.answer_shares[None, :]
        end = np.sum([word.log_scores for word in self.words], axis=0) if self.words else None
        parts = LabelParts(
            1,
            None if self.human_scores is None else np.exp(self.human_scores)[None, :],
            np.ones(k),
            1.0,
            None if end is None else softmax(end)[None, :],
            CopiedAnswers(np.zeros(answered, np.int64), shares, np.full(answered, self.answer_weight)),
        )
        patterns = VotePatterns(rows, np.ones(len(rows), np.int64), self.labels, self.lf_names)
        with np.errstate(divide="ignore"):  # a model that says 0 means it
            log_q = np.log(self.model.pattern_proba(patterns))
        return parts.labels(log_q, patterns.covered, np.zeros(len(rows), np.int64))

    def contrast(self, a: int, b: int) -> tuple[tuple[str, str | None, float], ...]:
        """Return (source, vote, log odds of class a against b) of each term.

        The words with the largest log odds stand by themselves, the others are summed, the intercept is last.
        """
        terms = self.terms()
        odds = [float(term.log_scores[a] - term.log_scores[b]) for term in terms]
        n_rules = len(terms) - len(self.words) if terms else 0
        opened = [(t.source, t.vote, value) for t, value in zip(terms[:n_rules], odds[:n_rules], strict=True)]
        if not self.words:
            return tuple(opened)
        return (
            *opened,
            *_largest(terms[n_rules + 1 :], odds[n_rules + 1 :]),
            (terms[n_rules].source, None, odds[n_rules]),
        )

    def without(self, lfs: Sequence[int]) -> Case:
        """Return the case in which functions abstain; all parameters stay as they are."""
        row = self.row.copy()
        row[list(lfs)] = ABSTAIN
        return replace(self, row=row)

    def _by_rules(self) -> tuple[Term, ...]:
        terms = self.model.terms(self.row)
        if self.human_scores is None:
            return terms
        return (*terms, Term(HUMAN_CLASSIFIER, None, self.human_scores))


def _answer(delivered: Delivered, row: int) -> tuple[Floats | None, float]:
    """Return the shares of the answers that an item carries, its own or copied ones, and what they weigh."""
    own = np.flatnonzero(delivered.answers.rows == row)
    if len(own):
        return delivered.answers.shares[own[0]], 1.0
    if delivered.duplicates is not None and delivered.soft.sources[row] == "duplicate":
        copies = delivered.duplicates.copied(delivered.answers.rows, delivered.answers.shares)
        at = int(np.searchsorted(copies.rows, row))
        return copies.shares[at], float(copies.weights[at])
    return None, 0.0


def _largest(words: Sequence[Term], odds: Sequence[float]) -> list[tuple[str, str | None, float]]:
    order = sorted(range(len(words)), key=lambda i: (-abs(odds[i]), i))
    named = [(words[i].source, words[i].vote, odds[i]) for i in order[:_WORDS]]
    if len(order) > _WORDS:
        named.append((OTHER_WORDS, None, float(np.sum([odds[i] for i in order[_WORDS:]]))))
    return named
