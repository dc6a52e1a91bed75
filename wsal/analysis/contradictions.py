"""Contradictions: answers that strong evidence speaks against, for a second look. Hand labels are wrong too.

Derivation, what it found, and when it fails: docs/explanation/annotators.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wsal.analysis.annotators import annotator_votes
from wsal.label_models import DawidSkene, FittedDawidSkene, LabelModel, Model
from wsal.labels import HumanLabels
from wsal.types import ABSTAIN, Floats, ItemId
from wsal.votes import VoteMatrix

__all__ = ["Contradiction", "find_contradictions"]

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
    log_q = _without_each_item(votes, here, model or LabelModel(), class_balance, progress)
    names, k = votes.labels.names, votes.n_classes
    people = annotator_votes(here, votes.labels)
    crowd = DawidSkene().fit(people)
    found = []
    for item, who, value in zip(here.item_ids, here.annotators, here.values.tolist(), strict=True):
        row = votes.values[votes.row_of(item)]
        rules = log_q[item] if (row != ABSTAIN).any() else np.zeros(k)
        said, others = _other_people(people, crowd, item, who)
        against = rules + said
        best = int(np.argmax(against))
        odds = float(against[best] - against[value])
        if best == value or odds < at_least or not (others or (row != ABSTAIN).any()):
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
                tuple(
                    f"{name} says {names[vote]}"
                    for name, vote in zip(votes.lf_names, row.tolist(), strict=True)
                    if vote != ABSTAIN
                ),
                others,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.log_odds))


def _without_each_item(
    votes: VoteMatrix,
    human: HumanLabels,
    model: Model,
    class_balance: Sequence[float] | None,
    progress: Callable[[int, int], None] | None,
) -> dict[ItemId, Floats]:
    """Return the log probabilities of each answered item by the model fitted without its answers; shape (k,)."""
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
    log_q: dict[ItemId, Floats] = {}
    for number in range(n_fits):
        together = keys[number::n_fits]
        left = counts.copy()
        for key in together:
            code, part = parts[groups[key][0]]
            left[code] = np.maximum(left[code] - part, 0.0)
        q = model.fit(patterns, left, class_balance).pattern_proba(patterns)
        for key in together:
            scores = np.log(np.maximum(q[key[0]], 1e-300))
            log_q.update(dict.fromkeys(groups[key], scores))
        if progress is not None:
            progress(number + 1, n_fits)
    return log_q


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
