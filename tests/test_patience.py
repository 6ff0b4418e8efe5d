"""How often a transfer is tried, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from chargepoint.tasks.patience import LONGEST_PAUSE_S, MOST_TRIES, PAUSE_S, TRIES, try_often
from chargepoint.transfer import Refused, TransferFailed

HUGE = 2**63


async def tries_at(retries: int | None, interval_s: float | None, error: TransferFailed) -> list[float]:
    """When it was tried, in seconds from the first."""
    times: list[float] = []
    loop = asyncio.get_running_loop()

    async def attempt() -> None:
        times.append(loop.time())
        raise error

    with pytest.raises(type(error)):
        await try_often("file", attempt, retries, interval_s)
    return [time - times[0] for time in times]


@pytest.mark.parametrize(
    ("retries", "interval_s", "expected"),
    [
        (None, None, [n * PAUSE_S for n in range(TRIES)]),
        (0, 10, [0.0]),
        (-7, 10, [0.0]),
        (2, 10, [0.0, 10.0, 20.0]),
        (2, 0, [0.0, 0.0, 0.0]),
        (1, -5, [0.0, 0.0]),
        (1, HUGE, [0.0, LONGEST_PAUSE_S]),
        (1, 10**400, [0.0, LONGEST_PAUSE_S]),
    ],
)
async def test_a_transfer_is_tried_as_was_asked(
    retries: int | None, interval_s: float | None, expected: list[float]
) -> None:
    assert await tries_at(retries, interval_s, TransferFailed("no answer")) == expected


async def test_there_is_an_end_to_it() -> None:
    assert len(await tries_at(HUGE, 0, TransferFailed("no answer"))) == MOST_TRIES


async def test_what_will_never_work_is_tried_once() -> None:
    assert await tries_at(9, 1, Refused("404")) == [0.0]
