"""Certificates that are installed and signed while a real station talks to a back office that demands them."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from ocpp.v16 import call

from chargepoint.demo.authority import Authority, Signed
from chargepoint.demo.plant import Plant
from tests.process.certifying_office import SERIAL, Certifying
from tests.process.profiled_station import server_tls, station


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path, days=1000)


def keys(plant: Plant) -> list[str]:
    """Private keys in the station's hands, and who may read them."""
    found = sorted((plant.state / "certificates").glob("*.key"))
    return [f"{file.name} {file.stat().st_mode & 0o777:o}" for file in found]


async def test_a_certificate_signed_on_request_opens_the_door_at_once_and_after_a_kill(
    tmp_path: Path, root: Authority
) -> None:
    tls = server_tls(root)
    tls.verify_mode = ssl.CERT_REQUIRED
    async with (
        Certifying(tls) as office,
        station(tmp_path, office.url, profile=3, own=root, ca=root.file) as plant,
    ):
        await office.until_in()
        assert await office.change("CpoName", "Cars and Volts") == "Accepted"
        chain = root.answer(await office.request(), days=300)
        assert (await office.ask(call.CertificateSigned(chain))).status == "Accepted"
        await office.until_in(2)
        assert office.let_in == [("CP1", None), (SERIAL, None)]
        assert len(set(office.serials)) == 2
        assert keys(plant) == ["ChargingStationCertificate-0001.key 600"]
        assert office.boots() == 1
        await plant.kill()
        await plant.start()
        await office.until_in(3)
        assert office.serials[2] == office.serials[1]


async def test_where_the_new_certificate_is_refused_the_one_before_still_opens(tmp_path: Path, root: Authority) -> None:
    """The back office has signed it, and its own door does not know the name in it yet."""
    tls = server_tls(root)
    tls.verify_mode = ssl.CERT_REQUIRED
    async with (
        Certifying(tls) as office,
        station(tmp_path, office.url, profile=3, own=root, ca=root.file) as plant,
    ):
        await office.until_in()
        office.names = {"CP1"}
        assert await office.change("CpoName", "Cars and Volts") == "Accepted"
        chain = root.answer(await office.request(), days=300)
        assert (await office.ask(call.CertificateSigned(chain))).status == "Accepted"
        await office.until_in(2)
        assert office.let_in == [("CP1", None)] * 2
        assert office.turned_away == 3
        assert office.serials[0] == office.serials[1]
        assert keys(plant) == []


async def test_a_server_may_move_to_another_root_that_was_installed_before(tmp_path: Path, root: Authority) -> None:
    tls = server_tls(root)
    (tmp_path / "new").mkdir()
    other = Authority(tmp_path / "new", "next", days=1000)
    async with Certifying(tls) as office, station(tmp_path, office.url, profile=3, own=root, ca=root.file):
        await office.until_in()
        assert await office.install(other.pem) == "Accepted"
        [named] = await office.roots()
        show(tls, other.sign("localhost"))
        await office.hang_up()
        await office.until_in(2)
        assert await office.delete(named) == "Failed"  # it is what the present link is made by
        show(tls, root.sign("localhost"))
        await office.hang_up()
        await office.until_in(3)
        assert await office.delete(named) == "Accepted"
        assert await office.roots() == []


async def test_a_new_root_signed_by_the_old_replaces_it(tmp_path: Path, root: Authority) -> None:
    """AdditionalRootCertificateCheck: the server's chain ends in a root that has not signed itself."""
    tls = server_tls(root)
    (tmp_path / "new").mkdir()
    second = Authority(tmp_path / "new", "second", above=root, days=1000)
    stranger = Authority(tmp_path / "new", "stranger", days=1000)
    async with (
        Certifying(tls) as office,
        station(tmp_path, office.url, profile=3, own=root, ca=root.file, more=CHECKED) as plant,
    ):
        await office.until_in()
        assert await office.install(stranger.pem) == "Rejected"
        assert await office.install(second.pem) == "Accepted"
        show(tls, second.sign("localhost"))
        await office.hang_up()
        await office.until_in(2)
        show(tls, root.sign("localhost"))  # the old root does not count any more
        await office.hang_up()
        await asyncio.sleep(5)
        assert len(office.let_in) == 2
        show(tls, second.sign("localhost"))
        await office.until(lambda: len(office.let_in) == 3, plant.last_words(), 30)
        await office.until(
            lambda: "InvalidCentralSystemCertificate" in office.events(), "nothing was said of the old root", 20
        )


CHECKED = '"SecurityCtrlr.AdditionalRootCertificateCheck" = true\n'


def show(tls: ssl.SSLContext, signed: Signed) -> None:
    """From the next handshake on."""
    tls.load_cert_chain(signed.certificate, signed.key)
