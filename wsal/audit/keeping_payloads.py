"""What happened to the ledger itself and to what is kept beside it, a frozen dataclass for each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["GuardsRestored", "PeopleLeftOut", "PersonErased", "Sealed"]


@dataclass(frozen=True)
class GuardsRestored:
    """Triggers that protect the ledger had been missing, and someone put them back."""

    kind: ClassVar[str] = "guards_restored"
    v: ClassVar[int] = 1
    findings: tuple[str, ...]


@dataclass(frozen=True)
class PersonErased:
    """A person's name and key were destroyed; nobody can tell any more who the pseudonym was."""

    kind: ClassVar[str] = "person_erased"
    v: ClassVar[int] = 1
    person: str


@dataclass(frozen=True)
class PeopleLeftOut:
    """The store was made from a backup without the names and keys of these people (pseudonyms)."""

    kind: ClassVar[str] = "people_left_out"
    v: ClassVar[int] = 1
    people: tuple[str, ...]


@dataclass(frozen=True)
class Sealed:
    """A seal of the ledger was written to a file.

    Parameters
    ----------
    seq : int
        The row that was the last.
    hash : str
        Of that row.
    public_key : str
        Of the key that signed the seal, in hexadecimal; empty where it was not signed.
    """

    kind: ClassVar[str] = "sealed"
    v: ClassVar[int] = 1
    seq: int
    hash: str
    public_key: str = ""
