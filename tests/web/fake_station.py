"""The real station with everything around it played: guard, car, meter, journal and back office.

`python -m tests.web.fake_station [PORT]` serves the page with two simulated EVSEs behind one supply.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chargepoint.config import Config, CsmsConfig, EvseConfig, StationConfig, SupplyConfig
from chargepoint.config.told import told
from chargepoint.core.authorization import Cards, Verdict
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse, EvseSpec
from chargepoint.core.facts import (
    Fact,
    Moment,
    Record,
    SettingChanged,
    StatusChanged,
    Token,
    TransactionEnded,
    TransactionStarted,
)
from chargepoint.core.observation import Fault, Observation
from chargepoint.core.reception import Reception
from chargepoint.core.register import Reading
from chargepoint.core.settings import Settings
from chargepoint.core.sharing import Sharing
from chargepoint.core.station import Station
from chargepoint.core.supply import Supply
from chargepoint.core.uptime import Outage
from chargepoint.core.wishes import AskAuthorization, BeginMetering, EndMetering, Wish
from chargepoint.tally import Tally
from chargepoint.timewindow import TimeWindow
from chargepoint.vitals import Vitals
from chargepoint.web.controls import CsmsState, Direction, FrameListener
from chargepoint.web.trace import RecentFrames
from hw.errors import Refused

MENDING = {
    "earth_leakage": ("MREC2GroundFailure", "Unplug the car; have the cable and the installation checked for damage."),
    "contactor_welded": ("MREC17EVSEContactorFault", "Switch off at the breaker and have the contactor replaced."),
    "overtemperature": ("MREC19CableOverTempStop", "Let it cool down; check the terminals for loose screws."),
    "emergency_stop": ("MREC8EmergencyStop", "Turn the red button to release it."),
}


class FakeClock:
    """`trusted` may be taken away; the time of day goes with the monotonic clock."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.trusted, self.source, self.offset_s = True, "ntp", 0.0
        self._monotonic = monotonic
        self._began_s, self._began = monotonic(), datetime.now(UTC)

    def now(self) -> Moment:
        mono_s = self._monotonic()
        return Moment(mono_s, self._began + timedelta(seconds=mono_s - self._began_s))


class FakeJournal:
    """Remembers in a list what the real one keeps on disk."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.signed: dict[str, dict[str, tuple[str, str]]] = {}
        self.owed = 0
        self.letters: list[object] = []

    def undelivered_count(self) -> int:
        return self.owed

    def dead_letters(self) -> list[object]:
        return self.letters

    def sessions(
        self, limit: int, offset: int = 0, since: datetime | None = None, until: datetime | None = None
    ) -> list[dict[str, Any]]:
        window = TimeWindow(since, until)
        found = [each for each in reversed(self.known.values()) if window.holds(each["started_at"])]
        return found[offset : offset + limit]

    def session(self, transaction: str) -> dict[str, Any] | None:
        return self.known.get(transaction)

    def signed_values(self, transaction: str) -> dict[str, tuple[str, str]]:
        return self.signed.get(transaction, {})

    def enter(self, fact: Fact, at: datetime) -> None:
        match fact:
            case TransactionStarted():
                self.known[fact.transaction] = bill(fact.transaction, fact.evse, fact.token, at, fact.meter_wh)
            case TransactionEnded():
                done = {
                    "ended_at": at,
                    "end_wh": fact.meter_wh,
                    "energy_wh": fact.energy_wh,
                    "reason": fact.reason.value,
                }
                self.known[fact.transaction] |= done


def bill(name: str, evse: int, token: Token | None, began: datetime, begin_wh: float) -> dict[str, Any]:
    return {
        "id": name, "evse": evse, "token": token, "started_at": began, "ended_at": None, "energy_wh": None,
        "begin_wh": begin_wh, "end_wh": None, "reason": None, "delivered": True, "csms_id": 7, "clock": "right",
        "cost": None, "cost_final": False, "signed": False,
    }  # fmt: skip


@dataclass
class Bay:
    """What is really there at one EVSE: a car, a cable, a meter, and what is broken."""

    register_wh: float = 1_204_500.0
    car: dict[str, Any] | None = None
    cable_a: float = 32.0
    broken: dict[str, Fault] = field(default_factory=dict)

    def observe(self, evse: Evse) -> Observation:
        faults = tuple(self.broken.values())
        if self.car is None:
            return Observation(cable_present=False, locked=False, faults=faults)
        offered_a = evse.permit_a()
        closed = offered_a > 0 and self.car["asks_power"]
        return Observation(
            pilot="C2" if closed else "B2" if offered_a else "B1", ev_connected=True, cable_present=True,
            cable_a=self.cable_a, contactor="closed" if closed else "open", offered_a=offered_a, faults=faults,
            locked=bool(evse.session and evse.session.locked),
        )  # fmt: skip

    def read(self, evse: Evse, now: Moment, passed_s: float) -> Reading:
        car, closed = self.car, evse.seen.closed
        amps = min(car["draw_a"], evse.seen.offered_a) if car and closed else 0.0
        wobble_a = 0.1 * ((int(now.mono_s) % 4) - 2) if amps else 0.0
        currents = tuple(round(amps + wobble_a, 2) if car and n < car["phases"] else 0.0 for n in range(3))
        power_w = 231.0 * sum(currents)
        self.register_wh += power_w * passed_s / 3600
        return Reading(round(self.register_wh, 1), power_w, currents, (231.2, 230.8, 231.0), now.mono_s, now.at)


class FakeSimulator:
    def __init__(self, controls: FakeControls) -> None:
        self._controls = controls

    async def plug(self, evse: int, **options: Any) -> None:
        bay = self._controls.bays[evse]
        if bay.car is not None:
            raise Refused("A car is plugged in already.")
        bay.cable_a = options.pop("cable_a", 32.0)
        bay.car = {"draw_a": 16.0, "phases": 3, "asks_power": True, **options}
        self._controls.flow()

    async def unplug(self, evse: int, side: str = "both") -> None:
        if self._controls.bays[evse].car is None:
            raise Refused("Nothing is plugged in.")
        self._controls.bays[evse].car = None
        self._controls.flow()

    async def car(self, evse: int, **options: Any) -> None:
        car = self._controls.bays[evse].car
        if car is None:
            raise Refused("No car is plugged in.")
        car.update(options)
        self._controls.flow()

    async def fault(self, evse: int, kind: str, active: bool = True) -> None:
        name, remedy = MENDING.get(kind, (kind, "Look at the wiring."))
        broken = self._controls.bays[evse].broken
        broken.pop(kind, None)
        if active:
            broken[kind] = Fault(name, "high", remedy, since_s=self._controls.clock.now().mono_s)
        self._controls.flow()

    async def house(self, **options: Any) -> None:
        self.house_options = options

    async def card(self, uid: str, reader: int = 0) -> None:
        self._controls.act(lambda station, now: station.card_presented(Token(uid, "ISO14443"), now, reader))
        self._controls.flow()


def step(name: str, proves: str, seen: str = "", remedy: str = "", outcome: str = "") -> dict[str, Any]:
    outcome = outcome or ("failed" if remedy else "ok")
    return {"step": name, "proves": proves, "outcome": outcome, "seen": seen, "remedy": remedy or None}


class FakeWorkshop:
    """What an installer is shown. `broken`: is a wire of EVSE 1 off?"""

    def __init__(self, controls: FakeControls) -> None:
        self._controls = controls
        self.broken, self.pace_s = False, 0.0
        self.kept: dict[str, Any] | None = None
        self.asked_log: tuple[str, datetime | None, datetime | None] | None = None
        self.asked_support: list[tuple[datetime | None, datetime | None]] = []
        self.support_trouble = ""

    async def support(self, oldest: datetime | None, latest: datetime | None) -> bytes:
        self.asked_support.append((oldest, latest))
        await asyncio.sleep(self.pace_s)
        if self.support_trouble:
            raise OSError(self.support_trouble)
        return b"PK\x05\x06" + bytes(18)

    def steps(self, part: str) -> list[dict[str, Any]]:
        office = [
            step("csms.name", "its name is found", "203.0.113.7"),
            step("csms.reach", "it can be reached", "port 443 answers in 12 ms"),
            step("csms.tls", "its certificate is in order", "TLSv1.3, by Example Trust, until 2027-05-01 (159 days)"),
            step("csms.login", "it lets this station in", "the daemon is connected and accepted"),
        ]
        if part == "csms":
            return office
        remedy = "Check the wiring of the pilot." if self.broken else ""
        return [
            step("computer.user", "user", "chargepoint, in groups chargepoint"),
            step("computer.state", "state directory can be written", "and quickly"),
            step("computer.disk", "disk has room", "11264 MiB free"),
            step("computer.clock", "clock is plausible", "2026-11-22 14:30 UTC"),
            step("computer.ntp", "clock is kept by NTP", "synchronised"),
            step("program.guard", "guard runs and reports", "process 812; its devices were not touched"),
            step("evse.1.report", "guard sees", "state A, contactor open", remedy),
            step("program.daemon", "daemon runs", "its devices were not touched"),
            step("evse.1.meter.answers", "meter answers", "1204.512 kWh at 2026-11-22T14:30:00.000Z"),
            step("card_reader.1.answers", "it answers", "the daemon has it", outcome="skipped"),
            *office,
        ]

    async def examine(self, part: str) -> AsyncGenerator[dict[str, Any]]:
        for each in self.steps(part):
            await asyncio.sleep(self.pace_s)
            yield each

    def examined(self) -> dict[str, Any] | None:
        return self.kept

    def keep_examined(self, at: str, findings: Sequence[Mapping[str, Any]]) -> None:
        self.kept = {"at": at, "findings": list(findings)}

    def configuration(self) -> dict[str, Any]:
        return told(self._controls.config)

    async def software(self) -> dict[str, Any]:
        system = {"slot": "A", "version": "1.2.0", "standing": "settled", "next": "A"}
        return {"version": self._controls.firmware, "program": "0.1.0", "system": system}

    async def log(self, kind: str, oldest: datetime | None, latest: datetime | None) -> AsyncGenerator[bytes]:
        self.asked_log = (kind, oldest, latest)
        yield b"2026-11-22T14:30:00.000Z INFO    chargepoint: the first part\n"
        yield b"2026-11-22T14:31:00.000Z INFO    chargepoint: and the second\n"


class FakeControls:
    """The composition root's object, played around the real core."""

    firmware = "0.1.0"

    def __init__(
        self,
        evses: int = 2,
        *,
        simulated: bool = True,
        online: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.outages_told: list[Outage] = []
        specs = [EvseSpec(n, max_current_a=16.0 if n == 1 else 32.0) for n in range(1, evses + 1)]
        self.config = Config(
            station=StationConfig(vendor="Acme", model="Wall 22", serial_number="A-000123"),
            evses=tuple(EvseConfig(id=spec.id, max_current_a=spec.max_current_a) for spec in specs),
            supply=SupplyConfig(max_current_a=20.0, phases=3),
            csms=CsmsConfig(url="wss://csms.example.com/ocpp", identity="CP001"),
            mock=simulated,
        )
        self.clock, self.journal = FakeClock(monotonic), FakeJournal()
        self.tally, self.vital = Tally(monotonic), Vitals(cpu_s=1.5, store_bytes=40_960, store_commits=7)
        self.settings, self.cards = Settings(), Cards()
        self.around = Circumstances(self.settings, online=online)
        self.settings.on_change = lambda row, text, origin: self.around.emit(SettingChanged(0, row.name, text, origin))
        places = {spec.id: Evse(spec, self.around) for spec in specs}
        self.station = Station(
            self.around, places, Reception(places, self.around, self.cards, "ocpp"), Sharing(Supply(20.0))
        )
        self.bays = {spec.id: Bay() for spec in specs}
        self.simulator = FakeSimulator(self) if simulated else None
        self.listeners: list[Callable[[Record], None]] = []
        self.frame_listeners: list[FrameListener] = []
        self.frames = RecentFrames(self.subscribe_frames)
        self.facts: list[Fact] = []
        self.visits: list[tuple[str, bool]] = []
        self.asked_for_less: list[dict[str, Any]] = []
        self.transfers: list[tuple[str, str | None, Any]] = []
        self.bench = FakeWorkshop(self)
        self._messages = itertools.count(1)
        self._last_s = self.clock.now().mono_s
        self.flow()

    # --- what the page and the API ask for ----------------------------------------------------------------------------

    @property
    def workshop(self) -> FakeWorkshop:
        return self.bench

    def csms(self) -> CsmsState:
        return CsmsState("accepted", "2.0.1") if self.around.online else CsmsState("offline", None)

    def ocpp_status(self, evse: Evse) -> str | None:
        return "Occupied" if self.csms().ocpp else None

    def supply_measured(self) -> tuple[float, ...] | None:
        return None

    def vitals(self) -> Vitals:
        return self.vital

    def station_meters(self) -> dict[str, bool]:
        return {"main": True}

    def factory_reset(self) -> str | None:
        return "somebody charges" if any(evse.busy for evse in self.station.evses.values()) else None

    def outages(self) -> list[Outage]:
        return self.outages_told

    def grid_limits(self) -> list[dict[str, Any]]:
        return self.asked_for_less

    def act(self, deed: Callable[[Station, Moment], Any]) -> Any:
        now = self.clock.now()
        result = deed(self.station, now)
        self._settle(now)
        return result

    async def unlock(self, evse: int) -> str:
        self.act(lambda station, now: station.unlock_requested(evse, now))
        return "Unlocked"

    async def clear(self, evse: int, fault: str) -> str | None:
        bay = self.bays[evse]
        kinds = [kind for kind, each in bay.broken.items() if each.name == fault]
        for kind in kinds:
            del bay.broken[kind]
        self.flow()
        return None if kinds else f"EVSE {evse} has no fault {fault[:40]}"

    async def transfer(self, vendor: str, message: str | None, data: Any) -> dict[str, Any] | str:
        if not self.around.online:
            return "there is no back office that has accepted this station"
        self.transfers.append((vendor, message, data))
        return {"status": "Accepted", "data": data}

    async def update(self) -> dict[str, Any]:
        return {"possible": False, "doing": None, "trial": None, "failure": None}

    async def begin_update(self, *, at_once: bool) -> str | None:
        return "this station cannot be updated"

    async def cancel_update(self) -> str | None:
        return "no update is under way"

    def link(self, up: bool) -> None:
        self.act(lambda station, now: station.went_online("2.0.1", now) if up else station.went_offline(now))
        self.flow()

    def visited(self, peer: str, accepted: bool) -> None:
        self.visits.append((peer, accepted))

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def subscribe_frames(self, listener: FrameListener) -> None:
        self.frame_listeners.append(listener)

    # --- what happens around it ---------------------------------------------------------------------------------------

    def flow(self) -> None:
        """The guard reports, the meters are read, time passes."""
        now = self.clock.now()
        passed_s, self._last_s = now.mono_s - self._last_s, now.mono_s
        for number, bay in self.bays.items():
            evse = self.station.evses[number]
            self.act(lambda station, at, n=number, b=bay, e=evse: station.guard_reported(n, b.observe(e), at))
            reading = bay.read(evse, now, passed_s)
            self.act(lambda station, at, n=number, r=reading: station.meter_read(n, r, at))
        self.act(lambda station, at: station.tick(at))

    def _settle(self, now: Moment) -> None:
        while taken := self.station.take():
            for item, at in taken:
                if isinstance(item, Wish):
                    self._grant(item, now)
                else:
                    self._publish(item, at or now)

    def _grant(self, wish: Wish, now: Moment) -> None:
        match wish:
            case AskAuthorization(_, question, token):
                good = not token.value.upper().startswith("DEAD")
                asked = {"idToken": {"idToken": token.value, "type": "ISO14443"}}
                self.say("Authorize", asked, {"idTokenInfo": {"status": "Accepted" if good else "Invalid"}})
                self.station.authorization_answered(question, Verdict("Accepted" if good else "Invalid"), now)
            case BeginMetering(evse, transaction, _):
                self.station.metering_began(evse, transaction, self._register(evse, now), now)
            case EndMetering(evse, transaction):
                self.station.metering_ended(evse, transaction, self._register(evse, now), now)

    def _register(self, evse: int, now: Moment) -> Reading:
        return Reading(round(self.bays[evse].register_wh, 1), 0.0, taken_s=now.mono_s, at=now.at)

    def _publish(self, fact: Fact, moment: Moment) -> None:
        self.facts.append(fact)
        self.journal.enter(fact, moment.at)
        if isinstance(fact, TransactionStarted):
            self.station.recorded(fact.transaction, moment)
        self._report(fact)
        record = Record(fact, moment.at, moment.mono_s)
        self.tally.heard(record)
        for listener in self.listeners:
            listener(record)

    def _report(self, fact: Fact) -> None:
        """The message that a dialect would make of it, roughly."""
        match fact:
            case StatusChanged() if fact.evse:
                self.say(
                    "StatusNotification", {"connectorStatus": fact.status.value, "evseId": fact.evse, "connectorId": 1}
                )
            case TransactionStarted() | TransactionEnded():
                kind = type(fact).__name__.removeprefix("Transaction")
                told = {"eventType": kind, "triggerReason": fact.trigger.value, "seqNo": fact.seq_no}
                told["transactionInfo"] = {"transactionId": fact.transaction, "chargingState": fact.state.value}
                self.say("TransactionEvent", told, {"idTokenInfo": {"status": "Accepted"}})

    def say(self, action: str, payload: dict[str, Any], answer: dict[str, Any] | None = None) -> None:
        if self.around.online:
            number = str(next(self._messages))
            self.frame("out", [2, number, action, payload])
            self.frame("in", [3, number, answer or {}])

    def frame(self, direction: Direction, message: Any) -> None:
        self.tally.frame(direction, json.dumps(message))
        for listener in self.frame_listeners:
            listener(datetime.now(UTC), direction, json.dumps(message))

    def remember_sessions(self, count: int) -> None:
        """Bills of the last days, so that the history has something to show."""
        for n in range(count):
            began = datetime.now(UTC) - timedelta(days=count - n, hours=n % 5)
            done = bill(f"old-{n}", n % 2 + 1, Token(f"04A1B2C3D4{n:02X}F6"), began, 1000.0 * n)
            done |= {"ended_at": began + timedelta(minutes=75 + 13 * n), "energy_wh": 7400.0 + 1310 * n}
            self.journal.known[f"old-{n}"] = done | {"reason": "EVDisconnected" if n % 2 else "Local"}


async def play(controls: FakeControls, every_s: float = 1.0) -> None:
    """Let time pass for the station, until cancelled."""
    while True:
        controls.flow()
        await asyncio.sleep(every_s)


async def main(port: int) -> None:
    from chargepoint.web.listening import open_port
    from chargepoint.web.server import serving

    controls = FakeControls()
    controls.remember_sessions(5)
    async with serving(controls, open_port(f"127.0.0.1:{port}")):
        await play(controls)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8080))
