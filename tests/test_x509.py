"""What is read of real certificates, judged by the standard library or by what other programs say of them."""

import hashlib
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509 as library
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.certificates import HashData
from chargepoint.demo.authority import Authority
from chargepoint.security import x509
from tests.manufacturer import STRANGE, certificate, key_of, strange
from tests.world import NOON

DAY = timedelta(days=1)


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "root")


def test_what_a_certificate_says_is_read(root: Authority) -> None:
    (own,) = x509.read(root.sign("A-1", organization="Cars", days=5).certificate.read_text())
    assert (own.common_name, own.organization, own.is_authority, own.is_client) == ("A-1", "Cars", False, True)
    assert own.ends - own.begins == 5 * DAY
    assert own.weak == ""
    (top,) = x509.read(root.pem)
    assert (top.common_name, top.organization, top.is_authority, top.pem) == ("root", "", True, root.pem)


def test_several_are_read_in_their_order(root: Authority, tmp_path: Path) -> None:
    between = Authority(tmp_path, "between", above=root)
    assert [each.common_name for each in x509.read(between.pem + "text between\n" + root.pem)] == ["between", "root"]


@pytest.mark.parametrize("name", ["SHA256", "SHA384", "SHA512"])
def test_hash_data_is_that_of_ocsp(root: Authority, tmp_path: Path, name: str) -> None:
    between = Authority(tmp_path, "between", above=root)
    digest = getattr(hashlib, name.lower())
    key = root.certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    expected = HashData(
        name, digest(root.certificate.subject.public_bytes()).hexdigest(), digest(key).hexdigest(),
        f"{between.certificate.serial_number:x}",
    )  # fmt: skip
    (own,), (top,) = x509.read(between.pem), x509.read(root.pem)
    assert x509.hash_data(own, top, name) == expected


def test_hash_data_agrees_with_openssl(root: Authority, tmp_path: Path) -> None:
    """OpenSSL tells what it puts into an OCSP request."""
    command = ["openssl", "ocsp", "-sha256", "-issuer", root.file, "-cert", root.file, "-req_text"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (top,) = x509.read(root.pem)
    named = x509.hash_data(top, top)
    assert f"Issuer Name Hash: {named.issuer_name.upper()}" in text
    assert f"Issuer Key Hash: {named.issuer_key.upper()}" in text
    assert int(text.partition("Serial Number: ")[2].split()[0], 16) == int(named.serial_number, 16)


def test_who_has_issued_whom(root: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    namesake = Authority(tmp_path / "other", "root")
    (own,), (top,), (other,) = (
        x509.read(root.sign("A-1").certificate.read_text()),
        *map(x509.read, _pems(root, namesake)),
    )
    assert x509.issued(own, top)
    assert x509.issued(top, top)
    assert not x509.issued(own, other)  # the name alone
    assert not x509.issued(top, own)


def _pems(*authorities: Authority) -> list[str]:
    return [each.pem for each in authorities]


def test_a_request_is_for_the_key_and_the_certificate_says_so(root: Authority) -> None:
    private = x509.new_key()
    request = x509.signing_request(private, "A-1", "Cars")
    (own,) = x509.read(root.answer(request))
    assert own.key == x509.key_of(private)
    assert (own.common_name, own.organization) == ("A-1", "Cars")
    assert own.key != x509.key_of(x509.new_key())


def test_names_longer_than_a_certificate_can_hold_are_cut() -> None:
    request = library.load_pem_x509_csr(x509.signing_request(x509.new_key(), "A" * 70, "ü" * 70).encode())
    assert [len(str(part.value)) for part in request.subject] == [64, 64]


def test_validity_is_told_without_the_library(root: Authority) -> None:
    signed = root.sign("A-1", days=7)
    (own,) = x509.read(signed.certificate.read_text())
    assert x509.validity(signed.certificate) == (own.begins, own.ends)


def test_validity_of_what_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("broken")
    for name in ("broken.pem", "missing.pem"):
        with pytest.raises(x509.Unreadable):
            x509.validity(tmp_path / name)


@given(
    st.text() | st.binary().map(lambda noise: f"-----BEGIN CERTIFICATE-----\n{noise.hex()}\n-----END CERTIFICATE-----")
)
def test_garbage_is_unreadable_and_nothing_worse(text: str) -> None:
    with pytest.raises(x509.Unreadable):
        x509.read(text)
    with pytest.raises(x509.Unreadable):
        x509.key_of(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("what", STRANGE)
def test_a_certificate_of_a_kind_that_nobody_knows_is_unreadable(what: str) -> None:
    key = key_of("EC")
    own = certificate("root", key, "root", key, NOON - DAY, NOON + DAY, authority=True, for_signatures=True)
    with pytest.raises(x509.Unreadable):
        x509.read(strange(own, what))


def test_a_certificate_with_flipped_bits_is_unreadable_or_issued_by_nobody(root: Authority) -> None:
    (top,) = x509.read(root.pem)
    lines = root.pem.splitlines()
    for place in range(1, len(lines) - 1):
        spoiled = [*lines]
        spoiled[place] = spoiled[place][:7] + ("A" if spoiled[place][7] != "A" else "B") + spoiled[place][8:]
        try:
            (told,) = x509.read("\n".join(spoiled))
        except x509.Unreadable:
            continue
        assert not x509.issued(told, top)


def spoiled(authority: Authority, before: bytes, after: bytes) -> str:
    content = authority.certificate.public_bytes(Encoding.DER)
    assert content.count(before) == 1
    return ssl.DER_cert_to_PEM_cert(content.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", id="a version that does not exist"),
        pytest.param(b"\x55\x1d\x0e", b"\x55\x1d\x13", id="one extension twice"),
    ],
)
def test_a_certificate_that_breaks_the_rules_inside_is_unreadable(root: Authority, before: bytes, after: bytes) -> None:
    with pytest.raises(x509.Unreadable):
        x509.read(spoiled(root, before, after))


def test_a_key_on_a_curve_that_nobody_knows_has_signed_nothing(root: Authority) -> None:
    p256, unknown = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d03017f")
    (own,) = x509.read(root.sign("A-1").certificate.read_text())
    with pytest.raises(x509.Unreadable):
        x509.read(spoiled(root, p256, unknown))
    assert not x509.issued(own, replace(own, pem=spoiled(root, p256, unknown)))


# --- what protects nothing --------------------------------------------------------------------------------------------


def made(
    bits: int = 2048, digest: hashes.HashAlgorithm | None = None, uses: list[library.ObjectIdentifier] | None = None
) -> str:
    key, now = rsa.generate_private_key(65537, bits), datetime.now(UTC)
    name = library.Name([library.NameAttribute(NameOID.COMMON_NAME, "rsa")])
    builder = library.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + DAY)
    if uses is not None:
        builder = builder.add_extension(library.ExtendedKeyUsage(uses), False)
    return builder.sign(key, digest or hashes.SHA256()).public_bytes(Encoding.PEM).decode()  # type: ignore[arg-type]


def test_short_keys_are_weak() -> None:
    assert "1024" in x509.read(made(bits=1024))[0].weak
    assert x509.read(made())[0].weak == ""


@pytest.mark.parametrize(
    ("uses", "client"),
    [
        (None, True),
        ([ExtendedKeyUsageOID.CLIENT_AUTH], True),
        ([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE], True),
        ([ExtendedKeyUsageOID.SERVER_AUTH], False),
    ],
)
def test_a_certificate_for_servers_is_none_for_a_client(
    uses: list[library.ObjectIdentifier] | None, client: bool
) -> None:
    assert x509.read(made(uses=uses))[0].is_client is client
