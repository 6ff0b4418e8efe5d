"""How often a transfer is tried, and how long is waited in between: as the back office says, within reason."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from chargepoint.transfer import Refused, TransferFailed

log = logging.getLogger(__name__)

TRIES, PAUSE_S = 3, 60.0
"""Where the back office leaves the choice to us."""

MOST_TRIES, LONGEST_PAUSE_S = 1_000, 86_400.0
"""A number out of a request is any integer."""


async def try_often(
    what: str, attempt: Callable[[], Awaitable[None]], retries: int | None, interval_s: float | None
) -> None:
    """Until it has worked. `retries`: after the first try; 0 or less: none.

    Raises:
        TransferFailed: the last time, or Refused at once.
    """
    tries = TRIES if retries is None else min(max(retries, 0), MOST_TRIES - 1) + 1
    pause_s = PAUSE_S if interval_s is None else min(max(interval_s, 0), LONGEST_PAUSE_S)
    for left in reversed(range(tries)):
        try:
            await attempt()
            break
        except Refused as refusal:
            log.warning("%s: %s", what, refusal)
            raise
        except TransferFailed as failure:
            log.warning("%s: %s%s", what, failure, "" if left else "; given up")
            if not left:
                raise
        await asyncio.sleep(pause_s)
