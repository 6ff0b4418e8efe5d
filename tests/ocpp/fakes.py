"""The rest of the program, as small as the conversation allows: station, journal, clock, memory, a tiny dialect."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chargepoint.core.facts import ChargingState as Charging
from chargepoint.core.facts import (
    Fact,
    MetersSampled,
    Moment,
    Record,
    SecurityEvent,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargepoint.core.facts import Trigger as Why
from chargepoint.core.settings import Settings
from chargepoint.errors import JournalError
from chargepoint.ocpp.dialect import FRAMING_16, FRAMING_201, Boot, Dialect, NotYet, Verdict
from chargepoint.ocpp.rpc import Reason
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.services import Nameplate, Services
from chargepoint.security.events import Watch

BOOT = "this-boot"


@dataclass
class FakeEvse:
    status: Status = Status.AVAILABLE
    shown: Status | None = Status.AVAILABLE
    occupied: bool = False
    transaction: Any = None


@dataclass
class FakeStation:
    evses: dict[int, FakeEvse]
    online: bool = False
    status: Status = Status.AVAILABLE
    log: list[Any] = field(default_factory=list)
    emitted: list[Fact] = field(default_factory=list)

    @property
    def around(self) -> Any:
        return SimpleNamespace(emit=self.emitted.append)

    def went_online(self, ocpp: str, now: Moment) -> None:
        self.online = True

    def went_offline(self, now: Moment) -> None:
        self.online = False


class FakeClock:
    """Wall time follows the loop's clock, from noon."""

    boot, trusted, offset_s, source = BOOT, True, 0.0, "ntp"

    def __init__(self) -> None:
        self.corrections: list[datetime] = []

    def now(self) -> Moment:
        mono_s = asyncio.get_running_loop().time()
        return Moment(mono_s, datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(seconds=mono_s))

    def correct(self, at: datetime) -> None:
        self.corrections.append(at)


@dataclass
class FakeFrozen:
    message_id: str
    subprotocol: str
    action: str
    text: str
    attempts: int = 0


class FakeJournal:
    """In memory, with the promises of the real one."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.words: dict[int, FakeFrozen] = {}
        self.by_message: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        self.delivered: list[int] = []
        self.dead: dict[int, str] = {}
        self.running = 0  # transactions
        self.broken = False
        self.late = timedelta(0)  # by how much clocks were slow
        self._owed: dict[int, Record] = {}

    def add(self, record: Record) -> Record:
        record = replace(record, id=len(self.records) + 1)
        self.records[record.id] = self._owed[record.id] = record
        return record

    def corrected_time(self, record: Record) -> datetime:
        return record.at + self.late

    def undelivered(self, limit: int = 1000) -> Sequence[Record]:
        return [record for _, record in zip(range(limit), self._owed.values(), strict=False)]

    def undelivered_count(self) -> int:
        return len(self._owed)

    @property
    def open_business(self) -> bool:
        return bool(self._owed) or self.running > 0

    def frozen(self, record_id: int) -> FakeFrozen | None:
        return self.words.get(record_id)

    def record_of_message(self, message_id: str) -> Record | None:
        return self.records.get(self.by_message.get(message_id, 0))

    def csms_id(self, transaction: str) -> int | None:
        return self.numbers.get(transaction)

    def learn_csms_id(self, transaction: str, csms_id: int) -> None:
        self.numbers[transaction] = csms_id

    async def freeze(self, record_id: int, message_id: str, subprotocol: str, action: str, text: str) -> None:
        self._check()
        earlier = self.words.get(record_id)
        self.words[record_id] = FakeFrozen(message_id, subprotocol, action, text, earlier.attempts if earlier else 0)
        self.by_message[message_id] = record_id

    async def attempts(self, record_id: int, n: int) -> None:
        self.words[record_id].attempts = n

    async def deliver(self, record_id: int) -> None:
        self._check()
        self._owed.pop(record_id, None)
        self.delivered.append(record_id)

    def _check(self) -> None:
        if self.broken:
            raise JournalError("disk full", where="journal", fix="Make room.")

    async def bury(self, record_id: int, why: str) -> Sequence[int]:
        first = self.records[record_id].fact
        buried = [record_id]
        if isinstance(first, TransactionStarted):
            buried += [
                record.id
                for record in self._owed.values()
                if record.id != record_id and getattr(record.fact, "transaction", None) == first.transaction
            ]
        for each in buried:
            self._owed.pop(each, None)
            self.dead[each] = why
        return buried


class FakeMemory:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}

    def get(self, space: str, key: str) -> Any:
        return self.kept.get((space, key))

    def put(self, space: str, key: str, value: Any) -> None:
        self.kept[space, key] = value


# --- a dialect of a few words, valid by the 1.6 schemas ---------------------------------------------------------------


def text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class TinyPhrases:
    model = "Wall"

    def boot(self, services: Services, cause: str) -> tuple[str, dict[str, Any]]:
        vendor, serial = services.nameplate.vendor, cause  # 1.6 has no field for the cause: tests see it here
        return "BootNotification", {
            "chargePointVendor": vendor,
            "chargePointModel": self.model,
            "chargePointSerialNumber": serial,
        }

    def read_boot(self, answer: dict[str, Any]) -> Boot:
        return Boot(answer["status"], answer["interval"], self.read_time(answer))

    def heartbeat(self) -> tuple[str, dict[str, Any]]:
        return "Heartbeat", {}

    def read_time(self, answer: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(answer["currentTime"])

    def authorize(self, token: Token) -> tuple[str, dict[str, Any]]:
        return "Authorize", {"idTag": token.value}

    def read_verdict(self, answer: dict[str, Any]) -> Verdict:
        return Verdict(answer["idTagInfo"]["status"])

    def sign_certificate(self, request: str) -> tuple[str, dict[str, Any]]:
        return "SignCertificate", {"csr": request}

    def status(self, shown: StatusChanged, at: datetime) -> tuple[str, dict[str, Any]] | None:
        return "StatusNotification", {
            "connectorId": shown.evse,
            "status": self.status_word(shown.status),
            "errorCode": "OtherError" if shown.fault else "NoError",
            "timestamp": text(at),
        }

    def status_word(self, status: Status, occupied: bool = True) -> str:
        return {"suspended_ev": "SuspendedEV", "suspended_evse": "SuspendedEVSE"}.get(status, status.capitalize())

    def statuses_due(self, station: Any) -> list[int]:
        return [0, *station.evses]

    def data_transfer(self, vendor: str, message: str | None, data: Any) -> tuple[str, dict[str, Any]]:
        return "DataTransfer", {"vendorId": vendor, "messageId": message, "data": data}


def encode_start(services: Services, record: Record) -> tuple[str, dict[str, Any]]:
    fact = record.fact
    assert isinstance(fact, TransactionStarted)
    token = fact.token.value if fact.token else ""
    return "StartTransaction", {
        "connectorId": fact.evse,
        "idTag": token + ("-offline" if fact.offline else ""),
        "meterStart": int(fact.meter_wh),
        "timestamp": text(record.at),
    }


def encode_end(services: Services, record: Record) -> tuple[str, dict[str, Any]]:
    fact = record.fact
    assert isinstance(fact, TransactionEnded)
    number = services.journal.csms_id(fact.transaction)
    if number is None:
        raise NotYet
    return "StopTransaction", {
        "transactionId": number,
        "meterStop": int(fact.meter_wh),
        "timestamp": text(record.at),
    }


def encode_event(services: Services, record: Record) -> tuple[str, dict[str, Any]]:
    return "SecurityEventNotification", {"type": record.fact.event}  # type: ignore[attr-defined]


def encode_samples(services: Services, record: Record) -> tuple[str, dict[str, Any]]:
    value = {"timestamp": text(record.at), "sampledValue": [{"value": "1"}]}
    return "MeterValues", {"connectorId": record.fact.evse, "meterValue": [value]}


async def start_answered(services: Services, record: Record, answer: dict[str, Any]) -> None:
    fact = record.fact
    assert isinstance(fact, TransactionStarted)
    services.journal.learn_csms_id(fact.transaction, int(answer["transactionId"]))


async def get_configuration(services: Services, payload: dict[str, Any]) -> dict[str, Any]:
    return {"unknownKey": payload.get("key", [])}


async def trigger(services: Services, payload: dict[str, Any]) -> dict[str, Any]:
    match payload["requestedMessage"]:
        case "BootNotification":
            services.boot_again()
        case "Heartbeat":
            services.send_heartbeat()
        case "StatusNotification":
            services.report_status(payload.get("connectorId", 0))
        case "MeterValues":
            services.speaker.say(*encode_samples(services, Record(MetersSampled(1), services.clock.now().at, 0.0)))
    return {"status": "Accepted"}


async def unlock(services: Services, payload: dict[str, Any]) -> dict[str, Any]:
    return {"status": await services.unlock(payload["connectorId"])}


async def crash(services: Services, payload: dict[str, Any]) -> dict[str, Any]:
    raise RuntimeError("secret text")


async def lie(services: Services, payload: dict[str, Any]) -> dict[str, Any]:
    return {"status": "Perhaps"}


async def ask_back(services: Services, payload: dict[str, Any]) -> dict[str, Any]:
    """Asks the CSMS something before it answers."""
    await services.speaker.call("Heartbeat", {})
    return {"status": "Accepted"}


CODES_16 = {
    Reason.NOT_JSON: "ProtocolError",
    Reason.BAD_FRAME: "ProtocolError",
    Reason.BAD_ID: "ProtocolError",
    Reason.UNKNOWN_TYPE: "GenericError",
    Reason.DUPLICATE: "ProtocolError",
    Reason.UNKNOWN_ACTION: "NotImplemented",
    Reason.NOT_SUPPORTED: "NotSupported",
    Reason.MISSING: "ProtocolError",
    Reason.EXTRA: "FormationViolation",
    Reason.WRONG_TYPE: "TypeConstraintViolation",
    Reason.WRONG_VALUE: "PropertyConstraintViolation",
    Reason.INTERNAL: "InternalError",
    Reason.SECURITY: "SecurityError",
    Reason.GENERIC: "GenericError",
}
CODES_201 = CODES_16 | {
    Reason.NOT_JSON: "RpcFrameworkError",
    Reason.BAD_FRAME: "RpcFrameworkError",
    Reason.BAD_ID: "RpcFrameworkError",
    Reason.UNKNOWN_TYPE: "MessageTypeNotSupported",
    Reason.MISSING: "OccurrenceConstraintViolation",
    Reason.EXTRA: "FormatViolation",
}

TINY_16 = Dialect(
    version="1.6",
    subprotocol="ocpp1.6",
    phrases=TinyPhrases(),
    requests={
        "GetConfiguration": get_configuration,
        "TriggerMessage": trigger,
        "UnlockConnector": unlock,
        "ClearCache": crash,
        "ChangeAvailability": lie,
        "Reset": ask_back,
    },
    reports={
        TransactionStarted: encode_start,
        TransactionEnded: encode_end,
        MetersSampled: encode_samples,
        SecurityEvent: encode_event,
    },
    answers={"StartTransaction": start_answered},
    errors=CODES_16,
    known_actions=frozenset({"GetConfiguration", "GetDiagnostics", "BootNotification"}),
    triggerable_while_pending=frozenset({"Heartbeat", "SignCertificate", "StatusNotification"}),
    fixed_settings={},
    framing=FRAMING_16,
)
TINY_201 = replace(
    TINY_16, version="2.0.1", subprotocol="ocpp2.0.1", errors=CODES_201, framing=FRAMING_201, phrases=TinyPhrases()
)
DIALECTS = {dialect.subprotocol: dialect for dialect in (TINY_16, TINY_201)}


def load(subprotocol: str) -> tuple[Dialect, Schemas]:
    return DIALECTS[subprotocol], Schemas("v16")


# --- facts ------------------------------------------------------------------------------------------------------------


def started(transaction: str = "tx", evse: int = 1, wh: float = 0.0) -> TransactionStarted:
    return TransactionStarted(evse, transaction, "session", 0, Why.AUTHORIZED, Charging.CHARGING, Token("04A1B2C3"), wh)


def updated(transaction: str = "tx", evse: int = 1) -> TransactionUpdated:
    return TransactionUpdated(evse, transaction, 1, Why.METER_VALUE_PERIODIC, Charging.CHARGING)


def ended(transaction: str = "tx", evse: int = 1, wh: float = 1000.0) -> TransactionEnded:
    return TransactionEnded(
        evse, transaction, "session", 2, Why.STOP_AUTHORIZED, Charging.EV_CONNECTED, StopReason.LOCAL, None, wh
    )


def noticed(event: str = "StartupOfTheDevice") -> SecurityEvent:
    return SecurityEvent(0, event)


def sampled(evse: int = 1) -> MetersSampled:
    return MetersSampled(evse)


def status(evse: int, shown: Status, fault: str = "") -> StatusChanged:
    return StatusChanged(evse, shown, fault)


def services(
    *, evses: int = 2, unlock: Callable[[int], Any] | None = None, settings: Mapping[str, str] | None = None
) -> Services:
    station = FakeStation({n: FakeEvse() for n in range(1, evses + 1)})
    clock = FakeClock()

    async def unlocked(evse: int) -> str:
        return "Unlocked"

    def act(deed: Any) -> Any:
        return deed(station, clock.now())

    return Services(
        station=station,  # type: ignore[arg-type]
        act=act,
        notice=Watch(act),
        settings=Settings(settings),
        cards=None,  # type: ignore[arg-type]
        journal=FakeJournal(),
        clock=clock,
        nameplate=Nameplate("Acme", "Wall", "A-1", "1.0"),
        unlock=unlock or unlocked,
    )


def record(services: Services, fact: Fact) -> Record:
    now = services.clock.now()
    return Record(fact, now.at, now.mono_s, BOOT)
