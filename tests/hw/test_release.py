"""`python -m hw.guard release`: every device is left safe, whatever state the others are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw.guard.__main__ import main
from tests.hw.gpio_wires import MockWires

COIL, OTHER_COIL, OPEN, CLOSE, RED, BUZZER = 17, 27, 5, 6, 18, 21

FILE = """
[[evse]]
pilot = { driver = "mock" }
contactor = { driver = "gpio", line = 17, active_high = false }
lock = { driver = "gpio", open_line = 5, close_line = 6, active_high = false }
indicator = { driver = "gpio", red_line = 18, buzzer_line = 21, active_high = false, buzzer_active_high = false }
[[evse]]
pilot = { driver = "mock" }
contactor = { driver = "gpio", line = 27, active_high = false }
"""


class Station:
    """A killed guard has left every line low, which is on."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.wires = MockWires(patch)
        self._folder = folder
        for line in (COIL, OTHER_COIL, OPEN, CLOSE, RED, BUZZER):
            self.wires.factory.pin(line).output_with_state(False)

    def release(self, text: str = FILE) -> int:
        file = self._folder / "chargepoint.toml"
        file.write_text(text)
        return main(["release", "--config", str(file), "--state", str(self._folder)])

    def still_on(self) -> list[int]:
        return [line for line in (COIL, OTHER_COIL, OPEN, CLOSE, RED, BUZZER) if not self.wires.level(line)]


@pytest.fixture
def station(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Station:
    station = Station(monkeypatch, tmp_path)
    monkeypatch.setattr("gpiozero.pins.mock.MockPin.close", lambda pin: None)  # a Pi's lines keep their level
    return station


def test_contactors_open_motors_rest_lamps_go_dark(station: Station) -> None:
    assert len(station.still_on()) == 6
    assert station.release() == 0
    assert station.still_on() == []


@pytest.mark.parametrize(
    ("right", "wrong", "left"),
    [
        ("line = 17", "line = 99", [COIL]),
        ("open_line = 5", "open_line = 99", [OPEN, CLOSE]),
        ("red_line = 18", "red_line = 99", [RED, BUZZER]),
    ],
)
def test_a_device_that_cannot_be_had_keeps_no_other_from_being_released(
    station: Station, right: str, wrong: str, left: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert station.release(FILE.replace(right, wrong)) == 1
    assert station.still_on() == left
    assert "99 is not a valid pin name" in capsys.readouterr().err


def test_nor_does_a_driver_with_a_bug(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    def offer(pilot: object, duty: float) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("hw.mock.drivers.MockPilot.offer", offer)
    assert station.release() == 1
    assert station.still_on() == []
