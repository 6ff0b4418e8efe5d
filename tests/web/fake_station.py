"""A station that only plays its part: what the page and the API need to be looked at, without hardware or back office.

`python -m tests.web.fake_station [PORT]` serves the page with two simulated EVSEs behind one supply.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chargepoint.config import AccessConfig, Config, CsmsConfig, EvseConfig, StationConfig, SupplyConfig
from chargepoint.core.facts import (
    CablePlugged,
    CableUnplugged,
    ChargingState,
    Fact,
    FaultCleared,
    FaultRaised,
    LimitChanged,
    Moment,
    Record,
    SessionEnded,
    SessionStarted,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TokenAccepted,
    TokenRefused,
)
from chargepoint.core.limits import Limit, permit
from chargepoint.core.observation import Fault, Observation
from chargepoint.web.controls import CsmsState, Direction, FrameListener, Refused
from hw.api import Reading

REMEDIES = {
    "earth_leakage": ("MREC2GroundFailure", "Unplug the car; have the cable and the installation checked for damage."),
    "contactor_welded": ("MREC17EVSEContactorFault", "Switch off at the breaker and have the contactor replaced."),
    "overtemperature": ("MREC19CableOverTempStop", "Let it cool down; check the terminals for loose screws."),
    "emergency_stop": ("MREC8EmergencyStop", "Turn the red button to release it."),
}


class FakeClock:
    trusted, source, offset_s = True, "ntp", 0.0

    def now(self) -> Moment:
        return Moment(time.monotonic(), datetime.now(UTC))


@dataclass
class FakeSession:
    id: str
    token: Token | None
    started_at: datetime
    stop_reason: StopReason | None = None
    energy_wh: float = 0.0


@dataclass
class FakeTransaction:
    id: str
    begin_wh: float
    started_at: datetime
    state: ChargingState = ChargingState.CHARGING


@dataclass
class FakeEvse:
    spec: EvseConfig
    seen: Observation = field(default_factory=lambda: Observation(cable_present=False, locked=False))
    operative: bool = True
    session: FakeSession | None = None
    transaction: FakeTransaction | None = None
    reading: Reading | None = None
    local_a: float | None = None
    supply_a: float | None = None
    draw_a: float = 16.0
    phases: int = 3
    asks_power: bool = True
    register_wh: float = 1_204_500.0

    @property
    def id(self) -> int:
        return self.spec.id

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.seen.faults

    def limits(self) -> list[Limit]:
        named = {
            "configuration": self.spec.max_current_a,
            "cable": self.seen.cable_a,
            "supply": self.supply_a,
            "local": self.local_a,
            "no session": None if self.transaction else 0.0,
            **{f"fault {fault.name}": 0.0 for fault in self.faults},
        }
        return [Limit(source, amps) for source, amps in named.items() if amps is not None]

    def permit_a(self) -> float:
        return permit(self.limits())

    def status(self, now: Moment) -> Status:
        if self.faults:
            return Status.FAULTED
        if not self.operative and self.transaction is None:
            return Status.UNAVAILABLE
        if self.session is None:
            return Status.AVAILABLE
        if self.transaction is None:
            return Status.FINISHING if self.session.stop_reason else Status.PREPARING
        if self.permit_a() == 0.0:
            return Status.SUSPENDED_EVSE
        return Status.CHARGING if self.asks_power else Status.SUSPENDED_EV


class FakeJournal:
    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []

    def undelivered_count(self) -> int:
        return 0

    def dead_letters(self) -> list[Any]:
        return []

    def sessions(self, limit: int) -> list[dict[str, Any]]:
        return self.done[::-1][:limit]


class FakeStation:
    """Methods as those of the real one; hardware answers a moment later."""

    def __init__(self, config: Config, journal: FakeJournal, frames: Callable[[str, Any], None]) -> None:
        self.evses = {spec.id: FakeEvse(spec) for spec in config.evses}
        self.config, self.journal, self.say = config, journal, frames
        self.emitted: list[Fact] = []
        self._shown: dict[int, tuple[Status, float]] = {}
        self._numbers = itertools.count(1)

    def start(self, evse: int, token: Token, now: Moment) -> str | None:
        target = self.evses[evse]
        if target.session is None or target.transaction is not None:
            return "plug in a car first" if target.session is None else f"EVSE {evse} is charging already"
        if token.value.upper().startswith("DEAD"):
            self.emitted.append(TokenRefused(evse, token, "Invalid"))
            return "this card is not accepted"
        target.session.token = token
        self.emitted.append(TokenAccepted(evse, target.session.id, token, "csms"))
        self.say("Authorize", {"idToken": {"idToken": token.value, "type": "ISO14443"}})
        target.transaction = FakeTransaction(f"tx-{next(self._numbers)}", target.register_wh, now.at)
        target.session.stop_reason = None
        self._event("Started", target)
        return None

    def stop(self, evse: int, now: Moment, reason: StopReason = StopReason.LOCAL) -> str | None:
        target = self.evses[evse]
        if target.transaction is None or target.session is None:
            return f"nobody is charging at EVSE {evse}"
        self._event("Ended", target)
        target.session.energy_wh += target.register_wh - target.transaction.begin_wh
        target.session.stop_reason = reason
        token = target.session.token
        self.journal.done.append({
            "id": target.transaction.id, "evse": evse, "token": token.value if token else None,
            "started_at": target.transaction.started_at, "ended_at": now.at,
            "energy_wh": target.register_wh - target.transaction.begin_wh, "reason": reason.value, "open": False,
        })  # fmt: skip
        target.transaction = None
        return None

    def limit(self, evse: int, amps: float | None, now: Moment) -> None:
        self.evses[evse].local_a = amps

    def change_availability(self, evse: int, operative: bool, now: Moment) -> str:
        self.evses[evse].operative = operative
        return "Scheduled" if self.evses[evse].transaction else "Accepted"

    def plug(self, evse: int, now: Moment, cable_a: float) -> None:
        target = self.evses[evse]
        target.seen = replace(target.seen, pilot="B1", ev_connected=True, cable_present=True, cable_a=cable_a)
        target.session = FakeSession(f"s-{next(self._numbers)}", None, now.at)
        self.emitted += [CablePlugged(evse, cable_a), SessionStarted(evse, target.session.id, "EVConnected")]

    def unplug(self, evse: int, now: Moment) -> None:
        target = self.evses[evse]
        self.stop(evse, now, StopReason.EV_DISCONNECTED)
        if target.session is not None:
            self.emitted += [CableUnplugged(evse), SessionEnded(evse, target.session.id)]
        target.session = None
        target.seen = Observation(cable_present=False, locked=False, faults=target.faults)

    def follow(self, now: Moment, passed_s: float) -> None:
        charging = [evse for evse in self.evses.values() if evse.transaction is not None and not evse.faults]
        for evse in self.evses.values():
            share_a = self.config.supply.max_current_a / max(len(charging), 1)
            evse.supply_a = share_a if evse in charging else None
            self._flow(evse, now, passed_s)
            self._tell(evse, now)

    def _flow(self, evse: FakeEvse, now: Moment, passed_s: float) -> None:
        closed = evse.status(now) is Status.CHARGING
        amps = min(evse.draw_a, evse.permit_a()) if closed else 0.0
        wobble = 0.15 * ((int(now.mono_s * 3) % 5) - 2) if amps else 0.0
        currents = tuple(round(amps + wobble, 2) if phase < evse.phases else 0.0 for phase in range(evse.spec.phases))
        power_w = 231.0 * sum(currents)
        evse.register_wh += power_w * passed_s / 3600
        evse.reading = Reading(round(evse.register_wh, 1), power_w, currents, (231.2, 230.8, 231.0), now.mono_s)
        evse.seen = replace(
            evse.seen, contactor="closed" if closed else "open", offered_a=evse.permit_a(),
            pilot=_pilot(evse, closed), locked=evse.transaction is not None,
        )  # fmt: skip

    def _tell(self, evse: FakeEvse, now: Moment) -> None:
        status, amps = evse.status(now), evse.permit_a()
        shown = self._shown.get(evse.id)
        if shown is None or shown[0] is not status:
            self.emitted.append(StatusChanged(evse.id, status))
            self.say("StatusNotification", {"timestamp": "now", "connectorStatus": "Occupied", "evseId": evse.id})
        if shown is None or shown[1] != amps:
            self.emitted.append(LimitChanged(evse.id, amps, "supply"))
        self._shown[evse.id] = status, amps

    def _event(self, kind: str, evse: FakeEvse) -> None:
        token = evse.session.token if evse.session else None
        self.say("TransactionEvent", {
            "eventType": kind, "triggerReason": "Authorized", "seqNo": 0, "evse": {"id": evse.id},
            "idToken": {"idToken": token.value if token else "", "type": "ISO14443"},
        })  # fmt: skip


def _pilot(evse: FakeEvse, closed: bool) -> str:
    if not evse.seen.ev_connected:
        return "A"
    if closed:
        return "C2"
    return "B2" if evse.permit_a() else "B1"


class FakeSimulator:
    def __init__(self, controls: FakeControls) -> None:
        self._controls = controls

    def _evse(self, evse: int) -> FakeEvse:
        return self._controls.station.evses[evse]

    async def plug(self, evse: int, options: Mapping[str, Any]) -> None:
        if self._evse(evse).seen.ev_connected:
            raise Refused(f"EVSE {evse} is plugged already")
        await self.car(evse, options)
        self._controls.act(lambda station, now: station.plug(evse, now, options.get("cable_a", 32.0)))

    async def unplug(self, evse: int, side: str) -> None:
        if not self._evse(evse).seen.ev_connected:
            raise Refused(f"nothing is plugged into EVSE {evse}")
        self._controls.act(lambda station, now: station.unplug(evse, now))

    async def car(self, evse: int, options: Mapping[str, Any]) -> None:
        target = self._evse(evse)
        target.draw_a, target.phases = options.get("draw_a", target.draw_a), options.get("phases", target.phases)
        target.asks_power = options.get("asks_power", target.asks_power)
        self._controls.act(lambda station, now: None)

    async def fault(self, evse: int, kind: str, active: bool) -> None:
        target = self._evse(evse)
        name, remedy = REMEDIES.get(kind, (kind, "Look at the wiring."))
        others = tuple(fault for fault in target.faults if fault.name != name)
        fault = Fault(name, "high", remedy, since_s=time.monotonic())
        target.seen = replace(target.seen, faults=(*others, fault) if active else others)
        fact = FaultRaised(evse, name, "high", remedy) if active else FaultCleared(evse, name)
        self._controls.act(lambda station, now: station.emitted.append(fact))

    async def card(self, uid: str, reader: int) -> None:
        waiting = [evse for evse in self._controls.station.evses.values() if evse.session is not None]
        for evse in waiting:
            token = evse.session.token if evse.session else None
            if evse.transaction is not None and token == Token(uid):
                self._controls.act(lambda station, now, n=evse.id: station.stop(n, now))
                return
            if evse.transaction is None:
                self._controls.act(lambda station, now, n=evse.id: station.start(n, Token(uid), now))
                return


class FakeControls:
    """The composition root's object, played."""

    firmware = "0.1.0"

    def __init__(self, evses: int = 2, *, simulated: bool = True) -> None:
        specs = tuple(EvseConfig(id=n, max_current_a=16.0 if n == 1 else 32.0) for n in range(1, evses + 1))
        self.config = Config(
            station=StationConfig(vendor="Acme", model="Wall 22", serial_number="A-000123"),
            evses=specs,
            supply=SupplyConfig(max_current_a=20.0, phases=3),
            csms=CsmsConfig(url="wss://csms.example.com/ocpp", identity="CP001"),
            access=AccessConfig(),
            mock=simulated,
        )
        self.clock = FakeClock()
        self.journal = FakeJournal()
        self.listeners: list[Callable[[Record], None]] = []
        self.frame_listeners: list[FrameListener] = []
        self.station: Any = FakeStation(self.config, self.journal, self._say)
        self.simulator = FakeSimulator(self) if simulated else None
        self.settings: Any = None
        self.cards: Any = None
        self.online = True
        self._messages = itertools.count(1)
        self._last_s = time.monotonic()

    def csms(self) -> CsmsState:
        return CsmsState("accepted", "2.0.1") if self.online else CsmsState("offline", None)

    def supply_measured(self) -> tuple[float, ...] | None:
        return None

    def act(self, deed: Callable[[Any, Moment], Any]) -> Any:
        now = self.clock.now()
        result = deed(self.station, now)
        self.station.follow(now, now.mono_s - self._last_s)
        self._last_s = now.mono_s
        facts, self.station.emitted = self.station.emitted, []
        for fact in facts:
            for listener in self.listeners:
                listener(Record(fact, now.at, now.mono_s))
        return result

    async def unlock(self, evse: int) -> str:
        return "OngoingAuthorizedTransaction" if self.station.evses[evse].transaction else "Unlocked"

    async def clear(self, evse: int, fault: str) -> str | None:
        if all(each.name != fault for each in self.station.evses[evse].faults):
            return f"EVSE {evse} has no fault {fault}"
        target = self.station.evses[evse]
        target.seen = replace(target.seen, faults=tuple(each for each in target.faults if each.name != fault))
        self.act(lambda station, now: station.emitted.append(FaultCleared(evse, fault)))
        return None

    def link(self, up: bool) -> None:
        self.online = up
        self.act(lambda station, now: None)

    def subscribe(self, listener: Callable[[Record], None]) -> None:
        self.listeners.append(listener)

    def subscribe_frames(self, listener: FrameListener) -> None:
        self.frame_listeners.append(listener)

    def _say(self, action: str, payload: Any) -> None:
        if self.online:
            number = str(next(self._messages))
            self.frame("out", [2, number, action, payload])
            self.frame("in", [3, number, {"idTokenInfo": {"status": "Accepted"}} if "idToken" in payload else {}])

    def frame(self, direction: Direction, message: Any) -> None:
        for listener in self.frame_listeners:
            listener(datetime.now(UTC), direction, json.dumps(message))

    def remember_sessions(self, count: int) -> None:
        """Bills of the last days, so that the history has something to show."""
        for n in range(count):
            began = datetime.now(UTC) - timedelta(days=count - n, hours=n % 5)
            self.journal.done.append({
                "id": f"tx-old-{n}", "evse": n % 2 + 1, "token": "04A1B2C3D4E5F6", "started_at": began,
                "ended_at": began + timedelta(minutes=75 + 13 * n), "energy_wh": 7400.0 + 1310 * n,
                "reason": "EVDisconnected" if n % 2 else "Local", "open": False,
            })  # fmt: skip


async def play(controls: FakeControls) -> None:
    """Let time pass for the station: energy flows, states are told."""
    while True:
        controls.act(lambda station, now: None)
        await asyncio.sleep(1.0)


async def main(port: int) -> None:
    from chargepoint.web.listening import open_port
    from chargepoint.web.server import serving

    controls = FakeControls()
    controls.remember_sessions(5)
    async with serving(controls, open_port(f"127.0.0.1:{port}")) as _:
        await play(controls)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8080))
