"""Certificates that the back office installs, has signed and deletes (security whitepaper edition 3)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from chargepoint.demo.authority import DAY, Authority
from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import ABSENT, ANY, answers, says
from tests.conformance.v16.words import accepted, rejected
from tests.world import NOON

SERIAL, OPERATOR = "A-1", "Cars and Volts"
CENTRAL, MAKER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    """Of the operator."""
    return authority(tmp_path, "operator")


def authority(folder: Path, name: str) -> Authority:
    return Authority(folder, name, days=1000, now=lambda: NOON)


def link(root: Authority, profile: int) -> dict[str, Any]:
    """Options of [csms]."""
    own = root.sign(SERIAL, organization=OPERATOR, days=300)
    (root.file.parent / "password").write_text("the installers password")
    return {
        "url": "wss://csms/ocpp", "security_profile": profile, "ca_file": root.file,
        "password_file": root.file.parent / "password", "certificate_file": own.certificate, "key_file": own.key,
    }  # fmt: skip


async def request(s: Stage) -> str:
    """The one that the trigger brings."""
    await s.asks("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
    [_, asked] = await s.expect(accepted("ExtendedTriggerMessage"), says("SignCertificate", csr=ANY), security=True)
    return str(asked["csr"])


@pytest.mark.case("TC_074_CS")
async def test_tc_074_another_certificate_of_the_charge_point(stage: MakeStage, root: Authority) -> None:
    async with stage(link=link(root, 3), settings={"CpoName": OPERATOR}) as s:
        csr = x509.load_pem_x509_csr((asked := await request(s)).encode())
        assert csr.is_signature_valid
        assert {part.oid: part.value for part in csr.subject} == {
            NameOID.COMMON_NAME: SERIAL, NameOID.ORGANIZATION_NAME: OPERATOR,
        }  # fmt: skip
        old_link, before = s.link.peer, s.link.shown[-1].certificate_file
        chain = root.answer(asked)
        await s.asks("CertificateSigned", certificateChain=chain)
        await s.expect(accepted("CertificateSigned"))
        await s.until(lambda: s.link.peer is not old_link and s.daemon.built.station.online)
        assert old_link is not None
        assert old_link.lost
        used = s.link.shown[-1].certificate_file
        assert used is not None
        assert used != before
        assert used.read_text() == chain
        await s.silence(minutes=2)  # a lost link is no reason for a BootNotification


@pytest.mark.parametrize("profile", [2, 3])
@pytest.mark.case("TC_075_1_CS")
async def test_tc_075_1_a_root_of_the_manufacturer(stage: MakeStage, root: Authority, profile: int) -> None:
    async with stage(link=link(root, profile)) as s:
        await installed_and_listed(s, MAKER, authority(root.file.parent, "maker"))


@pytest.mark.parametrize("profile", [2, 3])
@pytest.mark.case("TC_075_2_CS")
async def test_tc_075_2_a_root_of_the_central_system(stage: MakeStage, root: Authority, profile: int) -> None:
    async with stage(link=link(root, profile)) as s:
        await installed_and_listed(s, CENTRAL, authority(root.file.parent, "next"))


async def installed_and_listed(s: Stage, kind: str, given: Authority) -> dict[str, Any]:
    """How it is named."""
    await s.asks("InstallCertificate", certificateType=kind, certificate=given.pem)
    await s.expect(accepted("InstallCertificate"))
    [named] = await listed(s, kind)
    assert named["hashAlgorithm"] in ("SHA256", "SHA384", "SHA512")
    assert int(named["serialNumber"], 16) == given.certificate.serial_number
    return named


async def listed(s: Stage, kind: str) -> list[dict[str, Any]]:
    await s.asks("GetInstalledCertificateIds", certificateType=kind)
    [answer] = await s.expect(answers("GetInstalledCertificateIds", status="Accepted", certificateHashData=ANY))
    hash_data: list[dict[str, Any]] = answer["certificateHashData"]
    return hash_data


@pytest.mark.parametrize("profile", [2, 3])
@pytest.mark.case("TC_076_CS")
async def test_tc_076_a_certificate_is_deleted(stage: MakeStage, root: Authority, profile: int) -> None:
    async with stage(link=link(root, profile)) as s:
        named = await installed_and_listed(s, CENTRAL, authority(root.file.parent, "one"))
        await s.asks("InstallCertificate", certificateType=CENTRAL, certificate=authority(root.file.parent, "two").pem)
        await s.expect(accepted("InstallCertificate"))
        await s.asks("DeleteCertificate", certificateHashData=named)
        await s.expect(accepted("DeleteCertificate"))
        [other] = await listed(s, CENTRAL)
        assert other["serialNumber"] != named["serialNumber"]
        await s.asks("DeleteCertificate", certificateHashData=named)
        await s.expect(answers("DeleteCertificate", status="NotFound"))
        await s.asks("DeleteCertificate", certificateHashData=other)
        await s.expect(accepted("DeleteCertificate"))
        await s.asks("GetInstalledCertificateIds", certificateType=CENTRAL)
        await s.expect(answers("GetInstalledCertificateIds", status="NotFound", certificateHashData=ABSENT))


INVALID: dict[str, Callable[[Authority, str], str]] = {
    "expired": lambda root, csr: root.answer(csr, since=-9 * DAY, days=8),
    "not valid yet": lambda root, csr: root.answer(csr, since=DAY),
    "of a stranger": lambda root, csr: authority(root.file.parent, "stranger").answer(csr),
    "for another": lambda root, csr: root.answer(csr, name="B-2"),
    "with another key": lambda root, csr: root.sign(SERIAL, organization=OPERATOR).certificate.read_text(),
    "not readable": lambda root, csr: "no certificate",
}


@pytest.mark.parametrize("flaw", INVALID)
@pytest.mark.case("TC_077_CS")
async def test_tc_077_an_invalid_certificate_of_the_charge_point(stage: MakeStage, root: Authority, flaw: str) -> None:
    async with stage(link=link(root, 3), settings={"CpoName": OPERATOR}) as s:
        chain = INVALID[flaw](root, await request(s))
        await s.asks("CertificateSigned", certificateChain=chain)
        await s.expect(
            rejected("CertificateSigned"),
            says("SecurityEventNotification", type="InvalidChargePointCertificate", timestamp=ANY),
            security=True,
        )
        await s.silence(minutes=5)
        assert len(s.link.shown) == 1, "it has left a link that was in order"
