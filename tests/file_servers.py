"""The servers that firmware comes from and logs go to, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargepoint.daemon import Daemon
from chargepoint.installing import Installer
from chargepoint.transfer import Refused, TransferFailed, Trust, read_address


@dataclass
class FileServers:
    """`files`: URL -> content. A URL in `dead` answers as often not at all; a content of None is refused.

    `takes_s`: each transfer, and each installation of what has come.
    """

    files: dict[str, bytes | None] = field(default_factory=dict)
    dead: dict[str, int] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    takes_s: float = 0.0

    def connect(self, daemon: Daemon) -> None:
        maintenance = daemon.maintenance
        maintenance.uploads.send = self.take
        maintenance.logbook.aside = _at_once
        if maintenance.firmware is not None:
            maintenance.firmware.fetch = self.give
            maintenance.firmware.aside = _at_once
            if maintenance.trial is None:  # else the machine takes its own time
                maintenance.firmware.installer = Unhurried(maintenance.firmware.installer, self)

    async def give(self, url: str, into: Path, trust: Trust) -> None:
        await self._reach(url, trust)
        content = self.files.get(url)
        if content is None:
            raise Refused("the server answers 404")
        into.write_bytes(content)  # noqa: ASYNC240 - a few hundred bytes

    async def take(self, file: Path, url: str, trust: Trust) -> None:
        await self._reach(url, trust)
        if url in self.files and self.files[url] is None:
            raise Refused("the server answers 403")
        self.files[url] = file.read_bytes()  # noqa: ASYNC240 - a few hundred bytes

    async def _reach(self, url: str, trust: Trust) -> None:
        read_address(url, trust)
        self.tried.append(url)
        await asyncio.sleep(self.takes_s)
        if self.dead.get(url, 0) > 0:
            self.dead[url] -= 1
            raise TransferFailed("no route to the server")


@dataclass
class Unhurried:
    """An installer that takes its time."""

    installer: Installer
    servers: FileServers

    @property
    def checks_signatures(self) -> bool:
        return self.installer.checks_signatures

    async def check(self, payload: Path) -> None:
        await self.installer.check(payload)

    async def install(self, payload: Path) -> str:
        await asyncio.sleep(self.servers.takes_s)
        return await self.installer.install(payload)


async def _at_once(work: Callable[..., None], *arguments: Any) -> None:
    work(*arguments)
