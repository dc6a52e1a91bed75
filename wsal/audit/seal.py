"""Seals: the head of a ledger, noted outside of it and signed, so that nobody can change what was before it.

Who may write to a database can replace it as a whole by another one that is consistent. A seal that is kept
elsewhere names the last row of a moment; a ledger that does not have that row in that place was rewritten or cut off.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wsal.audit.canonical import canonical, parse
from wsal.audit.records import read_record
from wsal.errors import DataError, InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = [
    "Seal",
    "SealedFile",
    "make_key",
    "read_private_key",
    "read_public_key",
    "read_seal",
    "seal_problems",
    "sign_seal",
]


@dataclass(frozen=True)
class Seal:
    """The last row of a ledger at a moment.

    Parameters
    ----------
    project : str
        The task's name, for people.
    project_id : str
        Hash of the first row, which no other project has.
    seq : int
        The last row.
    hash : str
        Of the last row.
    time : str
        UTC, as in an event.
    by : str
        Who made the seal.
    """

    project: str
    project_id: str
    seq: int
    hash: str
    time: str
    by: str

    def body(self) -> bytes:
        """Return the canonical JSON of the seal: what is signed."""
        return canonical(self)


@dataclass(frozen=True)
class SealedFile:
    """A seal with its signature, as its file holds it.

    Parameters
    ----------
    seal : Seal
    public_key, signature : str
        Ed25519, in hexadecimal; empty where it is not signed.
    """

    seal: Seal
    public_key: str = ""
    signature: str = ""

    def text(self) -> bytes:
        """Return the JSON of the file."""
        return canonical({"wsal_seal": 1, **asdict(self)}) + b"\n"


def read_seal(raw: bytes, *, where: str) -> SealedFile:
    """Read the file of a seal.

    Raises
    ------
    InputError
        It is no seal.
    """
    try:
        tree = parse(raw)
        if not isinstance(tree, dict) or tree.pop("wsal_seal", None) != 1:
            raise DataError("it does not begin with wsal_seal")  # noqa: TRY301  # the same cure
        return read_record(SealedFile, tree, where="seal")
    except DataError as error:
        raise InputError(
            f"{where} is no seal: {error.message}",
            hint="give the file that `wsal audit seal` wrote, unchanged",
        ) from error


def make_key() -> tuple[bytes, bytes]:
    """Make an Ed25519 key; return the private and the public half as PEM."""
    from cryptography.hazmat.primitives import serialization as how
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(how.Encoding.PEM, how.PrivateFormat.PKCS8, how.NoEncryption())
    public = key.public_key().public_bytes(how.Encoding.PEM, how.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def read_private_key(pem: bytes, *, where: str) -> Ed25519PrivateKey:
    """Read a private key.

    Raises
    ------
    InputError
        It is no Ed25519 key, or it is protected by a passphrase.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise InputError(
            f"the key {where} is protected by a passphrase",
            hint=f"unlock it where nobody else reads: openssl pkey -in {where} -out unlocked.pem",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            f"{where} is no private Ed25519 key in PEM", hint="make one with `wsal audit key FILE`"
        )
    return key


def read_public_key(pem: bytes, *, where: str) -> Ed25519PublicKey:
    """Read a public key.

    Raises
    ------
    InputError
        It is no Ed25519 key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(
            f"{where} is no public Ed25519 key in PEM",
            hint="give the .pub file that `wsal audit key` wrote, not the private one",
        )
    return key


def sign_seal(seal: Seal, key: Ed25519PrivateKey | None) -> SealedFile:
    """Return the seal with a signature, where there is a key."""
    if key is None:
        return SealedFile(seal)
    return SealedFile(seal, key.public_key().public_bytes_raw().hex(), key.sign(seal.body()).hex())


def seal_problems(sealed: SealedFile, trusted: Ed25519PublicKey | None) -> tuple[str, ...]:
    """Return what is wrong with the signature of a seal, in words; empty where nothing is.

    Parameters
    ----------
    sealed : SealedFile
    trusted : Ed25519PublicKey, optional
        Whose signature it must have. Without it, a signature is only compared with the key that stands beside it,
        which says that the file is whole but not who made it.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not sealed.signature:
        return ("the seal is not signed, though a public key was given",) if trusted else ()
    try:
        key = trusted or Ed25519PublicKey.from_public_bytes(bytes.fromhex(sealed.public_key))
        key.verify(bytes.fromhex(sealed.signature), sealed.seal.body())
    except (InvalidSignature, ValueError):
        other = trusted is not None and trusted.public_bytes_raw().hex() != sealed.public_key
        whose = "by another key than the one given" if other else "by nobody: the seal was changed since"
        return (f"the seal is signed {whose}",)
    return ()
