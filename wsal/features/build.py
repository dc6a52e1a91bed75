"""Features by the project's settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wsal.errors import ConfigError
from wsal.features.matrix import FeatureMatrix, stack_features
from wsal.features.numeric import numeric_features
from wsal.features.text import text_features
from wsal.features.vectors import vector_features

__all__ = ["FeatureSettings", "ItemTable", "build_features", "require_columns_named"]


class ItemTable(Protocol):
    """Anything with columns, such as `wsal.items.Items`."""

    @property
    def n_items(self) -> int:
        """Number of items, n."""
        ...

    def column(self, name: str) -> Sequence[Any]:
        """Return n values."""
        ...


@dataclass(frozen=True)
class FeatureSettings:
    """Which columns become features.

    Parameters
    ----------
    text : tuple of str
        Columns of text: TF-IDF.
    numeric : tuple of str
        Columns of numbers: standardised.
    vectors : str, optional
        A column of vectors of one length: taken as they are.
    """

    text: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    vectors: str | None = None

    def __bool__(self) -> bool:
        """Tell whether any column is named."""
        return bool(self.text or self.numeric or self.vectors)


def build_features(items: ItemTable, settings: FeatureSettings) -> FeatureMatrix:
    """Make the features of items.

    Parameters
    ----------
    items : ItemTable
        n items.
    settings : FeatureSettings

    Returns
    -------
    FeatureMatrix
        Shape (n, d): the words of each text column, then numbers, then vectors. With several text columns the
        names of words say which: ``subject: prize``.

    Raises
    ------
    ConfigError
        No column is named.
    DataError
        A column is missing, or holds what its kind cannot take.
    """
    require_columns_named(settings)
    parts = [
        text_features(items.column(name), prefix=f"{name}: " if len(settings.text) > 1 else "")
        for name in settings.text
    ]
    if settings.numeric:
        parts.append(numeric_features({name: items.column(name) for name in settings.numeric}))
    if settings.vectors:
        parts.append(vector_features(items.column(settings.vectors), name=settings.vectors))
    return stack_features(parts)


def require_columns_named(settings: FeatureSettings) -> None:
    """Refuse settings that name no column.

    Raises
    ------
    ConfigError
        They name none.
    """
    if not settings:
        raise ConfigError(
            "no column is named for features", hint='name one, as in text = ["body"] or numeric = ["length"]'
        )
