"""When the grid operator asked for less: a record that outlives restarts and is kept for two years."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chargepoint.core.facts import GridLimitSet, Record
from chargepoint.records import grid as gridrecords
from chargepoint.records.grid import is_open, kept

EVENING = datetime(2026, 11, 22, 17, tzinfo=UTC)


class Kept:
    """A memory without a disk."""

    def __init__(self) -> None:
        self.spaces: dict[str, dict[str, Any]] = {}

    def get(self, space: str, key: str) -> Any:
        return self.spaces.get(space, {}).get(key)

    def items(self, space: str) -> dict[str, Any]:
        return dict(self.spaces.get(space, {}))

    def put(self, space: str, key: str, value: Any) -> None:
        self.spaces.setdefault(space, {})[key] = value

    def delete(self, space: str, key: str) -> None:
        del self.spaces[space][key]


def asks(memory: Kept, watts: float | None, minutes: float, evse: int = 1, *, trusted: bool = True) -> None:
    at = EVENING + timedelta(minutes=minutes)
    gridrecords.note(memory, Record(GridLimitSet(evse, watts), at, 0.0, "boot", trusted))


def spans(memory: Kept) -> list[tuple[int, str, str | None]]:
    return [(entry["evse"], entry["from"][11:16], entry["until"] and entry["until"][11:16]) for entry in kept(memory)]


def test_begin_and_end_are_one_entry() -> None:
    memory = Kept()
    asks(memory, 4200.0, 0)
    assert spans(memory) == [(1, "17:00", None)]
    assert is_open(memory, 1)
    asks(memory, None, 90)
    assert spans(memory) == [(1, "17:00", "18:30")]
    assert not is_open(memory, 1)
    assert (kept(memory)[0]["watts"], kept(memory)[0]["clock_trusted"]) == (4200.0, True)


def test_each_outlet_has_entries_of_its_own_the_newest_first() -> None:
    memory = Kept()
    asks(memory, 4200.0, 0, evse=1)
    asks(memory, 4200.0, 0, evse=2)
    asks(memory, None, 10, evse=1)
    asks(memory, 4200.0, 30, evse=1)
    assert spans(memory) == [(1, "17:30", None), (2, "17:00", None), (1, "17:00", "17:10")]


def test_a_restart_in_between_begins_no_second_entry() -> None:
    memory = Kept()
    asks(memory, 4200.0, 0)
    asks(memory, 4200.0, 20)
    asks(memory, None, 30)
    assert spans(memory) == [(1, "17:00", "17:30")]


def test_a_contact_that_bounces_goes_on_with_its_entry() -> None:
    memory = Kept()
    for half_minute in range(10):
        asks(memory, 4200.0 if half_minute % 2 == 0 else None, half_minute / 2)
    assert spans(memory) == [(1, "17:00", "17:04")]


def test_a_doubtful_clock_is_told() -> None:
    memory = Kept()
    asks(memory, 4200.0, 0, trusted=False)
    assert kept(memory)[0]["clock_trusted"] is False


def test_what_is_older_than_two_years_goes() -> None:
    memory, year = Kept(), 365 * 1440
    asks(memory, 4200.0, 0)
    asks(memory, None, 10)
    asks(memory, 4200.0, 2 * year)
    asks(memory, None, 2 * year + 10)
    assert len(kept(memory)) == 2
    asks(memory, 4200.0, 2 * year + 2 * 1440)
    assert len(kept(memory)) == 2


def test_a_doubtful_clock_makes_nothing_old() -> None:
    memory = Kept()
    asks(memory, 4200.0, 0)
    asks(memory, None, 10)
    asks(memory, 4200.0, 5 * 365 * 1440, trusted=False)
    assert len(kept(memory)) == 2


def test_a_broken_contact_does_not_fill_the_disk() -> None:
    memory = Kept()
    for number in range(gridrecords.MOST + 5):
        asks(memory, 4200.0, 4 * number)
        asks(memory, None, 4 * number + 1)
    assert len(kept(memory)) == gridrecords.MOST
    assert kept(memory)[-1]["from"] == (EVENING + timedelta(minutes=20)).isoformat()


def test_without_a_beginning_there_is_no_end() -> None:
    memory = Kept()
    asks(memory, None, 0)
    assert kept(memory) == []
