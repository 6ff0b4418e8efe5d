"""The whole examination, in an order in which the first failure is the one to mend first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chargepoint.doctor import computer
from chargepoint.doctor.broker import broker_steps
from chargepoint.doctor.computer import Surroundings
from chargepoint.doctor.devices import device_steps
from chargepoint.doctor.office import Office
from chargepoint.doctor.station import Station
from hw.doctor import (
    Finding,
    Findings,
    Outcome,
    click_steps,
    device_files,
    machine_steps,
    ok,
    permission_steps,
    skipped,
    spare_step,
)


async def prove_click(station: Station, found: Iterable[Finding]) -> Findings:
    """Each contactor closed for a moment, where nothing has failed before."""
    bad = [finding.step.split(".") for finding in found if finding.outcome is Outcome.FAILED]
    evses = {evse.id for evse in station.config.evses}
    failing = {int(words[1]) for words in bad if words[0] == "evse"} or (
        evses if ["program", "guard"] in bad else set()
    )
    async for finding in click_steps(station.path, station.state, station.guard, frozenset(failing)):
        yield finding


async def examine(station: Station, office: Office | None, around: Surroundings) -> Findings:
    """Everything but the click. `office`: None where the station needs no back office."""
    for finding in computer_steps(station, around):
        yield finding
    if station.config.doctor.spare_line is None:
        yield skipped("computer.spare_line", "output falls when its process dies", "no spare_line in [doctor]")
    else:
        yield await spare_step(spare_table(station), station.state, has_pulse=has_pulse(station))
    async for finding in device_steps(station):
        yield finding
    async for finding in broker_steps(station.config):
        yield finding
    if office is None:
        yield skipped("csms.login", "back office lets this station in", "no [csms]: this station needs none")
        return
    async for finding in office.steps():
        yield finding


def computer_steps(station: Station, around: Surroundings) -> Iterator[Finding]:
    user = around.user
    yield ok("computer.user", "user", f"{user.name}, in groups {', '.join(user.group_names())}")
    yield from computer.state_steps(station.state, around)
    has_csms = station.config.csms is not None
    yield from computer.clock_steps(around, has_csms=has_csms, simulated=station.is_simulated)
    if station.is_simulated:
        yield skipped("computer.watchdog", "hardware watchdog is there", "simulated hardware needs none")
        return
    files = device_files(station.tables)
    yield from permission_steps(files, user, around.root)
    ports = [file for file in files if file.startswith(("/dev/tty", "/dev/serial"))]
    yield from machine_steps(ports, around.root, around.ask)


def spare_table(station: Station) -> Mapping[str, Any]:
    """The spare line as a contactor's table, on the chip that the other lines are on."""
    if station.is_simulated:
        return {"driver": "mock"}
    gpio = [table for table in station.tables if table.get("driver") == "gpio"]
    shared = {key: table[key] for table in gpio for key in ("chip", "pin_factory") if key in table}
    return {"driver": "gpio", "line": station.config.doctor.spare_line, **shared}


def has_pulse(station: Station) -> bool:
    """Does a watchdog relay open every contactor that hangs on a line?"""
    coils = [table for evse in station.config.evses if (table := evse.contactor) and table.get("driver") == "gpio"]
    return bool(coils) and all("pulse_line" in table for table in coils)
