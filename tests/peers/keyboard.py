"""What the kernel says of a keyboard's keys (input.h and input-event-codes.h), on a machine of 64 bits."""

from __future__ import annotations

import struct

CODES = {
    "1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, "0": 11,
    "A": 30, "B": 48, "C": 46, "D": 32, "E": 18, "F": 33, "\n": 28, "X": 45,
}  # fmt: skip


def event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("llHHi", 1_700_000_000, 123_456, kind, code, value)


def key_events(key: str) -> bytes:
    """Scan code, press, report; scan code, release, report."""
    code = CODES[key.upper()]
    scan, report = event(4, 4, 0x70000 + code), event(0, 0, 0)
    return scan + event(1, code, 1) + report + scan + event(1, code, 0) + report
