"""A delivered label computed item by item in plain Python from the parameters of a run: slow, and another way.

Nothing of `wsal.evidence` or of the vectorised label model is used; only fitted parameters are read.
"""

from __future__ import annotations

import math

import numpy as np
import pytest


@pytest.fixture(scope="session")
def naive_label():
    """Return the function that evaluates an item of a run: (probabilities, whether anything speaks).

    ``told`` names another run, and the item's row there, whose answers the item carries.
    """
    return _naive_label


def _naive_label(run, row, votes, told=None):
    k = run.votes.n_classes
    scores = [math.log(p) for p in _q(run.model, votes, k)]
    if run.human_probabilities is not None:
        for y in range(k):
            scores[y] += math.log(run.human_probabilities[row, y] / run.human_prior[y])
    covered = any(vote >= 0 for vote in votes)
    if run.end_probabilities is not None:
        end = [math.log(p) for p in run.end_probabilities[row]]
        scores = [(s + e) / 2 for s, e in zip(scores, end, strict=True)] if covered else end
    p = _normalised(scores)
    shares, weight = _answer(*(told or (run, row)))
    if shares is not None:
        p = [weight * s + (1 - weight) * x for s, x in zip(shares, p, strict=True)]
    return p, covered or run.end_probabilities is not None or shares is not None


def _q(model, votes, k):
    voices = {}  # (cluster, class) → group → functions of it that vote so
    for j, vote in enumerate(votes):
        if vote >= 0:
            voice = voices.setdefault((int(model.copies.cluster[j]), int(vote)), {})
            voice.setdefault(int(model.copies.group[j]), []).append(j)
    n = len(voices)
    scores = [0.0] * k
    for (_, vote), groups in voices.items():
        for members in groups.values():
            for j in members:
                share = 1 / len(groups) / len(members)
                for y in range(k):
                    scores[y] += share * model.log_posterior[j * k + vote, y] / math.sqrt(n)
    weight = {0: 1.0, 1: 0.0}.get(n, -model.settings.tie_weight)
    q = _normalised([s + weight * math.log(v) for s, v in zip(scores, model.vote_share, strict=True)])
    for pattern, counts in zip(model.answered_votes, model.answered_counts, strict=True):
        if tuple(pattern) == tuple(votes):
            strength = model.settings.local_strength
            q = [(strength * x + h) / (strength + sum(counts)) for x, h in zip(q, counts, strict=True)]
    if model.balance_weights is not None:
        q = [x * math.sqrt(w) for x, w in zip(q, model.balance_weights, strict=True)]
    return [x / sum(q) for x in q]


def _answer(run, row):
    answered = dict(zip(run.answers.rows.tolist(), run.answers.shares, strict=True))
    if row in answered:
        return answered[row], 1.0
    groups = run.duplicates
    for codes, weight in ((groups.exact, 1.0), (groups.codes, 0.5)) if groups is not None else ():
        alike = [shares for other, shares in answered.items() if codes[other] == codes[row]]
        if alike:
            return np.mean(alike, axis=0), weight
    return None, 0.0


def _normalised(scores):
    powers = [math.exp(s - max(scores)) for s in scores]
    return [x / sum(powers) for x in powers]
