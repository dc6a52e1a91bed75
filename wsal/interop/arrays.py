"""Labels as arrays: for scikit-learn with sample weights, for cleanlab, and for Hugging Face datasets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wsal.interop.outgoing import LabelledItems
from wsal.types import ABSTAIN, Floats, ItemId

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["cleanlab_inputs", "sample_weights", "to_hugging_face", "write_cleanlab", "write_sample_weights"]


def sample_weights(
    made: LabelledItems, *, at_least: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return soft labels as weighted rows, for any estimator whose ``fit`` takes ``sample_weight``.

    Parameters
    ----------
    made : LabelledItems
        n items, k classes.
    at_least : float
        Rows with less weight are left out.

    Returns
    -------
    rows : ndarray of int64, shape (r,)
        Row number of the item; an item stands once for each class, r ≤ n·k. Items without a label are not there.
    classes : ndarray of int64, shape (r,)
    weights : ndarray of float64, shape (r,)
        They sum to 1 for each item where nothing is left out.
    """
    known = np.flatnonzero(made.soft.sources != "none")
    k = len(made.labels)
    rows, classes = np.repeat(known, k), np.tile(np.arange(k), len(known))
    weights = made.soft.probabilities[known].ravel()
    keep = weights > at_least
    return rows[keep], classes[keep], weights[keep]


def write_sample_weights(made: LabelledItems, path: Path) -> None:
    """Write ``id, label, sample_weight``, one row for each class of an item that has any weight, as CSV."""
    import pandas as pd

    rows, classes, weights = sample_weights(made)
    names = np.array(made.labels.names, dtype=object)
    ids = made.items.item_ids[rows]
    frame = pd.DataFrame({"id": ids, "label": names[classes], "sample_weight": weights})
    frame.to_csv(path, index=False, lineterminator="\n")


def cleanlab_inputs(made: LabelledItems) -> tuple[list[ItemId], NDArray[np.int64], Floats]:
    """Return what cleanlab asks for: the given labels, and probabilities of a model that did not see them.

    Returns
    -------
    ids : list of str or int
        Answered items.
    labels : ndarray of int64, shape (a,)
        What people answered; the class with most answers where they differ, the first of equal ones.
    pred_probs : ndarray of float64, shape (a, k)
        The delivered probabilities. They carry the answer itself: give cleanlab those of a cross-fitted model
        (``wsal review`` does) where you want errors found; these are for its data formats alone.
    """
    index = {name: y for y, name in enumerate(made.labels)}
    rows, labels = [], []
    for row in range(len(made.ids)):
        given = [index[one.label] for one in made.answers_of(row) if one.label is not None]
        if given:
            rows.append(row)
            labels.append(int(np.bincount(given).argmax()))
    ids = made.ids
    return [ids[row] for row in rows], np.array(labels, dtype=np.int64), made.soft.probabilities[rows]


def write_cleanlab(made: LabelledItems, path: Path) -> None:
    """Write ``labels`` (n,) with -1 for none, ``pred_probs`` (n, k), ``ids`` and ``classes`` as an ``.npz`` file.

    Nothing in it is a pickle: ``numpy.load(path)`` opens it as it is.
    """
    codes = [ABSTAIN if name is None else made.labels.index(name) for name in made.hard]
    with path.open("wb") as file:
        np.savez(
            file,
            labels=np.array(codes, dtype=np.int64),
            pred_probs=made.soft.probabilities,
            ids=np.array([str(item) for item in made.ids]),
            classes=np.array(made.labels.names),
        )


def to_hugging_face(made: LabelledItems, path: Path) -> None:
    """Write Parquet that ``datasets`` opens with a ``ClassLabel`` and a list of probabilities.

    The columns of the items come along; ``label`` is -1 where there is none, as ``datasets`` has it for unknown ones.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    taken = {"label", "probs", "wsal_source", "wsal_run"}
    frame = made.items.to_frame()
    frame = frame.rename(columns={name: f"item_{name}" for name in frame.columns if name in taken})
    table = pa.Table.from_pandas(frame, preserve_index=False)
    codes = [ABSTAIN if name is None else made.labels.index(name) for name in made.hard]
    table = table.append_column("label", pa.array(codes, pa.int64()))
    table = table.append_column("probs", pa.array(made.soft.probabilities.tolist(), pa.list_(pa.float64())))
    table = table.append_column("wsal_source", pa.array(made.soft.sources.tolist(), pa.string()))
    table = table.append_column("wsal_run", pa.array([made.run] * len(codes), pa.string()))
    features = {field.name: _feature(field) for field in table.schema}
    features["label"] = {"names": list(made.labels), "_type": "ClassLabel"}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(table.replace_schema_metadata(metadata), path)


def _feature(field: pa.Field) -> dict[str, Any]:
    import pyarrow as pa

    kind = field.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"feature": _feature(kind.value_field), "_type": "List"}
    names = {"double": "float64", "float": "float32", "timestamp[ns]": "timestamp[ns]"}
    return {"dtype": names.get(str(kind), str(kind)), "_type": "Value"}
