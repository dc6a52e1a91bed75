"""Which formats there are: who reads answers, and who writes labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from wsal.errors import InputError, did_you_mean
from wsal.interop.outgoing import Outgoing
from wsal.items import Items, RawTable
from wsal.types import LabelSpace

__all__ = ["FORMATS", "Format", "find_format"]


@dataclass(frozen=True)
class Format:
    """A format of another tool.

    Parameters
    ----------
    name : str
        As ``--format`` takes it.
    title : str
        Tool and kind of file, for people.
    suffix : str
        What its files usually end in.
    module : str
        In `wsal.interop`; loaded when it is used.
    reader, writer : str, optional
        Names of the functions there; empty where the format goes one way only.
    folder : bool
        Whether it is a folder of files.
    sets : bool
        Whether an item may have several labels in it.
    """

    name: str
    title: str
    suffix: str
    module: str
    reader: str = ""
    writer: str = ""
    folder: bool = False
    sets: bool = False

    def read(self, path: Path, items: Items, labels: LabelSpace, *, several: bool = False) -> RawTable:
        """Read answers as a table of ``id, label, annotator, rationale, time``.

        Where items have ``several`` labels, each row says of one of them that it holds or not (`wsal.types.absent`).

        Raises
        ------
        InputError
            The format is only written, or the file is none of this format.
        """
        if not self.reader:
            raise InputError(
                f"{self.title} is written, not read",
                hint=f"formats to import: {', '.join(name for name, one in FORMATS.items() if one.reader)}",
            )
        read: Callable[..., RawTable] = self._load(self.reader)
        if not self.sets:
            self._require_one(several=several)
            return read(path, items, labels)
        return read(path, items, labels, several=several)

    def write(self, made: Outgoing, path: Path) -> None:
        """Write items with their labels and answers.

        Raises
        ------
        InputError
            The format needs what the items do not have.
        """
        if not self.sets:
            self._require_one(several=made.several)
        write: Callable[[Outgoing, Path], None] = self._load(self.writer)
        write(made, path)

    def _require_one(self, *, several: bool) -> None:
        if several:
            raise InputError(
                f"{self.title}: items have one label each there",
                hint=f"formats with several labels: {', '.join(name for name, one in FORMATS.items() if one.sets)}",
            )

    def _load(self, function: str) -> Callable[..., Any]:
        loaded: Callable[..., Any] = getattr(import_module(f"wsal.interop.{self.module}"), function)
        return loaded


_ALL: Final = (
    Format("argilla", "Argilla 2 records", ".json", "argilla", "read_argilla", "write_argilla", sets=True),
    Format("cleanlab", "arrays for cleanlab", ".npz", "arrays", "", "write_cleanlab"),
    Format("crowd", "table of task, worker, label", ".csv", "crowd_table", "read_crowd_table", "write_crowd_table"),
    Format("doccano", "doccano text classification", ".jsonl", "doccano", "read_doccano", "write_doccano",
           sets=True),
    Format("hugging-face", "Parquet for Hugging Face datasets", ".parquet", "arrays", "", "to_hugging_face"),
    Format("label-studio", "Label Studio tasks", ".json", "label_studio", "read_label_studio", "write_tasks",
           sets=True),
    Format("label-studio-config", "labelling interface of Label Studio", ".xml", "label_studio", "", "write_config",
           sets=True),
    Format("prodigy", "Prodigy tasks", ".jsonl", "prodigy", "read_prodigy", "write_prodigy", sets=True),
    Format("sample-weights", "one row a class, for scikit-learn", ".csv", "arrays", "", "write_sample_weights"),
    Format("spacy", "spaCy DocBin", ".spacy", "spacy_files", "", "write_doc_bin"),
    Format("wrench", "WRENCH folder", "", "wrench", "", "write_wrench", folder=True),
)  # fmt: skip

FORMATS: Final[Mapping[str, Format]] = MappingProxyType({one.name: one for one in _ALL})
"""Formats by name; wsal's own tables (CSV, JSON lines, Parquet) are none of them."""


def find_format(name: str) -> Format:
    """Return a format.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if name not in FORMATS:
        raise InputError(
            f"there is no format {name!r}; there are {', '.join(FORMATS)}", hint=did_you_mean(name, FORMATS)
        )
    return FORMATS[name]
