"""The one step that every engine takes for larger data: let functions vote on one part, where it lies.

What comes back is small, and grows with the patterns of the part, not with its items.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.engines.atomic_files import written_atomically
from wsal.engines.known_votes import own_fingerprint
from wsal.engines.local import vote_locally
from wsal.engines.parts.files import (
    ItemsWriter,
    PartFile,
    PartReceipt,
    items_path,
    read_patterns_file,
    receipt_of,
    sha256_of_file,
    storing,
    write_id_hashes,
    write_patterns,
)
from wsal.engines.parts.id_hashes import id_hashes
from wsal.engines.parts.part_error import PartError
from wsal.engines.parts.pattern_counts import PatternCounts
from wsal.engines.parts.places import at_its_place
from wsal.engines.progress import NO_PROGRESS
from wsal.engines.voted import AnyLF
from wsal.errors import WsalError
from wsal.items import Items
from wsal.items.parts import Batch, ItemPart
from wsal.lf import Rule
from wsal.types import LabelSpace, VoteArray
from wsal.votes import LFFailure

__all__ = ["PartVotes", "VoteJob", "columns_read"]

_SCHEME: Final = "wsal-part-1"  # changes when the meaning of the files does


@dataclass(frozen=True, eq=False)
class PartVotes:
    """What comes back from a part.

    Parameters
    ----------
    number : int
        Of the part.
    name : str
        What errors call it.
    receipt : PartReceipt
    items : PartFile
        Ids, and the number of the pattern of each.
    votes : ndarray of int8, shape (p, m)
        Its patterns.
    counts : ndarray of int64, shape (p,)
    reused : bool
        They were written before.
    """

    number: int
    name: str
    receipt: PartReceipt
    items: PartFile
    votes: VoteArray
    counts: NDArray[np.int64]
    reused: bool = False


@dataclass(frozen=True, eq=False)
class VoteJob:
    """Functions, and where their votes go. It can be pickled if its functions can.

    Parameters
    ----------
    lfs : tuple of m labelling functions
    labels : LabelSpace
        The k classes.
    folder : Path
        Where every worker can write.
    columns : tuple of str
        What is read of each part, besides ids.
    fault_tolerant : bool
    """

    lfs: tuple[AnyLF, ...] = field(repr=False)
    labels: LabelSpace
    folder: Path
    columns: tuple[str, ...]
    fault_tolerant: bool = False

    @property
    def lf_names(self) -> tuple[str, ...]:
        """Names of the m functions."""
        return tuple(str(getattr(lf, "name", lf)) for lf in self.lfs)

    @cached_property
    def fingerprints(self) -> tuple[str | None, ...]:
        """What each function computes; None where that cannot be told."""
        return tuple(own_fingerprint(lf) for lf in self.lfs)

    def __getstate__(self) -> dict[str, Any]:
        # A worker takes the fingerprints from here: a function unpickled there may have no source to look at.
        return {**vars(self), "fingerprints": self.fingerprints}

    def __call__(self, part: ItemPart) -> PartVotes | PartError:
        """Vote as `vote` does, and return an error instead of raising it: trying again would not help."""
        try:
            return self.vote(part)
        except WsalError as error:
            return PartError(part.number, error)

    def vote(self, part: ItemPart) -> PartVotes:
        """Vote on the items of a part, and write the votes; or find that they were written before.

        Raises
        ------
        DataError
            The part cannot be read, or a cell, an id or an answer cannot be used: with the item and its place.
        LabelingFunctionError
            A function raised, and that is not to be tolerated.
        StoreError
            The votes cannot be written.

        Notes
        -----
        Memory O(batch + p·m), and 8 bytes an item for the hashes of ids.
        """
        key = self._key(part)
        return self._kept(part, key) or self._computed(part, key)

    def _key(self, part: ItemPart) -> str:
        depends_on = [
            _SCHEME,
            part.digest(self.columns),
            [list(pair) for pair in zip(self.lf_names, self.fingerprints, strict=True)],
            list(self.labels),
        ]
        return sha256(json.dumps(depends_on).encode("utf-8", "surrogatepass")).hexdigest()

    def _kept(self, part: ItemPart, key: str) -> PartVotes | None:
        """Return votes that were written before; None where they are not whole, or may not be these."""
        receipt = receipt_of(self.folder / items_path(key))
        if receipt is None or receipt.key != key or None in self.fingerprints:
            return None
        if receipt.failures and not self.fault_tolerant:
            return None
        for file in (receipt.patterns, receipt.id_hashes):
            try:
                if file is not None and sha256_of_file(self.folder / file.path) != file.sha256:
                    return None
            except OSError:
                return None
        votes, counts = read_patterns_file(self.folder / receipt.patterns.path)
        items = PartFile(items_path(key), sha256_of_file(self.folder / items_path(key)))
        return PartVotes(part.number, part.name, receipt, items, votes, counts, reused=True)

    def _computed(self, part: ItemPart, key: str) -> PartVotes:
        table = PatternCounts(len(self.lfs))
        hashes: list[NDArray[np.uint64]] = []
        failures: dict[int, LFFailure] = {}
        place = self.folder / items_path(key)
        with storing(self.folder):
            place.parent.mkdir(parents=True, exist_ok=True)
        with storing(self.folder), written_atomically(place) as path:
            writer, receipt = ItemsWriter(path), None
            try:
                for batch in part.batches(self.columns):
                    rows = self._batch_votes(part, batch, failures)
                    writer.add(batch.items.item_ids, table.add(rows))
                    if not part.row_numbers:
                        hashes.append(id_hashes(batch.items.item_ids))
                receipt = PartReceipt(
                    key,
                    writer.n_items,
                    len(table.counts),
                    write_patterns(self.folder, key, table.votes, table.counts),
                    write_id_hashes(self.folder, key, np.concatenate(hashes)) if hashes else None,
                    tuple(failures[j] for j in sorted(failures)),
                )
            finally:
                writer.close(receipt)
        items = PartFile(items_path(key), sha256_of_file(place))
        return PartVotes(part.number, part.name, receipt, items, table.votes, table.counts)

    def _batch_votes(self, part: ItemPart, batch: Batch, failures: dict[int, LFFailure]) -> VoteArray:
        """Return the votes on a batch, shape (n, m)."""
        values = np.empty((batch.items.n_items, len(self.lfs)), dtype=np.int8)
        with at_its_place(part, batch, self._probe):
            for voted in vote_locally(
                self.lfs,
                batch.items,
                self.labels,
                fault_tolerant=self.fault_tolerant,
                progress=NO_PROGRESS,
            ):
                values[:, voted.position] = voted.votes
                if voted.failure is not None:
                    failures[voted.position] = _added(failures.get(voted.position), voted.failure)
        return values

    def _probe(self, items: Items) -> None:
        """Vote for the sake of the error that no tolerance passes over."""
        for _ in vote_locally(self.lfs, items, self.labels, fault_tolerant=True, progress=NO_PROGRESS):
            pass


def columns_read(lfs: Sequence[AnyLF], there: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that functions read: those that rules name, or all where one sees whole items."""
    named = [lf.fields if isinstance(lf, Rule) else None for lf in lfs]
    if None in named:
        return tuple(there)
    wanted = {name for fields in named for name in fields or ()}
    return tuple(name for name in there if name in wanted)


def _added(known: LFFailure | None, more: LFFailure) -> LFFailure:
    return more if known is None else replace(known, count=known.count + more.count)
