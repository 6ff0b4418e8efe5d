"""A station as real processes, guard and daemon each for itself as under systemd, with a back office over TLS.

A daemon starts no guard of real hardware: who tests it does.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from websockets.asyncio.server import serve
from websockets.typing import Subprotocol

from chargepoint.demo.authority import Authority
from chargepoint.demo.csms import BackOffice
from chargepoint.demo.panel import Panel
from chargepoint.demo.plant import Plant
from hw.processes import living

CARD = "04A1B2C3D4E5F6"
PASSWORD = "a-password-of-the-station"

CONFIG = """\
[station]
vendor = "Test"
model = "Processes"
serial_number = "0001"

[csms]
url = "{url}"
identity = "CP1"
versions = ["2.0.1"]
security_profile = 2
password_file = "{folder}/password"
ca_file = "{ca}"

[web]
listen = "127.0.0.1:0"

[[evse]]
{evse}
"""


class SecureOffice(BackOffice):
    """The demo's back office behind TLS, at localhost."""

    def __init__(self, authority: Authority) -> None:
        super().__init__({CARD: "Ada"}, versions=("2.0.1",), password=PASSWORD)
        signed = authority.sign("localhost")
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(signed.certificate, signed.key)

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._converse, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")],
            process_request=self._admit, compression=None, ssl=self._tls,
        )  # fmt: skip
        return self

    @property
    def url(self) -> str:
        return super().url.replace("ws://127.0.0.1", "wss://localhost")


class SecureStation:
    """Start with `open()`; `close()` ends every process. `patience`: how many times slower this machine may be."""

    def __init__(
        self, folder: Path, office: SecureOffice, authority: Authority, evse: str, patience: float = 1.0
    ) -> None:
        self.folder, self.office, self.patience = folder, office, patience
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o600)
        config = CONFIG.format(url=office.url, folder=folder, ca=authority.file, evse=evse)
        self.plant = Plant(folder, config)
        self.state = self.plant.state
        self.seen: dict[str, Any] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """`python -m module arguments --config ... --state ...`"""
        command = [sys.executable, "-m", module, *arguments]
        command += ["--config", str(self.folder / "chargepoint.toml"), "--state", str(self.state)]
        with (self.folder / f"{module}.log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def log(self, module: str) -> str:
        return (self.folder / f"{module}.log").read_text()

    async def start_guard(self) -> None:
        self.guard = self.start("hw.guard", "run")
        await self.until(lambda: living("guard", self.state) == self.guard.pid, "the guard did not start")

    def kill_guard(self) -> None:
        self.guard.kill()
        self.guard.wait()

    async def release(self) -> int:
        """What systemd runs when the guard has ended."""
        process = self.start("hw.guard", "release")
        return await asyncio.to_thread(process.wait, 20 * self.patience)

    async def open(self, panel: bool = True) -> None:
        """`panel`: wait for the local API too, which is a while on a slow machine."""
        await self.start_guard()
        await self.plant.start()
        await self.office.until(lambda: self.office.accepted("CP1"), "the station was not accepted", 30 * self.patience)
        if panel:
            await self.plant.open_panel(20 * self.patience)

    @property
    def panel(self) -> Panel:
        return self.plant.panel

    async def until(self, holds: Callable[[], object], failing: str, within_s: float = 30.0) -> float:
        """Seconds it took."""
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(within_s * self.patience):
                while not holds():  # noqa: ASYNC110 - devices and other processes set no Event
                    await asyncio.sleep(0.005 * self.patience)
        except TimeoutError:
            raise AssertionError(f"{failing}; {self.words()}") from None
        return time.monotonic() - began_s

    async def until_status(self, **wanted: Any) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            self.seen = await self.panel.evse()
            return self.seen if all(self.seen[key] == value for key, value in wanted.items()) else None

        try:
            return await self.plant.until(look, f"the EVSE did not become {wanted}", 40 * self.patience)
        except Exception as error:
            raise AssertionError(f"{error}; it was {self.seen}; {self.words()}") from error

    def words(self) -> str:
        """The last words of all, for when something went wrong."""
        logs = {path.name: path.read_text(errors="replace")[-1500:] for path in self.folder.glob("*.log")}
        return "\n".join(f"{name}: {text}" for name, text in logs.items())

    async def close(self) -> None:
        await self.plant.stop()
        for process in reversed(self._processes):
            process.kill()
            process.wait()
