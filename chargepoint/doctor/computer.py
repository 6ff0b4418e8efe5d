"""The station's computer as far as the daemon depends on it: its clock, and the folder for what must not be lost."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chargepoint.timing import NOT_BEFORE, kernel_is_synchronised
from hw.doctor import Ask, Finding, User, answer_of, failed, ok, skipped, verdict

ROOM_BYTES = 100 * 1024 * 1024
"""The journal may grow to 64 MiB, and SQLite needs some beside."""

SLOW_S = 3.0
"""A commit that takes longer than this comes from a card that is dying."""


def _utc() -> datetime:
    return datetime.now(UTC)


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The computer that is looked at: this one, or one that a test has made up."""

    user: User = field(default_factory=User.current)
    root: Path = Path("/")
    wall: Callable[[], datetime] = _utc
    synchronised: Callable[[], bool] = kernel_is_synchronised
    free_bytes: Callable[[Path], int] = _free_bytes
    ask: Ask = answer_of  # what a program of the system says


def clock_steps(around: Surroundings, *, has_csms: bool, simulated: bool) -> Iterator[Finding]:
    now = around.wall()
    remedy = "Is the network there? Else set it: sudo timedatectl set-time '2026-12-31 12:00:00'."
    yield verdict(now >= NOT_BEFORE, "computer.clock", "clock is plausible", f"{now:%Y-%m-%d %H:%M} UTC", remedy)
    yield _ntp(around.synchronised(), has_csms=has_csms, simulated=simulated)
    if simulated:
        return
    rtc = around.root / "sys/class/rtc/rtc0/name"
    if rtc.exists():
        yield ok("computer.rtc", "battery keeps the clock", rtc.read_text().strip())
    else:
        why = "there is none: after a power cut the time comes from NTP or the back office"
        yield skipped("computer.rtc", "battery keeps the clock", why)


def _ntp(synchronised: bool, *, has_csms: bool, simulated: bool) -> Finding:
    step, proves = "computer.ntp", "clock is kept by NTP"
    if synchronised:
        return ok(step, proves, "synchronised")
    if simulated:
        return skipped(step, proves, "not synchronised; a simulated station does not mind")
    if has_csms:
        return skipped(step, proves, "not synchronised: the back office's time is used instead")
    remedy = "sudo timedatectl set-ntp true. Without a network, fit a clock with a battery: dtoverlay=i2c-rtc,ds3231."
    return failed(step, proves, "not synchronised, and there is no back office to ask", remedy)


def state_steps(state: Path, around: Surroundings) -> Iterator[Finding]:
    """The folder for journal and secrets: writable, quick enough, and with room."""
    step, proves = "computer.state", "state directory can be written"
    began_s = time.monotonic()
    try:
        with tempfile.NamedTemporaryFile(dir=state, prefix="doctor-") as file:
            file.write(b"written by chargepoint doctor\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        remedy = "Run as the user that owns it, or name another directory with --state. Is the card read-only?"
        yield failed(step, proves, f"{state}: {error.strerror}", remedy)
        return
    took_s = time.monotonic() - began_s
    seen = "and quickly" if took_s < SLOW_S else f"in {took_s:.1f} s, which is far too slow"
    yield verdict(took_s < SLOW_S, step, proves, seen, "Replace the storage card by an industrial one.")
    free = around.free_bytes(state)
    remedy = f"Make room on the disk of {state}: journalctl --vacuum-size=50M, apt clean."
    yield verdict(free >= ROOM_BYTES, "computer.disk", "disk has room", f"{free / 2**20:.0f} MiB free", remedy)
