"""What a back office charges for: computed from the frames it received and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepoint.demo.tape import Frame, exchanges

REGISTER = "Energy.Active.Import.Register"


@dataclass(frozen=True, slots=True)
class Bill:
    """One transaction, closed. Registers are those of the station's meter, in Wh."""

    transaction: str
    token: str
    start_wh: float
    stop_wh: float
    started_at: datetime
    ended_at: datetime
    reason: str

    @property
    def energy_wh(self) -> float:
        return self.stop_wh - self.start_wh


def bills(frames: list[Frame]) -> list[Bill]:
    """Every transaction whose end the back office has heard of, in the order they ended."""
    pairs = exchanges(frames)
    return sorted(_numbered(pairs) + _evented(pairs), key=lambda bill: bill.ended_at)


# --- 1.6: StartTransaction and StopTransaction, tied by the number the back office gave ------------------------------


def _numbered(pairs: list[tuple[Frame, Frame]]) -> list[Bill]:
    starts = {
        answer.payload["transactionId"]: call.payload for call, answer in pairs if call.action == "StartTransaction"
    }
    stops = {call.payload["transactionId"]: call.payload for call, _ in pairs if call.action == "StopTransaction"}
    return [_numbered_bill(number, starts[number], stop) for number, stop in stops.items() if number in starts]


def _numbered_bill(number: int, start: dict[str, Any], stop: dict[str, Any]) -> Bill:
    return Bill(
        transaction=str(number),
        token=start["idTag"],
        start_wh=start["meterStart"],
        stop_wh=stop["meterStop"],
        started_at=datetime.fromisoformat(start["timestamp"]),
        ended_at=datetime.fromisoformat(stop["timestamp"]),
        reason=stop.get("reason", "Local"),  # 1.6 section 6.49: absent means Local
    )


# --- 2.x: TransactionEvents, tied by the id the station gave, ordered by seqNo ----------------------------------------


def _evented(pairs: list[tuple[Frame, Frame]]) -> list[Bill]:
    events: dict[str, dict[int, dict[str, Any]]] = {}
    for call, _ in pairs:
        if call.action == "TransactionEvent":
            story = events.setdefault(call.payload["transactionInfo"]["transactionId"], {})
            story.setdefault(call.payload["seqNo"], call.payload)
    told = {name: [story[number] for number in sorted(story)] for name, story in events.items()}
    return [_evented_bill(name, story) for name, story in told.items() if story[-1]["eventType"] == "Ended"]


def _evented_bill(name: str, story: list[dict[str, Any]]) -> Bill:
    first, last = story[0], story[-1]
    return Bill(
        transaction=name,
        token=next((event["idToken"]["idToken"] for event in story if "idToken" in event), ""),
        start_wh=_register(story, "Transaction.Begin"),
        stop_wh=_register(list(reversed(story)), "Transaction.End"),
        started_at=datetime.fromisoformat(first["timestamp"]),
        ended_at=datetime.fromisoformat(last["timestamp"]),
        reason=last["transactionInfo"].get("stoppedReason", "Local"),  # 2.0.1: left out when Local
    )


def _register(story: list[dict[str, Any]], context: str) -> float:
    """The import register with that context, in the first event that has one. ValueError where none has."""
    for event in story:
        for value in (v for sample in event.get("meterValue", ()) for v in sample["sampledValue"]):
            whole = value.get("measurand", REGISTER) == REGISTER and "phase" not in value
            if whole and value.get("context") == context:
                return in_wh(value)
    raise ValueError(f"no {REGISTER} of context {context} in {len(story)} events")


def in_wh(value: dict[str, Any]) -> float:
    """A 2.x sampledValue of energy in Wh."""
    unit = value.get("unitOfMeasure", {})
    scale = 1000.0 if unit.get("unit") == "kWh" else 1.0
    return float(value["value"] * scale * 10 ** unit.get("multiplier", 0))
