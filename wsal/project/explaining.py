"""Why an item has its label: the evidence of the last `fit`, and what people said."""

from __future__ import annotations

from wsal.evidence import explain
from wsal.project.material import Material
from wsal.project.reports import Why
from wsal.project.tasks import fields_of

__all__ = ["why"]


def why(material: Material, item: str) -> Why:
    """Explain the label of an item by the last `fit`, with the answers up to that run.

    Raises
    ------
    InputError
        Nothing was fitted yet, the data changed since, or there is no such item.
    """
    store = material.history.store
    run, (row, item_id) = material.history.run("run_fitted"), material.find(item)
    delivered = material.delivered()
    evidence = explain(delivered.votes, delivered.model, item_id, delivered=delivered)
    copied_from = delivered.copied_from(delivered.votes.row_of(item_id))
    asked = set(copied_from or (item_id,))
    then, now = (
        tuple(a for a in store.answers(as_of=seq) if a.item in asked and a.label is not None)
        for seq in (run.payload.answers_seq, None)
    )
    notes = () if then == now else (f"the answers to {item} changed after run {run.run}: run `wsal fit`",)
    return Why(evidence, then, fields_of(material.items, row), run.run, notes, copied_from)
