"""Prometheus text (exposition format 0.0.4) made from the status document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chargepoint.core.facts import Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, object], float | bool | None]  # labels, value; None: nothing to tell
Metric = tuple[str, str, str, Iterable[Sample]]  # name, type, help, samples

CSMS_STATES = ("none", "offline", "connecting", "pending", "rejected", "accepted")


def text(status: Mapping[str, Any]) -> str:
    """The status as Prometheus wants it; energies in watt-hours as everywhere here, said in the name."""
    return "".join(line for metric in (*_of_station(status), *_of_evses(status["evses"])) for line in _lines(*metric))


def _of_station(status: Mapping[str, Any]) -> Iterator[Metric]:
    plate, csms, clock = status["station"], status["csms"], status["clock"]
    name = {key: plate[key] or "" for key in ("identity", "vendor", "model", "serial_number", "firmware")}
    yield "chargepoint_info", "gauge", "The nameplate.", [(name, 1)]
    states = [({"state": state}, csms["state"] == state) for state in CSMS_STATES]
    yield "chargepoint_csms_state", "gauge", "1 for the state of the link to the back office.", states
    yield (
        "chargepoint_undelivered_facts",
        "gauge",
        "Facts that the back office has not answered yet.",
        [({}, csms["undelivered"])],
    )
    yield (
        "chargepoint_dead_letters",
        "gauge",
        "Messages given up as the standard demands.",
        [({}, csms["dead_letters"])],
    )
    yield (
        "chargepoint_supply_current_amperes",
        "gauge",
        "Current at the main meter, by phase.",
        [({"phase": f"L{n}"}, amps) for n, amps in enumerate(status["supply"]["measured_a"] or (), start=1)],
    )
    yield "chargepoint_clock_trusted", "gauge", "1 while the clock is known to be right.", [({}, clock["trusted"])]


def _of_evses(evses: Iterable[Mapping[str, Any]]) -> Iterator[Metric]:
    of = [({"evse": evse["id"]}, evse, evse["reading"] or {}) for evse in evses]
    yield (
        "chargepoint_evse_status",
        "gauge",
        "1 for the status of the EVSE.",
        [
            (label | {"status": status.value}, evse["status"] == status.value)
            for label, evse, _ in of
            for status in Status
        ],
    )
    yield (
        "chargepoint_evse_permit_amperes",
        "gauge",
        "Amperes per phase that may be supplied.",
        [(label, evse["permit_a"]) for label, evse, _ in of],
    )
    yield (
        "chargepoint_evse_limit_amperes",
        "gauge",
        "Everything that limits the EVSE now, amperes per phase.",
        [(label | {"source": limit["source"]}, limit["amps"]) for label, evse, _ in of for limit in evse["limits"]],
    )
    yield (
        "chargepoint_evse_contactor_closed",
        "gauge",
        "1 while the contactor is closed.",
        [(label, evse["contactor"] in ("closed", "welded")) for label, evse, _ in of],
    )
    yield (
        "chargepoint_evse_faults",
        "gauge",
        "Faults that stand.",
        [(label, len(evse["faults"])) for label, evse, _ in of],
    )
    yield (
        "chargepoint_evse_energy_watt_hours_total",
        "counter",
        "Import register of the meter.",
        [(label, reading.get("energy_wh")) for label, _, reading in of],
    )
    yield (
        "chargepoint_evse_power_watts",
        "gauge",
        "Power that the meter shows.",
        [(label, reading.get("power_w")) for label, _, reading in of],
    )
    yield (
        "chargepoint_evse_current_amperes",
        "gauge",
        "Current by phase.",
        [
            (label | {"phase": f"L{n}"}, amps)
            for label, _, reading in of
            for n, amps in enumerate(reading.get("current_a", ()), start=1)
        ],
    )


def _lines(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n"
    for labels, value in samples:
        if value is not None:
            yield f"{name}{_labels(labels)} {value + 0}\n"  # + 0: True is 1


def _labels(labels: Mapping[str, object]) -> str:
    inside = ",".join(f'{key}="{_escaped(str(value))}"' for key, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
