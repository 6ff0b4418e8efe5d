"""The simulated hardware of one station: its bays, its card readers, and who turns the knobs. No I/O of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hw.api import Reading
from hw.errors import DeviceLost, Refused
from hw.mock.bay import NOMINAL_V, Bay
from hw.mock.house import House

Hear = Callable[[str], None]


class Plant:
    """Every method takes the time where it matters, and raises Refused with a sentence when it cannot be done."""

    def __init__(self, bays: Mapping[int, Bay]) -> None:
        self.bays = bays
        self.house = House()
        self._readers: dict[int, list[Hear]] = {}

    def bay(self, evse: object) -> Bay:
        if not isinstance(evse, int) or evse not in self.bays:
            raise Refused(f"There is no simulated EVSE {evse}.")
        return self.bays[evse]

    def reading(self, evse: int, now_s: float) -> Reading:
        """What the meter of an EVSE shows (0: the main meter). Raises DeviceLost while the meter is told to be dead."""
        if evse == 0:
            return self._main_meter(now_s)
        bay = self.bay(evse)
        if "meter_lost" in bay.faults:
            raise DeviceLost(
                "the simulated meter is switched off",
                where=f"[evse.{evse}.meter]",
                fix=f"Switch it on: chargepoint sim fault {evse} meter_lost --off.",
            )
        bay.advance(now_s)
        return bay.reading()

    def _main_meter(self, now_s: float) -> Reading:
        """It stands before house and charge point, and counts both."""
        for bay in self.bays.values():
            bay.advance(now_s)
        return self.house.reading([bay.reading() for bay in self.bays.values()], NOMINAL_V, now_s)

    def listen(self, reader: int, hear: Hear) -> Callable[[], None]:
        """From now on `hear` gets every card held to a reader. Returns how to stop that."""
        listeners = self._readers.setdefault(reader, [])
        listeners.append(hear)
        return lambda: listeners.remove(hear)

    def present(self, uid: object, reader: object) -> None:
        """Hold a card to a reader."""
        if not isinstance(uid, str) or not uid:
            raise Refused("A card needs a uid.")
        listeners = self._readers.get(reader, []) if isinstance(reader, int) else []
        if not listeners:
            raise Refused(f"Nobody listens at card reader {reader}.")
        for hear in list(listeners):
            hear(uid)

    def obey(self, order: Mapping[str, Any], now_s: float) -> None:
        """Carry out an order as `hw.mock.simulator` words it."""
        match order:
            case {"do": "plug", "evse": evse, "options": dict(options)}:
                self.bay(evse).plug(options, now_s)
            case {"do": "unplug", "evse": evse, "side": side}:
                self.bay(evse).unplug(side, now_s)
            case {"do": "car", "evse": evse, "options": dict(options)}:
                self.bay(evse).change_car(options, now_s)
            case {"do": "fault", "evse": evse, "kind": kind, "active": bool(active)}:
                self.bay(evse).fault(kind, active, now_s)
            case {"do": "house", "options": dict(options)}:
                self.house.change(options)
            case {"do": "card", "uid": uid, "reader": reader}:
                self.present(uid, reader)
            case _:
                raise Refused("Simulated hardware does not know how to do that.")
