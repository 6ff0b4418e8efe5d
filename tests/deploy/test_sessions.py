"""The installed package charges, over TLS, whatever dies, hangs or is upgraded meanwhile."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from tests.deploy.station import DAEMON, GUARD, MOCK, Station

pytestmark = pytest.mark.node


@pytest.mark.parametrize("release", ["trixie", "bookworm"], indirect=True)
async def test_it_charges_a_car_and_says_how_it_is(station: Station) -> None:
    await station.charge()
    await station.until(
        lambda: "charging on outlet 1, back office accepted" in station.machine.asked(DAEMON, "StatusText"),
        "the service manager was not told",
    )
    for unit in (DAEMON, GUARD, MOCK):
        assert station.machine.asked(unit, "ActiveState") == "active"
        assert station.machine.asked(unit, "NRestarts") == "0"
    await station.leave()
    ended = await station.is_billed_once()
    assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    about = station.machine.journal(DAEMON, "CHARGEPOINT_EVSE=1")
    assert "contactor closed, 16.0 A" in about
    assert "A1B2C3D4" not in about
    assert not station.closed


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
async def test_a_daemon_that_dies_or_hangs_is_replaced_and_the_car_charges_on(
    station: Station, sign: signal.Signals
) -> None:
    await station.charge()
    switched_ns, before, guard = station.wires().coil_ns, station.machine.pid(DAEMON), station.machine.pid(GUARD)
    station.machine.send(DAEMON, sign)

    await station.until(lambda: station.machine.pid(DAEMON) not in (0, before), "the daemon was not replaced", 90)
    await station.until_charging()
    result = "watchdog" if sign is signal.SIGSTOP else "signal"
    assert f"Failed with result '{result}'" in station.machine.journal(DAEMON)
    assert (station.wires().coil_ns, station.machine.pid(GUARD)) == (switched_ns, guard)  # never opened
    assert await station.boots() == 1  # a link loss, as far as the back office is concerned
    await station.leave()
    await station.is_billed_once()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
async def test_a_guard_that_dies_or_hangs_leaves_the_contactor_open_and_the_session_goes_on_after_it(
    station: Station, sign: signal.Signals
) -> None:
    await station.charge()
    daemon, before = station.machine.pid(DAEMON), station.machine.pid(GUARD)
    station.machine.send(GUARD, sign)

    took_s = await station.until(lambda: not station.closed, "the contactor stayed closed", 20)
    assert took_s < 12  # a hung one is killed after 4 s; then a program has to start
    await station.until(lambda: station.machine.pid(GUARD) not in (0, before), "the guard was not replaced")
    assert "Failed with result" in station.machine.journal(GUARD)
    await station.until_charging()
    assert station.machine.pid(DAEMON) == daemon
    await station.leave()
    await station.is_billed_once()


async def test_an_upgrade_in_mid_session_stops_no_car_and_brings_the_new_guard_once_it_has_left(
    station: Station, later: str
) -> None:
    await station.charge()
    switched_ns, daemon, guard = station.wires().coil_ns, station.machine.pid(DAEMON), station.machine.pid(GUARD)
    station.machine.run(f"dpkg --force-unsafe-io -i {later}")

    assert station.machine.pid(DAEMON) != daemon
    await station.until_charging()
    assert (station.wires().coil_ns, station.machine.pid(GUARD)) == (switched_ns, guard)
    await station.leave()
    await station.is_billed_once()
    await station.until(lambda: station.machine.pid(GUARD) not in (0, guard), "the old guard did not make way")
    await station.until_status(status="available")

    station.machine.run("dpkg --force-unsafe-io -i /this.deb")  # and back again
    await station.until_status(status="available")
    await station.charge()


async def test_a_power_cut_in_mid_session_loses_nothing_that_the_back_office_was_told(station: Station) -> None:
    await station.charge()
    await station.csms.until_called(station.identity, "TransactionEvent", nth=4, eventType="Updated")
    station.machine.cut_power()
    told = await station.events()

    await station.boot()
    ended = await station.is_billed_once(samples_lost=True)
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("AbnormalCondition", "PowerLoss")
    assert registers(ended)[-1] >= max(wh for event in told for wh in registers(event))
    assert await station.boots() == 2
    assert not station.closed
    await station.charge()


def registers(event: dict[str, Any]) -> list[float]:
    """The meter's values in it, in Wh."""
    return [
        sample["value"]
        for meter in event.get("meterValue", ())
        for sample in meter["sampledValue"]
        if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
        and "phase" not in sample
    ]


async def test_a_reset_from_the_back_office_is_a_restart_in_place(station: Station) -> None:
    before = station.machine.pid(DAEMON)
    assert (await station.csms.call(station.identity, "Reset", {"type": "Immediate"}))["status"] == "Accepted"
    await station.csms.until_called(station.identity, "BootNotification", reason="RemoteReset")
    await station.until_status(status="available")
    assert (station.machine.pid(DAEMON), station.machine.asked(DAEMON, "NRestarts")) == (before, "0")
    await station.until(lambda: station.machine.asked(DAEMON, "SubState") == "running", "it is still reloading")


async def test_a_second_copy_of_either_disturbs_nothing_and_says_so(station: Station) -> None:
    await station.charge()
    switched_ns = station.wires().coil_ns
    pids = [station.machine.pid(unit) for unit in (DAEMON, GUARD)]
    for program, who in (("chargepoint run", "another daemon"), ("/usr/lib/chargepoint/guard run", "a guard")):
        status, said = station.machine.status_of(program)
        assert (status, f"{who} runs here" in said) == (5, True), said
    assert station.machine.status_of("/usr/lib/chargepoint/guard release")[0] == 0
    await asyncio.sleep(3)
    assert station.wires().coil_ns == switched_ns
    assert [station.machine.pid(unit) for unit in (DAEMON, GUARD)] == pids
    await station.leave()
    await station.is_billed_once()
