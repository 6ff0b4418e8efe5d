"""The charging profiles that are installed at a station, and which of them concern an EVSE now.

Rules: OCPP 1.6 section 3.13, 5.5 (ClearChargingProfile) and 5.16 (SetChargingProfile); 2.0.1 K01, K10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepoint.core.profile import Kind, Period, Profile, Purpose, Recurrence, Schedule, Unit

STATION = 0  # EVSE number of what concerns all of them


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which profiles are meant; None: whichever."""

    id: int | None = None
    evse: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None

    def means(self, profile: Profile) -> bool:
        asked = ((self.evse, profile.evse), (self.purpose, profile.purpose), (self.stack_level, profile.stack_level))
        if self.id is not None:
            return profile.id == self.id
        return all(wanted is None or wanted == found for wanted, found in asked)


def _nobody() -> None:
    """Nobody listens."""


class Shelf:
    """At most one profile of an id, and one of a purpose and stack level at one EVSE."""

    def __init__(self) -> None:
        self.on_change: Callable[[], None] = _nobody
        self.version = 0  # counts changes, so that what was worked out from them is known to be old
        self._profiles: dict[int, Profile] = {}

    def __len__(self) -> int:
        return len(self._profiles)

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._profiles.values())

    def replaces(self, profile: Profile) -> list[Profile]:
        """What has to go for it: the same id, or the same place in the same stack."""
        return [other for other in self._profiles.values() if other.id == profile.id or _same_place(other, profile)]

    def install(self, profile: Profile) -> None:
        for other in self.replaces(profile):
            del self._profiles[other.id]
        self._profiles[profile.id] = profile
        self._changed()

    def clear(self, wanted: Wanted) -> bool:
        """Was there any?"""
        found = [profile.id for profile in self._profiles.values() if wanted.means(profile)]
        for each in found:
            del self._profiles[each]
        if found:
            self._changed()
        return bool(found)

    def forget_expired(self, at: datetime) -> None:
        over = [p.id for p in self._profiles.values() if p.valid_to is not None and p.valid_to <= at]
        for each in over:
            del self._profiles[each]
        if over:
            self._changed()

    def at(self, evse: int, transaction: str | None) -> list[Profile]:
        """What concerns one EVSE; `transaction`: the one that runs there, for which alone TxProfiles count.

        What is set for the EVSE itself stands before what is set for all, where both have one stack level.
        """
        here = [profile for profile in self._profiles.values() if _concerns(profile, evse, transaction)]
        return sorted(here, key=lambda profile: profile.evse == STATION)

    def of_station(self) -> list[Profile]:
        """What limits the station as a whole."""
        return [profile for profile in self._profiles.values() if profile.purpose in WHOLE and profile.evse == STATION]

    def _changed(self) -> None:
        self.version += 1
        self.on_change()

    # --- keeping ------------------------------------------------------------------------------------------------------

    def dump(self) -> list[dict[str, Any]]:
        """Everything, as JSON can hold it."""
        return [_as_json(profile) for profile in self._profiles.values()]

    def load(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Take up what `dump` gave before a restart."""
        self._profiles = {profile.id: profile for profile in map(_from_json, kept)}
        self.version += 1


WHOLE = frozenset({Purpose.STATION_MAX, Purpose.EXTERNAL})
"""At the station these limit the sum of all EVSEs; the share of each is worked out from it."""


def _same_place(one: Profile, other: Profile) -> bool:
    return (one.evse, one.purpose, one.stack_level, one.transaction) == (
        other.evse, other.purpose, other.stack_level, other.transaction,
    )  # fmt: skip


def _concerns(profile: Profile, evse: int, transaction: str | None) -> bool:
    if profile.purpose is Purpose.TX:
        named = profile.transaction is None or profile.transaction == transaction
        return transaction is not None and profile.evse == evse and named
    return profile.evse in (STATION, evse)


def _as_json(profile: Profile) -> dict[str, Any]:
    schedule = profile.schedule
    told: dict[str, Any] = {
        "id": profile.id, "evse": profile.evse, "level": profile.stack_level, "purpose": profile.purpose.value,
        "kind": profile.kind.value, "unit": schedule.unit.value,
        "periods": [[period.start_s, period.limit, period.phases] for period in schedule.periods],
        "recurrence": profile.recurrence and profile.recurrence.value, "transaction": profile.transaction,
        "start": _text(schedule.start), "from": _text(profile.valid_from), "to": _text(profile.valid_to),
        "duration_s": schedule.duration_s, "min_rate": schedule.min_rate,
    }  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def _from_json(kept: Mapping[str, Any]) -> Profile:
    schedule = Schedule(
        Unit(kept["unit"]), tuple(Period(*period) for period in kept["periods"]), _time(kept.get("start")),
        kept.get("duration_s"), kept.get("min_rate"),
    )  # fmt: skip
    return Profile(
        kept["id"], kept["evse"], kept["level"], Purpose(kept["purpose"]), Kind(kept["kind"]), schedule,
        Recurrence(kept["recurrence"]) if "recurrence" in kept else None,
        _time(kept.get("from")), _time(kept.get("to")), kept.get("transaction"),
    )  # fmt: skip


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
