"""A meter that the guard hosts, read by the daemon: no value twice, no old value as a new one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chargepoint.config.file import load
from chargepoint.hardware import open_hardware
from chargepoint.hosted import HostedMeter
from chargepoint.tasks.sampling import as_reading
from hw.api import Reading, Report
from hw.errors import DeviceLost

WHERE = "[evse.1.meter]"


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def reports(meter: HostedMeter, *, until_s: float, every_s: float = 0.5) -> None:
    """The guard reads at whole seconds and reports twice as often."""
    while now_s() < until_s:
        meter.heard(Reading(energy_wh=float(int(now_s())), taken_s=float(int(now_s()))))
        await asyncio.sleep(every_s)


async def test_every_reading_is_handed_out_once() -> None:
    meter = HostedMeter(WHERE)
    guard = asyncio.ensure_future(reports(meter, until_s=now_s() + 10))
    async with meter:
        taken = [(await meter.read()).taken_s for _ in range(5)]
    assert taken == [taken[0] + second for second in range(5)]
    await guard


async def test_begin_and_end_wait_for_a_reading_taken_after_they_were_asked() -> None:
    meter = HostedMeter(WHERE)
    meter.heard(Reading(1.0, taken_s=now_s() - 0.1))
    asked_s = now_s()
    guard = asyncio.ensure_future(reports(meter, until_s=now_s() + 5))
    assert (await meter.begin("04A1")).taken_s > asked_s
    assert (await meter.end()).taken_s > asked_s
    await guard


async def test_a_meter_that_has_fallen_silent_is_lost_within_seconds() -> None:
    meter = HostedMeter(WHERE)
    old = Reading(1.0, taken_s=now_s())
    meter.heard(old)
    await meter.read()
    began_s = now_s()
    guard = asyncio.ensure_future(_repeat(meter, old))
    with pytest.raises(DeviceLost, match=r"\[evse.1.meter\]: the guard has no new reading"):
        await meter.read()
    assert now_s() - began_s == pytest.approx(2.5)
    guard.cancel()


async def _repeat(meter: HostedMeter, reading: Reading) -> None:
    while True:
        meter.heard(reading)
        meter.heard(None)
        await asyncio.sleep(0.5)


class Guard:
    """Nobody listens."""

    alive, epoch = False, 0


async def test_the_daemon_opens_no_meter_of_the_guards_and_takes_it_from_the_reports(tmp_path: Path) -> None:
    path = tmp_path / "chargepoint.toml"
    path.write_text(
        '[station]\nvendor = "A"\nmodel = "B"\nserial_number = "1"\n'
        '[[evse]]\nphases = 1\noutlet = "cable"\npilot = { driver = "rapi", port = "/dev/ttyUSB9" }\n'
        'meter = { driver = "pilot" }\n'
        '[[evse]]\npilot = { driver = "mock" }\nmeter = { driver = "mock" }\n'
    )
    hardware = open_hardware(load(path), Guard(), tmp_path)  # type: ignore[arg-type]
    assert isinstance(hardware.meters[1], HostedMeter)
    assert not isinstance(hardware.meters[2], HostedMeter)

    hardware.heard(Report(evse=1, epoch=1, reading=Reading(5.0, taken_s=now_s())))
    hardware.heard(Report(evse=2, epoch=1, reading=Reading(7.0, taken_s=now_s())))
    assert (await hardware.meters[1].read()).energy_wh == 5.0


def test_what_is_no_number_in_a_driver_s_reading_gets_no_further() -> None:
    nan = float("nan")
    told = as_reading(Reading(5.0, power_w=nan, current_a=(10.0, nan, 10.0), voltage_v=(230.0,), frequency_hz=nan))
    assert (told.energy_wh, told.power_w, told.current_a, told.voltage_v, told.frequency_hz) == (
        5.0, None, (), (230.0,), None,
    )  # fmt: skip
