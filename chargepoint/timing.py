"""The station's clock: monotonic for intervals, and the best idea of UTC for facts and messages.

NTP outranks the CSMS. Without NTP the CSMS's time is kept as an offset; the system clock is left alone. A clock nobody
has vouched for is not trusted: it may stand in 1970.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from chargepoint.core.facts import Moment

log = logging.getLogger(__name__)

NOT_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
"""This program did not exist earlier: a clock that says so is wrong."""

NOT_AFTER = datetime(2200, 1, 1, tzinfo=UTC)
"""Nobody will run it then: nor is that the time."""

WORTH_TELLING_S = 2.0
"""A correction smaller than this is the network's doing."""

TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""


class Memory(Protocol):
    """The part of `store.memory.Memory` that is needed here."""

    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


TIMESYNCD = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd's word that it has set the clock since the start of the machine."""


def kernel_is_synchronised(timesyncd: Path = TIMESYNCD) -> bool:
    """Does NTP keep the clock? (adjtimex, read only; where a service may not ask the kernel: what timesyncd says)"""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        state = libc.adjtimex(ctypes.create_string_buffer(256))  # struct timex with modes = 0, 208 bytes on 64 bits
    except (OSError, AttributeError, MemoryError):
        state = -1
    return timesyncd.exists() if state == -1 else bool(state != TIME_ERROR)


def boot_id() -> str:
    """The kernel's id of this boot: monotonic times of another boot mean nothing."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Clock:
    """`offset_s` is added to the system's UTC while the CSMS, not NTP, is our source."""

    monotonic: Callable[[], float]
    boot: str = ""  # kernel boot id: monotonic times of another boot mean nothing
    wall: Callable[[], datetime] = _utc
    synchronised: Callable[[], bool] = kernel_is_synchronised
    offset_s: float = 0.0
    source: str = "none"  # none, system, ntp, csms
    heeds_csms: Callable[[], bool] = lambda: True  # is the CSMS a time source? (ClockCtrlr.TimeSource)
    on_trust: list[Callable[[Moment], None]] = field(default_factory=list)

    @property
    def trusted(self) -> bool:
        return self.source in ("ntp", "csms")

    def now(self) -> Moment:
        return Moment(self.monotonic(), self.wall() + timedelta(seconds=self.offset_s))

    def look(self) -> None:
        """Ask the kernel once more: NTP may have come, and then it rules."""
        if self.synchronised():
            self._settle("ntp", 0.0)
        elif self.source == "none" and self.wall() >= NOT_BEFORE:
            self.source = "system"  # plausible, for example a battery-backed clock; nobody vouches for it

    def correct(self, csms_time: datetime) -> None:
        """The CSMS has told the time, in its answer to BootNotification or Heartbeat."""
        self.look()
        if self.source == "ntp" or not NOT_BEFORE <= csms_time < NOT_AFTER or not self.heeds_csms():
            return
        offset_s = (csms_time - self.wall()).total_seconds()
        if self.source != "csms" or abs(offset_s - self.offset_s) >= WORTH_TELLING_S:
            if abs(offset_s - self.offset_s) >= WORTH_TELLING_S:
                log.info("clock corrected by %+.0f s to the back office's time", offset_s - self.offset_s)
            self._settle("csms", offset_s)

    def _settle(self, source: str, offset_s: float) -> None:
        first, changed = not self.trusted, offset_s != self.offset_s
        self.source, self.offset_s = source, offset_s
        if first or changed:
            for listener in self.on_trust:
                listener(self.now())


def note_time(clock: Clock, memory: Memory) -> None:
    """For the next start: it has been this late, by a clock that was trusted."""
    memory.put("clock", "last", clock.now().at.isoformat(timespec="seconds"))


def floor(clock: Clock, memory: Memory) -> datetime:
    """The earliest that it can be: certificates are not checked by a clock that says less.

    What NTP keeps needs no help of our notes, which may stem from a back office that was wrong by years.
    """
    noted = memory.get("clock", "last")
    if noted is None or clock.source == "ntp":
        return NOT_BEFORE
    return max(NOT_BEFORE, datetime.fromisoformat(noted))
