"""Whether to go on labelling, and where: the rules that were set, and the pattern ceiling of the last run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wsal.audit import Estimated, RunFitted
from wsal.config import Config
from wsal.estimation import PatternCeiling, StopRules, Verdict, judge, pattern_ceiling
from wsal.estimation.intervals import Interval
from wsal.label_models import FittedLabelModel
from wsal.labels import HumanLabels, SoftLabels
from wsal.patterns import VotePatterns
from wsal.project.history import History
from wsal.project.runs.duplicates import read_duplicates
from wsal.types import ABSTAIN, Floats, ItemId
from wsal.votes import VoteMatrix

__all__ = ["Place", "Stopping", "stop_rules", "stopping"]

_LEVEL = 0.95
_PLACES = 3
_NAMED = 3  # rules, of those that say the same
_KNOWN = 5
"""With fewer such answers nobody knows whether the items of a pattern differ, or the model is wrong about them."""

_LEAST = 0.5  # labels; a place where less is to be had is not worth a line


@dataclass(frozen=True)
class Place:
    """Items alike, and what could be done about their labels. Expected by the label model; no estimates.

    Parameters
    ----------
    votes : str
        What the rules say of them, in words.
    n_items, n_answers : int
        Items without an answer; answered ones.
    n_chosen : int
        Answered ones that wsal chose, as by hunting: left out of the figures, since others have other labels.
    known : bool
        Whether enough of the others are answered to say how many labels are wrong.
    wrong, low, high : float
        Labels expected to be wrong now, with a 95 % credible interval; in items.
    mendable : float
        Of these, those that answers could put right, at most.
    """

    votes: str
    n_items: int
    n_answers: int
    n_chosen: int
    known: bool
    wrong: float
    low: float
    high: float
    mendable: float


@dataclass(frozen=True)
class Stopping:
    """Advice about going on.

    Parameters
    ----------
    verdicts : tuple of Verdict
        One for each rule that was set.
    now, ceiling : float
        Share of right labels among covered, unanswered items that the label model expects of the best label by
        pattern; and of labels by pattern if the class shares of every pattern were known.
    label_here, rule_here : tuple of Place
        Where answers are worth most; where only a new rule can help.
    n_uncovered, n_unlabelled : int
        Items without an answer that no rule votes on, and those of them that have no label at all.
    """

    verdicts: tuple[Verdict, ...]
    now: float | None
    ceiling: float | None
    label_here: tuple[Place, ...]
    rule_here: tuple[Place, ...]
    n_uncovered: int
    n_unlabelled: int


def stop_rules(
    config: Config,
    *,
    target_accuracy: float | None = None,
    budget: int | None = None,
    min_gain: float | None = None,
) -> StopRules:
    """Return the rules that are given; what is not is as the settings say."""
    return StopRules(
        config.target_accuracy if target_accuracy is None else target_accuracy,
        config.budget if budget is None else budget,
        config.min_gain if min_gain is None else min_gain,
    )


def stopping(history: History, rules: StopRules) -> Stopping:
    """Judge the rules, and look where answers or rules are worth most, by the last run of `fit`.

    Parameters
    ----------
    history : History
        Its last `wsal estimate` of the last run gives the accuracy.
    rules : StopRules
    """
    run = history.run("run_fitted")
    votes, soft = history.votes(run.payload.votes_run), history.soft_labels(run.run)
    patterns = votes.patterns()
    codes = patterns.require_inverse()
    answered = soft.sources == "human"
    free = np.bincount(codes[~answered], minlength=patterns.n_patterns)
    human, _ = history.human(votes, as_of=run.payload.answers_seq)
    unchosen = human.without_chosen()
    told = _counted_once(unchosen, votes, run.payload, history)
    found = pattern_ceiling(
        _probabilities(history.model(run), votes, told),
        np.where(patterns.covered, free, 0),
        _by_pattern(told.items(), votes, [told.weight(item) for item in told.items()]),
    )
    n_covered = float(found.counts.sum())
    n_answers = sum(answer.outcome == "label" for answer in history.store.answers())
    gain = float(found.gain.sum()) / votes.n_items
    uncovered = ~patterns.covered[codes] & ~answered
    counts = np.bincount(codes[answered], minlength=patterns.n_patterns)
    chosen = _by_pattern(set(human.items()).difference(unchosen.items()), votes)
    told_here = _by_pattern(told.items(), votes)
    known, hopeless = told_here >= _KNOWN, found.lost > found.gain

    def places(score: Floats) -> tuple[Place, ...]:
        best = [c for c in np.argsort(-score, kind="stable")[:_PLACES].tolist() if score[c] >= _LEAST]
        return tuple(_place(found, patterns, (counts[c], chosen[c], told_here[c]), c) for c in best)

    return Stopping(
        judge(rules, n_answers=n_answers, gain=gain, accuracy=last_accuracy(history)),
        float(found.counts @ found.now) / n_covered if n_covered else None,
        float(found.counts @ found.ceiling) / n_covered if n_covered else None,
        places(np.where(known, np.where(hopeless, 0.0, found.gain), found.gain + found.lost)),
        places(np.where(known & hopeless & _answered_differently(told, votes), found.lost, 0.0)),
        int(uncovered.sum()),
        int((uncovered & _unlabelled(soft)).sum()),
    )


def last_accuracy(history: History) -> Interval | None:
    """Return the accuracy that was estimated last for the last run, certified where it was; at 95 % or more."""
    run = history.run("run_fitted").run
    for entry in reversed(list(history.store.events("estimated"))):
        made = entry.event.payload()
        if not isinstance(made, Estimated) or made.run != run:
            continue
        for group in ("certificate", "labels"):
            for figure in made.figures:
                fits = (figure.group, figure.name, figure.graded_run) == (group, "accuracy", run)
                if fits and figure.level >= _LEVEL and figure.value is not None:
                    return Interval(figure.value, figure.low, figure.high)
    return None


def _counted_once(human: HumanLabels, votes: VoteMatrix, run: RunFitted, history: History) -> HumanLabels:
    """Return answers in which duplicates count as one item, as the fit took them."""
    kept = read_duplicates(run, votes.item_ids, history=history)
    return human if kept is None else kept.groups.counted_once(human)


def _by_pattern(
    items: Collection[ItemId], votes: VoteMatrix, weights: Sequence[float] | None = None
) -> Floats:
    """Count items by their pattern, or sum their weights; shape (p,)."""
    patterns = votes.patterns()
    rows = np.array([votes.row_of(item) for item in items], dtype=np.int64)
    found = np.bincount(patterns.require_inverse()[rows], weights, minlength=patterns.n_patterns)
    return np.asarray(found, dtype=np.float64)


def _answered_differently(human: HumanLabels, votes: VoteMatrix) -> NDArray[np.bool_]:
    """Whether answers in a pattern name more than one class; shape (p,)."""
    shares = human.shares(votes.n_classes).values()
    by_class = [_by_pattern(human.items(), votes, [s[y] for s in shares]) > 0 for y in range(votes.n_classes)]
    return np.asarray(np.sum(by_class, axis=0) > 1, dtype=np.bool_)


def _probabilities(model: FittedLabelModel, votes: VoteMatrix, human: HumanLabels) -> Floats:
    """Return what a label model would say by pattern if it had been fitted with these answers; shape (p, k)."""
    given = None if model.class_balance is None else model.class_balance.tolist()
    again = model.settings.fit(votes, human=human, class_balance="audit" if model.audited else given)
    return again.pattern_proba(votes.patterns())


def _unlabelled(soft: SoftLabels) -> NDArray[np.bool_]:
    return np.asarray(soft.sources == "none", dtype=np.bool_)


def _place(
    found: PatternCeiling, patterns: VotePatterns, answers: tuple[float, float, float], code: int
) -> Place:
    answered, chosen, told = answers
    wrong, low, high = found.wrong(code)
    return Place(
        _said(patterns, code),
        int(found.counts[code]),
        int(answered),
        int(chosen),
        bool(told >= _KNOWN),
        wrong,
        low,
        high,
        float(found.gain[code]),
    )


def _said(patterns: VotePatterns, code: int) -> str:
    """Say in words what the rules vote in a pattern, with a few of their names."""
    voters: dict[str, list[str]] = {}
    for name, vote in zip(patterns.lf_names, patterns.votes[code].tolist(), strict=True):
        if vote != ABSTAIN:
            voters.setdefault(patterns.labels.names[vote], []).append(name)
    words = []
    for label, names in voters.items():
        shown, rest = names[:_NAMED], len(names) - _NAMED
        more = f" and {rest} more" if rest > 0 else ""
        many = f"{len(names)} rules say {label}: {', '.join(shown)}{more}"
        words.append(many if len(names) > 1 else f"{names[0]} says {label}")
    return "; ".join(words)
