"""The scenarios' back office: answers like a real one in either version, and bills from what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from tests.ocpp.memory_link import MemoryLink
from tests.ocpp.scripted_csms import MUTE, CallError, ScriptedCsms, Told


@dataclass(frozen=True)
class Bill:
    token: str
    energy_wh: float
    reason: str
    transaction: Any = field(compare=False, default=None)


@dataclass
class Pending:
    token: str = ""
    begin_wh: float | None = None
    end_wh: float | None = None
    reason: str = ""


class BackOffice:
    """`tokens`: id -> status; others are "Accepted" unless `strangers` says otherwise."""

    def __init__(self, version: str, link: MemoryLink, clock: Callable[[], datetime]) -> None:
        self.version = version
        self.link = link
        self.csms = ScriptedCsms(link)
        self.tokens: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.strangers = "Accepted"
        self.interval_s = 300
        self.boot_status = "Accepted"
        self.clock = clock
        self.mute: set[str] = set()
        self.refuse: dict[str, str] = {}
        self.later: dict[str, float] = {}  # action -> seconds until it is answered
        self._numbers = count(1001)
        self._numbered: dict[str, int] = {}  # id of a StartTransaction -> the number it was given
        for action in ("BootNotification", "Heartbeat", "Authorize", "StartTransaction", "StopTransaction",
                       "TransactionEvent", "MeterValues", "StatusNotification", "DataTransfer",
                       "FirmwareStatusNotification", "SignedFirmwareStatusNotification", "LogStatusNotification",
                       "DiagnosticsStatusNotification", "SecurityEventNotification", "SignCertificate"):  # fmt: skip
            self.csms.answers[action] = self._answerer(action)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _answerer(self, action: str) -> Any:
        def answer(payload: dict[str, Any]) -> Any:
            if action in self.mute:
                return MUTE
            if action in self.refuse:
                raise CallError(self.refuse[action])
            said = self._answer(action, payload)
            if action in self.later:
                self._send_later(said, self.later[action])
                return MUTE
            return said

        return answer

    def _send_later(self, said: Any, delay_s: float) -> None:
        message_id = self.csms.told[-1].id

        async def send() -> None:
            await asyncio.sleep(delay_s)
            await self.csms.send([3, message_id, said])

        self._late = asyncio.get_running_loop().create_task(send())

    def _answer(self, action: str, payload: dict[str, Any]) -> Any:
        match action:
            case "BootNotification":
                return {"status": self.boot_status, "interval": self.interval_s, "currentTime": self.time()}
            case "Heartbeat":
                return {"currentTime": self.time()}
            case "Authorize":
                token = payload.get("idTag") or payload["idToken"]["idToken"]
                return {"idTagInfo" if self.version == "1.6" else "idTokenInfo": self.info(token)}
            case "StartTransaction":
                return {"transactionId": self._number(), "idTagInfo": self.info(payload["idTag"])}
            case "TransactionEvent" if "idToken" in payload:
                return {"idTokenInfo": self.info(payload["idToken"]["idToken"])}
            case "SignCertificate":
                return {"status": "Accepted"}
            case "DataTransfer":
                return {"status": "UnknownVendorId"}
            case _:
                return {}

    def _number(self) -> int:
        told = self.csms.told[-1]
        return self._numbered.setdefault(told.id, next(self._numbers))

    def time(self) -> str:
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def info(self, token: str) -> dict[str, Any]:
        info: dict[str, Any] = {"status": self.tokens.get(token, self.strangers)}
        if token in self.groups:
            group = self.groups[token]
            if self.version == "1.6":
                info["parentIdTag"] = group
            else:
                info["groupIdToken"] = {"idToken": group, "type": "Central"}
        return info

    # --- what it was told ---------------------------------------------------------------------------------------------

    @property
    def told(self) -> list[Told]:
        return self.csms.told

    def all(self, action: str) -> list[dict[str, Any]]:
        return [told.payload for told in self.csms.told if told.action == action]

    def boots(self) -> int:
        return len(self.all("BootNotification"))

    def statuses(self, evse: int = 1) -> list[str]:
        """What connector 1 of that EVSE was said to show, in this version's words."""
        key, word = ("connectorId", "status") if self.version == "1.6" else ("evseId", "connectorStatus")
        return [p[word] for p in self.all("StatusNotification") if p[key] == evse]

    def bills(self) -> list[Bill]:
        """One for each transaction that was started and ended; a retry of the same message is no second bill."""
        found: dict[Any, Pending] = {}
        for told in self.csms.told:
            self._enter(told, found)
        return [
            Bill(p.token, p.end_wh - p.begin_wh, p.reason, number)
            for number, p in found.items()
            if p.begin_wh is not None and p.end_wh is not None
        ]

    def open_transactions(self) -> list[Any]:
        found: dict[Any, Pending] = {}
        for told in self.csms.told:
            self._enter(told, found)
        return [number for number, pending in found.items() if pending.end_wh is None]

    def transactions(self) -> int:
        """How many different transactions it has heard of."""
        return len(self.bills()) + len(self.open_transactions())

    def _enter(self, told: Told, found: dict[Any, Pending]) -> None:
        payload = told.payload
        match told.action:
            case "StartTransaction" if told.id in self._numbered:
                pending = found.setdefault(self._numbered[told.id], Pending())
                pending.token, pending.begin_wh = payload["idTag"], payload["meterStart"]
            case "StopTransaction":
                pending = found.setdefault(payload["transactionId"], Pending())
                pending.end_wh, pending.reason = payload["meterStop"], payload.get("reason", "Local")
            case "TransactionEvent":
                self._enter_event(payload, found)

    def _enter_event(self, payload: dict[str, Any], found: dict[Any, Pending]) -> None:
        pending = found.setdefault(payload["transactionInfo"]["transactionId"], Pending())
        pending.token = pending.token or payload.get("idToken", {}).get("idToken", "")
        registers = list(_registers(payload))
        if payload["eventType"] == "Started":
            pending.begin_wh = registers[0]
        elif payload["eventType"] == "Ended":
            pending.end_wh = registers[-1]
            pending.reason = payload["transactionInfo"].get("stoppedReason", "Local")


def _registers(payload: dict[str, Any]) -> Iterator[float]:
    for meter_value in payload.get("meterValue", []):
        for sampled in meter_value["sampledValue"]:
            if sampled.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register":
                yield sampled["value"]
