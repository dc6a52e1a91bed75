"""Every error that wsal raises on purpose.

::

    WsalError
    ├── InputError (also a ValueError)   something the user wrote is wrong; exit code 2
    │   ├── PackError                    a rule pack
    │   ├── ConfigError                  wsal.toml
    │   └── DataError                    items, votes or answers
    ├── LabelingFunctionError            a labelling function raised; exit code 1
    ├── StoreError                       the store cannot be read or written; exit code 1
    │   └── LedgerError                  the ledger does not verify
    └── NotFittedError                   something was asked of a model before ``fit``

An error says what is wrong, the value, where it stands, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "ConfigError",
    "DataError",
    "InputError",
    "LabelingFunctionError",
    "LedgerError",
    "Location",
    "NotFittedError",
    "PackError",
    "StoreError",
    "WsalError",
    "did_you_mean",
]


@dataclass(frozen=True)
class Location:
    """A place in a file.

    Parameters
    ----------
    file : str
        Path as the user wrote it.
    line, column : int, optional
        Both count from 1.
    text : str, optional
        The line itself, without its newline.
    """

    file: str
    line: int | None = None
    column: int | None = None
    text: str | None = None

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


class WsalError(Exception):
    """Base of all errors raised on purpose.

    Attributes
    ----------
    exit_code : int
        What the command line exits with: 1 for findings, 2 for bad input.
    """

    exit_code = 1


class InputError(WsalError, ValueError):
    """Something the user wrote cannot be used.

    Parameters
    ----------
    message : str
        What is wrong, with the offending value.
    location : Location, optional
        Where it stands.
    hint : str, optional
        What to do about it.

    Examples
    --------
    >>> print(InputError("unknown label 'spma'", location=Location("a.yaml", 3, 8, "label: spma"),
    ...                  hint="did you mean 'spam'?"))
    a.yaml:3:8: error: unknown label 'spma'
      label: spma
             ^
      hint: did you mean 'spam'?
    """

    exit_code = 2

    def __init__(self, message: str, *, location: Location | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.location}: error: " if self.location else ""
        lines = [where + self.message]
        if self.location and self.location.text is not None:
            lines.append("  " + self.location.text)
            if self.location.column is not None:
                # Tabs stay tabs, so that the caret stands under its character.
                before = self.location.text[: self.location.column - 1]
                lines.append("  " + "".join("\t" if c == "\t" else " " for c in before) + "^")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class PackError(InputError):
    """A rule pack cannot be used."""


class ConfigError(InputError):
    """``wsal.toml`` cannot be used."""


class DataError(InputError):
    """Items, votes or answers cannot be used."""


class LabelingFunctionError(WsalError):
    """A labelling function raised an exception.

    Parameters
    ----------
    lf_name : str
        The function that raised.
    item_id : str or int
        The item it was given.
    cause : BaseException
        What it raised.
    where : str
        The part of the items that the item stands in, where they are read in parts.
    """

    def __init__(self, lf_name: str, item_id: object, cause: BaseException, *, where: str = "") -> None:
        super().__init__(lf_name, item_id, cause)
        self.where = where
        self.lf_name = lf_name
        self.item_id = item_id
        self.cause = cause

    def __str__(self) -> str:
        return (
            f"labelling function '{self.lf_name}' raised on item {self.item_id!r}"
            f"{f' ({self.where})' if self.where else ''}: {type(self.cause).__name__}: {self.cause}\n"
            "  hint: mend the function, or let it abstain on errors with fault_tolerant=True"
        )


class StoreError(WsalError):
    """The store cannot be read or written."""


class LedgerError(StoreError):
    """The ledger does not verify."""


class NotFittedError(WsalError):
    """Something was asked of a model before ``fit``."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Suggest the known word closest to one that is not known, whatever the case of either.

    Parameters
    ----------
    word : str
        What the user wrote.
    known : iterable of str
        What would have been right.

    Returns
    -------
    str or None
        ``"did you mean 'author'?"``; None where nothing is close.

    Examples
    --------
    >>> did_you_mean("auther", ["author", "why"])
    "did you mean 'author'?"
    """
    from difflib import get_close_matches

    by_fold = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), list(by_fold), n=1)
    return f"did you mean '{by_fold[close[0]]}'?" if close else None
