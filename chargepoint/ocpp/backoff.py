"""How long to wait before the next attempt: waits that grow, up to a point, and never end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

BOOT_RETRY_FIRST_S = 60.0  # the station's own wait where the CSMS names none; none of this is demanded by OCPP
BOOT_RETRY_LONGEST_S = 15 * 60.0


def reconnect_waits_s(
    minimum_s: float, random_range_s: float, repeat_times: int, random: Callable[[], float]
) -> Iterator[float]:
    """Waits before attempts 1, 2, 3, ... of one outage (OCPP 2.0.1 part 4 section 5.3; 1.6 has no rule of its own).

    The base doubles with every attempt, `repeat_times` times; each wait has a new random part on top.

    Args:
        random: a number from 0 to 1, new at each call.
    """
    base_s, attempts = minimum_s, 0
    while True:
        yield base_s + random() * random_range_s
        if attempts < repeat_times:
            base_s *= 2
            attempts += 1


def boot_waits_s() -> Iterator[float]:
    """Waits between BootNotifications where the CSMS does not answer, or answers with interval 0."""
    wait_s = BOOT_RETRY_FIRST_S
    while True:
        yield wait_s
        wait_s = min(wait_s * 2, BOOT_RETRY_LONGEST_S)
