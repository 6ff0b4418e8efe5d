"""Where the demo plays: a folder of its own, a back office, and a real charge point as real processes."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from chargepoint.demo.csms import BackOffice
from chargepoint.demo.panel import Panel, Refused

T = TypeVar("T")

IDENTITY = "DEMO"

CONFIG = """\
[station]
vendor = "Demo"
model = "Wall 11"
serial_number = "DEMO-0001"

[csms]
url = "{url}"
identity = "DEMO"
versions = ["{version}"]
security_profile = 1
password_file = "{folder}/csms-password"

[[evse]]
max_current_a = 16
pilot = {{ driver = "mock" }}
contactor = {{ driver = "mock" }}
lock = {{ driver = "mock" }}
meter = {{ driver = "mock" }}

[[card_reader]]
driver = "mock"

[settings]
MeterValueSampleInterval = 2
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 1

[web]
listen = "127.0.0.1:0"
"""

LOOK_AGAIN_S = 0.1
STOP_S = 5.0  # for the daemon to put its things away
KILL_S = 2.0  # for what it left behind


class Spoilt(Exception):
    """The play cannot go on; the sentence says why."""


class Stage:
    """Up from `async with` until its end, whatever happens in between; afterwards no process and no file is left."""

    def __init__(self, version: str, customers: Mapping[str, str]) -> None:
        password = secrets.token_hex(10)
        self.folder = Path(tempfile.mkdtemp(prefix="chargepoint-demo-"))
        self.state = self.folder / "state"
        self.office = BackOffice(customers, versions=(version,), password=password)
        self._version, self._password = version, password
        self._daemon: Process | None = None
        self._panel: Panel | None = None

    async def __aenter__(self) -> Self:
        await self.office.__aenter__()
        try:
            self._furnish()
            self._daemon = await self._start_daemon()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stop_daemon()
        await sweep(self.state)
        await self.office.__aexit__(*exc)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def panel(self) -> Panel:
        if self._panel is None:
            raise Spoilt("the charge point's local API is not open yet")
        return self._panel

    async def open_panel(self, timeout_s: float) -> None:
        """Wait for the local API, which opens after the boot message."""
        self._panel = await self.until(self._find_panel, "the charge point did not open its local API", timeout_s)

    async def until(self, look: Callable[[], Awaitable[T | None]], failing: str, timeout_s: float) -> T:
        """Ask `look()` again and again until it finds something.

        Raises:
            Spoilt: with the sentence `failing` after `timeout_s`, or at once when the charge point has ended.
        """
        deadline_s = asyncio.get_running_loop().time() + timeout_s
        while (found := await look()) is None:
            if self._daemon is not None and self._daemon.returncode is not None:
                raise Spoilt(f"the charge point has ended with status {self._daemon.returncode}")
            if asyncio.get_running_loop().time() > deadline_s:
                raise Spoilt(f"{failing} within {timeout_s:.0f} s")
            await asyncio.sleep(LOOK_AGAIN_S)
        return found

    def last_words(self, lines: int = 15) -> str:
        """The end of the charge point's log, for when something went wrong."""
        log = self.folder / "charge-point.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

    # --- inside -------------------------------------------------------------------------------------------------------

    def _furnish(self) -> None:
        self.state.mkdir()
        (self.folder / "csms-password").write_text(self._password)
        text = CONFIG.format(url=self.office.url, version=self._version, folder=self.folder)
        (self.folder / "chargepoint.toml").write_text(text)

    async def _start_daemon(self) -> Process:
        config = str(self.folder / "chargepoint.toml")
        command = (sys.executable, "-m", "chargepoint", "run", "--config", config, "--state", str(self.state))
        with (self.folder / "charge-point.log").open("wb") as log:
            # A session of its own: Ctrl-C is for the demo, which then ends the others in order.
            return await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    async def _find_panel(self) -> Panel | None:
        try:
            run: dict[str, Any] = json.loads((self.state / "run.json").read_text())
            panel = Panel(run["api"])
            await panel.status()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, Refused):
            return None  # not written yet, half written, or not listening yet
        return panel

    async def _stop_daemon(self) -> None:
        if self._daemon is None or self._daemon.returncode is not None:
            return
        self._daemon.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await self._daemon.wait()
        except TimeoutError:
            self._daemon.kill()
            await self._daemon.wait()


async def sweep(state: Path) -> None:
    """End every process that was started for this state directory: a guard outlives its daemon by its lease."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in users_of(state):
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        for _ in range(round(KILL_S / LOOK_AGAIN_S)):
            if not users_of(state):
                return
            await asyncio.sleep(LOOK_AGAIN_S)


def users_of(state: Path) -> list[int]:
    """Ids of the living processes that were given `state` on their command line."""
    return [pid for pid in _pids() if str(state) in _arguments(pid)]


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]


def _arguments(pid: int) -> list[str]:
    """Empty for a process that is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []
