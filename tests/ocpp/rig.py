"""A real station with everything around it faked: what handlers and encoders need, worked by hand."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import distribution
from typing import Any

import jsonschema

from chargepoint.core.authorization import Cards
from chargepoint.core.books import Cause
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse, EvseSpec
from chargepoint.core.facts import Fact, Moment, Record, Token, Trigger
from chargepoint.core.observation import Observation
from chargepoint.core.reception import Reception
from chargepoint.core.register import Reading
from chargepoint.core.settings import Settings
from chargepoint.core.sharing import Sharing
from chargepoint.core.station import Station
from chargepoint.core.supply import Supply
from chargepoint.core.wishes import BeginMetering, EndMetering, Wish
from chargepoint.ocpp.dialect import Dialect, Payload
from chargepoint.ocpp.rpc import without_empty
from chargepoint.ocpp.services import Nameplate, NoAnswer, Registration, Services

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARD = Token("04A1B2C3D4E5F6", "ISO14443")
READING = Reading(1234.9, 3680.0, (16.0, 0.0, 0.0), (230.0, 231.0, 229.5))
SUPPLYING = Observation("C2", ev_connected=True, cable_present=True, cable_a=32.0, contactor="closed", offered_a=16.0)


@dataclass
class FakeClock:
    boot: str = "boot"
    at: datetime = NOON
    mono_s: float = 100.0
    trusted: bool = True
    offset_s: float = 0.0
    source: str = "ntp"

    def now(self) -> Moment:
        return Moment(self.mono_s, self.at)

    def correct(self, at: datetime) -> None:
        self.at = at

    def advance(self, seconds: float) -> None:
        self.mono_s += seconds
        self.at += timedelta(seconds=seconds)


@dataclass
class FakeJournal:
    owed: list[Record] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def corrected_time(self, record: Record) -> datetime:
        return record.at

    def undelivered(self, limit: int = 100) -> Sequence[Record]:
        return self.owed[:limit]

    def undelivered_count(self) -> int:
        return len(self.owed)

    def csms_id(self, transaction: str) -> int | None:
        return self.numbers.get(transaction)

    def learn_csms_id(self, transaction: str, csms_id: int) -> None:
        self.numbers[transaction] = csms_id


@dataclass
class FakeSpeaker:
    registration: Registration = Registration.ACCEPTED
    said: list[tuple[str, Payload]] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)  # "boot", "heartbeat", or the EVSE whose status was reported

    def say(self, action: str, payload: Payload) -> None:
        self.said.append((action, payload))

    async def call(self, action: str, payload: Payload) -> Payload:
        raise NoAnswer("nobody listens")

    def report_status(self, evse: int) -> None:
        self.told.append(evse)

    def boot_again(self) -> None:
        self.told.append("boot")

    def send_heartbeat(self) -> None:
        self.told.append("heartbeat")


class Rig:
    """`dialect.requests` worked by `ask`, `dialect.reports` by `say`; both check what comes out."""

    def __init__(self, dialect: Dialect, *, evses: int = 2, outlet: str = "socket") -> None:
        self.dialect = dialect
        self.clock, self.journal, self.speaker = FakeClock(), FakeJournal(), FakeSpeaker()
        self.records: list[Record] = []
        self.wishes: list[Wish] = []
        self.has_lock = outlet == "socket"
        self.lock = "Unlocked"  # what the guard makes of an unlock command
        self.unlocked: list[int] = []
        self.around = Circumstances(Settings(), online=True)
        self.around.settings.overlay(dialect.fixed_settings)
        self.station = self._build(evses, outlet)
        self.services: Services = Services(
            station=self.station, act=self.act, settings=self.around.settings, cards=self.station.reception.cards,
            journal=self.journal, clock=self.clock, unlock=self._unlock, speaker=self.speaker,
            nameplate=Nameplate("Acme", "Wall 22", "A-000123", "1.0.0"),
        )  # type: ignore[arg-type]  # fmt: skip
        for evse in self.station.evses:
            self.guard(evse, Observation())

    def _build(self, evses: int, outlet: str) -> Station:
        built = {n: Evse(EvseSpec(n, phases=1, outlet=outlet), self.around) for n in range(1, evses + 1)}
        return Station(self.around, built, Reception(built, self.around, Cards()), Sharing(Supply()))

    async def _unlock(self, evse: int) -> str:
        self.unlocked.append(evse)
        return self.lock

    def act(self, deed: Callable[[Station, Moment], Any]) -> Any:
        now = self.clock.now()
        result = deed(self.station, now)
        for item, at in self.station.take():
            self._follow(item, at or now)
        return result

    def _follow(self, item: Fact | Wish, at: Moment) -> None:
        match item:
            case BeginMetering(evse, transaction, _):
                self.act(lambda station, now: station.metering_began(evse, transaction, READING, now))
                self.act(lambda station, now: station.recorded(transaction, now))
            case EndMetering(evse, transaction):
                self.act(lambda station, now: station.metering_ended(evse, transaction, READING, now))
            case Wish():
                self.wishes.append(item)
            case Fact():
                self.records.append(Record(item, at.at, at.mono_s, "boot"))

    # --- what people and cars do --------------------------------------------------------------------------------------

    def guard(self, evse: int, seen: Observation) -> None:
        """The guard's word; a socket's lock holds while power may flow."""
        if self.has_lock:
            seen = replace(seen, locked=seen.closed)
        self.act(lambda station, now: station.guard_reported(evse, seen, now))

    def charge(self, evse: int = 1, token: Token = CARD, number: int = 7) -> str:
        """A whole start: the car supplied, the transaction numbered by the CSMS. Returns our id of it."""
        self.act(lambda station, now: station.meter_read(evse, READING, now))
        self.guard(evse, replace(SUPPLYING, pilot="B2", contactor="open"))
        cause = Cause(Trigger.AUTHORIZED, token=token)
        self.act(lambda station, now: station.evses[evse].visit.authorize(token, "test", cause, now))
        self.guard(evse, SUPPLYING)
        transaction = self.station.evses[evse].transaction
        assert transaction is not None
        self.journal.numbers[transaction.id] = number
        return transaction.id

    def facts(self, kind: type[Fact]) -> list[Any]:
        return [record.fact for record in self.records if isinstance(record.fact, kind)]

    # --- both directions, checked -------------------------------------------------------------------------------------

    async def ask(self, action: str, payload: Payload) -> Payload:
        """The CSMS asks; question and answer are checked against the standard's schemas."""
        check(self.dialect, action, payload)
        answer = await self.dialect.requests[action](self.services, payload)
        assert answer == without_empty(answer), "an optional empty field was not left out"
        check(self.dialect, action, answer, answer=True)
        return answer

    def say(self, fact: Fact, **record: Any) -> tuple[str, Payload] | None:
        """How the dialect tells of a fact that happened at noon."""
        said = self.dialect.reports[type(fact)](self.services, Record(fact, **{**HAPPENED, **record}))
        if said is not None:
            check(self.dialect, *said)
        return said

    async def settle(self, action: str, fact: Fact, answer: Payload) -> None:
        check(self.dialect, action, answer, answer=True)
        await self.dialect.answers[action](self.services, Record(fact, **HAPPENED), answer)


HAPPENED: dict[str, Any] = {"at": NOON, "mono_s": 100.0, "boot": "boot"}


def check(dialect: Dialect, action: str, payload: Payload, *, answer: bool = False) -> None:
    """Against the schema file itself, by another validator than the program's; it must also survive JSON."""
    package = "v" + dialect.version.replace(".", "")
    request = "" if package == "v16" else "Request"
    schema = _schema(package, action + ("Response" if answer else request))
    jsonschema.validate(json.loads(json.dumps(payload, allow_nan=False)), schema)


@cache
def _schema(package: str, name: str) -> Any:
    path = distribution("ocpp").locate_file(f"ocpp/{package}/schemas/{name}.json")
    with open(str(path), encoding="utf-8-sig") as file:
        return json.load(file)


def request_schema(action: str) -> Any:
    """Of 1.6."""
    return _schema("v16", action)


def schema_actions(package: str) -> frozenset[str]:
    """Every action the package has a request schema for."""
    folder = distribution("ocpp").locate_file(f"ocpp/{package}/schemas")
    names = [path.stem for path in folder.iterdir() if path.suffix == ".json"]  # type: ignore[attr-defined]
    return frozenset(name.removesuffix("Request") for name in names if not name.endswith("Response"))
