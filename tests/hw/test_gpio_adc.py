"""Converters of the MCP3xxx family: what goes over the wire, many conversions a call, and what can go wrong."""

from __future__ import annotations

import errno
from itertools import pairwise
from pathlib import Path

import pytest

from hw.errors import DeviceLost
from hw.gpio.adc import SpiAdc, Wiring
from hw.gpio.converters import CONVERTERS
from tests.hw.spidev import Mcp3xxx


def wiring(chip: str = "mcp3008") -> Wiring:
    return Wiring(chip, "/dev/spidev0.0", 1_000_000, "evse.1.pilot")


@pytest.mark.parametrize("chip", CONVERTERS)
def test_every_chip_gives_the_code_of_every_channel(tmp_path: Path, chip: str) -> None:
    top = CONVERTERS[chip].top
    codes = {0: 0, 1: 1, 2: top // 3, 3: top}
    peer = Mcp3xxx(CONVERTERS[chip].bits, lambda channel, at_us: codes[channel])
    adc = SpiAdc(wiring(chip), peer.port(tmp_path))

    assert adc.bits == CONVERTERS[chip].bits
    assert adc.batch([0, 3, 1, 2, 2]).run() == [codes[0], codes[3], codes[1], codes[2], codes[2]]


def test_a_batch_is_one_system_call_with_even_gaps(tmp_path: Path) -> None:
    taken: list[float] = []

    def code(channel: int, at_us: float) -> int:
        taken.append(at_us)
        return 512

    peer = Mcp3xxx(10, code)
    batch = SpiAdc(wiring(), peer.port(tmp_path)).batch([0] * 30)
    taken.clear()
    peer.calls.clear()

    batch.run(lead_us=0)

    assert peer.calls == [30]
    assert {round(later - sooner, 6) for sooner, later in pairwise(taken)} == {34.0}


def test_a_lead_delays_what_follows_the_first_conversion(tmp_path: Path) -> None:
    taken: list[float] = []
    peer = Mcp3xxx(10, lambda channel, at_us: taken.append(at_us) or 0)
    batch = SpiAdc(wiring(), peer.port(tmp_path)).batch([0] * 3)
    taken.clear()

    batch.run(lead_us=21)

    assert [round(later - sooner) for sooner, later in pairwise(taken)] == [55, 34]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EACCES, "Permission denied. Add the user of the guard to the group spi."),
        (errno.EBUSY, "busy. Another program or driver uses it"),
        (errno.EINVAL, "Invalid argument. The SPI controller refuses this speed: lower spi_hz."),
        (errno.ESHUTDOWN, "Check that the chip has its supply"),
    ],
)
def test_a_call_that_fails_is_a_device_lost_with_its_remedy(tmp_path: Path, number: int, told: str) -> None:
    peer = Mcp3xxx(10, lambda channel, at_us: 0)
    adc = SpiAdc(wiring(), peer.port(tmp_path))
    batch = adc.batch([0])
    peer.fails = number

    with pytest.raises(DeviceLost, match=told):
        batch.run()
    with pytest.raises(DeviceLost, match=told):
        adc.batch([1])


def test_without_the_device_file_the_line_to_add_is_told() -> None:
    with pytest.raises(DeviceLost) as told:
        SpiAdc(Wiring("mcp3008", "/dev/spidev7.3", 1_000_000, "evse.2.pilot"))

    assert str(told.value) == (
        "[evse.2.pilot]: /dev/spidev7.3 does not work: No such file or directory. "
        "Add dtparam=spi=on to /boot/firmware/config.txt and restart; check adc_port."
    )


def test_a_data_line_that_stays_high_is_no_converter(tmp_path: Path) -> None:
    peer = Mcp3xxx(10, lambda channel, at_us: 300)
    batch = SpiAdc(wiring(), peer.port(tmp_path)).batch([0] * 5)
    peer.line = 1

    with pytest.raises(DeviceLost, match="its data line stays high"):
        batch.run()


def test_a_closed_converter_gives_its_port_back(tmp_path: Path) -> None:
    peer = Mcp3xxx(10, lambda channel, at_us: 300)
    adc = SpiAdc(wiring(), peer.port(tmp_path))
    batch = adc.batch([0])

    adc.close()

    with pytest.raises(DeviceLost, match="Bad file descriptor"):
        batch.run()
