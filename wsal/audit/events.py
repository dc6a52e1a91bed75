"""Events: what the ledger holds, one row each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast, get_args

from wsal.audit.canonical import Json, Plain, canonical, parse, plain
from wsal.audit.payloads import Payload
from wsal.audit.records import read_record
from wsal.errors import DataError, did_you_mean

__all__ = ["KINDS", "Event", "utc_now"]

_PAYLOADS: Final[Mapping[str, type[Payload]]] = {payload.kind: payload for payload in get_args(Payload)}

KINDS: Final[tuple[str, ...]] = tuple(_PAYLOADS)
"""The kinds of event that this version writes."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def utc_now() -> str:
    """Return the time as the ledger writes it: UTC, ISO 8601, microseconds, ``Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Make one with `Event.of`, read one with `Event.from_body`.

    Parameters
    ----------
    kind : str
        See `KINDS`; a later version of wsal may have written others.
    time : str
        UTC, ISO 8601 with microseconds and ``Z``.
    actor : str
        Who did it.
    data : mapping
        JSON values; `payload` gives them as a dataclass.
    v : int
        Version of the layout of ``data`` for this kind.

    Raises
    ------
    DataError
        A time that is not written so, or an empty kind.
    """

    kind: str
    time: str
    actor: str
    data: Mapping[str, Json]
    v: int = 1

    def __post_init__(self) -> None:
        if not self.kind:
            raise DataError("an event needs a kind")
        try:
            valid = bool(_TIME.fullmatch(self.time)) and datetime.fromisoformat(self.time).tzinfo is not None
        except ValueError:
            valid = False
        if not valid:
            raise DataError(
                f"{self.time!r} is no time of an event",
                hint="write UTC with microseconds, as in 2026-01-31T09:30:00.000000Z",
            )

    @classmethod
    def of(cls, payload: Payload, *, actor: str, time: str | None = None) -> Event:
        """Make an event of what happened.

        Parameters
        ----------
        payload : Payload
            One of the dataclasses of `wsal.audit`; its types are checked.
        actor : str
            Who did it.
        time : str, optional
            Now, where not given.

        Raises
        ------
        DataError
            A field of another type than its dataclass says, or that JSON cannot hold.

        Examples
        --------
        >>> from wsal.audit import ProjectCreated
        >>> event = Event.of(ProjectCreated("spam", ("ham", "spam")), actor="ana")
        >>> event.body().decode()[:60]
        '{"actor":"ana","data":{"labels":["ham","spam"],"name":"spam"'
        >>> Event.from_body(event.body()).payload()
        ProjectCreated(name='spam', labels=('ham', 'spam'))
        """
        checked = read_record(type(payload), plain(payload))
        data = Plain(cast("dict[str, Json]", plain(checked)))
        return cls(payload.kind, time or utc_now(), actor, data, payload.v)

    @classmethod
    def from_body(cls, body: bytes) -> Event:
        """Read an event from its bytes in the ledger.

        Raises
        ------
        DataError
            The bytes are no event.
        """
        tree = parse(body)
        if not isinstance(tree, dict) or not isinstance(tree.get("data"), dict):
            raise DataError("this is no event")
        frame = read_record(
            _Frame, {key: value for key, value in tree.items() if key != "data"}, where="event"
        )
        return cls(frame.kind, frame.time, frame.actor, Plain(cast("dict[str, Json]", tree["data"])), frame.v)

    def body(self) -> bytes:
        """Return the canonical JSON of the event: what is hashed and stored."""
        return canonical(self)

    def payload(self) -> Payload:
        """Return the data as the dataclass of this kind.

        Raises
        ------
        DataError
            This version of wsal does not know the kind or its layout.
        """
        payload = _PAYLOADS.get(self.kind)
        if payload is None:
            raise DataError(
                f"unknown kind of event {self.kind!r}",
                hint=did_you_mean(self.kind, KINDS) or "a newer version of wsal may know it",
            )
        if self.v != payload.v:
            raise DataError(
                f"an event {self.kind!r} of version {self.v}; this wsal knows version {payload.v}",
                hint="install the version of wsal that wrote it, or a newer one",
            )
        return read_record(payload, self.data, where=self.kind)


@dataclass(frozen=True)
class _Frame:
    kind: str
    time: str
    actor: str
    v: int
