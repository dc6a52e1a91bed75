"""Duplicates of a project: found once, kept with every run of `fit`, and what people said against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from wsal.audit import FileRef, ItemsSetApart, RunFitted
from wsal.config import Config
from wsal.errors import InputError
from wsal.features import DuplicateGroups, DuplicateSettings, FeatureSettings, find_duplicates
from wsal.features.duplicates import DEFAULT_THRESHOLDS
from wsal.items import Items
from wsal.labels import SoftLabels
from wsal.project.history import History
from wsal.store import read_arrays, write_arrays
from wsal.types import ItemId

__all__ = [
    "FoundDuplicates",
    "duplicate_of",
    "duplicate_settings",
    "feature_settings",
    "find_in_project",
    "read_duplicates",
    "set_apart",
]

_FILE: Final = "duplicates.npz"
_VERSION: Final = 1  # of the file, and of the way in which duplicates are found


@dataclass(frozen=True, eq=False)
class FoundDuplicates:
    """Duplicates as they were found, and what people said against them.

    Parameters
    ----------
    found : DuplicateGroups
    about : mapping
        Settings, and the fingerprint of the columns that were looked at.
    apart : tuple of str or int
        Items that people set apart.
    """

    found: DuplicateGroups
    about: Mapping[str, Any]
    apart: tuple[ItemId, ...] = ()

    @cached_property
    def groups(self) -> DuplicateGroups:
        """The groups in use: those found, without the items that were set apart."""
        return self.found.without(self.apart)

    def write(self, *, history: History, run: str) -> FileRef:
        """Write them as a file of a run."""
        arrays = {"codes": self.found.codes, "exact": self.found.exact, "similarity": self.found.similarity}
        about = {"about": dict(self.about), "apart": list(self.apart)}
        return write_arrays(arrays, about, root=history.config.folder, run=run, name=_FILE)


def feature_settings(config: Config) -> FeatureSettings:
    """Return which columns become features."""
    return FeatureSettings(config.text_features, config.numeric_features, config.vector_feature)


def duplicate_settings(config: Config) -> DuplicateSettings:
    """Return what makes two items duplicates."""
    return DuplicateSettings(
        config.find_duplicates, config.duplicate_threshold, config.duplicate_same, config.image_column
    )


def find_in_project(
    items: Items,
    history: History,
    *,
    threshold: float | None = None,
    on_progress: Callable[[int], object] | None = None,
) -> FoundDuplicates | None:
    """Find the duplicates that the settings ask for; those of the last run are taken where nothing changed.

    Parameters
    ----------
    items : Items
    history : History
    threshold : float, optional
        Instead of that of the settings.
    on_progress : callable, optional

    Returns
    -------
    FoundDuplicates or None
        None where the settings say not to look, or name nothing to look at.
    """
    config = history.config
    settings = duplicate_settings(config)
    if threshold is not None:
        settings = replace(settings, threshold=threshold)
    features = feature_settings(config)
    if not settings.find or not (features or settings.images):
        return None
    about = _about(items, features, settings)
    apart = history.set_apart()
    last = history.store.latest_run("run_fitted")
    kept = None if last is None else read_duplicates(last.payload, items.item_ids, history=history)
    if kept is not None and kept.about == about:
        return FoundDuplicates(kept.found, about, apart)
    found = find_duplicates(items, items.item_ids, features, settings, on_progress=on_progress)
    return None if found is None else FoundDuplicates(found, about, apart)


def read_duplicates(run: RunFitted, item_ids: Any, *, history: History) -> FoundDuplicates | None:  # noqa: ANN401  # ndarray of ids
    """Read the duplicates of a run of `fit` back; None where it looked for none, or of other items."""
    file = next((file for file in run.files if file.path.endswith(f"/{_FILE}")), None)
    if file is None:
        return None
    arrays, tree = read_arrays(file, root=history.config.folder)
    if len(arrays["codes"]) != len(item_ids):
        return None
    about: Any = tree
    found = DuplicateGroups(item_ids, arrays["codes"], arrays["exact"], arrays["similarity"])
    return FoundDuplicates(found, about["about"], tuple(about["apart"]))


def set_apart(
    rows: Mapping[ItemId, int], found: FoundDuplicates | None, history: History, *, apart: bool = True
) -> tuple[ItemId, ...]:
    """Record that items are no duplicates of others, or take that back; the next `fit` follows.

    Parameters
    ----------
    rows : mapping of item to int
        The items, with the row of each in the data.
    found : FoundDuplicates or None
        As things stand.
    history : History
    apart : bool

    Raises
    ------
    InputError
        An item is no duplicate of any (or none that was set apart, where that is taken back).
    """
    known = set(found.apart) if found is not None else set()
    for item, row in rows.items():
        if apart and (found is None or found.groups.sizes[row] < 2):
            raise InputError(f"item {item} has no duplicates", hint="`wsal duplicates` lists those that have")
        if not apart and item not in known:
            raise InputError(f"item {item} was not set apart", hint="`wsal duplicates` lists those that were")
    ids = tuple(rows)
    history.append(ItemsSetApart(ids, apart))
    return ids


def duplicate_of(soft: SoftLabels, groups: DuplicateGroups) -> dict[int, tuple[ItemId, ...]]:
    """Return, for each row whose label is a copy, the answered duplicates that it is copied from."""
    answered = soft.sources == "human"
    copies = np.flatnonzero(soft.sources == "duplicate").tolist()
    return {row: groups.answered_duplicates(row, answered) for row in copies}


def _about(items: Items, features: FeatureSettings, settings: DuplicateSettings) -> dict[str, Any]:
    by = (
        "images"
        if settings.images
        else "texts"
        if features.text
        else "vectors"
        if features.vectors
        else "numbers"
    )
    own = {
        "images": (settings.images or "",),
        "texts": features.text,
        "vectors": (features.vectors or "",),
        "numbers": (),
    }[by]
    columns = sorted({*own, *features.numeric, *settings.same})
    threshold = settings.threshold or DEFAULT_THRESHOLDS.get(by, 1.0)
    return {
        "version": _VERSION,
        "by": by,
        "columns": list(own),
        "numeric": list(features.numeric),
        "same": list(settings.same),
        "threshold": threshold,
        "data": items.fingerprint_of(columns),
        "n_items": items.n_items,
    }
