"""Tells the conversation as it happens: each frame a line saying who spoke, what it is called, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chargepoint.demo import words_v16, words_v201
from chargepoint.demo.bills import Bill
from chargepoint.demo.tape import CALL, ERROR, Frame
from chargepoint.demo.words import Names, Phrase, energy

Vocabulary = tuple[Mapping[str, Phrase], Mapping[str, Phrase]]

VOCABULARY: Mapping[str, Vocabulary] = {
    "1.6": (words_v16.CALLS, words_v16.RESULTS),
    "2.0.1": (words_v201.CALLS, words_v201.RESULTS),
}

SPEAKER = {"in": "station", "out": "office "}


class Narrator:
    """Feed it every frame, in order: an answer is told in terms of the call it answers."""

    def __init__(self, customers: Mapping[str, str], began_at: datetime) -> None:
        self._names, self._began_at = Names(customers), began_at
        self._asked: dict[tuple[str, str], str] = {}  # (direction of the call, id) -> action

    def tell(self, frame: Frame) -> str:
        elapsed_s = (frame.at - self._began_at).total_seconds()
        title, meaning = self._call(frame) if frame.kind == CALL else self._answer(frame)
        return f"{elapsed_s:6.1f} s  {SPEAKER[frame.direction]}  {title:<22}  {meaning}"

    def _call(self, frame: Frame) -> tuple[str, str]:
        self._asked[frame.direction, frame.id] = frame.action
        calls, _ = VOCABULARY[frame.ocpp]
        phrase = calls.get(frame.action)
        return frame.action, phrase(frame.payload, self._names) if phrase else "(see the standard)"

    def _answer(self, frame: Frame) -> tuple[str, str]:
        asker = "out" if frame.direction == "in" else "in"
        action = self._asked.pop((asker, frame.id), "an earlier call")
        if frame.kind == ERROR:
            return "  error", f"cannot answer {action}: {frame.message[2]} {frame.message[3]}".rstrip()
        _, results = VOCABULARY[frame.ocpp]
        phrase = results.get(action)
        return "  answer", phrase(frame.payload, self._names) if phrase else _plain(frame)


def _plain(frame: Frame) -> str:
    status = frame.payload.get("status")
    return str(status).lower() if status else "noted"


def invoice(bill: Bill, customers: Mapping[str, str]) -> str:
    """The bill as the customer would see it."""
    lasted_s = (bill.ended_at - bill.started_at).total_seconds()
    rows = (
        ("customer", Names(customers).of(bill.token)),
        ("transaction", bill.transaction),
        ("from", f"{bill.started_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("to", f"{bill.ended_at:%Y-%m-%d %H:%M:%S} UTC ({lasted_s:.0f} s)"),
        ("register", f"{energy(bill.start_wh)} to {energy(bill.stop_wh)}"),
        ("energy", f"{energy(bill.energy_wh)} ({bill.energy_wh / 1000:.3f} kWh)"),
        ("ended", bill.reason),
    )
    return "\n".join(f"    {name:<12} {value}" for name, value in rows)
