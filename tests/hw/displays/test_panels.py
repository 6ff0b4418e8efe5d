"""Displays on I2C, down to what their memory holds; and the simulated one."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hw.api import Display, Screen
from hw.discovery import Place, load
from hw.displays.i2c import open_bus
from hw.displays.picture import draw
from hw.displays.words import ENGLISH, Words
from hw.errors import DeviceLost, DriverMissing
from tests.peers.i2c_panels import I2cPanels, LcdPanel, OledPanel

WHERE = "[display.1]"
IDLE = (Screen(1, "available", messages=("present_card",)),)
CHARGING = (Screen(1, "charging", energy_wh=12_340, power_w=7_400),)


async def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


@pytest.fixture
def on_bus(monkeypatch: pytest.MonkeyPatch) -> Callable[[OledPanel | LcdPanel, int], I2cPanels]:
    """Puts a panel on the bus."""
    for module in ("luma.core.device", "luma.core.interface.serial", "luma.lcd.device"):
        monkeypatch.setattr(f"{module}.sleep", lambda seconds: None)
    monkeypatch.setattr("asyncio.to_thread", _at_once)  # threads and a clock that jumps do not mix

    def put(panel: OledPanel | LcdPanel, address: int) -> I2cPanels:
        bus = I2cPanels(panel, address, WHERE)

        def opened(number: int, where: str) -> I2cPanels:
            bus.closed = False
            return bus

        monkeypatch.setattr("hw.displays.on_bus.open_bus", opened)
        return bus

    return put


def a_display(state: Path, driver: str, **options: Any) -> Display:
    return load("display", {"driver": driver, **options}, Place("display.1", state))


def pixels(screens: tuple[Screen, ...], size: tuple[int, int] = (128, 64)) -> list[list[int]]:
    picture = draw(screens, Words(ENGLISH), size)
    return [[1 if picture.getpixel((x, y)) else 0 for x in range(size[0])] for y in range(size[1])]


@pytest.mark.parametrize(
    ("chip", "size", "panel"),
    [
        ("ssd1306", "128x64", OledPanel(64)),
        ("ssd1306", "128x32", OledPanel(32)),
        ("ssd1309", "128x64", OledPanel(64)),
        ("sh1106", "128x64", OledPanel(64, sh1106=True)),
    ],
)
async def test_an_oled_shows_the_picture_pixel_by_pixel(
    on_bus: Callable[..., I2cPanels], tmp_path: Path, chip: str, size: str, panel: OledPanel
) -> None:
    on_bus(panel, 0x3C)
    async with a_display(tmp_path, "oled", chip=chip, size=size) as display:
        for screens in (IDLE, CHARGING):
            await display.show(screens)
            assert panel.pixels() == pixels(screens, (128, panel.height))

    assert not any(map(any, panel.pixels()))  # what stood there is not true any more


async def test_an_oled_mounted_upside_down_shows_it_the_right_way_up(
    on_bus: Callable[..., I2cPanels], tmp_path: Path
) -> None:
    panel = OledPanel()
    on_bus(panel, 0x3C)
    async with a_display(tmp_path, "oled", upside_down=True) as display:
        await display.show(IDLE)
        assert [row[::-1] for row in panel.pixels()[::-1]] == pixels(IDLE)


async def test_an_oled_shows_the_installers_code_and_price(on_bus: Callable[..., I2cPanels], tmp_path: Path) -> None:
    panel = OledPanel()
    on_bus(panel, 0x3C)
    qr = "https://pay.example.com/{evse}"
    async with a_display(tmp_path, "oled", qr=qr, price="0.49 €/kWh") as display:
        await display.show((Screen(2, "available"),))
        assert panel.pixels() == pixels((Screen(2, "available", qr="https://pay.example.com/2", price="0.49 EUR/kWh"),))
        await display.show(CHARGING)
        assert panel.pixels() == pixels(CHARGING)


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        ("16x2", ["Charging 7.4 kW", "12.34 kWh"]),
        ("20x4", ["Charging", "7.4 kW  12.34 kWh", "", ""]),
        ("20x2", ["Charging 7.4 kW", "12.34 kWh"]),
    ],
)
async def test_an_lcd_shows_the_lines(
    on_bus: Callable[..., I2cPanels], tmp_path: Path, size: str, lines: list[str]
) -> None:
    columns, height = map(int, size.split("x"))
    panel = LcdPanel(columns, height)
    on_bus(panel, 0x27)
    async with a_display(tmp_path, "lcd", size=size) as display:
        await display.show(IDLE)
        assert panel.text()[0] == "Available"
        await display.show(CHARGING)
        assert panel.text() == lines
        assert panel.lit

    assert set(panel.text()) == {""}


async def test_the_simulated_display_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "display-1.json"
    async with a_display(tmp_path, "mock", price="0.49 €/kWh") as display:
        await display.show(IDLE)
        told = json.loads(file.read_text())
        assert told["text"] == ["Available", "Hold your card to", "the reader", "0.49 EUR/kWh"]
        assert told["screens"][0]["status"] == "available"

    assert not file.exists()


# --- displays that are not there --------------------------------------------------------------------------------------

PANELS: dict[str, Callable[[], tuple[OledPanel | LcdPanel, int]]] = {
    "oled": lambda: (OledPanel(), 0x3C),
    "lcd": lambda: (LcdPanel(), 0x27),
}


@pytest.mark.parametrize("driver", PANELS)
async def test_a_display_that_is_plugged_out_is_lost_and_works_when_it_is_back(
    on_bus: Callable[..., I2cPanels], tmp_path: Path, driver: str
) -> None:
    panel, address = PANELS[driver]()
    bus = on_bus(panel, address)
    display = a_display(tmp_path, driver)
    with pytest.raises(DeviceLost):
        await shown_and_lost(display, bus)
    with pytest.raises(DeviceLost):
        async with display:
            pytest.fail("it opened")

    bus.plugged_in = True
    async with display:
        await display.show(IDLE)
        assert panel.on


async def shown_and_lost(display: Display, bus: I2cPanels) -> None:
    async with display:
        await display.show(IDLE)
        bus.plugged_in = False
        await display.show(CHARGING)


@pytest.mark.parametrize("driver", PANELS)
async def test_a_wrong_address_is_said(
    on_bus: Callable[..., I2cPanels], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    """And no device object of luma's is made for it: each stays for ever, and this is tried every half minute."""
    hooks: list[object] = []
    panel, _ = PANELS[driver]()
    bus = on_bus(panel, 0x3D)
    monkeypatch.setattr("luma.core.device.atexit.register", hooks.append)
    with pytest.raises(DeviceLost, match="nothing answers at address"):
        async with a_display(tmp_path, driver):
            pytest.fail("it opened")
    assert bus.closed
    assert hooks == []


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.EREMOTEIO, "nothing answers at address 0x3C of /dev/i2c-7. Check .* sudo i2cdetect -y 7"),
        (errno.ENXIO, "nothing answers at address 0x3C"),
        (errno.EBUSY, "belongs to a driver of the kernel"),
        (errno.ENOTTY, "cannot be used .* Name an I2C bus"),
    ],
)
def test_what_the_kernel_says_of_a_bus_is_told_as_a_remedy(
    monkeypatch: pytest.MonkeyPatch, number: int, what: str
) -> None:
    opened = os.open
    monkeypatch.setattr(
        "os.open", lambda path, *flags: opened(os.devnull, os.O_RDWR) if "i2c" in path else opened(path, *flags)
    )

    def refused(*arguments: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.ioctl", refused)
    bus = open_bus(7, WHERE)
    with pytest.raises(DeviceLost, match=what):
        bus.write_byte(0x3C, 0)
    bus.close()


def test_a_bus_that_is_switched_off_says_how_to_switch_it_on() -> None:
    with pytest.raises(DeviceLost, match=r"there is no I2C bus /dev/i2c-99\. Switch I2C on: dtparam=i2c_arm=on"):
        open_bus(99, WHERE)


@pytest.mark.parametrize("driver", PANELS)
def test_without_its_library_a_display_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str) -> None:
    from hw import libraries

    lacking = {"oled": "luma.oled", "lcd": "luma.lcd"}[driver]
    monkeypatch.setattr(libraries, "_is_there", lambda module: module != lacking)
    with pytest.raises(DriverMissing, match=lacking):
        a_display(tmp_path, driver)

    assert 'pip install "chargepoint[display]"' in libraries.remedy(lacking)
    assert f"sudo apt install python3-{lacking}" in libraries.remedy(lacking)


async def test_the_loop_is_not_held_up_while_a_display_is_written(tmp_path: Path) -> None:
    """What blocks does so in a thread: nothing of it is called from the loop itself."""
    calls: list[str] = []

    async def noted(function: Callable[..., Any], *arguments: Any) -> Any:
        calls.append(function.__name__)
        return function(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asyncio.to_thread", noted)
        patch.setattr("hw.displays.on_bus.open_bus", lambda number, where: I2cPanels(OledPanel(), 0x3C, where))
        patch.setattr("luma.core.device.sleep", lambda seconds: None)
        async with a_display(tmp_path, "oled") as display:
            await display.show(IDLE)
            await asyncio.sleep(0)

    assert calls == ["make", "_draw", "cleanup"]
