"""A real station rises from security profile 1 by 2 to 3 over real sockets, and its back office proves and demands."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from ocpp.v16 import call
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from chargepoint.demo.authority import Authority
from chargepoint.demo.csms import BackOffice, common_name, password_in
from chargepoint.demo.plant import Plant

PASSWORD = "a-password-of-the-station"
KEY = "0123456789abcdef0123456789abcdef01234567"

CONFIG = """\
[station]
vendor = "Test"
model = "Profiles"
serial_number = "0001"

[csms]
url = "{url}"
secure_url = "{secure_url}"
identity = "CP1"
versions = ["1.6"]
security_profile = {profile}
{files}

[[evse]]
pilot = {{ driver = "mock" }}
contactor = {{ driver = "mock" }}
meter = {{ driver = "mock" }}

[settings]
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 0
"""


def shown(request: Request) -> str | None:
    """The password; a key of 1.6 is bytes, and told in hexadecimal."""
    header = request.headers.get("Authorization", "")
    plain = password_in(header)
    if header and plain is None:
        return base64.b64decode(header.partition(" ")[2]).partition(b":")[2].hex()
    return plain


class Office(BackOffice):
    """Takes what `wanted` says: "password" or "certificate" (of the station CP1)."""

    def __init__(self, wanted: str, password: str = PASSWORD, tls: ssl.SSLContext | None = None) -> None:
        super().__init__({}, versions=("1.6",), tls=tls)
        self.wanted, self.right = wanted, password
        self.let_in: list[tuple[str, str | None]] = []  # what was shown of it: certificate's name, password
        self.turned_away = 0

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        name = common_name(connection.transport.get_extra_info("ssl_object"))
        password = shown(request)
        fine = name == "CP1" if self.wanted == "certificate" else password == self.right
        if not fine:
            self.turned_away += 1
            return connection.respond(401, "not you\n")  # type: ignore[arg-type]
        self.let_in.append((name or "", password))
        return None

    async def until_in(self, times: int = 1) -> None:
        async with asyncio.timeout(40):
            while len(self.let_in) < times or not self.accepted("CP1"):  # noqa: ASYNC110 - no frame tells of a link
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)  # it hears that it is accepted

    async def change(self, key: str, value: str) -> str:
        station: Any = self.stations["CP1"]
        answer = await station.call(call.ChangeConfiguration(key, value), suppress=False)
        return str(answer.status)

    def events(self) -> list[str]:
        return [
            f.payload["type"] for f in self.frames if f.action == "SecurityEventNotification" and "type" in f.payload
        ]

    def boots(self) -> int:
        return sum(f.action == "BootNotification" and "chargePointVendor" in f.payload for f in self.frames)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def server_tls(authority: Authority, clients: Authority | None = None) -> ssl.SSLContext:
    """One door for both profiles: whoever has a certificate of `clients` may show it."""
    signed = authority.sign("localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(signed.certificate, signed.key)
    tls.load_verify_locations((clients or authority).file)
    tls.verify_mode = ssl.CERT_OPTIONAL
    return tls


@asynccontextmanager
async def station(
    folder: Path, url: str, secure_url: str = "", profile: int = 1, own: Authority | None = None, name: str = "CP1",
    ca: Path | None = None,
) -> AsyncIterator[Plant]:  # fmt: skip
    """`own`: who has signed its certificate, for `name`."""
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o600)
    files: dict[str, Path] = {"password_file": folder / "password"}
    if ca is not None:
        files["ca_file"] = ca
    if own is not None:
        signed = own.sign(name)
        files |= {"certificate_file": signed.certificate, "key_file": signed.key}
    lines = "\n".join(f'{key} = "{file}"' for key, file in files.items())
    plant = Plant(folder, CONFIG.format(url=url, secure_url=secure_url, profile=profile, files=lines))
    try:
        await plant.start()
        yield plant
    except BaseException as error:
        error.add_note(plant.last_words())
        raise
    finally:
        await plant.stop()


@asynccontextmanager
async def both(tls: ssl.SSLContext) -> AsyncIterator[tuple[Office, Office]]:
    """The unencrypted door and the encrypted one."""
    async with Office("password") as plain, Office("password", tls=tls) as secure:
        yield plain, secure


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
