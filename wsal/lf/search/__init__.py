"""Searching text with regular expressions that mean what Python's ``re`` means and cannot hang.

``cost`` bounds the steps ``re`` can take, ``translation`` says the same pattern to the ``regex`` module,
which knows time limits, and ``safe_search`` chooses between the two, text by text. ``multi_pattern`` searches for many
patterns in one pass: ``fast_form`` says what of them RE2 can run, ``texts`` and ``alphabet`` make bytes of texts in any
script, ``column_scan`` has Arrow find the texts that hold anything, and ``re2_set`` says what they hold.
"""

from __future__ import annotations

from wsal.lf.search.multi_pattern import (
    Alternatives,
    EngineChoice,
    MultiPattern,
    compile_together,
    engine_of,
    in_one_pass,
)
from wsal.lf.search.safe_search import (
    SEARCH_FAILURES,
    AnyPattern,
    PatientSearch,
    SafePattern,
    SearchRefusedError,
    SearchTimeoutError,
)
from wsal.lf.search.texts import ArrowTexts, ListTexts, Texts

__all__ = [
    "SEARCH_FAILURES",
    "Alternatives",
    "AnyPattern",
    "ArrowTexts",
    "EngineChoice",
    "ListTexts",
    "MultiPattern",
    "PatientSearch",
    "SafePattern",
    "SearchRefusedError",
    "SearchTimeoutError",
    "Texts",
    "compile_together",
    "engine_of",
    "in_one_pass",
]
