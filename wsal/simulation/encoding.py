"""Features of training items, and of test items by what was learned from the training items alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wsal.features import FeatureEncoder, FeatureMatrix, FeatureSettings

__all__ = ["Columns", "encode_split"]


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns that features are made of.

    Parameters
    ----------
    n_items : int
        n.
    values : mapping of str to sequence
        n cells each.
    """

    n_items: int
    values: Mapping[str, Sequence[Any]]

    def column(self, name: str) -> Sequence[Any]:
        """Return n cells."""
        return self.values[name]


def encode_split(
    train: Columns, test: Columns | None, settings: FeatureSettings
) -> tuple[FeatureMatrix, FeatureMatrix | None]:
    """Return the features of training and test items; the latter have the columns of the former."""
    encoder = FeatureEncoder.fit(train, settings)
    return encoder.encode(train), None if test is None else encoder.encode(test)
