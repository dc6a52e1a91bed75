"""Personal data: who a pseudonym is, and the keys without which nobody can tell.

The ledger is never changed, so it holds no name and no person's free text that could be read. It holds a pseudonym for
each person, and texts that are encrypted. Beside it, and outside the chain, stands one row a person: the name and
a key. Destroying that row erases the person: the chain stays whole, and labels stay under the pseudonym.

A pseudonym is HMAC-SHA256 of the name under the person's key, cut to 128 bits. So the ledger commits to the
name: verification computes it again, and nobody can exchange two names. Without the key the pseudonym says nothing.
Texts are encrypted by AES-256-GCM, under another key that is derived from the person's; the pseudonym is
authenticated with them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from sqlalchemy import Connection, delete, insert, select

from wsal.audit import Event, Json, Plain
from wsal.errors import LedgerError
from wsal.store.ddl.tables import people

__all__ = ["ERASED", "People", "Person", "forget", "pseudonyms_in", "read_people"]

ERASED: Final = "(erased)"
"""What stands where a person wrote a text, once the person's key is destroyed."""

_TEXT = re.compile(r"sealed:(person-[0-9a-f]{32}):([A-Za-z0-9_-]+)")
_NAMED = re.compile(rb'"(?:actor|annotator)":"(person-[0-9a-f]{32})"')
_NONCE: Final = 12  # bytes, as NIST SP 800-38D, 8.2.2, has it for random ones


@dataclass(frozen=True)
class Person:
    """A person whose data can still be read; ``key`` has 32 bytes."""

    pseudonym: str
    name: str
    key: bytes

    @classmethod
    def new(cls, name: str) -> Person:
        """Make a key, and with it the pseudonym."""
        key = secrets.token_bytes(32)
        return cls(_pseudonym(name, key), name, key)

    @property
    def is_whole(self) -> bool:
        """Whether the pseudonym belongs to this name and key."""
        return self.pseudonym == _pseudonym(self.name, self.key)

    def encrypt(self, text: str) -> str:
        """Encrypt a text for the ledger."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        sealed = nonce + AESGCM(_subkey(self.key, b"texts")).encrypt(
            nonce, text.encode(), self.pseudonym.encode()
        )
        return f"sealed:{self.pseudonym}:{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def decrypt(self, encoded: str) -> str:
        """Read a text of the ledger.

        Raises
        ------
        LedgerError
            The key is not the one that it was written with, or the text was changed.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        try:
            text = AESGCM(_subkey(self.key, b"texts")).decrypt(
                raw[:_NONCE], raw[_NONCE:], self.pseudonym.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise LedgerError(
                f"a text of {self.pseudonym} cannot be decrypted\n  hint: run `wsal audit verify`"
            ) from error
        return text.decode()


class People:
    """Those whose names are known, at one moment.

    Parameters
    ----------
    known : iterable of Person
    """

    def __init__(self, known: Iterable[Person]) -> None:
        self._by_pseudonym = {person.pseudonym: person for person in known}
        self._by_name = {person.name: person for person in self._by_pseudonym.values()}
        self._new: list[Person] = []

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_pseudonym.values())

    def find(self, name: str) -> Person | None:
        """Return a person by name or pseudonym."""
        return self._by_name.get(name) or self._by_pseudonym.get(name)

    def written_as(self, name: str) -> tuple[str, ...]:
        """Return what may stand for a name in the tables: the name, in stores of older versions, and the pseudonym."""
        person = self._by_name.get(name)
        return (name,) if person is None else (name, person.pseudonym)

    def name(self, written: str) -> str:
        """Return the name behind a pseudonym; what is none, or belongs to nobody any more, as it is."""
        person = self._by_pseudonym.get(written)
        return written if person is None else person.name

    def text(self, written: str) -> str:
        """Return a person's text in plain; `ERASED` where its key is gone."""
        if not written.startswith("sealed:"):
            return written
        found = _TEXT.fullmatch(written)
        if found is None:
            return written
        person = self._by_pseudonym.get(found[1])
        return ERASED if person is None else person.decrypt(found[2])

    def protect(self, event: Event) -> Event:
        """Return an event as the ledger holds it: with pseudonyms, and texts encrypted."""
        data = dict(event.data)
        if event.kind == "answer_given":
            data |= self._hide(data, event.actor)
        elif event.kind == "answers_imported":
            rows = cast("list[dict[str, Json]]", data["answers"])
            data["answers"] = [row | self._hide(row, event.actor) for row in rows]
        return replace(event, actor=self._pseudonym(event.actor), data=Plain(data))

    def reveal(self, event: Event) -> Event:
        """Return an event as it was appended, as far as the people in it are known."""
        data = dict(event.data)
        if event.kind == "answer_given":
            data |= self._show(data)
        elif event.kind == "answers_imported":
            rows = cast("list[dict[str, Json]]", data["answers"])
            data["answers"] = [row | self._show(row) for row in rows]
        return replace(event, actor=self.name(event.actor), data=Plain(data))

    def save_new(self, connection: Connection) -> None:
        """Write those who were met for the first time, in the transaction that holds their events."""
        if self._new:
            rows = [{"pseudonym": p.pseudonym, "name": p.name, "key": p.key} for p in self._new]
            connection.execute(insert(people), rows)
            self._new = []

    def _hide(self, row: Mapping[str, Json], actor: str) -> dict[str, Json]:
        annotator, rationale = str(row.get("annotator", "")), str(row.get("rationale", ""))
        hidden: dict[str, Json] = {"annotator": self._pseudonym(annotator)}
        if rationale:
            hidden["rationale"] = self._person(annotator or actor).encrypt(rationale)
        return hidden

    def _show(self, row: Mapping[str, Json]) -> dict[str, Json]:
        return {
            "annotator": self.name(str(row.get("annotator", ""))),
            "rationale": self.text(str(row.get("rationale", ""))),
        }

    def _pseudonym(self, name: str) -> str:
        return self._person(name).pseudonym if name else ""

    def _person(self, name: str) -> Person:
        person = self._by_name.get(name)
        if person is None:
            person = Person.new(name)
            self._by_name[name] = self._by_pseudonym[person.pseudonym] = person
            self._new.append(person)
        return person


def read_people(connection: Connection) -> People:
    """Read the people whose data can still be read."""
    return People(
        Person(row.pseudonym, row.name, bytes(row.key)) for row in connection.execute(select(people))
    )


def forget(connection: Connection, person: Person) -> None:
    """Delete the name and the key of a person."""
    connection.execute(delete(people).where(people.c.pseudonym == person.pseudonym))


def pseudonyms_in(body: bytes) -> set[str]:
    """Return the people that an event in the ledger names."""
    return {found.decode() for found in _NAMED.findall(body)}


def _pseudonym(name: str, key: bytes) -> str:
    digest = hmac.new(_subkey(key, b"names"), name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"person-{digest.hexdigest()[:32]}"


def _subkey(key: bytes, use: bytes) -> bytes:
    """Derive a key for one use, so that no key serves two algorithms."""
    return hmac.new(key, b"wsal people " + use, hashlib.sha256).digest()
