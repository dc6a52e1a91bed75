"""Votes: `VoteMatrix`, what every labelling function said of every item, and the columns that it is made of."""

from wsal.votes.columns import CastVotes, VoteColumn, by_column, dense, lightest, side_by_side
from wsal.votes.matrix import LFCost, LFFailure, VoteMatrix, patterns_of, unwritten

__all__ = [
    "CastVotes",
    "LFCost",
    "LFFailure",
    "VoteColumn",
    "VoteMatrix",
    "by_column",
    "dense",
    "lightest",
    "patterns_of",
    "side_by_side",
    "unwritten",
]
