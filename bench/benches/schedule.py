"""Charging profiles in 1.6: what a composite schedule of many of them costs, and a long one that is set anew."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from bench.calls import insist
from bench.kit import Kit, up
from bench.results import Measured
from bench.stations import Bare, Ours, link

VERSION = "1.6"
PROFILES, PERIODS = 50, 24
LONG_PERIODS = 96  # a day of quarters of an hour
DAY_S = 86_400
PURPOSES = ("TxDefaultProfile", "ChargePointMaxProfile")


async def measure(kit: Kit) -> list[Measured]:
    bare, ours = await kit.in_turn(lambda: _asked(kit, kit.bare(VERSION)), lambda: _asked(kit, kit.ours(VERSION)))
    return [
        Measured(name, [each[place] for each in ours], [each[place] for each in bare])
        for place, name in enumerate(("schedule.composite", "schedule.profile"))
    ]


async def _asked(kit: Kit, contestant: Bare | Ours) -> tuple[float, float]:
    """Milliseconds from request to answer: of the schedule of them all, and of one more profile."""
    async with up(contestant):
        noon = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12)
        for number in range(PROFILES):
            await insist(contestant, "SetChargingProfile", profile(number, noon, PERIODS))
        await asyncio.sleep(0.2)  # the last of them is still being written down
        turns = kit.size(20, 2)
        wanted = {"connectorId": 1, "duration": DAY_S, "chargingRateUnit": "A"}
        composite = [await _ms(contestant, "GetCompositeSchedule", wanted) for _ in range(turns)]
        again = [
            await _ms(contestant, "SetChargingProfile", profile(PROFILES + turn % 2, noon, LONG_PERIODS))
            for turn in range(turns)
        ]
        return median(composite), median(again)


async def _ms(contestant: Bare | Ours, action: str, payload: dict[str, Any]) -> float:
    before_s = time.perf_counter()
    await link(contestant).call(action, payload)
    return (time.perf_counter() - before_s) * 1e3


def profile(number: int, noon: datetime, periods: int) -> dict[str, Any]:
    """Each begins 17 minutes after the one before, in its purpose's stack above it, and no two say the same."""
    purpose = PURPOSES[number % 2]
    schedule = [
        {"startPeriod": place * DAY_S // periods, "limit": 6.0 + (number * 7 + place * 5) % 27}
        for place in range(periods)
    ]
    begins = noon + timedelta(minutes=17 * number % 1440)
    return {
        "connectorId": 0 if purpose == PURPOSES[1] else 1,
        "csChargingProfiles": {
            "chargingProfileId": number + 1, "stackLevel": number // 2 % 20, "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "chargingRateUnit": "A", "chargingSchedulePeriod": schedule, "duration": DAY_S,
                "startSchedule": begins.isoformat().replace("+00:00", "Z"),
            },
        },
    }  # fmt: skip
