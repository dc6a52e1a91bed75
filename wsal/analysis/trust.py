"""Trust: whether a label model is to be trusted over majority vote, as far as votes and answers can tell.

Derivation, how the verdict was tested, and when it fails: docs/explanation/trust.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from wsal.analysis.dependence import agreement_graph, vote_shares
from wsal.analysis.trust_findings import Finding, find_all
from wsal.analysis.trust_readings import READINGS, read_votes_as
from wsal.errors import DataError
from wsal.label_models import FittedModel, HumanCounts, MajorityVote, PlacedAnswers
from wsal.label_models.balance import as_class_balance
from wsal.label_models.human_counts import as_human_counts
from wsal.label_models.log_space import softmax
from wsal.labels import HumanLabels
from wsal.patterns import VotePatterns
from wsal.types import Floats
from wsal.votes import VoteMatrix

__all__ = ["TrustReport", "Verdict", "trust_report"]

Verdict: TypeAlias = Literal["trust", "no difference", "do not trust"]
"""Whether to trust the label model over majority vote."""

_MARGIN = 0.01  # a difference in accuracy of less than a point is none
_LEAST_EXPECTED = 0.0075  # chosen on generated worlds: readings shrink what they expect
_TIE = 1e-3  # classes within this distance tie, as in share_accuracy
_MAX_PATTERNS = 20_000


@dataclass(frozen=True)
class TrustReport:
    """What votes and answers say about a label model.

    Parameters
    ----------
    verdict : {"trust", "no difference", "do not trust"}
        A prediction of whether the model labels at least one point of the covered items more, or fewer, rightly than
        majority vote does, ties counted by their share.
    sentence : str
        The same in words, with its reason.
    model : str
        Class of the model.
    expected_gain : float
        Mean of ``gains``: accuracy of the model above that of majority vote on covered items.
    gains : mapping of str to float
        The same under each reading. They are no sample, and their range is no confidence interval.
    disputed : float
        Share of the covered items on which the two name different classes: no gain or loss can be larger.
    n_covered, n_answers : int
        Items with votes; answered items.
    balance_given : bool
    findings : tuple of Finding
    notes : tuple of str
    """

    verdict: Verdict
    sentence: str
    model: str
    expected_gain: float
    gains: dict[str, float]
    disputed: float
    n_covered: int
    n_answers: int
    balance_given: bool
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def contradictory(self) -> bool:
        """Whether one reading expects a gain of a point and another a loss of one: votes alone cannot tell."""
        return min(self.gains.values()) < -_MARGIN and max(self.gains.values()) > _MARGIN

    def _repr_html_(self) -> str:
        from wsal.markup import block, table

        rows = ((finding.kind, finding.text, finding.cure) for finding in self.findings)
        found = table(["finding", "what", "what to do"], rows, n_rows=len(self.findings), most=50)
        return block(self.sentence, found if self.findings else "", notes=self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self) | {"contradictory": self.contradictory}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TrustReport:
        """Read what `to_dict` wrote."""
        values = {name: value for name, value in data.items() if name != "contradictory"}
        findings = tuple(
            Finding(**finding | {"lfs": tuple(finding["lfs"]), "classes": tuple(finding["classes"])})
            for finding in data["findings"]
        )
        return cls(**values | {"findings": findings, "notes": tuple(data["notes"])})


def trust_report(
    votes: VoteMatrix | VotePatterns,
    model: FittedModel,
    human: HumanLabels | PlacedAnswers | Floats | None = None,
    *,
    class_balance: Sequence[float] | None = None,
) -> TrustReport:
    """Report what can be identified, and whether to trust a fitted model over majority vote.

    Parameters
    ----------
    votes : VoteMatrix or VotePatterns
        Those of the fit.
    model : FittedModel
        Any label model of wsal.
    human : HumanLabels, PlacedAnswers, or ndarray of float64 of shape (p, k), optional
        The answers of the fit, as `fit` takes them.
    class_balance : sequence of float, optional
        Of covered items, where it was given to the fit.

    Returns
    -------
    TrustReport

    Raises
    ------
    DataError
        The model was fitted on other functions; answers for items that are not among the votes; or no function
        ever votes.

    Notes
    -----
    The truth is not needed: each of `READINGS` is fitted to the votes, and
    says how probable each class is in each pattern that model and majority vote dispute.
    O(40 · votes of patterns · k + m²·k²);
    beyond 20,000 patterns the readings are fitted to 20,000 items at even steps through the ordered patterns.

    Examples
    --------
    >>> from wsal.label_models import LabelModel
    >>> votes = VoteMatrix.from_array([[1, 1, 0], [0, 0, 0], [1, -1, 1]] * 20, labels=["ham", "spam"])
    >>> report = trust_report(votes, LabelModel().fit(votes))
    >>> report.verdict, report.disputed
    ('no difference', 0.0)
    """
    patterns = votes.patterns() if isinstance(votes, VoteMatrix) else votes
    model.require_same_lfs(patterns)
    if not patterns.covered.any():
        raise DataError(
            "no function ever votes, so there is nothing to trust", hint="mend the functions first"
        )
    balance = None if class_balance is None else as_class_balance(class_balance, patterns.labels)
    answered, answers = as_human_counts(votes, human)
    n_answers = len(answers) or round(float(answered.counts.sum()))
    graph = agreement_graph(patterns, model.pattern_proba(patterns))

    part, part_answered, notes = _thinned(patterns, answered)
    gains, balances, disputed = _compare(part, model, part_answered, balance)
    findings = find_all(
        patterns, graph, balances=balances, known_balance=balance is not None, n_answers=n_answers
    )
    expected = float(np.mean(list(gains.values())))
    verdict = _verdict(expected, disputed)
    name = type(model).__name__.removeprefix("Fitted")
    return TrustReport(
        verdict=verdict,
        sentence=_sentence(verdict, name, gains, disputed),
        model=name,
        expected_gain=expected,
        gains=gains,
        disputed=disputed,
        n_covered=int(patterns.counts[patterns.covered].sum()),
        n_answers=n_answers,
        balance_given=balance is not None,
        findings=findings,
        notes=notes,
    )


def _compare(
    patterns: VotePatterns, model: FittedModel, human: HumanCounts, balance: Floats | None
) -> tuple[dict[str, float], list[Floats], float]:
    """Return the expected gain by reading, the balances of model and readings, and the share that is disputed."""
    covered = patterns.covered
    weights = patterns.counts[covered] / patterns.counts[covered].sum()
    proba = model.pattern_proba(patterns)[covered]
    ahead = _choice(proba) - _choice(MajorityVote().fit(patterns).pattern_proba(patterns)[covered])
    disputed = float(weights @ (np.abs(ahead).sum(axis=1) > 0))
    shares = vote_shares(agreement_graph(patterns, softmax(patterns.tally().astype(np.float64))))
    gains, balances = {}, [np.asarray(weights @ proba)]
    for reading in READINGS:
        truth = read_votes_as(reading, patterns, human=human, shares=shares, class_balance=balance)[covered]
        gains[reading.name] = float(weights @ (ahead * truth).sum(axis=1))
        balances.append(np.asarray(weights @ truth))
    return gains, balances, disputed


def _choice(probabilities: Floats) -> Floats:
    """Return 1 for the best class of each row, shared by those that tie; shape (p, k)."""
    best = probabilities >= probabilities.max(axis=1, keepdims=True) - _TIE
    return np.asarray(best / best.sum(axis=1, keepdims=True), dtype=np.float64)


def _verdict(expected: float, disputed: float) -> Verdict:
    if disputed < _MARGIN or abs(expected) < _LEAST_EXPECTED:
        return "no difference"
    return "trust" if expected > 0 else "do not trust"


def _sentence(verdict: Verdict, model: str, gains: dict[str, float], disputed: float) -> str:
    where = f"they differ on {100 * disputed:.1f} % of covered items"
    if disputed < _MARGIN:
        return f"{model} and majority vote name the same labels: {where}"
    # Adding 0 turns -0.0 into 0.0.
    low, high = (round(100 * gain, 1) + 0.0 for gain in (min(gains.values()), max(gains.values())))
    between = (
        f"{where}, where readings of the votes expect it {low:+.1f} to {high:+.1f} points above majority vote"
    )
    opening = {
        "trust": f"trust {model} over majority vote",
        "no difference": f"{model} is expected to be about as good as majority vote",
        "do not trust": f"do not trust {model} over majority vote: use MajorityVote, or ask people",
    }[verdict]
    unsure = (
        "; the readings contradict each other, so votes alone cannot tell" if low < -1 and high > 1 else ""
    )
    return f"{opening} ({between}){unsure}"


def _thinned(patterns: VotePatterns, human: HumanCounts) -> tuple[VotePatterns, HumanCounts, tuple[str, ...]]:
    """Keep items at even steps where there are too many patterns; the same ones whatever the order of items."""
    if patterns.n_patterns <= _MAX_PATTERNS:
        return patterns, human, ()
    ends = np.cumsum(patterns.counts)
    at = (np.arange(_MAX_PATTERNS) + 0.5) * (ends[-1] / _MAX_PATTERNS)
    kept, counts = np.unique(np.searchsorted(ends, at, side="right"), return_counts=True)
    position = np.searchsorted(kept, human.codes)
    here = (position < len(kept)) & (kept[np.minimum(position, len(kept) - 1)] == human.codes)
    part = VotePatterns(patterns.votes[kept], counts.astype(np.int64), patterns.labels, patterns.lf_names)
    note = f"the verdict rests on {_MAX_PATTERNS} of {patterns.n_items} items, at even steps through the patterns"
    return part, HumanCounts(position[here], human.counts[here]), (note,)
