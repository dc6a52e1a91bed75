"""What comes back from a part that cannot be computed: an error that trying again would not mend."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from wsal.errors import LabelingFunctionError, WsalError

__all__ = ["PartError", "portable"]


@dataclass(frozen=True, eq=False)
class PartError:
    """An error, and the number of the part that it comes from."""

    number: int
    error: WsalError


def portable(error: WsalError) -> WsalError:
    """Return an error that another process can be sent: what a user's function raised need not be such.

    Examples
    --------
    >>> class Odd(Exception):
    ...     def __init__(self, a, b):
    ...         super().__init__(f"{a} {b}")
    >>> str(portable(LabelingFunctionError("length", "m7", Odd("no", "text")))).splitlines()[0]
    "labelling function 'length' raised on item 'm7': RuntimeError: Odd: no text"
    """
    if isinstance(error, LabelingFunctionError) and not _can_be_sent(error.cause):
        told = RuntimeError(f"{type(error.cause).__name__}: {error.cause}")
        return LabelingFunctionError(error.lf_name, error.item_id, told, where=error.where)
    return error if _can_be_sent(error) else WsalError(str(error))


def _can_be_sent(error: BaseException) -> bool:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # made in this line
    except Exception:  # noqa: BLE001  # pickling runs the code of the exception's class
        return False
    return type(error).__module__ != "__main__"
