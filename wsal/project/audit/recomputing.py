"""Votes of an old run computed again from the text of the rules that the ledger keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from wsal.audit import Comparison, Difference, RunApplied, read_record
from wsal.engines import apply
from wsal.errors import StoreError
from wsal.items import Items
from wsal.lf import Rule, load_pack
from wsal.project.history import History
from wsal.store import read_json, sha256_of
from wsal.types import LabelSpace
from wsal.votes import VoteMatrix

__all__ = [
    "KeptFile",
    "KeptPack",
    "KeptPacks",
    "compare_votes",
    "read_packs",
    "recompute_votes",
    "require_packs",
]


@dataclass(frozen=True)
class KeptFile:
    """A file that a pack read: the text of code, the hash alone of a list."""

    path: str
    sha256: str
    text: str | None


@dataclass(frozen=True)
class KeptPack:
    """A pack as it was: its text, the rules it made, and what it read."""

    path: str
    text: str
    rules: tuple[str, ...]
    files: tuple[KeptFile, ...]


@dataclass(frozen=True)
class KeptPacks:
    """All packs of a run of `apply`, with the settings that they were read by."""

    v: int
    id_column: str | None
    text_column: str | None
    labels: tuple[str, ...]
    packs: tuple[KeptPack, ...]
    vocabulary: tuple[str, ...] | None = None


def read_packs(applied: RunApplied, *, history: History) -> KeptPacks | None:
    """Read the rules of a run of `apply` as they were; None where an older wsal made it.

    Raises
    ------
    StoreError, LedgerError
        The file is gone, or is not the one that the ledger names.
    """
    if applied.packs is None:
        return None
    return read_record(KeptPacks, read_json(applied.packs, root=history.config.folder), where="packs")


def require_packs(applied: RunApplied, *, history: History) -> KeptPacks:
    """Read the rules of a run of `apply` as they were.

    Raises
    ------
    StoreError, LedgerError
        As `read_packs`; or an older wsal made the run.
    """
    kept = read_packs(applied, history=history)
    if kept is None:
        raise StoreError(
            f"run {applied.run} was made by an older wsal, which did not keep the full text of packs\n"
            "  hint: replay it without --from-rules; new runs of `wsal apply` keep it"
        )
    return kept


def recompute_votes(
    applied: RunApplied, kept: KeptPacks, items: Items, *, history: History, progress: bool
) -> VoteMatrix:
    """Let the rules of a run of `apply` vote once more, from their kept text, without any cache.

    Raises
    ------
    StoreError
        Files that the rules read have changed or are gone; each is named. No code was run then.
    """
    root = history.config.folder
    _refuse_changed(applied.run, kept, root)
    with TemporaryDirectory(prefix="wsal-replay-") as folder:
        rules = tuple(_rules(kept, root, Path(folder), allow_python=history.config.allow_python))
        _require_same_rules(applied, rules)
        return apply(
            rules,
            items,
            labels=LabelSpace(kept.labels),
            fault_tolerant=bool(history.votes(applied.run).failures),
            progress=progress,
        )


def compare_votes(stored: VoteMatrix, recomputed: VoteMatrix) -> Comparison:
    """Compare the votes of a run with those that were computed again; of the same items and rules."""
    wrong = stored.values != recomputed.values
    n_items = stored.n_items
    if not wrong.any():
        return Comparison("identical", n_items)
    row = int(wrong.any(axis=1).argmax())
    column = int(wrong[row].argmax())
    then, now = (
        votes.labels.name(int(votes.values[row, column])) or "abstain" for votes in (stored, recomputed)
    )
    item = np.asarray(stored.item_ids)[row : row + 1].tolist()[0]
    first = Difference(item, f"rule {stored.lf_names[column]}", then, now)
    return Comparison("different", n_items, int(wrong.any(axis=1).sum()), 1.0, first)


def _rules(kept: KeptPacks, root: Path, folder: Path, *, allow_python: bool) -> Iterator[Rule]:
    for i, pack in enumerate(kept.packs):
        place = root / pack.path
        copy = folder / str(i) / place.name
        copy.parent.mkdir()
        copy.write_bytes(pack.text.encode("utf-8"))
        loaded = load_pack(
            copy,
            allow_python=allow_python,
            text=kept.text_column or "text",
            labels=LabelSpace(kept.labels),
            vocabulary=None if kept.vocabulary is None else LabelSpace(kept.vocabulary),
            folder=place.parent,
        )
        yield from loaded.rules


def _refuse_changed(run: str, kept: KeptPacks, root: Path) -> None:
    """Refuse to go on where a file that the rules read is not the one that they read then."""
    wrong = []
    for file in (file for pack in kept.packs for file in pack.files):
        path = root / file.path
        if not path.is_file():
            wrong.append(f"{file.path} is gone")
        elif (now := sha256_of(path)) != file.sha256:
            wrong.append(f"{file.path} changed (sha256 {file.sha256[:12]}… then, {now[:12]}… now)")
    if wrong:
        raise StoreError(
            f"the votes of run {run} cannot be computed again: {'; '.join(dict.fromkeys(wrong))}\n"
            f"  hint: put the files back as they were; the text of code stands in .wsal/runs/{run}/packs.json"
        )


def _require_same_rules(applied: RunApplied, rules: tuple[Rule, ...]) -> None:
    then = [(rule.name, rule.fingerprint) for rule in applied.rules]
    now = [(rule.name, rule.fingerprint) for rule in rules]
    if then != now:
        known = dict(now)
        other = sorted(name for name, fingerprint in then if known.get(name) != fingerprint)
        raise StoreError(
            f"the votes of run {applied.run} cannot be computed again: the fingerprints of "
            f"{', '.join(other) or 'its rules'} are others now, though their text is the same\n"
            "  hint: something beside their text changed: a spaCy pipeline, a model, or the version of wsal"
        )
