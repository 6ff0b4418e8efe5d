"""A real station with a security profile of its own, and back offices that prove and demand what it says."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

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
    """Takes what `wanted` says: "password" or "certificate" (of a station in `names`)."""

    def __init__(self, wanted: str, password: str = PASSWORD, tls: ssl.SSLContext | None = None) -> None:
        super().__init__({}, versions=("1.6",), tls=tls)
        self.wanted, self.right = wanted, password
        self.names = {"CP1"}  # that a certificate may be for
        self.let_in: list[tuple[str, str | None]] = []  # what was shown of it: certificate's name, password
        self.turned_away = 0

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        name = common_name(connection.transport.get_extra_info("ssl_object"))
        password = shown(request)
        fine = name in self.names if self.wanted == "certificate" else password == self.right
        if not fine:
            self.turned_away += 1
            return connection.respond(HTTPStatus.UNAUTHORIZED, "not you\n")
        self.let_in.append((name or "", password))
        return None

    async def until_in(self, times: int = 1) -> None:
        async with asyncio.timeout(40):
            while len(self.let_in) < times or not self.accepted("CP1"):  # noqa: ASYNC110 - no frame tells of a link
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)  # it hears that it is accepted

    async def hang_up(self) -> None:
        """Leave every station."""
        assert self._server is not None
        await asyncio.gather(*(connection.close() for connection in self._server.connections))

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
    ca: Path | None = None, more: str = "",
) -> AsyncIterator[Plant]:  # fmt: skip
    """`own`: who has signed its certificate, for `name`. `more`: further settings."""
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o600)
    files: dict[str, Path] = {"password_file": folder / "password"}
    if ca is not None:
        files["ca_file"] = ca
    if own is not None:
        signed = own.sign(name)
        files |= {"certificate_file": signed.certificate, "key_file": signed.key}
    lines = "\n".join(f'{key} = "{file}"' for key, file in files.items())
    plant = Plant(folder, CONFIG.format(url=url, secure_url=secure_url, profile=profile, files=lines) + more)
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
