"""What a mobile plan is paid by: counted by day and month, kept over restarts, written seldom."""

import asyncio
from datetime import date, timedelta
from typing import Any

from chargepoint.datause import SAVE_EVERY_S, Amount, DataUse

TODAY = date(2026, 11, 30)


class Kept:
    def __init__(self) -> None:
        self.values: dict[tuple[str, str], Any] = {}
        self.writes = 0

    def get(self, space: str, key: str) -> Any:
        return self.values.get((space, key))

    def put(self, space: str, key: str, value: Any) -> None:
        self.values[space, key] = value
        self.writes += 1


def a_day(kept: Kept, day: date = TODAY) -> DataUse:
    return DataUse(kept, lambda: day)


def test_a_day_and_its_month_are_summed() -> None:
    kept = Kept()
    use = a_day(kept)
    use.spent(100, 20)
    use.spent(1, 2)
    assert (use.day, use.month, use.since_start) == (Amount(101, 22), Amount(101, 22), Amount(101, 22))
    use.today = lambda: TODAY + timedelta(days=1)
    assert (use.day, use.month) == (Amount(), Amount())
    assert use.since_start == Amount(101, 22)


def test_a_restart_goes_on_counting() -> None:
    kept = Kept()
    before = a_day(kept)
    before.spent(100, 20)
    before.save()
    after = a_day(kept)
    after.spent(1, 1)
    assert (after.day, after.month, after.since_start) == (Amount(101, 21), Amount(101, 21), Amount(1, 1))


def test_two_months_of_days_and_two_years_of_months_are_kept() -> None:
    kept = Kept()
    use = a_day(kept)
    for number in range(1000):
        use.today = lambda number=number: TODAY + timedelta(days=number)  # type: ignore[misc]
        use.spent(1, 1)
    use.save()
    assert (len(kept.get("data use", "days")), len(kept.get("data use", "months"))) == (62, 24)
    assert use.day == Amount(1, 1)


async def test_it_is_written_once_an_hour_and_at_the_end() -> None:
    kept = Kept()
    use = a_day(kept)
    task = asyncio.create_task(use.keep())
    await asyncio.sleep(SAVE_EVERY_S - 1)
    use.spent(1, 1)
    assert kept.writes == 0
    await asyncio.sleep(2)
    assert kept.writes == 2  # days and months
    use.spent(1, 1)
    task.cancel()
    await asyncio.wait([task])
    assert kept.get("data use", "days") == {"2026-11-30": [2, 2]}
