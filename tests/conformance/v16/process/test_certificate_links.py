"""A server whose certificate is not in order, over real sockets."""

import asyncio
from pathlib import Path

import pytest

from chargepoint.demo.authority import Authority, Signed
from tests.process.profiled_station import Office, server_tls, station


@pytest.mark.parametrize("flaw", ["stranger", "expired", "name"])
@pytest.mark.parametrize("profile", [2, 3])
@pytest.mark.case("TC_078_CS")
async def test_tc_078_an_invalid_certificate_of_the_central_system(tmp_path: Path, profile: int, flaw: str) -> None:
    root = Authority(tmp_path)
    tls = server_tls(root)
    good, bad = root.sign("localhost"), invalid(tmp_path, root, flaw)
    wanted = "certificate" if profile == 3 else "password"
    async with (
        Office(wanted, tls=tls) as office,
        station(tmp_path, office.url, profile=profile, own=root, ca=root.file) as plant,
    ):
        await office.until_in()
        handshakes, links = [], len(office.let_in)
        tls.sni_callback = lambda *told: handshakes.append(told)
        tls.load_cert_chain(bad.certificate, bad.key)
        await office.hang_up()
        async with asyncio.timeout(20):
            while len(handshakes) < 2:  # noqa: ASYNC110 - nothing tells of a handshake that fails
                await asyncio.sleep(0.05)
        assert len(office.let_in) == links, "it has talked to a server that it cannot believe"
        assert "InvalidCentralSystemCertificate" not in office.events()
        tls.load_cert_chain(good.certificate, good.key)
        await office.until(lambda: len(office.let_in) > links, "it did not come back", 20)
        await office.until(
            lambda: office.events().count("InvalidCentralSystemCertificate") == 1, plant.last_words(), 20
        )
        assert office.boots() == 1


def invalid(folder: Path, root: Authority, flaw: str) -> Signed:
    match flaw:
        case "stranger":
            return Authority(folder, "stranger").sign("localhost")
        case "expired":
            return root.sign("localhost", days=0)
        case _:
            return root.sign("elsewhere.example")
