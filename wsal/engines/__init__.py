"""Engines: labelling functions and items in, votes out. No engine ever meets a model.

`apply` is the one way in: it checks, takes from the cache what is there, lets an engine compute the rest, and
keeps each column of votes as soon as it is finished. `wsal.engines.parts` is the way for more items than fit into
memory: ``apply(…, out=…)``. `binned_votes` makes votes of another model's confidences.
"""

from __future__ import annotations

from wsal.engines.application import ENGINES, apply
from wsal.engines.cache import DirectoryCache, Swept, VoteCache
from wsal.engines.confidence import binned_votes
from wsal.engines.parts import PART_ENGINES, LabelParts, VoteParts, write_soft_labels
from wsal.engines.voted import Engine, Voted

__all__ = [
    "ENGINES",
    "PART_ENGINES",
    "DirectoryCache",
    "Engine",
    "LabelParts",
    "Swept",
    "VoteCache",
    "VoteParts",
    "Voted",
    "apply",
    "binned_votes",
    "write_soft_labels",
]
