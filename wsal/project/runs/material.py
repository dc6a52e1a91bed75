"""Material: what the steps of a project work on, each read once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial
from pathlib import Path

from wsal.audit import RunApplied
from wsal.config import Config
from wsal.engines import DirectoryCache
from wsal.errors import InputError, Location, did_you_mean
from wsal.features import FeatureMatrix, build_features
from wsal.items import Items, read_items
from wsal.items.parts import LARGE, ParquetParts, n_rows, read_parts
from wsal.project.history import History, needs_memory
from wsal.project.runs.duplicates import feature_settings
from wsal.project.runs.fitting import read_fit
from wsal.store import read_through_snapshot
from wsal.training import Delivered
from wsal.types import ItemId

__all__ = ["Material", "read_data"]


class Material:
    """The past of a project, its data, and what its last `fit` delivered.

    Parameters
    ----------
    history : History
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.config = history.config
        self._last: tuple[str, Delivered] | None = None
        self._alike: Material | None = None

    def read_as(self, other: Material) -> None:
        """Take data and features from another project with the same settings about both."""
        self._alike = other

    @cached_property
    def parts(self) -> ParquetParts | None:
        """The data, where it is read in parts; None where it fits into memory."""
        config = self.config
        if not _streams(config):
            return None
        return read_parts(config.data_path, id_column=config.id_column, text=config.text_column)

    @cached_property
    def items(self) -> Items:
        """The data.

        Raises
        ------
        InputError
            It is read in parts.
        """
        config = self.config
        if self.parts is not None:
            raise needs_memory(config)
        if self._alike is not None:
            return self._alike.items
        # Of a store that is only read nothing is written, not even a snapshot.
        read = (
            read_items if self.history.store.read_only else partial(read_through_snapshot, self._cache_folder)
        )
        return read(config.data_path, id_column=config.id_column, text=config.text_column)

    @cached_property
    def features(self) -> FeatureMatrix | None:
        """The features that the settings name; None where they name none."""
        if self._alike is not None:
            return self._alike.features
        settings = feature_settings(self.config)
        return build_features(self.items, settings) if settings else None

    @property
    def cache(self) -> DirectoryCache:
        """Where columns of votes are kept that nothing has changed since."""
        return DirectoryCache(self._cache_folder)

    @property
    def _cache_folder(self) -> Path:
        return self.config.folder / ".wsal" / "cache"

    def delivered(self) -> Delivered:
        """Return what the last `fit` delivered; another process reads it back.

        Raises
        ------
        InputError
            Nothing was fitted yet, or the data changed since.
        """
        run = self.history.run("run_fitted")
        if self._last is None or self._last[0] != run.run:
            self.require_same_data(self.history.run("run_applied", run.payload.votes_run).payload)
            self._last = (run.run, read_fit(run, history=self.history, features=self.features))
        return self._last[1]

    def keep(self, run: str, delivered: Delivered) -> None:
        """Take what a run of `fit` delivered, so that it need not be read back."""
        self._last = (run, delivered)

    def require_same_data(self, applied: RunApplied) -> None:
        """Refuse to go on from votes on other data than is there now.

        Raises
        ------
        InputError
            The data changed after that run of `apply`.
        """
        now = (self.items if self.parts is None else self.parts).fingerprint
        if applied.data_fingerprint != now:
            newest = self.history.run("run_applied").payload
            verb = "fit" if newest.data_fingerprint == now else "apply"
            raise InputError(
                f"{self.config.data_path} changed after run {applied.run}", hint=f"run `wsal {verb}` again"
            )

    def find(self, item: str) -> tuple[int, ItemId]:
        """Find an item by what the user typed: its row and its id.

        Raises
        ------
        InputError
            There is no such item.
        """
        for row, known in enumerate(self.items.item_ids.tolist()):
            if str(known) == item:
                return row, known
        first = [str(known) for known in self.items.item_ids[:10_000].tolist()]
        raise InputError(
            f"there is no item {item!r} in {self.config.data_path}",
            hint=did_you_mean(item, first) or f"ids look like {', '.join(map(repr, first[:3]))}",
        )

    def rows_of(self, items: Iterable[str]) -> dict[ItemId, int]:
        """Find items as `find` does: the row of each, in the order in which they were named first."""
        return {item_id: row for row, item_id in map(self.find, items)}


def read_data(config: Config) -> Items | ParquetParts:
    """Read the data of a project, or where it is too much for memory, what its parts are.

    Raises
    ------
    InputError
        It cannot be read, or lacks its column of ids or texts.
    """
    read = read_parts if _streams(config) else read_items
    return read(config.data_path, id_column=config.id_column, text=config.text_column)


def _streams(config: Config) -> bool:
    """Whether the data is read in parts: a folder always, a Parquet file if it is told to or very long."""
    path = config.data_path
    if path.is_dir():
        if config.stream is False:
            raise InputError(
                f"{path} is a folder, which is always read in parts",
                location=Location(str(config.file)),
                hint="name one file, or leave out stream = false",
            )
        return True
    if path.suffix.lower() != ".parquet":
        if config.stream:
            raise InputError(
                f"{path} is no Parquet file, so it cannot be read in parts",
                location=Location(str(config.file)),
                hint="write it as Parquet, or leave out stream = true",
            )
        return False
    return n_rows(path) >= LARGE if config.stream is None else config.stream
