"""What a `LabelModel` learned, as JSON holds it, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wsal.label_models.near_copies import CopyGroups
from wsal.label_models.sources import SourceCounts
from wsal.types import Floats

if TYPE_CHECKING:
    from wsal.label_models.label_model import FittedLabelModel

__all__ = ["learned_from_data", "learned_to_data"]


def learned_to_data(model: FittedLabelModel) -> dict[str, Any]:
    """Return what was learned, without the settings: plain numbers, texts, lists and mappings."""
    return {
        "copies": {"group": model.copies.group.tolist(), "cluster": model.copies.cluster.tolist()},
        "sources": {"numbers": model.sources.sources.tolist(), "counts": model.sources.counts.tolist()},
        "agreement": model.agreement.tolist(),
        "vote_share": model.vote_share.tolist(),
        "answered_votes": model.answered_votes.tolist(),
        "answered_counts": model.answered_counts.tolist(),
        "class_balance": None if model.class_balance is None else model.class_balance.tolist(),
        "audited": model.audited,
        "n_audited": model.n_audited,
        "balance_weights": None if model.balance_weights is None else model.balance_weights.tolist(),
        "n_iter": model.n_iter,
        "stop_reason": model.stop_reason,
        "history": list(model.history),
    }


def learned_from_data(data: dict[str, Any], *, k: int, m: int) -> dict[str, Any]:
    """Return the fields of `FittedLabelModel` that `learned_to_data` wrote.

    Parameters
    ----------
    data : dict
    k, m : int
        Classes and functions, which empty lists do not tell.
    """
    return {
        "copies": CopyGroups(*(np.array(data["copies"][name], np.int64) for name in ("group", "cluster"))),
        "sources": SourceCounts(
            np.array(data["sources"]["numbers"], dtype=np.int64),
            _floats(data["sources"]["counts"]).reshape(-1, k),
        ),
        "agreement": _floats(data["agreement"]),
        "vote_share": _floats(data["vote_share"]),
        "answered_votes": np.array(data["answered_votes"], dtype=np.int8).reshape(-1, m),
        "answered_counts": _floats(data["answered_counts"]).reshape(-1, k),
        "class_balance": None if data["class_balance"] is None else _floats(data["class_balance"]),
        "audited": data["audited"],
        "n_audited": data["n_audited"],
        "balance_weights": None if data["balance_weights"] is None else _floats(data["balance_weights"]),
        "n_iter": data["n_iter"],
        "stop_reason": data["stop_reason"],
        "history": tuple(data["history"]),
    }


def _floats(values: Any) -> Floats:  # noqa: ANN401  # nested lists of numbers
    return np.array(values, dtype=np.float64)
