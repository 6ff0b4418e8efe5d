"""A real charge point as real processes: started from its command line in a folder of its own, cleared away after."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from chargepoint.demo.panel import Panel, Refused
from hw.discovery import command_of

T = TypeVar("T")

LOOK_AGAIN_S = 0.1
STOP_S = 5.0  # for the daemon to put its things away
SWEEP_S = 2.0  # for each of the two signals to what it left behind


class Spoilt(Exception):
    """It cannot go on; the sentence says why."""


class Plant:
    """One station: `folder/chargepoint.toml`, `folder/state`, `folder/charge-point.log`."""

    def __init__(self, folder: Path, config: str) -> None:
        self.state = folder / "state"
        self.state.mkdir(parents=True, exist_ok=True)
        self._config, self._log = folder / "chargepoint.toml", folder / "charge-point.log"
        self._config.write_text(config)
        self._daemon: Process | None = None
        self._panel: Panel | None = None

    @property
    def panel(self) -> Panel:
        if self._panel is None:
            raise Spoilt("the charge point's local API is not open yet")
        return self._panel

    @property
    def pid(self) -> int:
        """Of the daemon."""
        if self._daemon is None:
            raise Spoilt("the charge point was not started")
        return self._daemon.pid

    async def start(self) -> None:
        """Start the daemon, which starts guard and simulated hardware; after `kill` once more on the old state."""
        command = (
            *command_of("chargepoint"),
            "run",
            "--config",
            str(self._config),
            "--state",
            str(self.state),
        )
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C is for who started this, and he ends the others in order.
            self._daemon = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    async def open_panel(self, timeout_s: float) -> Panel:
        """Wait for the local API, which opens after the boot message."""
        self._panel = await self.until(self._find_panel, "the charge point did not open its local API", timeout_s)
        return self._panel

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

    async def kill(self) -> None:
        """As a crash: the daemon has no chance to do anything; guard and simulated hardware live on."""
        if self._daemon is not None and self._daemon.returncode is None:
            self._daemon.kill()
            await self._daemon.wait()

    async def stop(self) -> None:
        """In order: the daemon first, then whatever it left behind."""
        if self._daemon is not None and self._daemon.returncode is None:
            self._daemon.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self._daemon.wait()
            await self.kill()
        await sweep(self.state)

    def last_words(self, lines: int = 15) -> str:
        """The end of the log, for when something went wrong."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:]) if self._log.exists() else ""

    async def _find_panel(self) -> Panel | None:
        try:
            run: dict[str, Any] = json.loads((self.state / "run.json").read_text())
            panel = Panel(run["api"])
            fresh = run["pid"] == self.pid
            await panel.status()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, Refused):
            return None  # not written yet, half written, or not listening yet
        return panel if fresh else None


async def sweep(state: Path) -> None:
    """End every process that was started for this state directory: a guard outlives its daemon by its lease."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in users_of(state):
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        for _ in range(round(SWEEP_S / LOOK_AGAIN_S)):
            if not users_of(state):
                return
            await asyncio.sleep(LOOK_AGAIN_S)


def users_of(state: Path) -> list[int]:
    """Ids of the living processes that were given `state` on their command line."""
    return [pid for pid in _pids() if str(state) in arguments(pid)]


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]


def arguments(pid: int) -> list[str]:
    """The command line; empty for a process that is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []
