"""Material: what the steps of a project work on, each read once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from wsal.audit import RunApplied
from wsal.engines import DirectoryCache
from wsal.errors import InputError, did_you_mean
from wsal.features import FeatureMatrix, build_features
from wsal.items import Items, read_items
from wsal.project.duplicates import feature_settings
from wsal.project.fitting import read_fit
from wsal.project.history import History
from wsal.training import Delivered
from wsal.types import ItemId

__all__ = ["Material"]


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

    @cached_property
    def items(self) -> Items:
        """The data."""
        config = self.config
        return read_items(config.data_path, id_column=config.id_column, text=config.text_column)

    @cached_property
    def features(self) -> FeatureMatrix | None:
        """The features that the settings name; None where they name none."""
        settings = feature_settings(self.config)
        return build_features(self.items, settings) if settings else None

    @property
    def cache(self) -> DirectoryCache:
        """Where columns of votes are kept that nothing has changed since."""
        return DirectoryCache(self.config.folder / ".wsal" / "cache")

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
        if applied.data_fingerprint != self.items.fingerprint:
            newest = self.history.run("run_applied").payload
            verb = "fit" if newest.data_fingerprint == self.items.fingerprint else "apply"
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
        raise InputError(
            f"there is no item {item!r} in {self.config.data_path}",
            hint=did_you_mean(item, map(str, self.items.item_ids[:10_000].tolist())),
        )

    def rows_of(self, items: Iterable[str]) -> dict[ItemId, int]:
        """Find items as `find` does: the row of each, in the order in which they were named first."""
        return {item_id: row for row, item_id in map(self.find, items)}
