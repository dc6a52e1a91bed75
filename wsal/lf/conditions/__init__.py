"""The kinds of condition a rule can have, one module a kind, and their evaluation on a table.

A condition answers TRUE, FALSE or UNKNOWN for an item (Kleene's three-valued logic; a missing value is
UNKNOWN), and a rule votes only where its condition is TRUE. Leaf conditions of one kind on one field are
evaluated together.
"""

from __future__ import annotations

from wsal.lf.conditions.base import FALSE, TRUE, UNKNOWN, Condition, Fault, Faults, LeafCondition, Truth
from wsal.lf.conditions.column import ColumnVotes
from wsal.lf.conditions.compare import CompareCondition
from wsal.lf.conditions.dates import DateCondition
from wsal.lf.conditions.evaluate import evaluate, leaves
from wsal.lf.conditions.graph import NeighboursCondition, NeighboursVotes, RelatedCondition
from wsal.lf.conditions.in_list import InListCondition
from wsal.lf.conditions.keywords import KeywordsCondition
from wsal.lf.conditions.logic import AllCondition, AnyCondition, NotCondition, RuleCondition
from wsal.lf.conditions.model import ModelCondition, ModelVotes
from wsal.lf.conditions.number import NumberCondition
from wsal.lf.conditions.python import PythonCondition, PythonVotes
from wsal.lf.conditions.regex import RegexCondition
from wsal.lf.conditions.tokens import TokensCondition
from wsal.lf.conditions.vote_source import NarrowedVotes, VoteSource

__all__ = [
    "FALSE",
    "TRUE",
    "UNKNOWN",
    "AllCondition",
    "AnyCondition",
    "ColumnVotes",
    "CompareCondition",
    "Condition",
    "DateCondition",
    "Fault",
    "Faults",
    "InListCondition",
    "KeywordsCondition",
    "LeafCondition",
    "ModelCondition",
    "ModelVotes",
    "NarrowedVotes",
    "NeighboursCondition",
    "NeighboursVotes",
    "NotCondition",
    "NumberCondition",
    "PythonCondition",
    "PythonVotes",
    "RegexCondition",
    "RelatedCondition",
    "RuleCondition",
    "TokensCondition",
    "Truth",
    "VoteSource",
    "evaluate",
    "leaves",
]
