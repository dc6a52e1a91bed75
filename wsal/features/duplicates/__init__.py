"""Duplicates: items that are exact or near copies of each other, so that people label one of them.

`find_duplicates` groups items by the settings of a project; `text_duplicates` and `vector_duplicates` do it
for plain values. What follows from a group: docs/explanation/duplicates.md.
"""

from wsal.features.duplicates.find import (
    DEFAULT_THRESHOLDS,
    DuplicateSettings,
    find_duplicates,
    text_duplicates,
    vector_duplicates,
)
from wsal.features.duplicates.groups import NEAR_WEIGHT, CopiedAnswers, DuplicateGroups
from wsal.features.duplicates.images import difference_hash

__all__ = [
    "DEFAULT_THRESHOLDS",
    "NEAR_WEIGHT",
    "CopiedAnswers",
    "DuplicateGroups",
    "DuplicateSettings",
    "difference_hash",
    "find_duplicates",
    "text_duplicates",
    "vector_duplicates",
]
