"""Files that the ledger names through a list: the parts of votes and labels that do not fit into one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from wsal.audit import FileRef

__all__ = ["PARTS_FOLDER", "PARTS_MANIFEST", "listed_files"]

PARTS_FOLDER: Final = ".wsal/votes"
"""Where votes in parts are, by what they depend on; runs share them."""

PARTS_MANIFEST: Final = "votes-parts.json"
"""How a run calls its list of the parts of its votes."""

_LABELS_MANIFEST: Final = "_manifest.json"


def listed_files(file: FileRef, root: Path) -> Iterator[FileRef]:
    """Yield the files that a file lists, if it is a list of parts; its own bytes were verified before.

    Parameters
    ----------
    file : FileRef
    root : Path
        The project's folder.
    """
    path = PurePosixPath(file.path)
    if path.name == PARTS_MANIFEST:
        for part in _parts(root / file.path):
            for name in ("items", "patterns", "id_hashes"):
                if part[name] is not None:
                    yield FileRef(f"{PARTS_FOLDER}/{part[name]['path']}", part[name]["sha256"])
    elif path.name == _LABELS_MANIFEST:
        for part in _parts(root / file.path):
            yield FileRef(str(path.parent / part["path"]), part["sha256"])


def _parts(path: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["parts"]
    return listed
