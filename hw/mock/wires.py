"""The wires between the guard and the simulated hardware: a small file that both map into their memory.

Pins keep their level when a process dies, and so does this file, whoever is killed. Reading and writing it never
blocks. The guard's half of a bay (`hw.mock.pins`) is what it drives, with the instants at which it last changed each
output; the other half (`hw.mock.terminals`) is what its inputs measure. Instants are time.monotonic_ns().
"""

from __future__ import annotations

import mmap
import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FILE = "mock.pins"
BAYS = 16
BAY_BYTES = 256
BOOT_AT, BOOT_BYTES = BAYS * BAY_BYTES, 40  # behind the bays: of which boot their levels are
FILE_BYTES = BOOT_AT + BOOT_BYTES
PERIOD_NS = 1_000_000  # of the pilot

# The guard's half: high time of the duty in ns + 1 (0: never written), self-tests asked for, coil, lock, pilot cut,
# coil of the phase contactor
DRIVE = struct.Struct("<IIBBBB")
DUTY_AT, SELFTESTS_AT, COIL_AT, LOCK_AT, CUT_AT, PHASES_AT = 0, 4, 8, 9, 10, 11
CHANGED_AT = struct.Struct("<QQQ")  # instants of duty, coil and lock
CHANGES_AT = 16
LOCK_CODES: dict[bool | None, int] = {None: 0, False: 1, True: 2}  # the motor rests, opens, closes

# The other half: count | feedback, sense, residual current, stop, self-test outcome (2 = none), a bit for each of
# INPUTS, feedback of the phase contactor | self-tests answered | high, low, proximity (NaN = none), temperature |
# instant of the last change of level | the count again: two that differ tell a reader that a write is going on
SENSED = struct.Struct("<I7BxI4dQI")
INPUTS = ("earth_missing", "pen_fault", "enclosure_open", "key_locked", "limit_contact")
SENSED_AT = 128
NO_OUTCOME = 2
REGISTER = struct.Struct("<d")  # the energy meter's, so that it survives everything
REGISTER_AT = 96

WORD = struct.Struct("<I")
STAMP = struct.Struct("<Q")


def open_wires(state_dir: Path) -> mmap.mmap:
    """The mapped file of one state directory; created with everything at rest (zeros) by whoever comes first."""
    handle = os.open(state_dir / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        with suppress(PermissionError):  # of another user who shares the folder, and so the file
            os.fchmod(handle, 0o660)
        if os.fstat(handle).st_size < FILE_BYTES:
            os.ftruncate(handle, FILE_BYTES)
        return mmap.mmap(handle, FILE_BYTES)
    finally:
        os.close(handle)


def sync_wires(state_dir: Path) -> None:
    """What was written to the mapped file is on the disk, and so is its name. Raises OSError."""
    for path, how in ((state_dir / FILE, os.O_RDWR), (state_dir, os.O_RDONLY | os.O_DIRECTORY)):
        handle = os.open(path, how | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def power_on(memory: mmap.mmap, boot: str) -> None:
    """Everything at rest, but the meters' registers, if the machine has been without power since: no pin keeps its
    level over that. `boot`: the kernel's id of this one. Called by each process that comes, before it does anything.
    """
    mark = boot.encode()[:BOOT_BYTES].ljust(BOOT_BYTES, b"\0")
    if memory[BOOT_AT:FILE_BYTES] == mark:
        return
    for evse in range(1, BAYS + 1):
        at = offset_of(evse)
        register = memory[at + REGISTER_AT : at + REGISTER_AT + REGISTER.size]
        memory[at : at + BAY_BYTES] = bytes(BAY_BYTES)
        memory[at + REGISTER_AT : at + REGISTER_AT + REGISTER.size] = register
    memory[BOOT_AT:FILE_BYTES] = mark


def boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def offset_of(evse: int) -> int:
    """Where an EVSE's bay begins."""
    return (evse - 1) * BAY_BYTES


@dataclass(frozen=True, slots=True)
class Stamps:
    """When something last changed on one bay's wires."""

    levels_ns: int
    duty_ns: int
    coil_ns: int
    lock_ns: int
    coil: bool


def stamps(memory: mmap.mmap, evse: int) -> Stamps:
    """For a bench that wants to know how fast the guard was."""
    at = offset_of(evse)
    duty_ns, coil_ns, lock_ns = CHANGED_AT.unpack_from(memory, at + CHANGES_AT)
    levels_ns = SENSED.unpack_from(memory, at + SENSED_AT)[-2]
    return Stamps(levels_ns, duty_ns, coil_ns, lock_ns, bool(memory[at + COIL_AT]))
