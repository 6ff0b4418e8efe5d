"""Reservations: an EVSE, or any one of the station's, kept free for one driver until a certain time.

Rules: OCPP 1.6 sections 3.6, 4.3, 5.2 (CancelReservation) and 5.13 (ReserveNow); 2.0.1 block H.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from chargepoint.core import catalogue as known
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, ReservationEnded, Reserved, Token
from chargepoint.core.session import State

ANY = 0
"""EVSE number of a reservation that any EVSE of the station can serve."""

Answer = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]


@dataclass(frozen=True, slots=True)
class Reservation:
    id: int
    evse: int  # ANY: whichever is free
    token: Token
    expires_at: datetime
    group: Token | None = None  # every token of this group may use it

    def serves(self, token: Token, group: Token | None) -> bool:
        return token == self.token or (self.group is not None and group == self.group)


def _nobody() -> None:
    """Nobody listens."""


@dataclass(slots=True)
class Reservations:
    """All reservations of a station, and what they keep others from."""

    evses: Mapping[int, Evse]
    around: Circumstances
    on_change: Callable[[], None] = _nobody
    _made: dict[int, Reservation] = field(default_factory=dict)

    # --- making and cancelling ----------------------------------------------------------------------------------------

    def reserve(self, wanted: Reservation, now: Moment) -> Answer:
        """Make it, in place of a former one of the same id."""
        refusal = self._refusal(wanted, now)
        if refusal is not None:
            return refusal
        self._unclaim(wanted.id)
        self._made[wanted.id] = wanted
        self.around.emit(Reserved(wanted.evse, wanted.id, wanted.token, wanted.expires_at))
        self.on_change()
        return "Accepted"

    def cancel(self, id: int) -> bool:  # noqa: A002
        """Was there such a one?"""
        return self._end(id, "cancelled")

    def _refusal(self, wanted: Reservation, now: Moment) -> Answer | None:
        settings = self.around.settings
        supported = settings[known.RESERVATION_ENABLED] and (
            wanted.evse != ANY or settings[known.RESERVE_CONNECTOR_ZERO_SUPPORTED]
        )
        if not supported or wanted.expires_at <= now.at or not (wanted.evse == ANY or wanted.evse in self.evses):
            return "Rejected"
        if wanted.evse != ANY:
            return self._why_not(self.evses[wanted.evse], wanted.id)
        return self._why_none_of(self.evses.values(), wanted.id)

    def _why_none_of(self, candidates: Iterable[Evse], replacing: int) -> Answer | None:
        """What to say where every EVSE has a reason of its own: the one that will last longest."""
        reasons = [self._why_not(evse, replacing) for evse in candidates]
        others = [each for each in self._promised() if each.id != replacing]
        if reasons.count(None) > len(others):
            return None
        told = {reason for reason in reasons if reason is not None}
        return "Occupied" if "Occupied" in told or not told else "Unavailable" if "Unavailable" in told else "Faulted"

    def _why_not(self, evse: Evse, replacing: int) -> Answer | None:
        """1.6 section 5.13; `replacing`: the id of a reservation that would go."""
        if evse.blocking_fault is not None:
            return "Faulted"
        if _out_of_order(evse) or evse.operative_later is False:
            return "Unavailable"
        held = self.at(evse)
        taken = evse.session is not None or evse.occupied or (held is not None and held.id != replacing)
        return "Occupied" if taken else None

    # --- what they mean -----------------------------------------------------------------------------------------------

    def at(self, evse: Evse) -> Reservation | None:
        """The one that keeps this EVSE."""
        return next((each for each in self._made.values() if each.evse == evse.id), None)

    def for_token(self, token: Token, group: Token | None = None) -> Reservation | None:
        """Which one this driver has, his own before his group's."""
        serving = [each for each in self._made.values() if each.serves(token, group)]
        return min(serving, key=lambda each: each.token != token, default=None)

    def bars(self, evse: Evse, token: Token, group: Token | None, *, sure: bool) -> str:
        """Why a driver may not charge at an EVSE; "" where nothing keeps him from it.

        `sure`: the group is known; before that a token of an unknown group is let pass to be asked about.
        """
        held = self.at(evse)
        if held is not None:
            may = held.serves(token, group) or (not sure and held.group is not None)
            return "" if may else f"EVSE {evse.id} is reserved"
        if self._is_last(evse):
            may = any(each.serves(token, group) or (not sure and each.group is not None) for each in self._promised())
            return "" if may else "the station is reserved"
        return ""

    def keeps(self, evse: Evse) -> bool:
        """Does the EVSE show Reserved (2.0.1 H01.FR.20 and .23 for the last free ones)?"""
        return self.at(evse) is not None or self._is_last(evse)

    def _is_last(self, evse: Evse) -> bool:
        """Are no more EVSEs free than are promised to somebody, this one among them?

        One in which somebody has left his cable counts only where there is nothing better to keep.
        """
        if not self._made or not self._is_free(evse):
            return False
        free = [each for each in self.evses.values() if self._is_free(each)]
        vacant = [each for each in free if each.session is None or each.session.state is State.PLUGGED]
        return len(vacant if evse in vacant else free) <= len(self._promised())

    def _is_free(self, evse: Evse) -> bool:
        return self.at(evse) is None and not evse.busy and not _out_of_order(evse)

    def _promised(self) -> list[Reservation]:
        """Those of any EVSE whose drivers have not come yet."""
        claimed = {evse.session.reservation_id for evse in self.evses.values() if evse.session is not None}
        return [each for each in self._made.values() if each.evse == ANY and each.id not in claimed]

    # --- using --------------------------------------------------------------------------------------------------------

    def claim(self, evse: Evse, token: Token, group: Token | None) -> int | None:
        """A driver whom `bars` lets in is here: the id of his reservation. It stays his until a transaction starts."""
        if (held := self.at(evse)) is not None:
            return held.id
        return next((each.id for each in self._promised() if each.serves(token, group)), None)

    def follow(self, now: Moment) -> None:
        """A reservation ends with its driver's transaction, with its time, or with what it keeps (1.6 section 5.13).

        By a clock that may be wrong nothing expires.
        """
        for evse in self.evses.values():
            session = evse.session
            if session is not None and session.reservation_id is not None and evse.transaction is not None:
                self._made.pop(session.reservation_id, None)
                session.reservation_id = None
                self.on_change()
        for each in [each for each in self._made.values() if self._is_broken(each)]:
            self._end(each.id, "removed")
        clock_trusted = self.around.clock_trusted
        for each in [each for each in self._made.values() if clock_trusted and each.expires_at <= now.at]:
            self._end(each.id, "expired")

    def _is_broken(self, made: Reservation) -> bool:
        kept = self.evses.values() if made.evse == ANY else [self.evses[made.evse]]
        return all(_out_of_order(evse) for evse in kept)

    def _unclaim(self, id: int) -> None:  # noqa: A002
        """Whoever has come with it charges without."""
        for evse in self.evses.values():
            if evse.session is not None and evse.session.reservation_id == id:
                evse.session.reservation_id = None

    # --- ending -------------------------------------------------------------------------------------------------------

    def _end(self, id: int, why: str) -> bool:  # noqa: A002
        ended = self._made.pop(id, None)
        if ended is None:
            return False
        self._unclaim(id)
        self.around.emit(ReservationEnded(ended.evse, ended.id, why))
        self.on_change()
        return True

    # --- keeping ------------------------------------------------------------------------------------------------------

    def dump(self) -> list[dict[str, Any]]:
        """Everything, as JSON can hold it: reservations survive a restart (1.6 section 5.14)."""
        return [
            {
                "id": each.id, "evse": each.evse, "token": [each.token.value, each.token.kind],
                "group": [each.group.value, each.group.kind] if each.group else None,
                "expires_at": each.expires_at.isoformat(),
            }
            for each in self._made.values()
        ]  # fmt: skip

    def load(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Take up what `dump` gave before a restart."""
        for row in kept:
            group = Token(*row["group"]) if row["group"] else None
            expires_at = datetime.fromisoformat(row["expires_at"])
            if row["evse"] == ANY or row["evse"] in self.evses:  # there may have been more of them
                self._made[row["id"]] = Reservation(row["id"], row["evse"], Token(*row["token"]), expires_at, group)


def _out_of_order(evse: Evse) -> bool:
    return evse.blocking_fault is not None or not evse.operative or evse.seen.key_locked
