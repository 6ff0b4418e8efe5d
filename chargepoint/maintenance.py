"""Firmware updates and log uploads of this station, put together from the configuration."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chargepoint.config import Config
from chargepoint.core.certificatekind import Kind
from chargepoint.core.facts import Record
from chargepoint.datause import DataUse
from chargepoint.desk import Desk
from chargepoint.installing import Installer, MockInstaller, ProgramInstaller
from chargepoint.proxy import proxy_of
from chargepoint.records.logbook import Logbook
from chargepoint.security.signatures import Trusted
from chargepoint.tasks.firmware import LARGEST_BYTES, FirmwareKeeper
from chargepoint.tasks.uploads import Uploader
from chargepoint.transfer import Trust, fetch, send
from chargepoint.transfer.address import is_link_local, is_same_machine
from chargepoint.version import VERSION

if TYPE_CHECKING:
    from chargepoint.store.certificates import CertificateFiles
    from chargepoint.store.memory import Memory
    from chargepoint.tasks.trial import TrialKeeper
    from chargepoint.updating.installer import Machine

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Maintenance:
    """What the back office may ask of this station's software. `firmware` None: nothing here can install it."""

    firmware: FirmwareKeeper | None
    uploads: Uploader
    logbook: Logbook
    trial: TrialKeeper | None = None  # where this machine has two systems

    def started(self) -> None:
        """The program runs: what the last run had begun is ended or taken up."""
        self.uploads.started()
        if self.firmware is not None:
            self.firmware.started()

    def heard(self, record: Record) -> None:
        """A fact is recorded."""
        self.logbook.heard(record)
        self.uploads.heard(record)
        if self.firmware is not None:
            self.firmware.heard(record)


def maintain(
    config: Config,
    desk: Desk,
    memory: Memory,
    folder: Path,
    restart: Callable[[], None],
    certificates: CertificateFiles,
    machine: Machine | None = None,
    traffic: DataUse | None = None,
) -> Maintenance:
    """`folder`: for files on their way; the logs lie beside it. `restart`: what makes installed firmware run.
    `certificates`: those that the back office has brought. `machine`: what knows its two systems, if it has two."""
    trust = _trust(config, certificates)
    if traffic is not None:
        trust = replace(trust, spent=traffic.spent)
    plate = config.station
    logbook = Logbook(folder.with_name("logs"), lambda: desk.clock.now().at, memory.aside)
    version = firmware_version(config, memory, machine)
    installer = _installer(config, memory, version, machine)
    trial = _trial(config, desk, memory, folder.parent, version, restart, machine)
    firmware = None
    if installer is not None:
        root_file = config.firmware.root_file
        firmware = FirmwareKeeper(
            desk, memory, installer, trust, folder, _fetch, restart, version,
            trusted=lambda: _trusted(root_file, certificates),
            signed_only=lambda: root_file is not None or bool(certificates.all(Kind.MANUFACTURER_ROOT)),
            trial=trial,
        )  # fmt: skip
    uploads = Uploader(desk, memory, logbook.gather, send, trust, folder, plate.serial_number or "station")
    return Maintenance(firmware, uploads, logbook, trial)


def firmware_version(config: Config, memory: Memory, machine: Machine | None = None) -> str:
    """What the back office is told: what an image says of itself, the file's word, or this program's version."""
    simulated = memory.get("firmware", "simulated") if config.mock else None
    image = _first_line(config.firmware.version_file) or (machine.image_version() if machine is not None else "")
    return simulated or image or config.station.firmware_version or VERSION


async def _fetch(url: str, into: Path, trust: Trust) -> None:
    await fetch(url, into, trust, limit_bytes=LARGEST_BYTES)


def _installer(config: Config, memory: Memory, version: str, machine: Machine | None) -> Installer | None:
    """The maker's own program, or RAUC where it is there; where all is simulated, that is too."""
    plate, program = config.station, config.firmware.install_program
    if program is None and machine is not None:
        from chargepoint.updating.installer import RaucInstaller

        return RaucInstaller(machine, version)
    if program is None:
        runs_next = partial(memory.put, "firmware", "simulated")
        return MockInstaller(plate.model, version, runs_next) if config.mock else None
    station = {
        "CHARGEPOINT_VENDOR": plate.vendor, "CHARGEPOINT_MODEL": plate.model,
        "CHARGEPOINT_SERIAL_NUMBER": plate.serial_number, "CHARGEPOINT_FIRMWARE_VERSION": version,
    }  # fmt: skip
    return ProgramInstaller(program, station)


def _trial(
    config: Config, desk: Desk, memory: Memory, state: Path, version: str, restart: Callable[[], None],
    machine: Machine | None,
) -> TrialKeeper | None:  # fmt: skip
    if machine is None:
        return None
    from chargepoint.tasks.trial import TrialKeeper

    return TrialKeeper(machine, desk, memory, state, version, config.update.trial_s, restart)


def _trust(config: Config, certificates: CertificateFiles) -> Trust:
    """What the link trusts (`StationAccess.endpoint`). A station whose back office is near may be sent to what is as
    near."""
    csms = config.csms
    roots, proxy = partial(certificates.texts, Kind.CSMS_ROOT), partial(proxy_of, config.network)
    if csms is None:
        return Trust(roots=roots, proxy=proxy)
    host = urlsplit(csms.url).hostname or ""
    return Trust(
        csms.ca_file,
        csms.known_hosts_file,
        same_machine=is_same_machine(host),
        same_cable=is_link_local(host),
        roots=roots,
        superseded=partial(certificates.is_superseded, csms.ca_file),
        proxy=proxy,
    )


def _trusted(root_file: Path | None, certificates: CertificateFiles) -> Trusted:
    """Where the operator has named the manufacturer, the back office cannot name another: what it has brought counts
    only as far as it leads to the operator's."""
    installed = "".join(certificates.texts(Kind.MANUFACTURER_ROOT))
    return Trusted(installed) if root_file is None else Trusted(_read(root_file), installed)


def _read(file: Path | None) -> str:
    """Read each time: it may be replaced. What cannot be read is nobody's root."""
    try:
        return file.read_text(encoding="utf-8") if file is not None else ""
    except (OSError, ValueError) as error:
        log.error("the manufacturer's root certificate cannot be read: %s", error)
        return ""


def _first_line(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8").strip().partition("\n")[0][:50].strip() if file is not None else ""
    except (OSError, ValueError) as error:
        log.warning("the version of the firmware cannot be read: %s", error)
        return ""
