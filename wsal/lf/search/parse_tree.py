"""The parse tree of Python's own regular expressions.

The tree comes from ``re``'s parser, so it says what ``re`` understood. That parser is private to the standard
library (it was public as ``sre_parse`` until Python 3.10); all use of it stands in this module and is pinned
by tests.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any

__all__ = ["compile_node", "compile_pattern", "parse"]

_parser: Any = import_module("re._parser")
_compiler: Any = import_module("re._compiler")
_constants: Any = import_module("re._constants")


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile with ``re``; its warnings about syntax that may change one day are not the expert's business.

    Raises
    ------
    re.error
        The pattern is no regular expression; ``.pos`` says where.
    OverflowError, RecursionError
        A repeat too large, or groups nested too deeply.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern, flags)


@lru_cache(maxsize=256)
def parse(pattern: str, flags: int = 0) -> tuple[Any, int]:
    """Return the parse tree of a pattern, to be read only, and its flags with those written inside it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = _parser.parse(pattern, flags)
    return tree, int(tree.state.flags)


def compile_node(node: tuple[Any, Any], flags: int) -> re.Pattern[str]:
    """Compile a run of one node of a tree (``node+``), so that ``re`` can be asked what it matches."""
    state = _parser.State()
    state.flags = flags
    repeated = (_constants.MAX_REPEAT, (1, _constants.MAXREPEAT, _parser.SubPattern(state, [node])))
    compiled: re.Pattern[str] = _compiler.compile(_parser.SubPattern(state, [repeated]), flags)
    return compiled
