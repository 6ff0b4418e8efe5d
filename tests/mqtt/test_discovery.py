"""What Home Assistant is told: keys and values that it knows, ids that never change, topics that exist."""

import json
import re
from typing import Any

import pytest

from chargepoint.mqtt.commands import COMMANDS
from chargepoint.mqtt.discovery import Outlet, Plate, announcement
from chargepoint.mqtt.states import evse_state, station_state
from chargepoint.mqtt.topics import Topics, plain
from chargepoint.web.status import document
from tests.web.fake_station import FakeControls

TOPICS = Topics("chargepoint", "CP001", "homeassistant")
PLATE = Plate("Acme", "Wall 22", "A-000123", "1.2.3")
SOCKET = Outlet(1, 16.0, 3, has_lock=True, has_meter=True)
CABLE = Outlet(2, 32.0, 1, has_lock=False, has_meter=True)

PLATFORMS = {"sensor", "binary_sensor", "number", "switch", "button"}
UNITS = {"power": "W", "energy": "Wh", "current": "A", "voltage": "V"}
"""Units that Home Assistant takes for a device class."""


def told(*outlets: Outlet, **how: Any) -> dict[str, Any]:
    return announcement(
        TOPICS, PLATE, list(outlets) or [SOCKET], **{"control": True, "free": False, "office": True, **how}
    )  # fmt: skip


def entities(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = told["components"]
    return found


def test_one_message_describes_the_device_and_every_entity() -> None:
    whole = told(SOCKET, CABLE)
    assert TOPICS.discovery == "homeassistant/device/chargepoint_CP001/config"
    assert whole["device"]["identifiers"] == ["chargepoint_CP001"]
    assert whole["device"]["serial_number"] == "A-000123"
    assert whole["origin"]["name"] == "chargepoint"
    assert whole["availability_topic"] == "chargepoint/CP001/availability"
    for entity in entities(whole).values():
        assert entity["platform"] in PLATFORMS
        assert entity["name"]
        assert entity["unique_id"].startswith("chargepoint_CP001_")
    ids = [entity["unique_id"] for entity in entities(whole).values()]
    assert len(set(ids)) == len(ids)
    assert len(json.dumps(whole)) < 32_000


def test_energy_counts_for_the_energy_dashboard() -> None:
    energy = entities(told())["evse1_energy"]
    assert (energy["device_class"], energy["state_class"], energy["unit_of_measurement"]) == (
        "energy", "total_increasing", "Wh",
    )  # fmt: skip


def test_units_fit_their_device_classes() -> None:
    for entity in entities(told(SOCKET, CABLE)).values():
        if entity["platform"] in ("sensor", "number") and entity.get("device_class") in UNITS:
            assert entity["unit_of_measurement"] == UNITS[entity["device_class"]]


def test_each_phase_has_its_current_and_voltage() -> None:
    names = entities(told(SOCKET, CABLE))
    assert {"evse1_current_l3", "evse1_voltage_l3", "evse2_current_l1"} <= names.keys()
    assert "evse2_current_l2" not in names


def test_with_several_evses_each_name_says_which() -> None:
    assert entities(told(SOCKET))["evse1_power"]["name"] == "Power"
    assert entities(told(SOCKET, CABLE))["evse2_power"]["name"] == "EVSE 2 power"


def test_without_control_nothing_can_be_pressed() -> None:
    platforms = {entity["platform"] for entity in entities(told(control=False)).values()}
    assert platforms == {"sensor", "binary_sensor"}
    assert all("command_topic" not in entity for entity in entities(told(control=False)).values())


def test_a_start_button_is_there_where_nobody_needs_a_card() -> None:
    assert "evse1_start" not in entities(told())
    assert entities(told(free=True))["evse1_start"]["command_topic"] == "chargepoint/CP001/evse/1/start"


def test_what_is_not_fitted_is_not_shown() -> None:
    names = entities(told(Outlet(1, 16.0, 3, has_lock=False, has_meter=False), office=False))
    assert not {"evse1_lock", "evse1_unlock", "evse1_power", "evse1_energy", "csms"} & names.keys()


def test_the_slider_goes_from_the_least_current_to_what_the_outlet_has() -> None:
    limit = entities(told())["evse1_limit"]
    assert (limit["min"], limit["max"], limit["unit_of_measurement"]) == (6.0, 16.0, "A")


def test_every_command_that_is_offered_is_understood() -> None:
    for entity in entities(told(SOCKET, CABLE, free=True)).values():
        if "command_topic" in entity:
            assert entity["command_topic"].split("/", 4)[4] in COMMANDS


def test_every_value_that_a_template_names_stands_in_the_state() -> None:
    controls = FakeControls()
    status = document(controls)
    states = {
        TOPICS.station: station_state(status),
        TOPICS.evse(1): evse_state(status["evses"][0], local_a=None, set_a=16.0, available=True),
    }
    for entity in entities(told()).values():
        if "state_topic" not in entity:
            continue
        (name,) = re.findall(r"value_json\.(\w+)", entity["value_template"])
        assert name in states[entity["state_topic"]], entity["name"]


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("CP001", "CP001"),
        ("wall/box #1+", "wall-box-1"),
        ("Ladesäule 7", "Lades-ule-7"),
        ("///", "station"),
        ("", "station"),
    ],
)
def test_any_name_makes_one_level_of_a_topic(name: str, level: str) -> None:
    assert plain(name) == level
