"""A real station rises from security profile 1 by 2 to 3 over real sockets, and its back office proves and demands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from ocpp.v16 import call

from chargepoint.demo.authority import Authority
from chargepoint.demo.plant import Plant
from tests.process.certifying_office import SERIAL, Certifying
from tests.process.profiled_station import KEY, PASSWORD, Office, both, server_tls, station


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_a_station_rises_from_1_by_2_to_3_and_stays_there(tmp_path: Path, authority: Authority) -> None:
    async with (
        both(server_tls(authority)) as (plain, secure),
        station(tmp_path, plain.url, secure.url, own=authority, ca=authority.file) as plant,
    ):
        await plain.until_in()
        assert await plain.change("SecurityProfile", "2") == "Accepted"
        await secure.until_in()
        await secure.until(lambda: secure.boots() == 1, "no boot by the other way", 20)
        assert secure.let_in == [("", PASSWORD)]
        assert await secure.change("SecurityProfile", "1") == "Rejected"
        secure.wanted = "certificate"
        assert await secure.change("SecurityProfile", "3") == "Accepted"
        await secure.until_in(2)
        assert secure.let_in[1] == ("CP1", None)
        await asyncio.sleep(1)  # what is accepted must be on the disk
        await plant.kill()
        await plant.start()
        await secure.until_in(3)
        assert secure.let_in[2] == ("CP1", None)
        assert len(plain.let_in) == 1


async def test_a_station_that_has_nothing_but_a_password_is_led_to_profile_3(
    tmp_path: Path, authority: Authority
) -> None:
    """Root and certificate come from the back office; the file names neither."""
    async with (
        Certifying(None, "password") as plain,
        Certifying(server_tls(authority), "password") as secure,
        station(tmp_path, plain.url, secure.url),
    ):
        await plain.until_in()
        assert await plain.change("SecurityProfile", "2") == "Rejected"
        assert await plain.install(authority.pem) == "Accepted"
        assert await plain.change("SecurityProfile", "3") == "Rejected"
        assert await plain.change("SecurityProfile", "2") == "Accepted"
        await secure.until_in()
        assert await secure.change("CpoName", "Cars and Volts") == "Accepted"
        signed = authority.answer(await secure.request())
        assert (await secure.ask(call.CertificateSigned(signed))).status == "Accepted"
        secure.wanted = "certificate"
        assert await secure.change("SecurityProfile", "3") == "Accepted"
        await secure.until_in(2)
        assert secure.let_in == [("", PASSWORD), (SERIAL, None)]


async def test_a_profile_that_does_not_work_is_given_up(tmp_path: Path, authority: Authority) -> None:
    """The server of the encrypted address shows a stranger's certificate."""
    stranger = Authority(tmp_path, "stranger")
    async with (
        both(server_tls(stranger)) as (plain, secure),
        station(tmp_path, plain.url, secure.url, ca=authority.file),
    ):
        await plain.until_in()
        assert await plain.change("SecurityProfile", "2") == "Accepted"
        await plain.until_in(2)
        assert secure.let_in == []
        await plain.until(
            lambda: "InvalidCentralSystemCertificate" in plain.events(), "nothing was said of the certificate", 20
        )
        assert await plain.change("SecurityProfile", "3") == "Rejected"  # it has no certificate


async def test_a_new_key_is_used_and_a_refused_one_given_up(tmp_path: Path) -> None:
    async with Office("password") as office, station(tmp_path, office.url):
        await office.until_in()
        assert await office.change("AuthorizationKey", KEY) == "Accepted"
        await office.until(lambda: office.turned_away == 3, "the new key was not tried", 40)
        await office.until_in(2)
        assert office.let_in[-1] == ("", PASSWORD)
        office.right = KEY
        assert await office.change("AuthorizationKey", KEY) == "Accepted"
        await office.until_in(3)
        assert office.let_in[-1] == ("", KEY)
        assert "FailedToAuthenticateAtCentralSystem" in office.events()


@pytest.mark.parametrize(("name", "ours"), [("CP2", True), ("CP1", False)])
async def test_a_certificate_of_another_does_not_get_in(
    tmp_path: Path, authority: Authority, name: str, ours: bool
) -> None:
    """Another station's, or one that a stranger has signed."""
    signer = authority if ours else Authority(tmp_path, "stranger")
    async with (
        Office("certificate", tls=server_tls(authority)) as office,
        station(tmp_path, office.url, profile=3, own=signer, name=name, ca=authority.file) as plant,
    ):
        await plant.until(lambda: _said(plant, "no link to the back office"), "it was let in", 30)
        assert office.let_in == []


async def _said(plant: Plant, words: str) -> bool | None:
    return words in plant.last_words(100) or None
