"""Under which circumstances a run is made: software, settings, and the full text of the rules."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from wsal.audit import FileRef, FitSettings, Software
from wsal.config import Config
from wsal.lf import RulePack
from wsal.project.history import History
from wsal.store import write_json

__all__ = ["PACKS_FILE", "fit_settings", "software_here", "write_packs"]

PACKS_FILE: Final = "packs.json"

_LIBRARIES: Final = (
    "wsal",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "pyarrow",
    "google-re2",
    "regex",
    "pyahocorasick",
    "spacy",
    "datasketch",
)
"""What votes and labels depend on."""


@cache
def software_here() -> tuple[Software, ...]:
    """Return the versions of what computes votes and labels, and the kind of processor."""
    found = [
        Software("python", platform.python_version()),
        Software("platform", f"{platform.system()} {platform.machine()}"),
    ]
    for name in _LIBRARIES:
        try:
            found.append(Software(name, version(name)))
        except PackageNotFoundError:  # wsal run from a checkout that was never installed
            continue
    return tuple(found)


def fit_settings(config: Config) -> FitSettings:
    """Return what the settings say about a fit."""
    return FitSettings(
        class_balance=None if config.class_balance == "audit" else tuple(map(float, config.class_balance)),
        id_column=config.id_column,
        text_column=config.text_column,
        text_features=config.text_features,
        numeric_features=config.numeric_features,
        vector_feature=config.vector_feature,
    )


def write_packs(packs: Iterable[RulePack], *, history: History, run: str) -> FileRef:
    """Keep the full text of rule packs and of the code beside them as a file of a run.

    A list is named by its hash alone: it may hold persons, and a kept copy could not be erased.
    """
    config = history.config
    tree = {
        "v": 1,
        "id_column": config.id_column,
        "text_column": config.text_column,
        "labels": list(config.labels),
        "vocabulary": None if config.vocabulary is None else list(config.vocabulary),
        "packs": [
            {
                "path": history.name_of(pack.path),
                "text": pack.text,
                "rules": [rule.name for rule in pack.rules],
                "files": [
                    {"path": history.name_of(file.path), "sha256": file.sha256, "text": file.text}
                    for file in pack.files
                ],
            }
            for pack in packs
        ],
    }
    return write_json(tree, root=config.folder, run=run, name=PACKS_FILE)
