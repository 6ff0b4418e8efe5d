"""Firmware updates and log uploads of this station, put together from the configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chargepoint.config import Config
from chargepoint.desk import Desk
from chargepoint.installing import Installer, MockInstaller, ProgramInstaller
from chargepoint.logbook import Logbook, RecentLines
from chargepoint.tasks.firmware import LARGEST_BYTES, FirmwareKeeper
from chargepoint.tasks.uploads import Uploader
from chargepoint.transfer import Trust, fetch, send

if TYPE_CHECKING:
    from chargepoint.store.memory import Memory


@dataclass(slots=True)
class Maintenance:
    """What the back office may ask of this station's software. `firmware` None: nothing here can install it."""

    firmware: FirmwareKeeper | None
    uploads: Uploader
    logbook: Logbook
    lines: RecentLines


def maintain(config: Config, desk: Desk, memory: Memory, folder: Path, restart: Callable[[], None]) -> Maintenance:
    """`folder`: for files on their way. `restart`: what makes installed firmware run."""
    trust = _trust(config)
    plate = config.station
    lines = RecentLines()
    logbook = Logbook(memory, lines, f"{plate.vendor} {plate.model} {plate.serial_number}")
    installer = _installer(config)
    firmware = None
    if installer is not None:
        firmware = FirmwareKeeper(
            desk, memory, installer, trust, folder, _fetch, restart, root_file=config.firmware.root_file
        )  # fmt: skip
    uploads = Uploader(desk, logbook.gather, send, trust, folder, plate.serial_number or "station")
    return Maintenance(firmware, uploads, logbook, lines)


async def _fetch(url: str, into: Path, trust: Trust) -> None:
    await fetch(url, into, trust, limit_bytes=LARGEST_BYTES)


def _installer(config: Config) -> Installer | None:
    if config.firmware.install_program is not None:
        return ProgramInstaller(config.firmware.install_program)
    return MockInstaller() if config.mock else None


def _trust(config: Config) -> Trust:
    csms = config.csms
    if csms is None:
        return Trust()
    host = urlsplit(csms.url).hostname or ""
    return Trust(csms.ca_file, csms.known_hosts_file, same_machine=host in ("localhost", "127.0.0.1", "::1"))
