"""Searching text with regular expressions that mean what Python's ``re`` means and cannot hang.

``cost`` bounds the steps ``re`` can take, ``translation`` says the same pattern to the ``regex`` module,
which knows time limits, and ``safe_search`` chooses between the two, text by text. ``multi_pattern`` searches for many
patterns in one pass: ``fast_form`` says what of them RE2 can run, ``alphabet`` makes bytes of texts in any script, and
``re2_set`` runs it.
"""

from __future__ import annotations

from wsal.lf.search.multi_pattern import EngineChoice, MultiPattern, compile_together, engine_of
from wsal.lf.search.safe_search import (
    SEARCH_FAILURES,
    PatientSearch,
    SafePattern,
    SearchRefusedError,
    SearchTimeoutError,
)

__all__ = [
    "SEARCH_FAILURES",
    "EngineChoice",
    "MultiPattern",
    "PatientSearch",
    "SafePattern",
    "SearchRefusedError",
    "SearchTimeoutError",
    "compile_together",
    "engine_of",
]
