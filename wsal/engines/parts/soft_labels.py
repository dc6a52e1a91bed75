"""Soft labels of parts: the probabilities of patterns are looked up where the items lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wsal.engines.atomic_files import write_atomically, written_atomically
from wsal.engines.parts.files import PartFile, read_patterns_file, sha256_of_file, storing
from wsal.engines.parts.id_hashes import holds_any
from wsal.engines.parts.part_error import PartError
from wsal.engines.parts.running import engine_of, gathered
from wsal.engines.parts.vote_parts import MANIFEST, VotePart, VoteParts, checked
from wsal.engines.progress import show_count
from wsal.errors import DataError, WsalError
from wsal.items.parts import BATCH
from wsal.labels import HumanLabels, hard_labels
from wsal.patterns import VotePatterns
from wsal.types import Floats, ItemId

__all__ = ["LabelParts", "write_soft_labels"]

_KEY: Final = b"wsal"


@dataclass(frozen=True)
class LabelParts:
    """Soft labels in a folder of Parquet files.

    Parameters
    ----------
    folder : Path
    files : tuple of PartFile
        In the order of the items; ``id``, ``p_LABEL`` for each class, ``label``, ``source``, and what was asked to
        stand beside.
    manifest : PartFile
        Names every file by its hash.
    n_items : int
    n_reused : int
        Files that an earlier run had written.
    """

    folder: Path
    files: tuple[PartFile, ...]
    manifest: PartFile
    n_items: int
    n_reused: int


@dataclass(frozen=True)
class PartLabels:
    """The file of labels of a part, and whether an earlier run had written it."""

    number: int
    file: PartFile
    reused: bool = False


@dataclass(frozen=True, eq=False)
class LabelJob:
    """Probabilities of patterns, and where labels of items go; every worker has one.

    Parameters
    ----------
    source, folder : Path
        Of the votes, and for the labels.
    patterns : VotePatterns
        p patterns of all parts.
    probabilities : ndarray of float64, shape (p, k)
    answers : mapping of item id to tuple of k shares
        What answered items carry.
    beside : mapping of str to str
        Columns that say the same of every item.
    """

    source: Path
    folder: Path
    patterns: VotePatterns = field(repr=False)
    probabilities: Floats = field(repr=False)
    answers: Mapping[ItemId, tuple[float, ...]] = field(default_factory=dict, repr=False)
    beside: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """What labels depend on besides the votes of their part."""
        content = sha256(np.ascontiguousarray(self.probabilities).tobytes())
        content.update(np.ascontiguousarray(self.patterns.votes).tobytes())
        about = [list(self.patterns.labels), dict(self.beside), list(self.answers.items())]
        content.update(json.dumps(about).encode())
        return content.hexdigest()

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The columns of labels, by pattern, as Arrow arrays of length p."""
        import pyarrow as pa

        labels, covered = self.patterns.labels, self.patterns.covered
        hard = hard_labels(self.probabilities, covered)
        columns = {
            # Where nothing speaks for an item, its probabilities are unknown, not equal.
            f"p_{name}": pa.array(self.probabilities[:, y], mask=~covered)
            for y, name in enumerate(labels)
        }
        columns["label"] = pa.array([labels.name(y) for y in hard.tolist()], pa.string())
        columns["source"] = pa.array(np.where(covered, "rules", "none").tolist(), pa.string())
        return columns

    def __call__(self, part: VotePart) -> PartLabels | PartError:
        """Write the labels of a part; an error is returned, as trying again would not help."""
        try:
            return self._label(part)
        except WsalError as error:
            return PartError(part.number, error)

    def _label(self, part: VotePart) -> PartLabels:
        key = sha256(f"{self.fingerprint} {part.items.sha256} {part.receipt.key}".encode()).hexdigest()
        name = f"part-{part.number:05d}.parquet"
        place = self.folder / name
        if _key_of(place) == key:
            return PartLabels(part.number, PartFile(name, sha256_of_file(place)), reused=True)
        rows, _ = read_patterns_file(checked(self.source, part.receipt.patterns))
        number_of = self.patterns.find(rows)
        items = checked(self.source, part.items)
        answered = holds_any(self.source, part.receipt.id_hashes, list(self.answers))
        with storing(self.folder, "labels"), written_atomically(place) as path:
            self._write(items, path, number_of, key, answered)
        return PartLabels(part.number, PartFile(name, sha256_of_file(place)))

    def _write(
        self, items: Path, path: Path, number_of: NDArray[np.int64], key: str, answered: list[ItemId]
    ) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        with pq.ParquetFile(items) as read:
            fields = [read.schema_arrow.field("id")]
            fields += [pa.field(name, column.type) for name, column in self.columns.items()]
            fields += [pa.field(name, pa.string()) for name in self.beside]
            schema = pa.schema(fields, metadata={_KEY: json.dumps({"key": key})})
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                for batch in read.iter_batches(BATCH):
                    codes = pa.array(number_of[batch.column("pattern").to_numpy()])
                    columns = [column.take(codes) for column in self.columns.values()]
                    if answered:
                        columns = self._with_answers(columns, batch.column("id"), answered)
                    same = [pa.repeat(pa.scalar(text), len(codes)) for text in self.beside.values()]
                    writer.write_table(pa.table([batch.column("id"), *columns, *same], schema=schema))

    def _with_answers(self, columns: list[Any], ids: Any, answered: list[ItemId]) -> list[Any]:  # noqa: ANN401  # Arrow
        """Put the answers of a batch in place of its labels."""
        import pyarrow as pa
        import pyarrow.compute as pc

        numbers = pa.types.is_integer(ids.type)
        wanted = [item for item in answered if isinstance(item, int) == numbers]
        hits = pc.is_in(ids, pa.array(wanted, ids.type))
        if not pc.any(hits).as_py():
            return columns
        shares = np.array([self.answers[ids[row].as_py()] for row in np.flatnonzero(hits.to_numpy(False))])
        names = self.patterns.labels
        hard = hard_labels(shares, np.ones(len(shares), dtype=np.bool_))
        told = [pa.array(shares[:, y]) for y in range(len(names))]
        told += [
            pa.array([names.name(y) for y in hard.tolist()], pa.string()),
            pa.array(["human"] * len(shares)),
        ]
        return [pc.replace_with_mask(column, hits, new) for column, new in zip(columns, told, strict=True)]


def write_soft_labels(  # noqa: PLR0913  # all but three are optional
    votes: VoteParts,
    probabilities: Floats,
    *,
    out: str | Path,
    engine: str = "local",
    workers: int = 1,
    human: HumanLabels | None = None,
    beside: Mapping[str, str] | None = None,
    progress: bool = False,
) -> LabelParts:
    """Write the soft labels of every item, part by part, where the parts lie.

    Parameters
    ----------
    votes : VoteParts
        n items, p patterns.
    probabilities : ndarray of float64, shape (p, k)
        Of each pattern: ``model.predict_proba(votes.patterns())``.
    out : path
        A folder, made where it is missing. A part that an earlier run wrote with the same probabilities stays.
    engine, workers
        As `wsal.apply`.
    human : HumanLabels, optional
        Answered items carry the share of their answers by class.
    beside : mapping of str to str, optional
        Columns that say the same of every item, such as the run.
    progress : bool
        Show a progress bar on standard error, if that is a terminal.

    Returns
    -------
    LabelParts

    Raises
    ------
    DataError
        Probabilities of another shape.
    StoreError
        A file of the votes changed, or a file of labels cannot be written.

    Notes
    -----
    O(n) time, spread over workers; memory O(batch + p·(m + k)) each.
    """
    patterns = votes.patterns()
    given = np.asarray(probabilities, dtype=np.float64)
    if given.shape != (patterns.n_patterns, patterns.n_classes):
        raise DataError(
            f"probabilities have shape {given.shape}; {patterns.n_patterns} patterns of {patterns.n_classes} classes "
            f"need {(patterns.n_patterns, patterns.n_classes)}",
            hint="give model.predict_proba(votes.patterns())",
        )
    folder = Path(out).resolve()
    with storing(folder, "labels"):
        folder.mkdir(parents=True, exist_ok=True)
    shares = {} if human is None else human.shares(len(votes.labels))
    answers = {item: tuple(share.tolist()) for item, share in shares.items()}
    job = LabelJob(votes.folder.resolve(), folder, patterns, given, answers, dict(beside or {}))
    run = engine_of(engine)
    n_items = [part.receipt.n_items for part in votes.parts]
    with show_count("labels", votes.n_items, wanted=progress) as advance:
        done: list[PartLabels] = []
        for one in gathered(run(job, votes.parts, workers=workers)):
            done.append(one)
            advance(n_items[one.number])
    done.sort(key=lambda one: one.number)
    files = tuple(one.file for one in done)
    manifest = {
        "kind": "wsal soft labels in parts",
        "version": 1,
        "labels": list(votes.labels),
        "lf_names": list(votes.lf_names),
        "lf_fingerprints": list(votes.lf_fingerprints),
        "n_items": votes.n_items,
        **_counts(job, votes),
        **job.beside,
        "parts": [
            {"path": file.path, "sha256": file.sha256, "n_items": n}
            for file, n in zip(files, n_items, strict=True)
        ],
    }
    content = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    with storing(folder, "labels"):
        write_atomically(folder / MANIFEST, content)
    return LabelParts(
        folder,
        files,
        PartFile(MANIFEST, sha256(content).hexdigest()),
        votes.n_items,
        sum(one.reused for one in done),
    )


def _counts(job: LabelJob, votes: VoteParts) -> dict[str, dict[str, int]]:
    """Count labels and sources: by pattern, and put right for the answered items."""
    patterns, names = job.patterns, job.patterns.labels
    hard = hard_labels(job.probabilities, patterns.covered)
    labels = {name: int(patterns.counts[hard == y].sum()) for y, name in enumerate(names)}
    covered = int(patterns.counts[patterns.covered].sum())
    sources = {"rules": covered, "none": patterns.n_items - covered, "human": 0}
    for item, code in votes.pattern_of(job.answers).items():
        (told,) = hard_labels(np.array([job.answers[item]]), np.ones(1, dtype=np.bool_)).tolist()
        for y, change in ((int(hard[code]), -1), (told, 1)):
            if y >= 0:
                labels[names.names[y]] += change
        sources["rules" if patterns.covered[code] else "none"] -= 1
        sources["human"] += 1
    return {"label_counts": labels, "sources": sources}


def _key_of(path: Path) -> str | None:
    """Return what the labels of a file depend on; None where there is none, or it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return str(json.loads(file.schema_arrow.metadata[_KEY])["key"])
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError):
        return None
