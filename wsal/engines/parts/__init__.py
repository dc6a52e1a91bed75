"""Larger than memory, larger than a machine: votes in parts.

One core serves every engine. Functions vote on a part (a row group of a Parquet file, a partition of a data frame)
where it lies; its votes are written there; what comes back are its patterns with their counts. Counts add up, the model
is fitted on their sum, and the labels of items are looked up by pattern, again part by part. Nobody ever holds n items.
"""

from __future__ import annotations

from wsal.engines.parts.application import apply_in_parts
from wsal.engines.parts.running import PART_ENGINES, PartEngine
from wsal.engines.parts.soft_labels import LabelParts, write_soft_labels
from wsal.engines.parts.vote_parts import VotePart, VoteParts

__all__ = [
    "PART_ENGINES",
    "LabelParts",
    "PartEngine",
    "VotePart",
    "VoteParts",
    "apply_in_parts",
    "write_soft_labels",
]
