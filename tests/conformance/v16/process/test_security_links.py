"""Who proves what to whom when a link begins, over real sockets (security whitepaper edition 3, chapter 2)."""

import base64
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from chargepoint.demo.authority import Authority
from tests.process.profiled_station import PASSWORD, Office, server_tls, station

SUITES = {  # edition 3, A00.FR.312 and .318, TLS 1.3's own, and what the same key exchange gives with RSA certificates
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
}  # fmt: skip


class Watching(Office):
    """Remembers what each link that came about was like."""

    headers: list[str | None]
    links: list[tuple[str, str]]  # version of TLS, cipher suite

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        refusal = super()._admit(connection, request)
        if refusal is None:
            self.headers.append(request.headers.get("Authorization"))
            secured: ssl.SSLObject | None = connection.transport.get_extra_info("ssl_object")
            if secured is not None:
                self.links.append((secured.version() or "", (secured.cipher() or ("",))[0]))
        return refusal


def watching(wanted: str, tls: ssl.SSLContext | None = None) -> Watching:
    office = Watching(wanted, tls=tls)
    office.headers, office.links = [], []
    return office


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.case("TC_085_CS")
async def test_tc_085_identity_and_password(tmp_path: Path) -> None:
    async with watching("password") as office, station(tmp_path, office.url, profile=1):
        await office.until_in()
        assert office.boots() == 1
        assert office.headers == ["Basic " + base64.b64encode(f"CP1:{PASSWORD}".encode()).decode()]
        assert office.turned_away == 0


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.case("TC_086_CS")
async def test_tc_086_the_servers_certificate(tmp_path: Path, authority: Authority, newest: ssl.TLSVersion) -> None:
    tls = server_tls(authority)
    tls.maximum_version = newest
    async with watching("password", tls) as office, station(tmp_path, office.url, profile=2, ca=authority.file):
        await office.until_in()
        assert office.boots() == 1
        [(version, suite)] = office.links
        assert version == newest.name.replace("_", ".")
        assert suite in SUITES


@pytest.mark.case("TC_087_CS")
async def test_tc_087_certificates_of_both(tmp_path: Path, authority: Authority) -> None:
    tls = server_tls(authority)
    tls.verify_mode = ssl.CERT_REQUIRED
    async with (
        watching("certificate", tls) as office,
        station(tmp_path, office.url, profile=3, own=authority, ca=authority.file),
    ):
        await office.until_in()
        assert office.boots() == 1
        assert office.let_in == [("CP1", None)]
        assert office.headers == [None]
        assert office.links[0][1] in SUITES
