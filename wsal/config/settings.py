"""Config: what a project is about, where its data and rules are, and where its work is kept."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from wsal.errors import ConfigError, InputError
from wsal.types import LabelSpace, presence, statements

__all__ = ["CONFIG_NAME", "Config", "SpanSettings", "find_config", "user_name"]

CONFIG_NAME = "wsal.toml"


@dataclass(frozen=True)
class SpanSettings:
    """Where the spans of a project come from, whose items are places in documents.

    Parameters
    ----------
    documents : Path
        Table of documents.
    id_column, text_column : str
        Of that table.
    rule_paths : tuple of Path
        Packs whose rules name places.
    none : str
        The label that says that nothing stands at a place.
    """

    documents: Path
    id_column: str
    text_column: str
    rule_paths: tuple[Path, ...]
    none: str


@dataclass(frozen=True)
class Config:
    """The settings of a project.

    Parameters
    ----------
    folder : Path
        Where ``wsal.toml`` stands; every relative path starts here.
    name : str
        The task.
    labels : LabelSpace
    data_path : Path
    description : str
    class_balance : tuple of float or "audit", optional
        Share of each class among the items that rules cover, where it is known from elsewhere; or that it is to be
        estimated from the audit draws.
    id_column, text_column : str, optional
    stream : bool, optional
        Whether items are read in parts, never all at once; where not given, that depends on how many they are.
    text_features, numeric_features : tuple of str
    vector_feature : str, optional
    find_duplicates : bool
        Whether items that are copies of each other are labelled once and counted once.
    duplicate_threshold : float, optional
        Least similarity of near duplicates; that of the kind of data where not given.
    duplicate_same : tuple of str
        Columns that duplicates must have in common besides.
    image_column : str, optional
        Column of images to find duplicates by.
    rule_paths : tuple of Path
    allow_python : bool
        Whether rules may run code.
    strategy : str
        How items are chosen: ``default``, or the name of a classic strategy.
    store_url : str
    target_accuracy, min_gain : float, optional
        When to stop labelling: the accuracy that is enough, and the share of labels that answers must still be
        expected to put right.
    budget : int, optional
        Answers that may be spent.
    overlap : float
        Share of the labels at the workbench of which a second person is asked.
    refit_after : int
        New labels after which the workbench fits again.
    multi_label : bool
        Whether an item may have several labels, or none: each label is then a task of its own, whether it holds.
    vocabulary : LabelSpace, optional
        All that rules may name, where that is more than the labels: the rules serve the tasks of several labels.
    spans : SpanSettings, optional
        Where the items are places in documents that rules name: those documents and rules.
    """

    folder: Path
    name: str
    labels: LabelSpace
    data_path: Path
    description: str = ""
    class_balance: tuple[float, ...] | Literal["audit"] = "audit"
    id_column: str | None = None
    text_column: str | None = None
    stream: bool | None = None
    text_features: tuple[str, ...] = ()
    numeric_features: tuple[str, ...] = ()
    vector_feature: str | None = None
    find_duplicates: bool = True
    duplicate_threshold: float | None = None
    duplicate_same: tuple[str, ...] = ()
    image_column: str | None = None
    rule_paths: tuple[Path, ...] = field(default=())
    allow_python: bool = True
    strategy: str = "default"
    store_url: str = "sqlite:///.wsal/store.db"
    target_accuracy: float | None = None
    budget: int | None = None
    min_gain: float | None = None
    overlap: float = 0.0
    refit_after: int = 10
    multi_label: bool = False
    vocabulary: LabelSpace | None = None
    spans: SpanSettings | None = None

    @property
    def file(self) -> Path:
        """The file that these settings were read from."""
        return self.folder / CONFIG_NAME

    def require_one_label(self) -> None:
        """Refuse to go on where items have several labels.

        Raises
        ------
        InputError
        """
        if self.multi_label:
            raise InputError(
                f"{self.file}: items have several labels here, and this works on one of them",
                hint=f"name it: wsal --label {self.labels.names[0]!r} …; the labels are {', '.join(self.labels)}",
            )

    def of_label(self, label: str, folder: Path) -> Config:
        """Return the settings of the task whether one of several labels holds; its work is kept in ``folder``.

        Raises
        ------
        InputError
            Items have one label each here, or there is no such label.
        """
        if not self.multi_label:
            raise InputError(
                f"{self.file}: an item has one label here", hint="write multi_label = true under [task]"
            )
        position = self.labels.index(label)
        share = None if self.class_balance == "audit" else self.class_balance[position]
        return replace(
            self,
            folder=folder,
            name=f"{self.name}: {label}",
            labels=presence(label),
            class_balance="audit" if share is None else (1 - share, share),
            multi_label=False,
            vocabulary=statements(self.labels),
        )


def user_name() -> str:
    """Return who is at work: the environment's WSAL_ANNOTATOR, else the login name."""
    try:
        return os.environ.get("WSAL_ANNOTATOR") or getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"uid-{os.getuid()}"


def find_config(start: Path) -> Path:
    """Find the project that a folder is in: ``wsal.toml`` there or in a folder above.

    Raises
    ------
    ConfigError
        There is none.
    """
    for folder in [start.resolve(), *start.resolve().parents]:
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME
    raise ConfigError(
        f"there is no {CONFIG_NAME} in {start.resolve()} or above it",
        hint="make a project with `wsal init DIR`, or name one with `--project DIR`",
    )
