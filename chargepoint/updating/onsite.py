"""What somebody at the station sees of updates, and may do: the answers of `/api/v1/update`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chargepoint.installing import InstallFailed, MockInstaller
from chargepoint.transfer import discard

if TYPE_CHECKING:
    from chargepoint.core.station import Station
    from chargepoint.maintenance import Maintenance
    from chargepoint.tasks.firmware import FirmwareKeeper
    from chargepoint.tasks.trial import TrialKeeper
    from chargepoint.updating.slots import Slots

Json = dict[str, Any]

BUSY = "another update is under way"
UNKNOWN = "RAUC does not tell how the two systems of this machine stand: sudo rauc status, journalctl -u rauc"
UNDECIDED = "the system that runs is new and has to prove itself first"
NO_INSTALLER = "this station cannot be updated like this: it has neither RAUC nor an install_program in [firmware]"
SIGNED_ONLY = "only firmware that the back office brings with the manufacturer's signature is taken here"
NOTHING = "there is no file to install"
NONE_WAITS = "no update is under way"
NOT_YOURS = "the back office has ordered this update, and it alone can replace it"
TOO_LATE = "it is being installed already, or has been"


async def told(maintenance: Maintenance, station: Station, version: str) -> Json:
    """How things stand. `slots`: null on a machine with one system."""
    firmware, trial = maintenance.firmware, maintenance.trial
    slots = await _slots(firmware, trial)
    return {
        "firmware": version,
        "possible": firmware is not None,
        "simulated": firmware is not None and isinstance(firmware.installer, MockInstaller),
        "slots": None if slots is None else [_slot(slots, name) for name in sorted(s.name for s in slots.all)],
        "starts_next": None if slots is None else slots.next,
        "trial": {"missing": trial.missing} if trial is not None and trial.is_open and trial.missing else None,
        "doing": _doing(firmware, station),
        "failure": firmware.failure or None if firmware is not None else None,
        "last": trial.last if trial is not None else None,
    }


async def bring(maintenance: Maintenance, *, at_once: bool) -> str | None:
    """Install what has been put into the state directory. None: it is being done; else why not."""
    firmware = maintenance.firmware
    if firmware is None:
        return NO_INSTALLER
    file = firmware.brought_file
    if not file.is_file() or file.is_symlink():
        return NOTHING
    refusal = _refusal(firmware)
    if refusal is None:
        try:
            await firmware.installer.check(file)
        except InstallFailed as failure:
            refusal = str(failure)
    refusal = refusal or _refusal(firmware)  # the check takes a while
    if refusal is not None:
        discard(file)
        return refusal
    firmware.bring(at_once=at_once)
    return None


async def cancel(maintenance: Maintenance) -> str | None:
    """Leave off what was brought and is not being installed yet. None: it is left; else why not."""
    firmware = maintenance.firmware
    if firmware is not None and firmware.is_committed:
        return TOO_LATE
    if firmware is None or firmware.order is None:
        return NONE_WAITS
    if not firmware.order.update.brought:
        return NOT_YOURS
    await firmware.withdraw()
    return None


def _refusal(firmware: FirmwareKeeper) -> str | None:
    if firmware.trial is not None and firmware.trial.is_open:
        return UNKNOWN if firmware.trial.slots is None else UNDECIDED
    if firmware.is_committed or firmware.order is not None:
        return BUSY
    if firmware.signed_only() and not firmware.installer.checks_signatures:
        return SIGNED_ONLY
    return None


async def _slots(firmware: FirmwareKeeper | None, trial: TrialKeeper | None) -> Slots | None:
    """As they are now; RAUC does not answer while it installs, and is not asked then."""
    from chargepoint.updating.rauc import NoSlots

    if trial is None:
        return None
    if firmware is None or firmware.order is None:
        try:
            return await trial.machine.slots()
        except NoSlots:
            return None
    return trial.slots


def _slot(slots: Slots, name: str) -> Json:
    slot = next(each for each in slots.all if each.name == name)
    return {"name": slot.name, "booted": slot.booted, "good": slot.good, "version": slot.version or None}


def _doing(firmware: FirmwareKeeper | None, station: Station) -> Json | None:
    if firmware is None or firmware.order is None:
        return None
    installer = firmware.installer
    waits = firmware.step == "InstallScheduled" or (firmware.step != "Installing" and station.busy)
    return {
        "step": firmware.step,
        "percent": getattr(installer, "percent", None),
        "words": getattr(installer, "doing", "") or None,
        "waits_for": list(_charging(station)) if waits else [],
    }


def _charging(station: Station) -> Iterator[int]:
    yield from (evse.id for _, evse in sorted(station.evses.items()) if evse.busy)
