"""Patterns: the distinct rows of a label matrix, the narrow waist between votes and all that is made of them."""

from wsal.patterns.columns import CastColumn
from wsal.patterns.table import VotePatterns

__all__ = ["CastColumn", "VotePatterns"]
