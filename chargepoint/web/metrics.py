"""What Prometheus is told: the status document, what has been counted, and how the program itself is. Pure.

Names and units follow Prometheus's rules: base units (joules, not kilowatt-hours), `_total` for what only grows, a
label only for what takes few values. A limit's source loses the number that the back office gave a charging profile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chargepoint.core.facts import Status
from chargepoint.version import VERSION
from chargepoint.web.exposition import Kind, Metric, Sample

if TYPE_CHECKING:
    from chargepoint.tally import Tally
    from chargepoint.vitals import Vitals
    from chargepoint.web.devices import Devices

Json = Mapping[str, Any]

JOULES_PER_WH = 3600.0
CSMS_STATES = ("none", "offline", "connecting", "pending", "rejected", "accepted")
PILOT_STATES = ("A", "B1", "B2", "C1", "C2", "D1", "D2", "E", "F")
_NUMBER = re.compile(r"\s+\d+$")


def all_of(status: Json, devices: Devices, tally: Tally, vitals: Vitals, now_s: float) -> Iterator[Metric]:
    """Every metric. `now_s` by the tally's clock."""
    yield from _station(status)
    yield from _office(status["csms"], tally)
    yield from _guard(tally, now_s)
    yield from _evses(status["evses"])
    yield from _counted(status["evses"], tally)
    yield from _devices(devices)
    yield from _program(vitals, tally.broker)


def _one(name: str, kind: Kind, meaning: str, value: float | bool | None) -> Metric:
    return Metric(name, kind, meaning, [({}, value)])


def _station(status: Json) -> Iterator[Metric]:
    plate, clock, supply = status["station"], status["clock"], status["supply"]
    name = {key: plate[key] or "" for key in ("identity", "vendor", "model", "serial_number", "firmware")}
    yield Metric("chargepoint_info", "gauge", "The nameplate.", [(name | {"version": VERSION}, 1)])
    yield _one("chargepoint_clock_trusted", "gauge", "1 while the clock is known to be right.", clock["trusted"])
    about = "What is added to the system's clock to get the station's."
    yield _one("chargepoint_clock_offset_seconds", "gauge", about, clock["offset_s"])
    about = "Fuse in front of all EVSEs, per phase."
    yield _one("chargepoint_supply_limit_amperes", "gauge", about, supply["max_current_a"])
    yield Metric(
        "chargepoint_supply_current_amperes",
        "gauge",
        "Current at the main meter, by phase.",
        list(_phases({}, supply["measured_a"])),
    )


def _office(csms: Json, tally: Tally) -> Iterator[Metric]:
    talk = tally.talk
    states = [({"state": state}, csms["state"] == state) for state in CSMS_STATES]
    yield Metric("chargepoint_csms_state", "gauge", "1 for the state of the link to the back office.", states)
    about = "Facts that the back office has not answered yet."
    yield _one("chargepoint_undelivered_facts", "gauge", about, csms["undelivered"])
    about = "Messages given up as the standard demands, and kept."
    yield _one("chargepoint_dead_letters", "gauge", about, csms["dead_letters"])
    if csms["state"] == "none":
        return
    about = "Times that the back office has accepted the station; every one after the first is a reconnection."
    yield _one("chargepoint_csms_connections_total", "counter", about, talk.connections)
    for name, meaning, counts in (
        ("messages", "OCPP messages, by direction.", talk.messages),
        ("characters", "Characters in them.", talk.characters),
    ):
        samples = [({"direction": direction}, counts[direction]) for direction in ("in", "out")]
        yield Metric(f"chargepoint_csms_{name}_total", "counter", meaning, samples)
    if tally.modem is not None:
        seen = tally.modem.seen
        about = "Signal of the mobile modem, 0 to 1."
        yield _one("chargepoint_modem_signal_ratio", "gauge", about, seen.signal if seen is not None else None)
    if tally.traffic is not None:
        carried = tally.traffic.since_start
        about = "Bytes to and from the back office, with TLS and TCP, and of files of firmware and logs."
        both_ways: list[Sample] = [({"direction": "in"}, carried.received), ({"direction": "out"}, carried.sent)]
        yield Metric("chargepoint_network_bytes_total", "counter", about, both_ways)
    about = "Requests that the back office has answered with an error."
    yield _one("chargepoint_csms_errors_total", "counter", about, talk.errors)
    about = "From a request of ours to its answer."
    both: list[Sample] = [({}, talk.round_trips_s), ({}, talk.round_trips)]
    yield Metric("chargepoint_csms_round_trip_seconds", "summary", about, both)


def _guard(tally: Tally, now_s: float) -> Iterator[Metric]:
    guard = tally.guard
    heard_s = None if guard.heard_s is None else now_s - guard.heard_s
    permitted_s = None if guard.permitted_s is None else now_s - guard.permitted_s
    about = "Since the guard reported last; it does so twice a second."
    yield _one("chargepoint_guard_report_age_seconds", "gauge", about, heard_s)
    about = "Since its leases were renewed last; after 10 s cars get their fallback current."
    yield _one("chargepoint_guard_lease_age_seconds", "gauge", about, permitted_s)
    yield _one("chargepoint_guard_starts_total", "counter", "Runs of the guard that were heard of.", guard.starts)
    about = "Ticks of the guard's loop, this run, that came 40 ms late or more."
    yield _one("chargepoint_guard_late_ticks_total", "counter", about, guard.late_ticks)
    about = "The most that a tick of this run of the guard has been late."
    yield _one("chargepoint_guard_worst_delay_seconds", "gauge", about, guard.worst_delay_s)


# --- EVSEs ------------------------------------------------------------------------------------------------------------

Value = Callable[[Json], float | bool | None]

_PLAIN: tuple[tuple[str, Kind, str, Value], ...] = (
    ("permit_amperes", "gauge", "Amperes per phase that may be supplied.", lambda evse: evse["permit_a"]),
    ("cable_amperes", "gauge", "What the cable may carry, coded in its plug.", lambda evse: evse["cable_a"]),
    ("cable_present", "gauge", "1 while a cable is in the socket.", lambda evse: evse["cable_present"]),
    ("locked", "gauge", "1 while the plug is locked.", lambda evse: evse["locked"]),
    (
        "contactor_closed", "gauge", "1 while the contactor is closed.",
        lambda evse: evse["contactor"] in ("closed", "welded"),
    ),
    ("faults", "gauge", "How many faults stand.", lambda evse: len(evse["faults"])),
    ("session_active", "gauge", "1 from plug or card until the plug is gone.", lambda evse: bool(evse["session"])),
    ("transaction_active", "gauge", "1 while something is billed.", lambda evse: bool(_session(evse, "transaction"))),
    (
        "session_energy_joules", "gauge", "Energy of the session that lasts.",
        lambda evse: _times(_session(evse, "energy_wh"), JOULES_PER_WH),
    ),
    (
        "energy_joules_total", "counter", "Import register of the meter.",
        lambda evse: _times(_reading(evse, "energy_wh"), JOULES_PER_WH),
    ),
    ("power_watts", "gauge", "Power that the meter shows.", lambda evse: _reading(evse, "power_w")),
)  # fmt: skip


def _evses(evses: Iterable[Json]) -> Iterator[Metric]:
    of = [({"evse": evse["id"]}, evse) for evse in evses]
    for name, kind, meaning, value in _PLAIN:
        yield Metric(f"chargepoint_evse_{name}", kind, meaning, [(label, value(evse)) for label, evse in of])
    yield Metric(
        "chargepoint_evse_status",
        "gauge",
        "1 for the status of the EVSE.",
        [(label | {"status": each.value}, evse["status"] == each.value) for label, evse in of for each in Status],
    )
    yield Metric(
        "chargepoint_evse_pilot_state",
        "gauge",
        "1 for the state of the control pilot (IEC 61851-1).",
        [(label | {"state": state}, evse["pilot"] == state) for label, evse in of for state in PILOT_STATES],
    )
    yield Metric(
        "chargepoint_evse_limit_amperes",
        "gauge",
        "Everything that limits the EVSE now, amperes per phase.",
        [(label | {"source": source}, amps) for label, evse in of for source, amps in _limits(evse).items()],
    )
    yield Metric(
        "chargepoint_evse_fault",
        "gauge",
        "1 for each fault that stands.",
        [(label | {"name": name, "severity": how}, 1) for label, evse in of for name, how in _faults(evse).items()],
    )
    for name, meaning in (("current_a", "Current by phase."), ("voltage_v", "Voltage by phase, to neutral.")):
        unit = "amperes" if name == "current_a" else "volts"
        yield Metric(
            f"chargepoint_evse_{name.partition('_')[0]}_{unit}",
            "gauge",
            meaning,
            [sample for label, evse in of for sample in _phases(label, _reading(evse, name))],
        )


def _limits(evse: Json) -> dict[str, float]:
    """By source without its number, the least of several."""
    found: dict[str, float] = {}
    for limit in evse["limits"]:
        source = _NUMBER.sub("", limit["source"])
        found[source] = min(limit["amps"], found.get(source, limit["amps"]))
    return found


def _faults(evse: Json) -> dict[str, str]:
    return {fault["name"]: fault["severity"] for fault in evse["faults"]}


def _session(evse: Json, name: str) -> Any:
    return evse["session"][name] if evse["session"] else None


def _reading(evse: Json, name: str) -> Any:
    return evse["reading"][name] if evse["reading"] else None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _phases(label: Mapping[str, object], values: Iterable[float] | None) -> Iterator[Sample]:
    for n, value in enumerate(values or (), start=1):
        yield {**label, "phase": f"L{n}"}, value


_COUNTS: tuple[tuple[str, str, str], ...] = (
    ("chargepoint_evse_sessions_total", "sessions", "Sessions, each from plug or card until the plug was gone."),
    ("chargepoint_evse_transactions_total", "transactions", "Transactions."),
    ("chargepoint_evse_contactor_closings_total", "contactor closings", "Times that the contactor has closed."),
    ("chargepoint_evse_faults_raised_total", "faults", "Faults that came."),
    ("chargepoint_evse_meter_losses_total", "meter losses", "Times that the meter has fallen silent."),
)


def _counted(evses: Iterable[Json], tally: Tally) -> Iterator[Metric]:
    ids = [evse["id"] for evse in evses]
    for name, kind, meaning in _COUNTS:
        yield Metric(name, "counter", meaning, [({"evse": number}, tally.facts[kind, number]) for number in ids])
    samples: list[Sample] = [
        ({"verdict": verdict}, sum(tally.facts[f"cards {verdict}", number] for number in (0, *ids)))
        for verdict in ("accepted", "refused")
    ]
    yield Metric("chargepoint_cards_total", "counter", "Cards that were answered, by the answer.", samples)


def _devices(devices: Devices) -> Iterator[Metric]:
    about = "1 while the meter answers."
    yield Metric("chargepoint_evse_meter_up", "gauge", about, _ups("evse", devices["meters"]))
    yield Metric("chargepoint_station_meter_up", "gauge", about, _ups("role", devices["station_meters"]))
    about = "1 while the card reader answers; readers count from 1."
    yield Metric("chargepoint_card_reader_up", "gauge", about, _ups("reader", devices["card_readers"]))


def _ups(label: str, devices: Mapping[str, bool]) -> list[Sample]:
    return [({label: name}, works) for name, works in devices.items()]


# --- the program ------------------------------------------------------------------------------------------------------


def _program(vitals: Vitals, broker: bool | None) -> Iterator[Metric]:
    about = "1 while there is a link to the MQTT broker."
    yield _one("chargepoint_mqtt_connected", "gauge", about, broker)
    about = "The most that the event loop was late in the last minute."
    yield _one("chargepoint_event_loop_delay_seconds", "gauge", about, vitals.loop_delay_s)
    yield _one("chargepoint_store_bytes", "gauge", "Size of the station's database.", vitals.store_bytes)
    yield _one("chargepoint_store_commits_total", "counter", "Commits to it.", vitals.store_commits)
    yield _one("chargepoint_storage_free_bytes", "gauge", "Room left where it lives.", vitals.free_bytes)
    about = "What this process has had written to the storage."
    yield _one("chargepoint_storage_written_bytes_total", "counter", about, vitals.written_bytes)
    yield _one("process_cpu_seconds_total", "counter", "Processor time of this process.", vitals.cpu_s)
    yield _one("process_resident_memory_bytes", "gauge", "Memory in use.", vitals.resident_bytes)
    yield _one("process_virtual_memory_bytes", "gauge", "Memory that it could reach.", vitals.virtual_bytes)
    yield _one("process_open_fds", "gauge", "Open files and sockets.", vitals.open_files)
    yield _one("process_max_fds", "gauge", "The most that may be open.", vitals.most_files)
    about = "When it started, in seconds since 1970."
    yield _one("process_start_time_seconds", "gauge", about, vitals.started_at_s)
