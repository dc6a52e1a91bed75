"""Contradictions: answers that strong evidence speaks against, for a second look. Hand labels are wrong too.

Derivation, what it found, and when it fails: docs/explanation/annotators.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from wsal.analysis.annotators import annotator_votes
from wsal.label_models import DawidSkene, FittedDawidSkene, FittedLabelModel, LabelModel, Model, Term
from wsal.labels import HumanLabels
from wsal.types import ABSTAIN, Floats, ItemId, VoteArray
from wsal.votes import VoteMatrix

__all__ = ["Contradiction", "find_contradictions", "votes_in_words"]

Method: TypeAlias = Literal["evidence", "confident learning"]
"""What found a contradiction: votes and other people, or a classifier through cleanlab."""

_MAX_FITS = 200  # beyond, answered items are left out in groups


@dataclass(frozen=True)
class Contradiction:
    """An answer, and the evidence against it that does not rest on it.

    Parameters
    ----------
    item_id : str or int
    annotator : str
    label : str
        The answer.
    better : str
        The class that the evidence speaks for.
    log_odds : float
        For ``better`` against ``label``, in nats: ``rules`` plus ``people``.
    rules : float
        What the label model says of the item, fitted without the answers to it.
    people : float
        What the other people who answered it say.
    votes : tuple of str
        The functions that vote, and for what: ``"lf says spam"``.
    others : tuple of str
        What others answered: ``"ben says ham"``.
    by_rule : tuple of (str, float)
        Of ``rules``, the part of each function that votes, in nats: what it alone says for ``better`` against
        ``label``. The rest is people on items alike, the share of votes and the class balance. Empty where the model
        does not open into such parts.
    method : {"evidence", "confident learning"}
        What found it.
    """

    item_id: ItemId
    annotator: str
    label: str
    better: str
    log_odds: float
    rules: float
    people: float
    votes: tuple[str, ...]
    others: tuple[str, ...]
    by_rule: tuple[tuple[str, float], ...] = ()
    method: Method = "evidence"


def find_contradictions(
    votes: VoteMatrix,
    human: HumanLabels,
    model: Model | None = None,
    *,
    class_balance: Sequence[float] | None = None,
    at_least: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Contradiction, ...]:
    """Rank answers by how strongly the evidence without them speaks against them.

    Parameters
    ----------
    votes : VoteMatrix
    human : HumanLabels
        Answers on items that are not among the votes are passed over.
    model : Model, optional
        A label model before ``fit``, which takes counts of answers by pattern; `LabelModel` where not given.
    class_balance : sequence of float, optional
        As it is given to ``fit``.
    at_least : float
        Log odds below it are left out, in nats; 0 keeps every answer that some other class beats.
    progress : callable, optional
        Called with the number of fits done and of all.

    Returns
    -------
    tuple of Contradiction
        The strongest first; equal ones in the order of the answers.

    Raises
    ------
    DataError
        An answer is no class.

    Notes
    -----
    The model is fitted again without the answers to an item; items with the same votes and answers share a fit, so few
    are needed. Beyond 200 such groups several are left out at once, which takes a little more evidence away than it
    should. Other people's answers count by their tables of errors (`DawidSkene`). Items without votes or other answers
    have no evidence and are passed over. O(fits · cost of a fit).
    """
    here = human.only({item for item in human.items() if votes.find(item) is not None})
    if not len(here):
        return ()
    evidence = _without_each_item(votes, here, model or LabelModel(), class_balance, progress)
    names, k = votes.labels.names, votes.n_classes
    people = annotator_votes(here, votes.labels)
    crowd = DawidSkene().fit(people)
    found = []
    for item, who, value in zip(here.item_ids, here.annotators, here.values.tolist(), strict=True):
        row = votes.values[votes.row_of(item)]
        voted = bool((row != ABSTAIN).any())
        rules = evidence[item][0] if voted else np.zeros(k)
        said, others = _other_people(people, crowd, item, who)
        against = rules + said
        best = int(np.argmax(against))
        odds = float(against[best] - against[value])
        if best == value or odds < at_least or not (others or voted):
            continue
        found.append(
            Contradiction(
                item,
                who,
                names[value],
                names[best],
                odds,
                float(rules[best] - rules[value]),
                float(said[best] - said[value]),
                votes_in_words(votes, row),
                others,
                tuple(
                    (term.source, float(term.log_scores[best] - term.log_scores[value]))
                    for term in evidence[item][1]
                    if term.vote is not None
                ),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.log_odds))


def votes_in_words(votes: VoteMatrix, row: VoteArray) -> tuple[str, ...]:
    """Say what each function votes in a row of votes, shape (m,); those that abstain are left out."""
    return tuple(
        f"{name} says {votes.labels.names[vote]}"
        for name, vote in zip(votes.lf_names, row.tolist(), strict=True)
        if vote != ABSTAIN
    )


def _without_each_item(
    votes: VoteMatrix,
    human: HumanLabels,
    model: Model,
    class_balance: Sequence[float] | None,
    progress: Callable[[int, int], None] | None,
) -> dict[ItemId, tuple[Floats, tuple[Term, ...]]]:
    """Return what the model fitted without the answers to an item says of it: log probabilities (k,), and its parts."""
    patterns, k = votes.patterns(), votes.n_classes
    inverse = patterns.require_inverse()
    counts = np.zeros((patterns.n_patterns, k))
    groups: defaultdict[tuple[int, bytes], list[ItemId]] = defaultdict(list)
    parts: dict[ItemId, tuple[int, Floats]] = {}
    for item, shares in human.shares(k).items():
        code, part = int(inverse[votes.row_of(item)]), human.weight(item) * shares
        counts[code] += part
        groups[code, part.tobytes()].append(item)
        parts[item] = code, part
    keys = sorted(groups)
    n_fits = min(len(keys), _MAX_FITS)
    found: dict[ItemId, tuple[Floats, tuple[Term, ...]]] = {}
    for number in range(n_fits):
        together = keys[number::n_fits]
        left = counts.copy()
        for key in together:
            code, part = parts[groups[key][0]]
            left[code] = np.maximum(left[code] - part, 0.0)
        fitted = model.fit(patterns, left, class_balance)
        q = fitted.pattern_proba(patterns)
        for key in together:
            scores = np.log(np.maximum(q[key[0]], 1e-300))
            terms = fitted.terms(patterns.votes[key[0]]) if isinstance(fitted, FittedLabelModel) else ()
            found.update(dict.fromkeys(groups[key], (scores, terms)))
        if progress is not None:
            progress(number + 1, n_fits)
    return found


def _other_people(
    people: VoteMatrix, crowd: FittedDawidSkene, item: ItemId, who: str
) -> tuple[Floats, tuple[str, ...]]:
    """Return what the others who answered an item say of each class (nats, shape (k,)), and their answers."""
    row = people.values[people.row_of(item)].tolist()
    given = [(j, vote) for j, vote in enumerate(row) if vote != ABSTAIN and people.lf_names[j] != who]
    said = np.zeros(people.n_classes)
    for j, vote in given:
        said += np.log(crowd.confusions[j, :, vote])
    names = people.labels.names
    return said, tuple(f"{people.lf_names[j] or 'somebody'} says {names[vote]}" for j, vote in given)
