"""Card readers that pretend to be a USB keyboard and type the id, then Enter. Pure: key codes in, ids out."""

from __future__ import annotations

from dataclasses import dataclass

ENTER = (28, 96)  # the main one and the keypad's (KEY_ENTER, KEY_KPENTER in the kernel's input-event-codes.h)
KEYS = {
    **dict(zip(range(2, 12), "1234567890", strict=True)),
    79: "1",
    80: "2",
    81: "3",
    75: "4",
    76: "5",
    77: "6",
    71: "7",
    72: "8",
    73: "9",
    82: "0",
    30: "A",
    48: "B",
    46: "C",
    32: "D",
    18: "E",
    33: "F",
}
"""The keys that a reader types, whatever layout the console has; shift does not matter."""

DROPPED = -1
"""Stands for keys that the kernel could not keep: what was typed has a hole."""
_HOLE = "?"

PAUSE_S = 1.0
"""A reader types an id within a tenth of a second: what is older was something else."""
LONGEST = 26  # digits: ten bytes in decimal have 25
ID_BYTES = (4, 5, 7, 8, 10)


@dataclass(slots=True)
class Typing:
    """Puts the keys together to numbers."""

    decimal: bool = False
    _typed: str = ""
    _typed_s: float = 0.0

    def press(self, key: int, now_s: float) -> bytes | None:
        """The id that is complete with this key."""
        if now_s - self._typed_s > PAUSE_S:
            self._typed = ""
        self._typed_s = now_s
        if key in ENTER:
            typed, self._typed = self._typed, ""
            return id_of(typed, decimal=self.decimal)
        self._typed = (self._typed + (_HOLE if key == DROPPED else KEYS.get(key, "")))[-LONGEST:]
        return None


def id_of(typed: str, *, decimal: bool) -> bytes | None:
    """The bytes of an id that was typed; None where it is none. A decimal number has the fewest bytes that hold it."""
    try:
        if not decimal:
            uid = bytes.fromhex(typed)
            return uid if len(uid) in ID_BYTES else None
        number = int(typed)
    except ValueError:
        return None
    size = next((size for size in ID_BYTES if number < 256**size), None)
    return number.to_bytes(size) if size is not None else None
