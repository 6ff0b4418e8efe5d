"""Steps on devices. Whoever runs keeps its own: a living guard or daemon is asked, the rest is opened here.

While nobody runs, the guard's claim on the state directory is held, so that none starts beside us.
"""

from __future__ import annotations

from chargepoint.doctor.station import Device, Station
from hw.discovery import ensure_simulator, load
from hw.doctor import (
    Findings,
    at,
    display_steps,
    failed,
    guard_steps,
    holding_guards_place,
    meter_steps,
    ok,
    outlet_steps,
    reader_steps,
    skipped,
    verdict,
)
from hw.errors import Fixable

NO_GUARD = "Start it: sudo systemctl restart chargepoint-guard; then read its log: journalctl -u chargepoint-guard."


async def device_steps(station: Station) -> Findings:
    if station.simulates:
        ensure_simulator(station.path, station.state)
    if station.guard is not None:
        async for finding in guard_steps(station.state, station.guard, len(station.config.evses)):
            yield finding
    elif station.status is not None:
        yield failed("program.guard", "guard runs and reports", "the daemon runs, and no guard", NO_GUARD)
    else:
        with holding_guards_place(station.state):
            async for finding in outlet_steps(station.path, station.state):
                yield finding
    async for finding in _told(station) if station.status is not None else _opened(station):
        yield finding


# --- the daemon does not run ------------------------------------------------------------------------------------------


async def _opened(station: Station) -> Findings:
    for device in station.devices():
        where = device.place.where
        try:
            async for finding in at(where, _steps(device, station)):
                yield finding
        except Fixable as trouble:
            yield failed(f"{where}.answers", "it answers", trouble.what, trouble.fix)


def _steps(device: Device, station: Station) -> Findings:
    match device.group:
        case "meter":
            meter = load("meter", device.table, device.place)
            return meter_steps(meter, device.place.phases, behind_contactor=device.place.evse > 0)
        case "card_reader":
            return reader_steps(load("card_reader", device.table, device.place))
        case _:
            return display_steps(load("display", device.table, device.place), len(station.config.evses))


# --- the daemon runs --------------------------------------------------------------------------------------------------


async def _told(station: Station) -> Findings:
    """What the daemon says of its devices."""
    status = station.status or {}
    yield ok("program.daemon", "daemon runs", "its devices were not touched")
    metered = {evse.id for evse in station.config.evses if evse.meter is not None}
    for evse in status["evses"]:
        if evse["id"] in metered:
            reading = evse["reading"]
            remedy = "Stop the daemon (sudo systemctl stop chargepoint), then run this again: it asks the meter itself."
            seen = "no reading" if reading is None else f"{reading['energy_wh'] / 1000:.3f} kWh at {reading['at']}"
            yield verdict(reading is not None, f"evse.{evse['id']}.meter.answers", "meter answers", seen, remedy)
    for device in station.devices():
        if device.group != "meter":
            yield skipped(f"{device.place.where}.answers", "it answers", "the daemon has it")
