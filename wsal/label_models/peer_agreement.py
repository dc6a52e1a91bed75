"""Agreement with peers: a hint, from votes alone, which of two rules that contradict each other is right.

It breaks ties and does little else. How often a rule is right cannot be learned from agreement: rules may be right
together or wrong together, and those for the common class agree more. What survives is a comparison among rules
that vote for the same class (docs/explanation/label-model.md).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wsal.label_models.sources import VoteShares
from wsal.types import Floats

__all__ = ["peer_agreement"]

_PRIOR_ITEMS = 20.0  # that a typical rule of its class would have agreed on
_CLIP = 0.02


def peer_agreement(shares: VoteShares, items: NDArray[np.int64], k: int) -> Floats:
    """Return how far each source agrees more with other voices than the sources of its class do.

    For source s = (j, l), A_s is the mean, over items where it votes and others do, of the share of the other
    voices that say l too; drawn towards that of its class by 20 items. The result is ``logit A_s − logit A_l``,
    with A_l the mean over all voices for l; A is kept between .02 and .98.

    Parameters
    ----------
    shares : VoteShares
        Votes of p patterns; copies share one voice, so a copied function agrees no more than it did.
    items : ndarray of int64, shape (p,)
        Items of each pattern.
    k : int

    Returns
    -------
    ndarray of float64, shape (m·k,)
        Nats; 0 for a source that never meets another voice. O(votes).
    """
    n_sources = shares.weights.shape[1]
    pattern = np.repeat(np.arange(len(items)), np.diff(shares.weights.indptr))
    meets = shares.n_votes[pattern] > 1
    pattern, source, voice = pattern[meets], shares.weights.indices[meets], shares.weights.data[meets]
    label = source % k
    # Voices for each class in each pattern; the voice of the source itself is not a peer.
    place = pattern * k + label
    voices = np.rint(np.bincount(place, voice, len(items) * k))  # whole numbers, but for rounding
    agree = (voices[place] - 1.0) / (shares.n_votes[pattern] - 1.0)
    weight = items[pattern].astype(np.float64)
    total = np.bincount(label, weight * voice, k)
    by_class = np.bincount(label, weight * voice * agree, k) / np.where(total > 0, total, 1.0)
    met = np.bincount(source, weight, n_sources)
    agreed = np.bincount(source, weight * agree, n_sources)
    typical = by_class[np.arange(n_sources) % k]
    own = (agreed + _PRIOR_ITEMS * typical) / (met + _PRIOR_ITEMS)
    return np.asarray(np.where(met > 0, _logit(own) - _logit(typical), 0.0), dtype=np.float64)


def _logit(share: Floats) -> Floats:
    kept = np.clip(share, _CLIP, 1.0 - _CLIP)
    return np.asarray(np.log(kept) - np.log1p(-kept), dtype=np.float64)
