"""Searching text with regular expressions that mean what Python's ``re`` means and cannot hang.

``cost`` bounds the steps ``re`` can take, ``translation`` says the same pattern to the ``regex`` module,
which knows time limits, and ``safe_search`` chooses between the two, text by text.
"""

from __future__ import annotations

from wsal.lf.search.safe_search import (
    SEARCH_FAILURES,
    PatientSearch,
    SafePattern,
    SearchRefusedError,
    SearchTimeoutError,
)

__all__ = ["SEARCH_FAILURES", "PatientSearch", "SafePattern", "SearchRefusedError", "SearchTimeoutError"]
