"""Python blocks of these pages run as tests; the blocks of a page share their names, in order.

The tutorials run with their commands: see ``tutorials/conftest.py``.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser


def _extras(names: dict[str, Any]) -> None:
    """Let a page skip a block whose extra is not installed; under WSAL_CI=1 nothing is skipped."""
    names["without_snorkel"] = find_spec("snorkel") is None and os.environ.get("WSAL_CI") != "1"


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["*.md"],
    exclude="tutorials/*.md",  # whole sessions, which have a runner of their own
    setup=_extras,
).pytest()
