"""Models as JSON: floats by their shortest exact text, so that reading gives the same bits; never pickle."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from wsal.errors import DataError
from wsal.label_models.human_counts import Answers

__all__ = ["answers_from_data", "answers_to_data", "read_model"]


def read_model(text: str, kind: str, *, version: int) -> dict[str, Any]:
    """Parse the JSON of a model and check what it is.

    Raises
    ------
    DataError
        Not JSON, another kind of model, or another version.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"a saved model is JSON; this is not: {error}") from error
    if not isinstance(data, dict):
        raise DataError(f"a saved model is a JSON object; this is a {type(data).__name__}")
    found = data.get("wsal_model")
    if found != kind:
        raise DataError(f"this is no saved {kind} model (wsal_model is {found!r})")
    if data.get("version") != version:
        raise DataError(
            f"this {kind} model has version {data.get('version')!r}; this wsal reads version {version}",
            hint="fit again, or use the wsal that saved it",
        )
    return data


def answers_to_data(answers: Answers) -> dict[str, Any]:
    """Return answers as lists."""
    return {
        "item_ids": list(answers.item_ids),
        "shares": answers.shares.tolist(),
        "weights": answers.weights.tolist(),
    }


def answers_from_data(data: dict[str, Any], k: int) -> Answers:
    """Read what `answers_to_data` wrote."""
    return Answers(
        tuple(data["item_ids"]),
        np.array(data["shares"], dtype=np.float64).reshape(-1, k),
        np.array(data["weights"], dtype=np.float64),
    )
