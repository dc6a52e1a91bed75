"""Discretion: messages name files as the project does, and never where on the server the project lies."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["discreet"]


def discreet(text: str, folder: Path) -> str:
    """Shorten every path below a project's folder to what it is there.

    Examples
    --------
    >>> discreet("/srv/spam/wsal.toml: line 3; /srv/spam is locked", Path("/srv/spam"))
    "wsal.toml: line 3; the project's folder is locked"
    >>> discreet("a/b.yaml: no rules", Path("/"))
    'a/b.yaml: no rules'
    >>> discreet("/srv/spam.csv changed", Path("/srv/spam"))
    '/srv/spam.csv changed'
    """
    for whole in {str(folder), str(folder.resolve())}:
        if len(whole) > 1:
            text = re.sub(
                rf"{re.escape(whole)}(?![\w-]|\.\w)", "the project's folder", text.replace(f"{whole}/", "")
            )
    return text
