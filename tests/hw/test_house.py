"""The simulated building: its main meter counts what it draws and what the charge point draws."""

from typing import Any

import pytest

from hw.api import Reading
from hw.errors import DeviceLost, Refused
from hw.mock.bay import Bay
from hw.mock.house import House
from hw.mock.plant import Plant

CAR = Reading(500.0, current_a=(16.0, 0.0, 0.0))


def test_the_main_meter_counts_house_and_cars_phase_by_phase() -> None:
    house = House((3.0, 5.0, -8.0))
    reading = house.reading([CAR, CAR], 230.0, 7.0)
    assert reading.current_a == (35.0, 5.0, 8.0)
    assert reading.phase_power_w == (35 * 230, 5 * 230, -8 * 230)
    assert (reading.power_w, reading.voltage_v, reading.taken_s) == (32 * 230, (230.0, 230.0, 230.0), 7.0)


def test_a_silent_meter_is_lost_and_comes_back() -> None:
    house = House()
    house.change({"silent": True})
    with pytest.raises(DeviceLost, match="switched off"):
        house.reading([], 230.0, 0.0)
    house.change({"silent": False})
    assert house.reading([], 230.0, 0.0).current_a == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "options",
    [
        {"current_a": [1.0, 2.0]}, {"current_a": [1.0, 2.0, "3"]}, {"current_a": [1.0, 2.0, float("nan")]},
        {"current_a": [1.0, 2.0, 1e9]}, {"current_a": [True, 2.0, 3.0]}, {"silent": "yes"},
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_changes_nothing(options: dict[str, Any]) -> None:
    house = House((1.0, 2.0, 3.0))
    with pytest.raises(Refused):
        house.change(options)
    assert house == House((1.0, 2.0, 3.0))


def test_the_plant_s_main_meter_is_number_nought() -> None:
    plant = Plant({1: Bay()})
    plant.obey({"do": "house", "options": {"current_a": [4.0, 5.0, 6.0]}}, 1.0)
    assert plant.reading(0, 2.0).current_a == (4.0, 5.0, 6.0)
