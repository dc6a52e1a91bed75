import json
import shutil
import subprocess
from dataclasses import replace

import pytest

from wsal.audit import (
    Seal,
    SealedFile,
    make_key,
    read_private_key,
    read_public_key,
    read_seal,
    seal_problems,
    sign_seal,
)
from wsal.errors import InputError

SEAL = Seal("spam", "a" * 64, 7, "b" * 64, "2026-01-31T09:30:00.000000Z", "ana")
PRIVATE, PUBLIC = make_key()
KEY, TRUSTED = read_private_key(PRIVATE, where="k"), read_public_key(PUBLIC, where="k.pub")


@pytest.mark.parametrize("key", [None, KEY])
def test_a_seal_reads_back_from_its_file(key):
    sealed = sign_seal(SEAL, key)
    assert read_seal(sealed.text(), where="seal.json") == sealed
    assert seal_problems(sealed, None) == ()


@pytest.mark.parametrize("change", [{"seq": 6}, {"hash": "c" * 64}, {"by": "eve"}, {"project_id": "d" * 64}])
def test_a_changed_seal_is_found_by_its_signature(change):
    sealed = sign_seal(SEAL, KEY)
    assert seal_problems(sealed, TRUSTED) == ()
    changed = replace(sealed, seal=replace(SEAL, **change))
    for trusted in (TRUSTED, None):
        assert seal_problems(changed, trusted) == (
            "the seal is signed by nobody: the seal was changed since",
        )


def test_a_seal_that_somebody_else_signed_is_found_by_the_key_one_trusts():
    other = sign_seal(SEAL, read_private_key(make_key()[0], where="other"))
    assert seal_problems(other, None) == ()
    assert seal_problems(other, TRUSTED) == ("the seal is signed by another key than the one given",)


def test_an_unsigned_seal_does_not_pass_where_a_key_is_given():
    assert seal_problems(SealedFile(SEAL), TRUSTED) == (
        "the seal is not signed, though a public key was given",
    )


@pytest.mark.parametrize("signature", ["zz", "00", "", "ü"])
def test_a_signature_that_is_none_is_no_crash(signature):
    sealed = replace(sign_seal(SEAL, KEY), signature=signature, public_key="12")
    assert seal_problems(sealed, TRUSTED)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b"\xff", b'{"wsal_seal":2}', b'{"wsal_seal":1,"seal":{}}', b'{"wsal_seal":1}']
)
def test_what_is_no_seal_is_refused(raw):
    with pytest.raises(InputError, match=r"s.json is no seal(.|\n)*hint: give the file"):
        read_seal(raw, where="s.json")


@pytest.mark.parametrize("pem", [b"", b"no key", PUBLIC])
def test_what_is_no_private_key_is_refused(pem):
    with pytest.raises(InputError, match="k is no private Ed25519 key"):
        read_private_key(pem, where="k")


@pytest.mark.parametrize("pem", [b"", b"no key", PRIVATE])
def test_what_is_no_public_key_is_refused(pem):
    with pytest.raises(InputError, match="k is no public Ed25519 key"):
        read_public_key(pem, where="k")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_makes_keys_for_wsal_and_checks_what_wsal_signed(tmp_path):
    def openssl(*words):
        return subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True, check=False)

    openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem")
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "key.pub")
    openssl("pkey", "-in", "key.pem", "-aes256", "-passout", "pass:secret", "-out", "locked.pem")
    key = read_private_key((tmp_path / "key.pem").read_bytes(), where="key.pem")
    with pytest.raises(InputError, match=r"passphrase(.|\n)*hint: unlock"):
        read_private_key((tmp_path / "locked.pem").read_bytes(), where="locked.pem")
    sealed = json.loads(sign_seal(SEAL, key).text())
    # As the documentation says: what is signed is the member, with sorted keys and no spaces.
    body = json.dumps(sealed["seal"], sort_keys=True, separators=(",", ":"))
    (tmp_path / "body").write_text(body)
    (tmp_path / "signature").write_bytes(bytes.fromhex(sealed["signature"]))
    check = (
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pub",
        "-rawin",
        "-in",
        "body",
        "-sigfile",
        "signature",
    )
    assert "Verified Successfully" in openssl(*check).stdout
    (tmp_path / "body").write_text(body.replace("ana", "eve"))
    assert openssl(*check).returncode != 0
