"""A temperature from the kernel's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw.errors import DeviceLost
from hw.gpio.temperature import STALE_S, Thermometer


class Stand:
    def __init__(self, folder: Path) -> None:
        self.now_s = 1000.0
        self.file = folder / "28-0001" / "temperature"
        self.file.parent.mkdir()
        self.thermometer = Thermometer(f"{folder}/28-*/temperature", "evse.1.sensors", lambda: self.now_s)

    def says(self, text: str) -> float | None:
        self.file.write_text(text)
        self.thermometer.look()
        return self.thermometer.latest()


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_thousandths_of_a_degree_become_degrees(stand: Stand) -> None:
    assert stand.thermometer.latest() is None
    assert stand.says("23187\n") == 23.187
    assert stand.says("-5250\n") == -5.25


@pytest.mark.parametrize("nonsense", ["", "NO", "85000", "-127000", "125001", "nan", "1e9", "99999999"])
def test_nonsense_is_passed_over(stand: Stand, nonsense: str) -> None:
    """85 degrees is what a DS18B20 says before its first conversion."""
    assert stand.says(nonsense) is None
    stand.says("23000")
    assert stand.says(nonsense) == 23.0


def test_a_heat_of_85_degrees_that_was_coming_is_believed(stand: Stand) -> None:
    stand.says("83500")
    assert stand.says("85000") == 85.0


def test_a_sensor_that_is_silent_for_long_is_lost(stand: Stand) -> None:
    """Heat without a thermometer must not go unnoticed."""
    stand.says("23000")
    stand.file.unlink()
    stand.now_s += STALE_S
    stand.thermometer.look()
    assert stand.thermometer.latest() == 23.0

    stand.now_s += 1.0
    with pytest.raises(DeviceLost) as caught:
        stand.thermometer.latest()
    assert "has told no temperature for 30 s. Check the sensor's wires" in str(caught.value)

    assert stand.says("24000") == 24.0


def test_two_sensors_are_none(stand: Stand) -> None:
    stand.says("23000")
    other = stand.file.parent.with_name("28-0002")
    other.mkdir()
    (other / "temperature").write_text("99000")
    assert stand.says("24000") == 23.0
