"""VoteParts: votes that lie in the files of their parts, and what is known of all of them together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from wsal.engines.atomic_files import write_atomically
from wsal.engines.parts.files import (
    PartFile,
    PartReceipt,
    read_ids,
    read_pattern_numbers,
    read_patterns_file,
    sha256_of_file,
    storing,
)
from wsal.engines.parts.id_hashes import holds_any
from wsal.engines.parts.pattern_counts import PatternSum
from wsal.engines.parts.vote_job import PartVotes
from wsal.errors import StoreError
from wsal.patterns import VotePatterns
from wsal.types import ItemId, LabelSpace, id_array
from wsal.votes import LFFailure, VoteMatrix

__all__ = ["MANIFEST", "VotePart", "VoteParts", "checked"]

MANIFEST: Final = "_manifest.json"  # what reads a folder of Parquet passes over names with _
_KIND, _VERSION = "wsal votes in parts", 1


@dataclass(frozen=True)
class VotePart:
    """One part, as the manifest lists it.

    Parameters
    ----------
    number : int
    name : str
        Where its items come from.
    receipt : PartReceipt
    items : PartFile
    """

    number: int
    name: str
    receipt: PartReceipt
    items: PartFile

    @classmethod
    def of(cls, voted: PartVotes) -> VotePart:
        """Take what stays of a part when its patterns were added to the others."""
        return cls(voted.number, voted.name, voted.receipt, voted.items)


@dataclass(frozen=True, eq=False)
class VoteParts:
    """The label matrix of more items than fit into memory: a folder of parts, their patterns, and hashes of all files.

    `wsal.apply` with ``out=`` makes one; `open` reads one back.

    Parameters
    ----------
    folder : Path
    labels : LabelSpace
        The k classes.
    lf_names : tuple of str
        The m functions.
    lf_fingerprints : tuple of (str or None)
    parts : tuple of VotePart
        In the order of the items.
    merged : VotePatterns
        Patterns of all parts, counts alone.
    n_reused : int
        Parts that an earlier run had written.
    notes : tuple of str
        What a person should know about how the items were read.
    """

    folder: Path
    labels: LabelSpace
    lf_names: tuple[str, ...]
    lf_fingerprints: tuple[str | None, ...]
    parts: tuple[VotePart, ...] = field(repr=False)
    merged: VotePatterns = field(repr=False)
    n_reused: int = 0
    notes: tuple[str, ...] = ()

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        return sum(part.receipt.n_items for part in self.parts)

    def __len__(self) -> int:
        return self.n_items

    @property
    def n_lfs(self) -> int:
        """Number of labelling functions, m."""
        return len(self.lf_names)

    @cached_property
    def failures(self) -> tuple[LFFailure, ...]:
        """What a fault-tolerant run passed over, in all parts; the first item is that of the first part."""
        found: dict[str, LFFailure] = {}
        for part in self.parts:
            for one in part.receipt.failures:
                first = found.get(one.lf_name, one)
                count = one.count + (first.count if one.lf_name in found else 0)
                found[one.lf_name] = LFFailure(one.lf_name, count, first.first_item, first.first_traceback)
        return tuple(found[name] for name in self.lf_names if name in found)

    def patterns(self) -> VotePatterns:
        """Return the distinct rows of votes with their counts, as `wsal.LabelModel` takes them."""
        return self.merged

    def matrices(self) -> Iterator[VoteMatrix]:
        """Yield the votes part by part, as matrices that fit into memory if their parts do.

        Raises
        ------
        StoreError
            A file is not there, or its bytes changed.
        """
        for part in self.parts:
            for file in (part.items, part.receipt.patterns):
                checked(self.folder, file)
            rows, _ = read_patterns_file(self.folder / part.receipt.patterns.path)
            path = self.folder / part.items.path
            values = rows[read_pattern_numbers(path)]
            values.flags.writeable = False
            ids = id_array(read_ids(path).tolist())
            yield VoteMatrix(
                values, self.labels, self.lf_names, ids, self.lf_fingerprints, part.receipt.failures
            )

    def pattern_of(self, item_ids: Iterable[ItemId]) -> dict[ItemId, int]:
        """Find items: the number of the pattern of each, in `patterns`; items that are not there are left out.

        They come in the order of the items, whatever the order in which they are asked for.

        Notes
        -----
        Parts are asked by the hashes of their ids; only those that hold one of the items are read.
        """
        wanted = list(dict.fromkeys(item_ids))
        found: dict[ItemId, int] = {}
        for part in self.parts if wanted else ():
            here = holds_any(self.folder, part.receipt.id_hashes, wanted)
            if not here:
                continue
            path = checked(self.folder, part.items)
            rows, _ = read_patterns_file(checked(self.folder, part.receipt.patterns))
            number_of, codes = self.merged.find(rows), read_pattern_numbers(path)
            row_of = {item: row for row, item in enumerate(read_ids(path).tolist())}
            rows_here = sorted((row_of[item], item) for item in here if item in row_of)
            found |= {item: int(number_of[codes[row]]) for row, item in rows_here}
        return found

    def to_data(self) -> dict[str, Any]:
        """Return the manifest: what `from_data` reads, with every file by its hash."""
        return {
            "kind": _KIND,
            "version": _VERSION,
            "labels": list(self.labels),
            "lf_names": list(self.lf_names),
            "lf_fingerprints": list(self.lf_fingerprints),
            "n_items": self.n_items,
            "n_patterns": self.merged.n_patterns,
            "notes": list(self.notes),
            "parts": [
                {
                    "number": part.number,
                    "name": part.name,
                    "items": {"path": part.items.path, "sha256": part.items.sha256},
                    **part.receipt.to_data(),
                }
                for part in self.parts
            ],
        }

    def save(self) -> None:
        """Write the manifest into the folder."""
        content = json.dumps(self.to_data(), indent=1, ensure_ascii=False) + "\n"
        with storing(self.folder):
            write_atomically(self.folder / MANIFEST, content.encode("utf-8", "backslashreplace"))

    @classmethod
    def open(cls, folder: str | Path) -> VoteParts:
        """Read votes back that `wsal.apply` wrote.

        Raises
        ------
        StoreError
            There is no manifest, or it is none; or as for `from_data`.
        """
        path = Path(folder) / MANIFEST
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"there are no votes in {path.parent}: {path.name} cannot be read ({error})\n"
                "  hint: name the folder that wsal.apply(…, out=…) wrote"
            ) from error
        return cls.from_data(data, folder=folder)

    @classmethod
    def from_data(cls, data: object, *, folder: str | Path) -> VoteParts:
        """Read votes back by their manifest; patterns are added up again from those of the parts.

        Raises
        ------
        StoreError
            It is no manifest that this wsal knows; a file is not there, or its bytes changed.
        """
        if not isinstance(data, dict) or data.get("kind") != _KIND or data.get("version") != _VERSION:
            raise StoreError(f"what is kept of the votes in {folder} is no manifest that this wsal knows")
        root, labels, names = Path(folder), LabelSpace(tuple(data["labels"])), tuple(data["lf_names"])
        parts, total = [], PatternSum(labels, names)
        for entry in data["parts"]:
            receipt = PartReceipt.from_data(entry)
            total.add(*read_patterns_file(checked(root, receipt.patterns)))
            parts.append(VotePart(entry["number"], entry["name"], receipt, PartFile(**entry["items"])))
        prints, notes = tuple(data["lf_fingerprints"]), tuple(data["notes"])
        return cls(root, labels, names, prints, tuple(parts), total.result(), notes=notes)


def checked(folder: Path, file: PartFile) -> Path:
    """Return the path of a file after comparing its bytes with its hash.

    Raises
    ------
    StoreError
    """
    path = folder / file.path
    try:
        found = sha256_of_file(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror or error}\n  hint: apply the rules again"
        ) from error
    if found != file.sha256:
        raise StoreError(
            f"{path} was changed after it was written\n  hint: remove it and apply the rules again"
        )
    return path
