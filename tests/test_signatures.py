"""Who may sign firmware, and what a signature is."""

from __future__ import annotations

import ssl
from base64 import b64encode, encodebytes
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargepoint.security.signatures import (
    CertificateWrong,
    SignatureWrong,
    Trusted,
    check_certificate,
    check_signature,
)
from tests.manufacturer import DAY, STRANGE, Key, Manufacturer, certificate, key_of, strange
from tests.world import NOON

LONG = 99 * DAY


def pem(*certificates: x509.Certificate) -> str:
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def root_of(key: Key, name: str = "root", *, since: timedelta = LONG, until: timedelta = LONG) -> x509.Certificate:
    return certificate(name, key, name, key, NOON - since, NOON + until, authority=True)


def signer_of(key: Key, issuer_key: Key, issuer: str = "root", **more: object) -> x509.Certificate:
    return certificate("signer", key, issuer, issuer_key, NOON - DAY, NOON + DAY, authority=False, **more)  # type: ignore[arg-type]


ROOT, OTHER, MIDDLE, SIGNER = (key_of("EC") for _ in range(4))


def test_a_certificate_between_signer_and_root_is_followed() -> None:
    middle = certificate("middle", MIDDLE, "root", ROOT, NOON - LONG, NOON + LONG, authority=True)
    check_certificate(pem(signer_of(SIGNER, MIDDLE, "middle"), middle), Trusted(pem(root_of(ROOT))), NOON)


def test_without_the_one_between_it_leads_nowhere() -> None:
    with pytest.raises(CertificateWrong, match="does not lead"):
        check_certificate(pem(signer_of(SIGNER, MIDDLE, "middle")), Trusted(pem(root_of(ROOT))), NOON)


def test_an_old_and_a_new_root_may_have_one_name() -> None:
    roots = pem(root_of(OTHER), root_of(ROOT))
    check_certificate(pem(signer_of(SIGNER, ROOT)), Trusted(roots), NOON)


def test_what_is_only_known_counts_as_far_as_it_leads_to_a_root() -> None:
    signer = pem(signer_of(SIGNER, MIDDLE, "middle"))
    signed = certificate("middle", MIDDLE, "root", ROOT, NOON - LONG, NOON + LONG, authority=True)
    check_certificate(signer, Trusted(pem(root_of(ROOT)), pem(signed)), NOON)
    with pytest.raises(CertificateWrong, match="does not lead"):
        check_certificate(signer, Trusted(pem(root_of(ROOT)), pem(root_of(MIDDLE, "middle"))), NOON)


def test_a_circle_of_issuers_ends() -> None:
    one = certificate("one", MIDDLE, "two", OTHER, NOON - LONG, NOON + LONG, authority=True)
    two = certificate("two", OTHER, "one", MIDDLE, NOON - LONG, NOON + LONG, authority=True)
    with pytest.raises(CertificateWrong, match="does not lead"):
        check_certificate(pem(signer_of(SIGNER, MIDDLE, "one"), one, two), Trusted(pem(root_of(ROOT))), NOON)


@pytest.mark.parametrize("expired", ["root", "middle"])
def test_all_on_the_way_have_to_be_valid_now(expired: str) -> None:
    until = {"root": LONG, "middle": LONG} | {expired: -DAY}
    middle = certificate("middle", MIDDLE, "root", ROOT, NOON - LONG, NOON + until["middle"], authority=True)
    with pytest.raises(CertificateWrong, match="does not lead"):
        check_certificate(
            pem(signer_of(SIGNER, MIDDLE, "middle"), middle), Trusted(pem(root_of(ROOT, until=until["root"]))), NOON
        )


@pytest.mark.parametrize("at", [NOON - 2 * DAY, NOON + 2 * DAY])
def test_an_expired_signer_is_told_as_such(at: object) -> None:
    with pytest.raises(CertificateWrong, match="not valid now"):
        check_certificate(pem(signer_of(SIGNER, ROOT)), Trusted(pem(root_of(ROOT))), at)  # type: ignore[arg-type]


def test_a_key_that_is_not_for_signatures_signs_nothing() -> None:
    with pytest.raises(CertificateWrong, match="something else than signing"):
        check_certificate(pem(signer_of(SIGNER, ROOT, for_signatures=False)), Trusted(pem(root_of(ROOT))), NOON)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a003020102", "a003020107", id="a version that does not exist"),
        pytest.param("2a8648ce3d030107", "2a8648ce3d03017f", id="a curve that nobody knows"),
    ],
)
def test_what_breaks_the_rules_inside_is_told_as_unreadable(before: str, after: str) -> None:
    content = signer_of(SIGNER, ROOT).public_bytes(serialization.Encoding.DER).hex()
    spoiled = ssl.DER_cert_to_PEM_cert(bytes.fromhex(content.replace(before, after)))
    with pytest.raises(CertificateWrong, match="cannot be read"):
        check_certificate(spoiled, Trusted(pem(root_of(ROOT))), NOON)


def test_one_that_is_says_so() -> None:
    check_certificate(pem(signer_of(SIGNER, ROOT, for_signatures=True)), Trusted(pem(root_of(ROOT))), NOON)


def test_a_short_key_is_too_weak() -> None:
    short = rsa.generate_private_key(65537, 1024)
    with pytest.raises(CertificateWrong, match="too weak"):
        check_certificate(pem(signer_of(short, ROOT)), Trusted(pem(root_of(ROOT))), NOON)


@pytest.mark.parametrize("roots", ["", " \n"])
def test_without_a_root_nobody_signs(roots: str) -> None:
    with pytest.raises(CertificateWrong, match="no root certificate"):
        check_certificate(pem(signer_of(SIGNER, ROOT)), Trusted(roots), NOON)


@given(garbage=st.text())
@settings(max_examples=50)
def test_garbage_is_no_certificate(garbage: str) -> None:
    with pytest.raises(CertificateWrong):
        check_certificate(garbage, Trusted(pem(root_of(ROOT))), NOON)


@pytest.mark.parametrize("what", STRANGE)
def test_a_certificate_of_a_kind_that_nobody_knows_is_refused(what: str) -> None:
    signer = strange(signer_of(SIGNER, ROOT, for_signatures=True), what)
    with pytest.raises(CertificateWrong, match="cannot be read"):
        check_certificate(signer, Trusted(pem(root_of(ROOT))), NOON)


# --- signatures -------------------------------------------------------------------------------------------------------

CONTENT = b"new firmware" * 1000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "firmware"
    file.write_bytes(CONTENT)
    return file


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_a_signature_may_be_wrapped_into_lines(file: Path, tmp_path: Path, kind: str) -> None:
    from base64 import b64decode

    maker = Manufacturer(tmp_path, kind, NOON)
    check_signature(file, maker.certificate, encodebytes(b64decode(maker.sign(CONTENT))).decode())


def test_the_older_padding_of_rsa_is_not_taken(file: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    signature = b64encode(key.sign(CONTENT, padding.PKCS1v15(), hashes.SHA256())).decode()
    with pytest.raises(SignatureWrong):
        check_signature(file, pem(root_of(key)), signature)


def test_another_hash_is_not_taken(file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signature = b64encode(key.sign(CONTENT, ec.ECDSA(hashes.SHA512()))).decode()
    with pytest.raises(SignatureWrong):
        check_signature(file, pem(root_of(key)), signature)


def test_a_signature_of_another_key_is_not_taken(file: Path, tmp_path: Path) -> None:
    maker = Manufacturer(tmp_path, "EC", NOON)
    with pytest.raises(SignatureWrong, match="not that of this file"):
        check_signature(file, pem(signer_of(SIGNER, ROOT)), maker.sign(CONTENT))


@given(garbage=st.text())
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_is_no_signature(file: Path, garbage: str) -> None:
    with pytest.raises(SignatureWrong):
        check_signature(file, pem(root_of(ROOT)), garbage)
