"""The description that is written beside exported labels: how they came about, and what they are not good for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wsal.audit import Estimated, FileRef, RunFitted
from wsal.audit.croissant import DatasetColumn, DatasetDescription, to_croissant
from wsal.labels import SoftLabels
from wsal.project.history import History
from wsal.project.runs.fitting import read_trust
from wsal.store import RunRow, write_atomically

__all__ = ["LabelFile", "description_path", "write_description"]

_PERSONAL: Final = (
    "wsal did not look for personal information. Ids are those of the source; no annotator is named."
)
_BIAS: Final = (
    "Labels follow what the authors of the rules had in mind; items that no rule covers are labelled by a classifier "
    "trained on the others, or not at all. wsal did not compare groups of people for this file."
)


@dataclass(frozen=True)
class LabelFile:
    """A file of labels that was written, with the names of its columns."""

    path: Path
    format: str
    sha256: str
    columns: tuple[str, ...]


def description_path(path: Path) -> Path:
    """Return where the description of a file stands: beside it.

    Examples
    --------
    >>> description_path(Path("out/labels.csv")).name
    'labels.csv.croissant.json'
    """
    return path.with_name(f"{path.name}.croissant.json")


def write_description(
    file: LabelFile, soft: SoftLabels, *, columns: tuple[str, ...], run: RunRow[RunFitted], history: History
) -> FileRef:
    """Write what an exported file is, as Croissant; return what the ledger names it by.

    Parameters
    ----------
    file : LabelFile
    soft : SoftLabels
        What was exported.
    columns : tuple of str
        Of the file, in order.
    run : RunRow
        The run of `fit` that made the labels.
    history : History

    Notes
    -----
    No person is named: the file leaves the project.
    """
    found = _Describing(file, soft, columns, run, history).description()
    body = json.dumps(to_croissant(found), ensure_ascii=False, indent=2) + "\n"

    def write(path: Path) -> None:
        path.write_text(body, encoding="utf-8")

    beside = description_path(file.path)
    return FileRef(history.name_of(beside), write_atomically(beside, write))


class _Describing:
    """Puts what is known into sentences."""

    def __init__(
        self,
        file: LabelFile,
        soft: SoftLabels,
        columns: tuple[str, ...],
        run: RunRow[RunFitted],
        history: History,
    ) -> None:
        self.file, self.soft, self.columns, self.run, self.history = file, soft, columns, run, history
        self.applied = history.run("run_applied", run.payload.votes_run).payload
        self.answers = [a for a in history.store.answers() if a.label is not None]
        self.sources = Counter(soft.sources.tolist())

    def description(self) -> DatasetDescription:
        config, n = self.history.config, len(self.soft.item_ids)
        classes = ", ".join(self.soft.labels)
        head = self.history.store.head()
        made = f"Labels of {n} items for the task {config.name}; classes: {classes}."
        return DatasetDescription(
            name=f"{config.name}: labels",
            description=f"{config.description} {made}".strip(),
            file_name=self.file.path.name,
            format=self.file.format,
            sha256=self.file.sha256,
            n_bytes=self.file.path.stat().st_size,
            created=self.run.time[:19],
            version=f"{self._number()}.0.0",
            columns=tuple(map(self._column, self.columns)),
            collection=(
                f"{self.applied.n_items} items were read from {config.data_path.name} (fingerprint of their content "
                f"{self.applied.data_fingerprint}). How they were collected before that, wsal does not know."
            ),
            annotation_protocol=self._protocol(),
            annotation_platform=(f"wsal {self._version('wsal')}".strip(),),
            machine_tools=self._tools(),
            annotations_per_item=self._per_item(),
            annotators=(f"{self._n_people()} people answered; wsal records no more of them than a name.",),
            limitations=self._limitations(),
            biases=self._biases(),
            use_cases=(f"Training and evaluating classifiers for the task {config.name}.",),
            personal_information=(_PERSONAL,),
            maintenance=(
                f"Made by run {self.run.run}; the ledger's head then was row {head.seq}, hash {head.hash}. "
                f"`wsal audit lineage {self.run.run}` shows what it was made of, `wsal audit replay {self.run.run}` "
                "computes it again."
            ),
        )

    def _column(self, name: str) -> DatasetColumn:
        known = {
            "label": "The most probable class; empty where none is, or where the best ones tie.",
            "source": "Where the label comes from: human, duplicate, rules, model or none.",
            "duplicate_of": "Answered duplicates that the label is copied from.",
            "run": "The run of wsal that made the label.",
        }
        if name == "id":
            whole = self.soft.item_ids.dtype.kind == "i"
            return DatasetColumn(name, "Id of the item in its source.", "sc:Integer" if whole else "sc:Text")
        if name in known and not (name.startswith("p_") and name[2:] in self.soft.labels):
            return DatasetColumn(name, known[name])
        return DatasetColumn(name, f"Probability of the class {name[2:]}.", "sc:Float")

    def _protocol(self) -> tuple[str, ...]:
        sources = ", ".join(f"{count} {name}" for name, count in self.sources.most_common())
        imported = sum(answer.imported for answer in self.answers)
        purposes = Counter(answer.purpose or "no draw" for answer in self.answers)
        drawn = ", ".join(f"{count} {name}" for name, count in purposes.most_common())
        return (
            f"{self.applied.n_lfs} labelling functions voted, on {100 * self.applied.coverage:.1f} % of the items.",
            f"A label model combined votes and answers. Source of the labels: {sources}.",
            f"{len(self.answers)} answers of people stood at the export, {imported} of them imported.",
            f"Answers by purpose of their draw: {drawn or 'none'}. An answered item carries its answer.",
        )

    def _tools(self) -> tuple[str, ...]:
        rules = ", ".join(
            f"{r.name} ({(r.fingerprint or 'no fingerprint')[:12]})" for r in self.applied.rules
        )
        libraries = ", ".join(f"{part.name} {part.version}" for part in self.run.payload.software)
        said = (f"Labelling functions, with the beginning of their fingerprints: {rules}",)
        return (*said, f"Software: {libraries}") if libraries else said

    def _per_item(self) -> str:
        by_item = Counter(answer.item for answer in self.answers)
        most = max(by_item.values(), default=0)
        return f"{len(by_item)} items have an answer of at least one person, at most {most}; all others have none."

    def _number(self) -> int:
        """Count runs of fit up to this one: each may change every label, as a new major version may."""
        return sum(run.seq <= self.run.seq for run in self.history.store.runs("run_fitted"))

    def _n_people(self) -> int:
        return len({answer.annotator for answer in self.answers if answer.annotator})

    def _limitations(self) -> tuple[str, ...]:
        said = [
            "Labels that are not of source human are estimates; use the probabilities, not the label alone."
        ]
        if self.sources["none"]:
            said.append(f"{self.sources['none']} items have no label: nothing speaks for them.")
        said.append(self._accuracy())
        trust = read_trust(self.run.payload, history=self.history)
        return (*said, trust.sentence) if trust is not None else tuple(said)

    def _accuracy(self) -> str:
        for entry in reversed(list(self.history.store.events("estimated"))):
            estimated = entry.event.payload()
            figures = estimated.figures if isinstance(estimated, Estimated) else ()
            for f in figures:
                if (f.name, f.graded_run) == ("accuracy", self.run.run) and f.group in (
                    "labels",
                    "certificate",
                ):
                    return (
                        f"Accuracy of the labels, estimated from {f.n_draws} random draws: between "
                        f"{100 * f.low:.1f} % and {100 * f.high:.1f} % (interval of {100 * f.level:g} %)."
                    )
        return "The accuracy of this run was not estimated; `wsal estimate` does so from random draws."

    def _biases(self) -> tuple[str, ...]:
        chosen = sum(answer.propensity is None for answer in self.answers)
        said = (
            f"{chosen} of {len(self.answers)} answers are to items that were chosen on purpose or came from elsewhere, "
            "not drawn at random: a rate over all answers is no estimate of quality."
        )
        return said, _BIAS

    def _version(self, name: str) -> str:
        return next((part.version for part in self.run.payload.software if part.name == name), "")
