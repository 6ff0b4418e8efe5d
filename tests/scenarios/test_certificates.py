"""Certificates, as a back office of OCPP 1.6 with its security extension has them installed, signed and deleted."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from chargepoint.core.certificatekind import Kind
from chargepoint.core.facts import SecurityNoted
from chargepoint.demo.authority import DAY, Authority
from chargepoint.ocpp.endpoint import Endpoint
from chargepoint.ocpp.instants import time_text
from chargepoint.ocpp.transport import LinkRefused
from chargepoint.store.certificates import CertificateFiles
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.world import NOON, World, a_world

SERIAL, OPERATOR = "A-1", "Cars and Volts"
CENTRAL, MAKER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"
ACCEPTED, REJECTED, FAILED, NOT_FOUND = ({"status": each} for each in ("Accepted", "Rejected", "Failed", "NotFound"))


@dataclass
class Site:
    """What the operator has: a root, and a certificate of it that the installer has given the station."""

    folder: Path
    now: datetime = NOON
    root: Authority = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.authority("operator", days=1000)

    def authority(self, name: str, **options: Any) -> Authority:
        return Authority(self.folder, name, now=lambda: self.now, **options)

    def link(self, days: int = 300) -> dict[str, Any]:
        own = self.root.sign(SERIAL, organization=OPERATOR, days=days)
        return {
            "url": "wss://memory", "security_profile": 3, "ca_file": self.root.file,
            "certificate_file": own.certificate, "key_file": own.key,
        }  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def world(tmp_path: Path, site: Site) -> MakeWorld:
    """Security profile 3."""
    return partial(a_world, "1.6", tmp_path, link=site.link(), settings={"SecurityCtrlr.OrganizationName": OPERATOR})


def kept(w: World) -> CertificateFiles:
    """What is on the disk."""
    return CertificateFiles(w.state / "certificates")


def requests(w: World) -> list[str]:
    return [told["csr"] for told in w.said("SignCertificate")]


def events(w: World) -> list[str]:
    return [told["type"] for told in w.said("SecurityEventNotification") if "Certificate" in told["type"]]


def shown(w: World) -> list[str]:
    """The certificate that each attempt has shown, by its file."""
    return [endpoint.certificate_file.name for endpoint in w.link.shown if endpoint.certificate_file is not None]


async def triggered(w: World) -> str:
    """The request that follows a trigger."""
    assert await w.ask("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate") == ACCEPTED
    await w.wait(1)
    return requests(w)[-1]


async def signed(w: World, chain: str) -> dict[str, Any]:
    return await w.ask("CertificateSigned", certificateChain=chain)


async def anew(w: World) -> None:
    """The link is made once more."""
    assert w.daemon.conversation is not None
    w.daemon.conversation.reconnect()
    await w.wait(2)


# --- the station's own certificate (TC_074, TC_077) -------------------------------------------------------------------


async def test_a_certificate_is_asked_for_in_the_stations_and_the_operators_name(world: MakeWorld) -> None:
    async with world() as w:
        asked = x509.load_pem_x509_csr((await triggered(w)).encode())
        assert asked.is_signature_valid
        names = {part.oid: part.value for part in asked.subject}
        assert names == {NameOID.COMMON_NAME: SERIAL, NameOID.ORGANIZATION_NAME: OPERATOR}
        assert asked.public_key().key_size == 256  # type: ignore[union-attr]


async def test_a_new_certificate_is_used_at_once_and_the_one_before_goes_when_it_has_worked(
    world: MakeWorld, site: Site
) -> None:
    async with world() as w:
        assert await signed(w, site.root.answer(await triggered(w))) == ACCEPTED
        await w.wait(5)
        first = shown(w)[-1]
        assert len(shown(w)) == 2
        assert [each.file.name for each in kept(w).all(Kind.STATION)] == [first]
        assert kept(w).pending_key is None
        assert w.csms.boots() == 1
        assert await signed(w, site.root.answer(await triggered(w))) == ACCEPTED
        await w.wait(5)
        assert len(set(shown(w))) == 3
        assert [each.file.name for each in kept(w).all(Kind.STATION)] == [shown(w)[-1]]
        assert events(w) == []


async def test_one_signed_by_an_authority_in_between_is_kept_with_it(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        between = site.authority("between", above=site.root)
        assert await signed(w, between.answer(await triggered(w))) == ACCEPTED
        (own,) = kept(w).all(Kind.STATION)
        assert own.pem.endswith(between.pem)


async def test_without_an_operators_name_nothing_can_be_asked_for(tmp_path: Path, site: Site) -> None:
    async with a_world("1.6", tmp_path, link=site.link()) as w:
        asked = await w.ask("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
        assert asked == REJECTED
        await w.wait(5)
        assert requests(w) == []


Spoiled = Callable[[Site, str], str]
SPOILED: dict[str, Spoiled] = {
    "nonsense": lambda site, request: "a certificate",
    "another key": lambda site, request: site.root.sign(SERIAL, organization=OPERATOR).certificate.read_text(),
    "another station": lambda site, request: site.root.answer(request, name="B-2"),
    "expired": lambda site, request: site.root.answer(request, since=-9 * DAY, days=8),
    "from tomorrow": lambda site, request: site.root.answer(request, since=DAY),
    "a stranger's": lambda site, request: site.authority("stranger").answer(request),
    "a broken chain": lambda site, request: site.root.answer(request) + site.authority("stranger").pem,
    "an expired authority": lambda site, request: site.authority("old", above=site.root, days=1).answer(request),
}


@pytest.mark.parametrize("flaw", SPOILED)
async def test_a_certificate_that_is_not_what_was_asked_for_is_refused_and_told(
    world: MakeWorld, site: Site, flaw: str
) -> None:
    async with world() as w:
        w.given("CertSigningWaitMinimum", "5")
        chain = SPOILED[flaw](site, await triggered(w))
        assert await signed(w, chain) == REJECTED
        await w.wait(30)
        assert events(w) == ["InvalidChargePointCertificate"]
        assert len(requests(w)) == 1  # A02.FR.20: no retry of its own
        assert len(shown(w)) == 1
        assert kept(w).all(Kind.STATION) == []


async def test_a_refused_certificate_may_be_followed_by_a_good_one(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        request = await triggered(w)
        assert await signed(w, "nonsense") == REJECTED
        assert await signed(w, site.root.answer(request)) == ACCEPTED


async def test_a_certificate_that_does_not_come_is_asked_for_again_ever_later(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        w.given("CertSigningWaitMinimum", "5")
        w.given("CertSigningRepeatTimes", "2")
        await triggered(w)
        await w.wait(minutes=2)
        times = [told.at_s for told in w.csms.told if told.action == "SignCertificate"]
        assert [round(later - first) for first, later in itertools.pairwise(times)] == [5, 10]
        assert await signed(w, site.root.answer(requests(w)[0])) == ACCEPTED  # late, and still for its key
        await triggered(w)
        assert len(requests(w)) == 4


async def test_a_back_office_that_will_not_sign_is_not_asked_again(world: MakeWorld) -> None:
    async with world() as w:
        w.csms.csms.answers["SignCertificate"] = lambda payload: REJECTED
        w.given("CertSigningWaitMinimum", "5")
        await triggered(w)
        await w.wait(minutes=1)
        assert len(requests(w)) == 1


async def test_a_power_cut_before_the_answer_costs_neither_key_nor_certificate(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        request = await triggered(w)
        await w.power_cut()
        await w.power_back()
        again = x509.load_pem_x509_csr(requests(w)[-1].encode())
        assert len(requests(w)) == 2
        assert again.public_key() == x509.load_pem_x509_csr(request.encode()).public_key()
        assert await signed(w, site.root.answer(request)) == ACCEPTED


async def test_the_one_before_leads_back_where_the_new_one_is_not_let_in(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        installers = shown(w)[0]

        def admits(endpoint: Endpoint) -> LinkRefused | None:
            assert endpoint.certificate_file is not None
            known = endpoint.certificate_file.name == installers
            return None if known else LinkRefused("the server closed right after TLS", ours=True)

        w.link.admits = admits
        assert await signed(w, site.root.answer(await triggered(w))) == ACCEPTED
        await w.wait(minutes=3)
        new = shown(w)[1]
        assert shown(w) == [installers, new, new, new, installers]
        assert kept(w).all(Kind.STATION) == []
        assert await w.ask("ClearCache") == ACCEPTED


async def test_a_dead_network_is_not_held_against_a_new_certificate(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        request = await triggered(w)
        await signed(w, site.root.answer(request))
        w.link.cut()
        await w.wait(minutes=4)
        w.link.restore()
        await w.wait(minutes=3)
        assert len(set(shown(w))) == 2
        assert [each.file.name for each in kept(w).all(Kind.STATION)] == [shown(w)[-1]]


async def test_below_profile_3_a_certificate_is_kept_for_the_day_when_it_is_needed(tmp_path: Path, site: Site) -> None:
    link = {"url": "wss://memory", "security_profile": 2, "ca_file": site.root.file}
    async with a_world("1.6", tmp_path, link=link, settings={"SecurityCtrlr.OrganizationName": OPERATOR}) as w:
        w.given("AuthorizationKey", "61" * 20)
        await w.wait(30)
        links = len(w.link.shown)
        assert await signed(w, site.root.answer(await triggered(w))) == ACCEPTED
        await w.wait(30)
        assert len(w.link.shown) == links
        assert len(kept(w).all(Kind.STATION)) == 1


async def test_2_0_1_is_served_by_the_same_part(tmp_path: Path, site: Site) -> None:
    named = {"SecurityCtrlr.OrganizationName": OPERATOR}
    async with a_world("2.0.1", tmp_path, link=site.link(), settings=named) as w:
        asked = await w.ask("TriggerMessage", requestedMessage="SignChargingStationCertificate")
        assert asked == ACCEPTED
        await w.wait(1)
        [said] = w.said("SignCertificate")
        assert said["certificateType"] == "ChargingStationCertificate"
        assert await signed(w, "nonsense") == REJECTED
        assert await signed(w, site.root.answer(said["csr"])) == ACCEPTED
        await w.wait(5)
        assert events(w) == ["InvalidChargingStationCertificate"]
        assert [each.file.name for each in kept(w).all(Kind.STATION)] == [shown(w)[-1]]


# --- roots (TC_075, TC_076) -------------------------------------------------------------------------------------------


async def install(w: World, pem: str, kind: str = CENTRAL) -> dict[str, Any]:
    return await w.ask("InstallCertificate", certificateType=kind, certificate=pem)


async def listed(w: World, kind: str = CENTRAL) -> list[dict[str, Any]]:
    answer = await w.ask("GetInstalledCertificateIds", certificateType=kind)
    assert (answer["status"] == "Accepted") == bool(answer.get("certificateHashData"))
    hash_data: list[dict[str, Any]] = answer.get("certificateHashData", [])
    return hash_data


async def delete(w: World, hash_data: dict[str, Any]) -> dict[str, Any]:
    return await w.ask("DeleteCertificate", certificateHashData=hash_data)


@pytest.mark.parametrize(("kind", "status"), [(MAKER, "Accepted"), (CENTRAL, "InvalidCertificate")])
async def test_firmware_is_believed_by_an_installed_root_of_its_manufacturer_and_by_no_other(
    world: MakeWorld, tmp_path: Path, kind: str, status: str
) -> None:
    maker = Manufacturer(tmp_path, "EC", NOON)
    firmware = {
        "location": "https://files.example.com/firmware.bin", "retrieveDateTime": time_text(NOON),
        "signingCertificate": maker.certificate, "signature": maker.sign(b"firmware"),
    }  # fmt: skip
    async with world() as w:
        assert (await w.ask("SignedUpdateFirmware", requestId=1, firmware=firmware))["status"] == "InvalidCertificate"
        assert await install(w, maker.root_file.read_text(), kind) == ACCEPTED
        assert (await w.ask("SignedUpdateFirmware", requestId=2, firmware=firmware))["status"] == status


@pytest.mark.parametrize("kind", [CENTRAL, MAKER])
async def test_a_root_is_installed_listed_under_its_kind_and_deleted(world: MakeWorld, site: Site, kind: str) -> None:
    async with world() as w:
        assert await listed(w, kind) == []
        root = site.authority("new")
        assert await install(w, root.pem, kind) == ACCEPTED
        assert await install(w, root.pem, kind) == ACCEPTED  # no second one
        (found,) = await listed(w, kind)
        assert found["serialNumber"] == f"{root.certificate.serial_number:x}"
        assert await listed(w, {CENTRAL: MAKER, MAKER: CENTRAL}[kind]) == []
        await w.restart_program()
        assert await listed(w, kind) == [found]
        assert await delete(w, found) == ACCEPTED
        assert await listed(w, kind) == []
        assert await delete(w, found) == NOT_FOUND


async def test_who_has_changed_what_is_in_the_security_log(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        await install(w, site.authority("new").pem)
        await delete(w, (await listed(w))[0])
        await signed(w, site.root.answer(await triggered(w)))
        noted = [fact.info for fact in w.happened(SecurityNoted) if "Parameters" in fact.event]
        assert [what for what in noted if "ertificate" in what] == [
            "a CSMSRootCertificate is installed: new", "a CSMSRootCertificate is deleted: new",
            "the station has a new certificate",
        ]  # fmt: skip


ROOTS: dict[str, Callable[[Site], str]] = {
    "nonsense": lambda site: "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n",
    "empty": lambda site: "",
    "a key": lambda site: site.root.sign("x").key.read_text(),
    "no authority": lambda site: site.root.sign("csms.example.com").certificate.read_text(),
    "two": lambda site: site.authority("one").pem + site.authority("two").pem,
    "expired": lambda site: site.authority("old", days=0).pem,
    "of somebody unknown": lambda site: site.authority("sub", above=site.authority("unknown")).pem,
}


@pytest.mark.parametrize("flaw", ROOTS)
async def test_what_is_no_root_is_refused(world: MakeWorld, site: Site, flaw: str) -> None:
    async with world() as w:
        for kind in (CENTRAL, MAKER):
            assert await install(w, ROOTS[flaw](site), kind) == REJECTED
            assert await listed(w, kind) == []


async def test_a_full_store_takes_no_more_until_one_is_deleted(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        most = int((await w.ask("GetConfiguration", key=["CertificateStoreMaxLength"]))["configurationKey"][0]["value"])
        for number in range(most):
            assert await install(w, site.authority(f"root {number}").pem, CENTRAL if number % 2 else MAKER) == ACCEPTED
        late = site.authority("late")
        assert await install(w, late.pem) == REJECTED
        assert await delete(w, (await listed(w, MAKER))[0]) == ACCEPTED
        assert await install(w, late.pem) == ACCEPTED


async def test_a_disk_that_takes_nothing_fails_the_installation_and_nothing_else(
    world: MakeWorld, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world() as w:
        request, fsync = await triggered(w), os.fsync

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        assert await install(w, site.authority("new").pem) == FAILED
        assert await signed(w, site.root.answer(request)) == REJECTED
        monkeypatch.setattr(os, "fsync", fsync)
        assert (await listed(w), kept(w).all(Kind.STATION), events(w)) == ([], [], [])
        assert await signed(w, site.root.answer(request)) == ACCEPTED


async def test_what_is_in_use_is_not_deleted(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        root = site.authority("new", days=100)
        assert await install(w, root.pem) == ACCEPTED
        w.link.chain = ("the server's", root.pem)
        await anew(w)
        (found,) = await listed(w)
        assert await delete(w, found) == FAILED
        assert await signed(w, site.root.answer(await triggered(w))) == ACCEPTED
        await w.wait(5)
        (own,) = kept(w).all(Kind.STATION)
        mine = x509.load_pem_x509_certificate(own.pem.encode())
        assert await delete(w, {**found, "serialNumber": f"{mine.serial_number:x}"}) == NOT_FOUND
        w.link.chain = ()
        await anew(w)
        assert await delete(w, found) == ACCEPTED


async def test_what_the_installer_trusts_too_may_be_deleted_although_it_is_in_use(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        assert await install(w, site.root.pem) == ACCEPTED
        w.link.chain = ("the server's", site.root.pem)
        await anew(w)
        assert await delete(w, (await listed(w))[0]) == ACCEPTED


async def test_roots_too_odd_to_read_cost_none_of_the_others_in_the_file(world: MakeWorld, site: Site) -> None:
    odd = "-----BEGIN CERTIFICATE-----\nb2Rk\n-----END CERTIFICATE-----\n"
    site.root.file.write_bytes(f"somebody's remark\n{odd}{site.root.pem}".strip().replace("\n", "\r\n").encode())
    async with world() as w:
        stranger = site.authority("stranger")
        request = await triggered(w)
        assert await signed(w, stranger.answer(request)) == REJECTED
        assert await signed(w, site.root.answer(request)) == ACCEPTED


async def test_a_file_of_odd_roots_alone_lets_no_certificate_in(world: MakeWorld, site: Site) -> None:
    site.root.file.write_text("-----BEGIN CERTIFICATE-----\nb2Rk\n-----END CERTIFICATE-----\n")
    async with world() as w:
        assert await signed(w, site.root.answer(await triggered(w))) == REJECTED


async def test_an_installed_root_is_believed_at_the_next_link(world: MakeWorld, site: Site) -> None:
    async with world() as w:
        root = site.authority("new")
        await install(w, root.pem)
        await anew(w)
        assert w.link.shown[0].roots == ()
        assert (w.link.shown[-1].roots, w.link.shown[-1].ca_file) == ((root.pem,), site.root.file)


# --- AdditionalRootCertificateCheck -----------------------------------------------------------------------------------


@pytest.fixture
def strict(tmp_path: Path, site: Site) -> MakeWorld:
    settings = {"SecurityCtrlr.OrganizationName": OPERATOR, "SecurityCtrlr.AdditionalRootCertificateCheck": "true"}
    return partial(a_world, "1.6", tmp_path, link=site.link(), settings=settings)


async def test_a_new_root_must_be_signed_by_the_one_before(strict: MakeWorld, site: Site) -> None:
    async with strict() as w:
        second = site.authority("second", above=site.root)
        third = site.authority("third", above=second)
        assert await install(w, site.authority("stranger").pem) == REJECTED
        assert await install(w, third.pem) == REJECTED
        assert await install(w, second.pem) == ACCEPTED
        assert await install(w, site.authority("other", above=site.root).pem) == REJECTED  # it is not the last any more
        assert await install(w, third.pem) == ACCEPTED
        assert await install(w, site.authority("maker").pem, MAKER) == ACCEPTED  # the rule is for the other kind


async def test_the_one_before_stays_until_the_new_one_has_been_of_use(strict: MakeWorld, site: Site) -> None:
    async with strict() as w:
        second = site.authority("second", above=site.root, days=100)
        await install(w, second.pem)

        async def links(*chain: str) -> Endpoint:
            w.link.chain = chain
            await anew(w)
            await anew(w)
            return w.link.shown[-1]

        still = await links("the server's", site.root.pem)
        assert (still.ca_file, still.roots) == (site.root.file, (second.pem,))
        then = await links("the server's", second.pem)
        assert (then.ca_file, then.roots, then.system_roots) == (None, (second.pem,), False)
        third = site.authority("third", above=second, days=100)
        await install(w, third.pem)
        assert len(await listed(w)) == 2
        last = await links("the server's", third.pem)
        assert last.roots == (third.pem,)
        assert len(await listed(w)) == 1


async def test_the_installer_wins_again_with_another_file(strict: MakeWorld, site: Site) -> None:
    async with strict() as w:
        second = site.authority("second", above=site.root, days=100)
        await install(w, second.pem)
        w.link.chain = ("the server's", second.pem)
        await anew(w)
        site.root.file.write_text(site.authority("by hand").pem)
        await anew(w)
        assert w.link.shown[-1].ca_file == site.root.file


# --- ExtendedTriggerMessage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said", "payload"),
    [
        ("BootNotification", "BootNotification", None),
        ("Heartbeat", "Heartbeat", {}),
        ("StatusNotification", "StatusNotification", None),
        ("MeterValues", "MeterValues", None),
        ("LogStatusNotification", "LogStatusNotification", {"status": "Idle"}),
        ("FirmwareStatusNotification", "SignedFirmwareStatusNotification", {"status": "Idle"}),
    ],
)
async def test_what_is_triggered_is_said_after_the_answer(
    world: MakeWorld, asked: str, said: str, payload: dict[str, Any] | None
) -> None:
    async with world() as w:
        before = len(w.said(said))
        w.frames.clear()
        assert await w.ask("ExtendedTriggerMessage", requestedMessage=asked) == ACCEPTED
        await w.wait(2)
        assert len(w.said(said)) > before
        assert payload is None or w.said(said)[-1] == payload
        ours = [frame for direction, frame in w.frames if direction == "out"]
        assert ours[0][:1] + ours[0][2:] == [3, ACCEPTED]


async def test_a_log_on_its_way_is_told_with_its_number(world: MakeWorld) -> None:
    async with world() as w:
        url = "ftp://files.example.com/logs/"
        w.servers.dead[url] = 99
        await w.ask("GetLog", logType="SecurityLog", requestId=3, log={"remoteLocation": url})
        await w.wait(5)
        await w.ask("ExtendedTriggerMessage", requestedMessage="LogStatusNotification")
        await w.wait(1)
        assert w.said("LogStatusNotification")[-2:] == [{"status": "Uploading", "requestId": 3}] * 2
