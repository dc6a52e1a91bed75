"""Under which circumstances a run was made: settings and software, as the ledger keeps them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FitSettings", "Software"]


@dataclass(frozen=True)
class Software:
    """A program or library that took part in a run, by name and version."""

    name: str
    version: str


@dataclass(frozen=True)
class FitSettings:
    """What ``wsal.toml`` said when labels were made.

    Parameters
    ----------
    class_balance : tuple of float, optional
        As given; None where it was to be estimated from the audit.
    id_column, text_column : str, optional
    text_features, numeric_features : tuple of str
        Columns that became features.
    vector_feature : str, optional
    """

    class_balance: tuple[float, ...] | None = None
    id_column: str | None = None
    text_column: str | None = None
    text_features: tuple[str, ...] = ()
    numeric_features: tuple[str, ...] = ()
    vector_feature: str | None = None
