"""Registers turned into numbers and text, with each maker's way to say "not available"."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Literal, get_args

Type = Literal["f32", "u16", "i16", "u32", "i32", "u64", "i64", "t5", "t6", "t7", "text"]
TYPES: tuple[Type, ...] = get_args(Type)

WIDTH: dict[str, int] = {"u16": 1, "i16": 1, "u64": 4, "i64": 4}
"""In registers; the others have two, and a text has what the map says."""


def width(kind: Type, length: int = 0) -> int:
    """How many registers a value of this type takes; `length` is that of a text."""
    return length if kind == "text" else WIDTH.get(kind, 2)


def number(kind: Type, words: Sequence[int]) -> float | None:
    """The number in `words`, high word first; None where the meter says that it has none.

    None is NaN or infinity, all ones of an unsigned number, and the largest and the smallest value of a signed one
    (ABB and SunSpec fill with 7FFF... and 8000...).
    """
    value = _READ[kind](words)
    return value if value is not None and math.isfinite(value) else None


def text(words: Sequence[int]) -> str:
    """Two characters a register, without the filling; "" where there is nothing readable."""
    raw = struct.pack(f">{len(words)}H", *words)
    letters = raw.partition(b"\0")[0].decode("ascii", errors="replace").strip()
    return letters if letters.isprintable() and "\ufffd" not in letters else ""


def _raw(words: Sequence[int]) -> bytes:
    return struct.pack(f">{len(words)}H", *words)


def _unsigned(words: Sequence[int]) -> float | None:
    raw = _raw(words)
    return None if raw == b"\xff" * len(raw) else float(int.from_bytes(raw, "big"))


def _signed(words: Sequence[int]) -> float | None:
    value = int.from_bytes(_raw(words), "big", signed=True)
    limit = 1 << (16 * len(words) - 1)
    return None if value in (limit - 1, -limit) else float(value)


def _float(words: Sequence[int]) -> float:
    (value,) = struct.unpack(">f", _raw(words))
    return float(value)


def _power(exponent: int) -> float:
    return 10.0**exponent


def _t5(words: Sequence[int]) -> float:
    """Iskra: signed power of ten in 8 bits, unsigned number in 24."""
    exponent, high, low = struct.unpack(">bBH", _raw(words))
    return float(high << 16 | low) * _power(exponent)


def _t6(words: Sequence[int]) -> float:
    """Iskra: signed power of ten in 8 bits, signed number in 24."""
    exponent, high, low = struct.unpack(">bbH", _raw(words))
    return float(high << 16 | low) * _power(exponent)


def _t7(words: Sequence[int]) -> float:
    """Iskra's power factor: 00 import or FF export, 00 inductive or FF capacitive, four decimals."""
    export, _, value = struct.unpack(">BBH", _raw(words))
    factor = float(value) / 10000
    return -factor if export == 0xFF else factor


_READ: dict[str, Callable[[Sequence[int]], float | None]] = {
    "f32": _float,
    "u16": _unsigned,
    "u32": _unsigned,
    "u64": _unsigned,
    "i16": _signed,
    "i32": _signed,
    "i64": _signed,
    "t5": _t5,
    "t6": _t6,
    "t7": _t7,
}
