"""Where a person's name still stands once the person was erased, and what can be done about each place."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wsal.audit import canonical
from wsal.project.history import History

__all__ = ["NameLeft", "names_left"]

_OWN = ".wsal"
_NOT_READ = frozenset({".parquet", ".npz", ".zip", ".gz"})  # compressed: a name in them cannot be seen
_STORE = ("store.db",)


@dataclass(frozen=True)
class NameLeft:
    """A place where a name still stands.

    Parameters
    ----------
    place : str
        A file, relative to the project's folder, or rows of the ledger.
    remedy : str
        What can be done about it.
    """

    place: str
    remedy: str


def names_left(history: History, name: str) -> tuple[NameLeft, ...]:
    """Look for a name, as a whole word, in the ledger and in the files of the project's folder.

    Compressed files (Parquet, npz, archives), the store's own file and everything outside of the folder are not
    looked at. O(bytes of the folder).
    """
    pattern = _whole_word(name)
    return (*_in_ledger(history, pattern), *_in_files(history.config.folder, pattern))


def _whole_word(name: str) -> re.Pattern[bytes]:
    forms = {name.encode("utf-8", "surrogatepass"), canonical(name)[1:-1]}
    return re.compile(rb"(?<!\w)(?:" + b"|".join(re.escape(form) for form in sorted(forms)) + rb")(?!\w)")


def _in_ledger(history: History, pattern: re.Pattern[bytes]) -> Iterator[NameLeft]:
    rows: dict[str, list[int]] = {}
    for entry in history.store.events():
        # The person's own pseudonym and texts are unreadable by now; what is found stands there in plain.
        if pattern.search(canonical(entry.event.data)):
            rows.setdefault(entry.event.kind, []).append(entry.seq)
    for kind, found in rows.items():
        shown = ", ".join(map(str, found[:5])) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        yield NameLeft(
            f"{'row' if len(found) == 1 else 'rows'} {shown} of the ledger ({kind})", "cannot be changed"
        )


def _in_files(folder: Path, pattern: re.Pattern[bytes]) -> Iterator[NameLeft]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _NOT_READ or path.name.startswith(_STORE) or not path.is_file():
            continue
        if not _holds(path, pattern):
            continue
        own = path.relative_to(folder).parts[0] == _OWN
        remedy = (
            "kept for replaying the run; without it `wsal audit verify` says that it is missing"
            if own
            else "yours to edit"
        )
        yield NameLeft(path.relative_to(folder).as_posix(), remedy)


def _holds(path: Path, pattern: re.Pattern[bytes]) -> bool:
    try:
        if path.stat().st_size == 0:
            return False
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return pattern.search(content) is not None
    except OSError:  # gone meanwhile, or not ours to read
        return False
