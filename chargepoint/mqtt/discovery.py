"""What Home Assistant is told, once, so that it shows the station without a line of its configuration. Pure.

Device-based discovery: one retained message describes the device and all its entities. The keys are Home Assistant's,
written out. Ids never change, or users lose what they have built on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chargepoint.core.facts import Status
from chargepoint.core.limits import MIN_A
from chargepoint.mqtt.topics import OFFLINE, ONLINE, Topics, plain
from chargepoint.version import VERSION

Entity = dict[str, Any]

PRESS, ON, OFF = "PRESS", "ON", "OFF"


@dataclass(frozen=True, slots=True)
class Outlet:
    """What of an EVSE decides which entities it has."""

    id: int
    max_current_a: float
    phases: int
    has_lock: bool
    has_meter: bool


@dataclass(frozen=True, slots=True)
class Plate:
    """What the device is called."""

    vendor: str
    model: str
    serial_number: str
    firmware: str


def announcement(
    topics: Topics, plate: Plate, outlets: list[Outlet], *, control: bool, free: bool, office: bool
) -> dict[str, Any]:
    """`free`: everybody may charge, so that a button without a card can start. `office`: there is a back office."""
    identity = plain(topics.identity)
    entities = dict(_station(topics, office))
    for outlet in outlets:
        several = f"EVSE {outlet.id} " if len(outlets) > 1 else ""
        for key, entity in _evse(topics, outlet, control=control, free=free):
            entities[f"evse{outlet.id}_{key}"] = entity | {"name": _named(several, entity["name"])}
    return {
        "device": {
            "identifiers": [f"chargepoint_{identity}"],
            "name": f"{plate.vendor} {plate.model}".strip(),
            "manufacturer": plate.vendor,
            "model": plate.model,
            "serial_number": plate.serial_number,
            "sw_version": plate.firmware,
        },
        "origin": {"name": "chargepoint", "sw_version": VERSION},
        "availability_topic": topics.availability,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "qos": 1,
        "components": {
            key: entity | {"unique_id": f"chargepoint_{identity}_{key}"} for key, entity in entities.items()
        },
    }


def _named(several: str, name: str) -> str:
    return f"{several}{name[:1].lower() + name[1:]}" if several else name


def _value(path: str) -> str:
    """A template for a value of the state; what is missing is unknown."""
    return f"{{{{ value_json.{path} | default(none) }}}}"


def _flag(path: str, on: str = "true") -> str:
    off, yes = (ON, OFF) if on == "false" else (OFF, ON)
    return f"{{{{ '{yes}' if value_json.{path} else '{off}' }}}}"


def _sensor(topic: str, name: str, path: str, **more: Any) -> Entity:
    return {"platform": "sensor", "name": name, "state_topic": topic, "value_template": _value(path), **more}


def _binary(topic: str, name: str, template: str, **more: Any) -> Entity:
    return {"platform": "binary_sensor", "name": name, "state_topic": topic, "value_template": template, **more}


def _measured(unit: str, device_class: str, **more: Any) -> Mapping[str, Any]:
    return {"unit_of_measurement": unit, "device_class": device_class, "state_class": "measurement", **more}


DIAGNOSTIC: Mapping[str, Any] = {"entity_category": "diagnostic"}


def _station(topics: Topics, office: bool) -> Iterator[tuple[str, Entity]]:
    topic = topics.station
    if office:
        yield "csms", _sensor(topic, "Back office", "csms", **DIAGNOSTIC)
        yield "undelivered", _sensor(topic, "Undelivered messages", "undelivered", **DIAGNOSTIC)
        yield "dead_letters", _sensor(topic, "Messages given up", "dead_letters", **DIAGNOSTIC)
    yield "clock", _binary(topic, "Clock", _flag("clock_trusted", "false"), device_class="problem", **DIAGNOSTIC)


def _evse(topics: Topics, outlet: Outlet, *, control: bool, free: bool) -> Iterator[tuple[str, Entity]]:
    yield from _shown(topics.evse(outlet.id), outlet)
    if outlet.has_meter:
        yield from _metered(topics.evse(outlet.id), outlet)
    if control:
        yield from _controlled(topics, outlet, free=free)


def _shown(topic: str, outlet: Outlet) -> Iterator[tuple[str, Entity]]:
    words = [status.value for status in Status]
    yield "status", _sensor(topic, "Status", "status", device_class="enum", options=words)
    yield "connected", _binary(topic, "Vehicle", _flag("vehicle_connected"), device_class="plug")
    yield "permit", _sensor(topic, "Offered current", "permit_a", **_measured("A", "current"))
    yield "limited_by", _sensor(topic, "Limited by", "limited_by", **DIAGNOSTIC)
    yield "pilot", _sensor(topic, "Control pilot", "pilot", **DIAGNOSTIC)
    yield "contactor", _sensor(topic, "Contactor", "contactor", **DIAGNOSTIC)
    if outlet.has_lock:
        yield "lock", _binary(topic, "Plug lock", _flag("locked", "false"), device_class="lock", **DIAGNOSTIC)
    about = {"json_attributes_topic": topic, "json_attributes_template": FAULTS}
    yield "fault", _binary(topic, "Fault", _flag("fault"), device_class="problem", **about)


FAULTS = "{{ {'faults': value_json.faults, 'remedies': value_json.remedies} | tojson }}"


def _metered(topic: str, outlet: Outlet) -> Iterator[tuple[str, Entity]]:
    total = {"unit_of_measurement": "Wh", "device_class": "energy", "state_class": "total_increasing"}
    yield "power", _sensor(topic, "Power", "power_w", **_measured("W", "power"))
    yield "energy", _sensor(topic, "Energy", "energy_wh", **total)
    yield "session_energy", _sensor(topic, "Session energy", "session_energy_wh", **total)
    for n in range(outlet.phases):
        label = f"L{n + 1}"
        yield f"current_l{n + 1}", _sensor(topic, f"Current {label}", f"current_a[{n}]", **_measured("A", "current"))
        yield f"voltage_l{n + 1}", _sensor(topic, f"Voltage {label}", f"voltage_v[{n}]", **_measured("V", "voltage"))


def _controlled(topics: Topics, outlet: Outlet, *, free: bool) -> Iterator[tuple[str, Entity]]:
    state = topics.evse(outlet.id)
    yield (
        "limit",
        {
            "platform": "number",
            "name": "Current limit",
            "state_topic": state,
            "value_template": _value("limit_a"),
            "command_topic": topics.command(outlet.id, "limit/set"),
            "min": MIN_A,
            "max": outlet.max_current_a,
            "step": 1,
            "mode": "slider",
            "unit_of_measurement": "A",
            "device_class": "current",
        },
    )
    yield "enabled", _switch("Charging allowed", state, "enabled", topics.command(outlet.id, "enabled/set"))
    yield "available", _switch("In service", state, "available", topics.command(outlet.id, "available/set"))
    if free:
        yield "start", _button("Start", topics.command(outlet.id, "start"))
    yield "stop", _button("Stop", topics.command(outlet.id, "stop"))
    if outlet.has_lock:
        yield "unlock", _button("Unlock", topics.command(outlet.id, "unlock"))


def _switch(name: str, state: str, path: str, command: str) -> Entity:
    return {
        "platform": "switch",
        "name": name,
        "state_topic": state,
        "value_template": _flag(path),
        "command_topic": command,
        "payload_on": ON,
        "payload_off": OFF,
    }


def _button(name: str, command: str) -> Entity:
    return {"platform": "button", "name": name, "command_topic": command, "payload_press": PRESS}
