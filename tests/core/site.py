"""A pure station with everything around it played by hand: the guard, the meter, the journal and the back office."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from chargepoint.core.authorization import Cards, Verdict
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse, EvseSpec
from chargepoint.core.facts import Fact, Moment, Record, Status, Token, TransactionStarted
from chargepoint.core.observation import Fault, Observation
from chargepoint.core.reception import Reception
from chargepoint.core.register import Reading
from chargepoint.core.settings import Settings
from chargepoint.core.sharing import Sharing
from chargepoint.core.station import Station
from chargepoint.core.supply import Supply
from chargepoint.core.wishes import AskAuthorization, BeginMetering, EndMetering, SignReading, Wish

F = TypeVar("F", bound=Fact)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EMPTY = Observation()
PLUGGED = Observation(pilot="B1", ev_connected=True, cable_present=True, cable_a=32.0, locked=False)


class Site:
    def __init__(self, *specs: EvseSpec, mode: str = "ocpp", supply_a: float = 0.0, online: bool = True) -> None:
        self.settings = Settings()
        numbers = count(1)
        self.around = Circumstances(self.settings, online=online, new_id=lambda: f"id-{next(numbers)}")
        evses = {spec.id: Evse(spec, self.around) for spec in specs or (EvseSpec(1),)}
        self.cards = Cards()
        self.station = Station(
            self.around, evses, Reception(evses, self.around, self.cards, mode), Sharing(Supply(supply_a))
        )
        self.time_s = 1000.0
        self.facts: list[Fact] = []
        self.wishes: list[Wish] = []
        self.dated: list[tuple[Fact | Wish, Moment]] = []  # all of them, and when they happened
        self.verdicts: dict[str, Verdict] = {}
        self.register_wh = dict.fromkeys(evses, 5000.0)
        self.current_a: dict[int, tuple[float, ...]] = dict.fromkeys(evses, (10.0, 10.0, 10.0))
        self.voltage_v: tuple[float, ...] = (230.0, 231.0, 232.0)
        self.journal_works = self.meter_works = self.csms_answers = True
        for evse in evses:
            self.see(evse, EMPTY)
            self.read(evse)
        self.facts.clear()

    @property
    def now(self) -> Moment:
        return Moment(self.time_s, NOON + timedelta(seconds=self.time_s - 1000.0))

    def evse(self, number: int = 1) -> Evse:
        return self.station.evses[number]

    def status(self, evse: int = 1) -> Status:
        return self.evse(evse).status

    def permit_a(self, evse: int = 1) -> float:
        return self.evse(evse).permit_a()

    def why(self, evse: int = 1) -> list[str]:
        return [limit.source for limit in self.evse(evse).limits() if limit.amps < 6]

    # --- what happens -------------------------------------------------------------------------------------------------

    def see(self, evse: int = 1, observation: Observation | None = None, **changes: Any) -> None:
        self.station.guard_reported(evse, replace(observation or self.evse(evse).seen, **changes), self.now)
        self.settle()

    def plug(self, evse: int = 1, **changes: Any) -> None:
        self.see(evse, PLUGGED, **changes)

    def draw(self, evse: int = 1) -> None:
        self.see(evse, pilot="C2", contactor="closed", locked=True, offered_a=self.permit_a(evse))

    def pause(self, evse: int = 1) -> None:
        self.see(evse, pilot="B2", contactor="open", offered_a=self.permit_a(evse))

    def opened(self, evse: int = 1) -> None:
        self.see(evse, contactor="open")

    def unplug(self, evse: int = 1) -> None:
        self.see(evse, EMPTY)

    def leave_cable(self, evse: int = 1) -> None:
        self.see(evse, pilot="A", ev_connected=False, contactor="open")

    def fault(self, name: str, severity: str = "high", evse: int = 1, **changes: Any) -> None:
        self.see(evse, faults=(Fault(name, severity, "mend it"),), **changes)

    def card(self, uid: str, after_s: float = 5.0) -> None:
        self.wait(after_s)
        self.station.card_presented(Token(uid, "ISO14443"), self.now)
        self.settle()

    def charge(self, uid: str = "CARD1", evse: int = 1) -> None:
        """Plugged, authorized, drawing."""
        self.plug(evse)
        self.card(uid)
        self.draw(evse)

    def read(self, evse: int = 1, wh: float = 0.0) -> None:
        """The meter is read, after the time in which a car draws `wh` at 7 kW."""
        self.wait(wh / 7000 * 3600, step_s=10.0)
        self.register_wh[evse] += wh
        self.station.meter_read(evse, self.reading(evse), self.now)
        self.settle()

    def reading(self, evse: int) -> Reading:
        return Reading(self.register_wh[evse], 7000.0, self.current_a[evse], self.voltage_v, self.now.mono_s)

    def measure(self, evse: int, *amps: float) -> None:
        """Its meter shows that from now on."""
        self.current_a[evse] = amps
        self.read(evse)

    def draws(self, evse: int, *amps: float, seconds: int = 0) -> None:
        """Its meter shows that, once a second for so long."""
        self.measure(evse, *amps)
        for _ in range(seconds):
            self.wait(1)
            self.read(evse)

    def limits(self, evse: int = 1) -> dict[str, float]:
        return {limit.source: limit.amps for limit in self.evse(evse).limits()}

    def wait(self, seconds: float, step_s: float = 1.0) -> None:
        end_s = self.time_s + seconds
        while self.time_s < end_s:
            self.time_s = min(self.time_s + step_s, end_s)
            self.station.tick(self.now)
            self.settle()

    # --- what the outside does about it -------------------------------------------------------------------------------

    def settle(self) -> None:
        while taken := self.station.take():
            for item, at in taken:
                self.dated.append((item, at or self.now))
                if isinstance(item, Wish):
                    self.wishes.append(item)
                    self.grant(item)
                else:
                    self.facts.append(item)
                    if isinstance(item, TransactionStarted) and self.journal_works:
                        self.station.recorded(item.transaction, self.now)

    def grant(self, wish: Wish) -> None:
        match wish:
            case AskAuthorization(_, question, token) if self.csms_answers:
                verdict = self.verdicts.get(token.value, Verdict("Accepted"))
                self.station.authorization_answered(question, verdict, self.now)
            case BeginMetering(evse, transaction, _):
                self.station.metering_began(evse, transaction, self.measured(evse), self.now)
            case EndMetering(evse, transaction):
                self.station.metering_ended(evse, transaction, self.measured(evse), self.now)
            case SignReading(evse):
                self.station.evses[evse].reading_signed(self.measured(evse), self.now)

    def measured(self, evse: int) -> Reading | None:
        return self.reading(evse) if self.meter_works else None

    # --- what came of it ----------------------------------------------------------------------------------------------

    def told(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def records(self) -> list[Record]:
        """As the journal would have them."""
        return [Record(fact, self.now.at, self.time_s, "boot-1") for fact in self.facts]

    def wished(self, kind: type[Wish]) -> list[Wish]:
        return [wish for wish in self.wishes if isinstance(wish, kind)]
