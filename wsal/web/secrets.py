"""Secrets: passwords, session ids, links and tokens; what is kept of them, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, Signer

from wsal.errors import InputError

__all__ = ["Signing", "check_password", "digest_of", "hash_password", "new_secret", "require_password"]

LEAST_CHARACTERS: Final = 10
MOST_CHARACTERS: Final = 200

_HASHER: Final = PasswordHasher()
_AT_ONCE: Final = threading.Semaphore(2)  # each hash takes 64 MB
_NOBODY: Final = _HASHER.hash(
    secrets.token_urlsafe(16)
)  # so that an unknown name takes as long as a known one


def new_secret() -> str:
    """Make a secret of 256 bits that fits into a URL."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret; it has 256 bits, so that a plain hash cannot be searched through."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def require_password(password: str, *, name: str) -> None:
    """See that a new password is not too easy.

    Raises
    ------
    InputError
        It is short, too long to be hashed in good time, or the account's name.
    """
    if len(password) < LEAST_CHARACTERS:
        raise InputError(f"the password has {len(password)} characters; take {LEAST_CHARACTERS} or more")
    if len(password) > MOST_CHARACTERS:
        raise InputError(f"the password has more than {MOST_CHARACTERS} characters")
    if name.casefold() in password.casefold() or len(set(password)) < 5:
        raise InputError(
            "the password is easily guessed", hint="take three or four words that do not belong together"
        )


def hash_password(password: str) -> str:
    """Hash a password with argon2id and a salt of its own."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def check_password(password: str, password_hash: str | None) -> bool:
    """Say whether a password is right; takes as long where there is none to compare with."""
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _NOBODY, password[: MOST_CHARACTERS + 1])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


class Signing:
    """Signs cookies and derives form tokens with the project's own key.

    Parameters
    ----------
    key : bytes
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._signer = Signer(key, salt="wsal.session", digest_method=hashlib.sha256)
        # Browsers send cookies to every port of a host: two projects on one machine need two names.
        self.cookie = f"wsal_{hashlib.sha256(b'name' + key).hexdigest()[:8]}"

    @classmethod
    def of_project(cls, folder: Path) -> Signing:
        """Read the key of a project, ``.wsal/web.key``; made where there is none, for its owner alone.

        Raises
        ------
        InputError
            The file does not hold a key.
        """
        path = folder / ".wsal" / "web.key"
        path.parent.mkdir(exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
        key = path.read_text(encoding="ascii", errors="replace").strip()
        if len(key) != 64:
            raise InputError(f"{path} holds no key", hint="delete it; everybody signs in anew then")
        return cls(key.encode())

    def sign(self, value: str) -> str:
        """Return a value with its signature, for a cookie."""
        return self._signer.sign(value).decode()

    def read(self, signed: str) -> str | None:
        """Return the value of a cookie; None where the signature is not ours."""
        try:
            return self._signer.unsign(signed.encode("utf-8", "surrogatepass")).decode()
        except (BadSignature, UnicodeDecodeError):
            return None

    def form_token(self, session: str) -> str:
        """Return what a form of a session sends along, which no other site can know."""
        return hmac.new(self._key, b"form:" + session.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, token: str, session: str) -> bool:
        """Say whether a form was drawn for this session."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.form_token(session).encode())
