"""What each meter shows, and the registers it then has: written from the makers' tables, not from our maps."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hw.api import Reading
from tests.hw.modbus_slave import Registers, Unit

V, A = (231.1, 232.2, 233.3), (11.125, 12.25, 13.5)
W, TOTAL_W = (2101.0, 2202.0, -2303.0), 2000.0
IMPORT_WH, EXPORT_WH = 12_345_600.0, 789_000.0
PHASES_WH = (4_100_100.0, 4_200_200.0, 4_045_300.0)
VAR, VA, PF, HZ = -456.0, 6700.0, 0.875, 50.2
SERIAL = "23456789"

THREE = Reading(
    energy_wh=IMPORT_WH, export_wh=EXPORT_WH, power_w=TOTAL_W, phase_power_w=W, current_a=A, voltage_v=V,
    frequency_hz=HZ, power_factor=PF,
)  # fmt: skip
ONE = replace(THREE, voltage_v=V[:1], current_a=A[:1], phase_power_w=())


@dataclass(frozen=True)
class Family:
    """A model, its registers while it shows `shows`, and how many it answers at once."""

    model: str
    shows: Reading
    input: Registers = field(default_factory=dict)
    holding: Registers = field(default_factory=dict)
    most: int = 125
    number: int = 1

    def unit(self) -> Unit:
        return Unit(holding=dict(self.holding), input=dict(self.input), most=self.most)


def f32(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def u32(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">I", round(value))))


def i32(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">i", round(value))))


def low(value: float) -> list[int]:
    """i32, low word first."""
    return i32(value)[::-1]


def i64(value: float) -> list[int]:
    return list(struct.unpack(">4H", struct.pack(">q", round(value))))


def i16(value: float) -> list[int]:
    return [round(value) & 0xFFFF]


def t(exponent: int, value: int) -> list[int]:
    """Iskra's T5 and T6."""
    return list(struct.unpack(">2H", struct.pack(">b", exponent) + (value & 0xFFFFFF).to_bytes(3, "big")))


def text(value: str, length: int) -> list[int]:
    return list(struct.unpack(f">{length}H", value.encode().ljust(2 * length, b"\0")))


def at(*places: tuple[int, Sequence[int]], around: range | None = None) -> Registers:
    """These words at these addresses; all others `around` hold a number of their own, that nobody should read."""
    registers = {address: 0x7A00 + address % 251 for address in around} if around else {}
    for address, words in places:
        registers.update(enumerate(words, address))
    return registers


def phases(start: int, step: int, values: Sequence[float], code: object) -> list[tuple[int, list[int]]]:
    return [(start + number * step, code(value)) for number, value in enumerate(values)]  # type: ignore[operator]


# --- Eastron: 9.2 -----------------------------------------------------------------------------------------------------

_SDM_SERIAL = at((0xFC00, u32(23456789)))
_SDM_TOTALS = [
    (0x34, f32(TOTAL_W)), (0x38, f32(VA)), (0x3C, f32(VAR)), (0x3E, f32(PF)), (0x46, f32(HZ)),
    (0x48, f32(IMPORT_WH / 1000)), (0x4A, f32(EXPORT_WH / 1000)), (0x156, f32(13_134.6)),
]  # fmt: skip
_SDM_LIVE = [*phases(0x00, 2, V, f32), *phases(0x06, 2, A, f32), *phases(0x0C, 2, W, f32)]
_SDM_SINGLE = [
    (0x00, f32(V[0])), (0x06, f32(A[0])), (0x0C, f32(TOTAL_W)), (0x12, f32(VA)), (0x18, f32(VAR)), (0x1E, f32(PF)),
    (0x46, f32(HZ)), (0x48, f32(IMPORT_WH / 1000)), (0x4A, f32(EXPORT_WH / 1000)), (0x156, f32(13_134.6)),
]  # fmt: skip
_SDM630 = Family(
    "eastron-sdm630",
    replace(THREE, reactive_power_var=VAR, apparent_power_va=VA, phase_energy_wh=PHASES_WH, meter=SERIAL),
    input=at(*_SDM_LIVE, *_SDM_TOTALS, *phases(0x15A, 2, [wh / 1000 for wh in PHASES_WH], f32), around=range(0x180)),
    holding=_SDM_SERIAL,
    most=80,
)
_SDM72_2 = Family(
    "eastron-sdm72d-m-2",
    replace(THREE, reactive_power_var=VAR, apparent_power_va=VA, meter=SERIAL),
    input=at(*_SDM_LIVE, *_SDM_TOTALS, around=range(0x180)),
    holding=_SDM_SERIAL,
    most=10,
)
_SDM72 = Family(
    "eastron-sdm72d-m",
    Reading(IMPORT_WH, export_wh=EXPORT_WH, power_w=TOTAL_W, meter=SERIAL),
    input=at(_SDM_TOTALS[0], *_SDM_TOTALS[5:]),
    holding=_SDM_SERIAL,
    most=10,
)
_SDM120 = Family(
    "eastron-sdm120",
    replace(ONE, reactive_power_var=VAR, apparent_power_va=VA, meter=SERIAL),
    input=at(*_SDM_SINGLE, around=range(0x180)),
    holding=_SDM_SERIAL,
    most=80,
)

# --- ABB: 9.3 ---------------------------------------------------------------------------------------------------------

_ABB_TOTALS = [
    (0x5000, i64(IMPORT_WH / 10)), (0x5004, i64(EXPORT_WH / 10)), (0x5B14, i32(TOTAL_W * 100)), (0x5B2C, i16(HZ * 100)),
    (0x5B3A, i16(PF * 1000)), (0x8900, u32(23456789)),
]  # fmt: skip
_ABB = at(
    *_ABB_TOTALS, *phases(0x5B00, 2, [v * 10 for v in V], u32), *phases(0x5B0C, 2, [a * 100 for a in A], u32),
    *phases(0x5B16, 2, [w * 100 for w in W], i32), *phases(0x5460, 4, [wh / 10 for wh in PHASES_WH], i64),
)  # fmt: skip
_B23 = Family(
    "abb-b23",
    replace(THREE, current_a=(11.12, 12.25, 13.5), phase_energy_wh=PHASES_WH, meter=SERIAL),
    holding=_ABB,  # nothing between: it answers exception 2 there
)
_B21 = Family(
    "abb-b21",
    replace(ONE, current_a=(11.12,), meter=SERIAL),
    holding=at(*_ABB_TOTALS, (0x5B00, u32(2311)), (0x5B0C, u32(1112))),
)

# --- Carlo Gavazzi: 9.4 -----------------------------------------------------------------------------------------------

_CG_LIVE = [
    *phases(0x00, 2, [v * 10 for v in V], low), *phases(0x0C, 2, [a * 1000 for a in A], low),
    *phases(0x12, 2, [w * 10 for w in W], low), (0x28, low(TOTAL_W * 10)),
]  # fmt: skip
_EM340 = Family(
    "gavazzi-em340",
    replace(THREE, phase_energy_wh=PHASES_WH),
    input=at(
        *_CG_LIVE, (0x31, i16(PF * 1000)), (0x33, i16(HZ * 10)), (0x34, low(IMPORT_WH / 100)),
        *phases(0x40, 2, [wh / 100 for wh in PHASES_WH], low), (0x4E, low(EXPORT_WH / 100)), around=range(0x60),
    ),
    most=11,
)  # fmt: skip
_EM24_ETHERNET = replace(
    _EM340, model="gavazzi-em24-ethernet", shows=replace(_EM340.shows, meter="BQ1230045678X"),
    input={**_EM340.input, **at((0x5000, text("BQ1230045678X", 7)))},
)  # fmt: skip
_EM24_SERIAL = Family(
    "gavazzi-em24-rs485",
    replace(THREE, phase_energy_wh=PHASES_WH, export_wh=None),
    input=at(  # without the export counter, as some are
        *_CG_LIVE, (0x35, i16(PF * 1000)), (0x37, i16(HZ * 10)), (0x42, low(IMPORT_WH / 100)),
        *phases(0x46, 2, [wh / 100 for wh in PHASES_WH], low),
    ),
    most=11,
)  # fmt: skip
_EM112 = Family(
    "gavazzi-em112",
    replace(ONE, power_factor=None, apparent_power_va=VA, reactive_power_var=VAR),
    input=at(
        (0x00, low(2311)), (0x02, low(11125)), (0x04, low(TOTAL_W * 10)), (0x06, low(VA * 10)), (0x08, low(VAR * 10)),
        (0x0F, i16(HZ * 10)), (0x10, low(IMPORT_WH / 100)), (0x20, low(EXPORT_WH / 100)), around=range(0x30),
    ),
    most=11,
)  # fmt: skip

# --- Schneider: 9.5 ---------------------------------------------------------------------------------------------------

_IEM3155 = Family(
    "schneider-iem3155",
    replace(THREE, power_factor=None, reactive_power_var=VAR, apparent_power_va=VA, phase_energy_wh=PHASES_WH),
    holding=at(
        *phases(0x0BB7, 2, A, f32), *phases(0x0BD3, 2, V, f32), *phases(0x0BED, 2, [w / 1000 for w in W], f32),
        (0x0BF3, f32(TOTAL_W / 1000)), (0x0BFB, f32(VAR / 1000)), (0x0C03, f32(VA / 1000)), (0x0C25, f32(HZ)),
        (0x0C83, i64(IMPORT_WH)), (0x0C87, i64(EXPORT_WH)), *phases(0x0DBD, 4, PHASES_WH, i64),
    ),
)  # fmt: skip
_IEM3150 = replace(
    _IEM3155, model="schneider-iem3150", shows=replace(_IEM3155.shows, export_wh=None),
    holding={address: word for address, word in _IEM3155.holding.items() if not 0x0C87 <= address < 0x0C8B},
)  # fmt: skip

# --- Finder: 9.6, 9.11 ------------------------------------------------------------------------------------------------

_7M38 = Family(
    "finder-7m38",
    replace(THREE, reactive_power_var=VAR, apparent_power_va=VA),
    input=at(
        *phases(2500, 2, V, f32), *phases(2516, 2, A, f32), *phases(2530, 2, W, f32), (2536, f32(TOTAL_W)),
        (2544, f32(VAR)), (2552, f32(VA)), (2560, f32(PF)), (2584, f32(HZ)), (2752, f32(IMPORT_WH)),
        (2756, f32(EXPORT_WH)), around=range(2490, 2600),
    ),
    number=33,
)  # fmt: skip
_7M24 = Family(
    "finder-7m24",
    replace(ONE, power_factor=None),
    input=at(
        (2500, f32(V[0])), (2516, f32(A[0])), (2536, f32(TOTAL_W)), (2584, f32(HZ)), (2752, f32(IMPORT_WH)),
        (2756, f32(EXPORT_WH)),
    ),
    number=33,
)  # fmt: skip
_7E78 = Family(
    "finder-7e78",
    replace(THREE, phase_power_w=(), frequency_hz=None, power_factor=None),
    input=at(
        *phases(0x1000, 2, V, f32), *phases(0x100E, 2, A, f32), (0x1026, f32(TOTAL_W)), (0x1106, f32(IMPORT_WH)),
        (0x110E, f32(EXPORT_WH)),
    ),
)  # fmt: skip

# --- Iskra: 9.7 -------------------------------------------------------------------------------------------------------

_WM3M4 = Family(
    "iskra-wm3m4c",
    replace(THREE, meter="50012345"),
    input=at(
        (1, text("WM3M4C", 8)), (9, text("50012345", 4)), (105, t(-3, 50200)),
        *phases(107, 2, V, lambda v: t(-1, round(v * 10))),
        *phases(126, 2, A, lambda a: t(-3, round(a * 1000))), (140, t(0, 2000)),
        *phases(142, 2, W, lambda w: t(-1, round(w * 10))),
        (164, [0x0000, 8750]), (414, i16(2)), (415, i16(3)), (418, u32(123456)), (420, u32(789)), around=range(1, 430),
    ),
    number=33,
)  # fmt: skip

# --- Inepro and its kin: 9.8 ------------------------------------------------------------------------------------------

_PRO380 = Family(
    "inepro-pro380",
    replace(THREE, reactive_power_var=VAR, apparent_power_va=VA, phase_energy_wh=PHASES_WH),
    holding=at(
        (0x5000, f32(230.0)), *phases(0x5002, 2, V, f32), (0x5008, f32(HZ)), *phases(0x500C, 2, A, f32),
        (0x5012, f32(TOTAL_W / 1000)), *phases(0x5014, 2, [w / 1000 for w in W], f32), (0x501A, f32(VAR / 1000)),
        (0x5022, f32(VA / 1000)), (0x502A, f32(PF)), *phases(0x502C, 2, (0.1, 0.2, 0.3), f32), (0x6000, f32(13_134.6)),
        (0x600C, f32(IMPORT_WH / 1000)), *phases(0x6012, 2, [wh / 1000 for wh in PHASES_WH], f32),
        (0x6018, f32(EXPORT_WH / 1000)), *phases(0x601E, 2, (1.0, 2.0, 3.0), f32),
    ),
)  # fmt: skip

# --- Orno: 9.9 --------------------------------------------------------------------------------------------------------

_WE516 = Family(
    "orno-we516",
    replace(THREE, phase_energy_wh=PHASES_WH),
    holding=at(
        *phases(0x0E, 2, V, f32), (0x14, f32(HZ)), *phases(0x16, 2, A, f32), (0x1C, f32(TOTAL_W / 1000)),
        *phases(0x1E, 2, [w / 1000 for w in W], f32), (0x34, f32(PF)), *phases(0x36, 2, (0.1, 0.2, 0.3), f32),
        (0x100, f32(13_134.6)), *phases(0x102, 2, (1.0, 2.0, 3.0), f32), (0x108, f32(IMPORT_WH / 1000)),
        *phases(0x10A, 2, [wh / 1000 for wh in PHASES_WH], f32), (0x110, f32(EXPORT_WH / 1000)),
    ),
)  # fmt: skip
_WE514 = Family(
    "orno-we514",
    replace(ONE, export_wh=None),
    holding=at(
        (0x130, i16(HZ * 100)), (0x131, i16(23110)), (0x139, u32(11125)), (0x140, u32(TOTAL_W)),
        (0x158, i16(PF * 1000)), (0xA000, u32(IMPORT_WH / 10)),
    ),
)  # fmt: skip

# --- SunSpec: 9.10 ----------------------------------------------------------------------------------------------------

_SUNS = [0x5375, 0x6E53]
_COMMON = [1, 66, *text("Maker", 16), *text("Model", 16), *text("", 8), *text("1.0", 8), *text("SN-0815", 16), 1, 0]


def _model(number: int, length: int, *places: tuple[int, Sequence[int]]) -> list[int]:
    words = at(*places, around=range(length + 2))
    words.update({0: number, 1: length})
    return [words[address] for address in range(length + 2)]


_INTEGER = _model(
    203, 105, (2, i16(3688)), *phases(3, 1, [a * 100 for a in (11.12, 12.25, 13.5)], i16), (6, i16(-2)), (7, i16(2320)),
    *phases(8, 1, [v * 10 for v in V], i16), (15, i16(-1)), (16, i16(5020)), (17, i16(-2)), (18, i16(200)),
    *phases(19, 1, (210, 220, -230), i16), (22, i16(1)), (33, i16(875)),
    *phases(34, 1, (100, 200, 300), i16), (37, i16(-3)),
    (38, u32(789)), (46, u32(12345)), *phases(48, 2, (4100, 4200, 4045), u32), (54, i16(3)),
)  # fmt: skip
_FLOAT = _model(
    213, 124, (2, f32(36.8)), *phases(4, 2, A, f32), (10, f32(230.0)), *phases(12, 2, V, f32), (26, f32(HZ)),
    (28, f32(TOTAL_W)), *phases(30, 2, W, f32), (52, f32(PF)), *phases(54, 2, (0.1, 0.2, 0.3), f32),
    (60, f32(EXPORT_WH)), (68, f32(IMPORT_WH)),
)  # fmt: skip
_END = [0xFFFF, 0]
_SUNSPEC_INTEGER = Family(
    "sunspec",
    replace(
        THREE, meter="SN-0815", current_a=(11.12, 12.25, 13.5), phase_power_w=(2100.0, 2200.0, -2300.0),
        energy_wh=12_345_000.0, phase_energy_wh=(4_100_000.0, 4_200_000.0, 4_045_000.0),
    ),
    holding=at((40000, [*_SUNS, *_COMMON, *_INTEGER, *_END])),
)  # fmt: skip
_SUNSPEC_FLOAT = Family(
    "sunspec", replace(THREE, meter="SN-0815"), holding=at((0, [*_SUNS, *_COMMON, 120, 4, 9, 9, 9, 9, *_FLOAT, *_END]))
)

# --- further ones: 9.11 -----------------------------------------------------------------------------------------------

_MPM3PM = Family(
    "mpm3pm",
    replace(THREE, current_a=(11.12, 12.25, 13.5), power_factor=None),
    input=at(
        (0x02, u32(IMPORT_WH / 10)), (0x04, u32(EXPORT_WH / 10)), *phases(0x08, 2, [v * 10 for v in V], u32),
        *phases(0x0E, 2, [a * 100 for a in (11.12, 12.25, 13.5)], u32), *phases(0x14, 2, [w * 100 for w in W], i32),
        (0x26, i32(TOTAL_W * 100)), (0x2C, u32(HZ * 100)),
    ),
)  # fmt: skip
_EEM350 = Family(
    "phoenix-eem350",
    Reading(IMPORT_WH, power_w=TOTAL_W, current_a=A, voltage_v=V),
    input=at(
        *phases(0x00, 2, [v * 10 for v in V], low), *phases(0x0C, 2, [a * 1000 for a in A], low),
        (0x28, low(TOTAL_W * 10)), (0x3E, low(IMPORT_WH / 100)),
    ),
)  # fmt: skip
_DTSU666 = Family(
    "chint-dtsu666",
    Reading(IMPORT_WH, export_wh=EXPORT_WH, power_w=TOTAL_W, current_a=A, voltage_v=V),
    holding=at(
        *phases(0x2000, 2, (4001, 4002, 4003), f32), *phases(0x2006, 2, [v * 10 for v in V], f32),
        *phases(0x200C, 2, [a * 1000 for a in A], f32), (0x2012, f32(TOTAL_W * 10)), (0x101E, f32(IMPORT_WH / 1000)),
        (0x1028, f32(EXPORT_WH / 1000)),
    ),
)  # fmt: skip

SAME_AS = {
    "eastron-sdm220": _SDM120, "eastron-sdm230": _SDM120, "abb-b24": _B23, "gavazzi-em330": _EM340,
    "gavazzi-et330": _EM340, "gavazzi-et340": _EM340, "gavazzi-em111": _EM112, "gavazzi-et112": _EM112,
    "schneider-iem3255": _IEM3155, "schneider-iem3250": _IEM3150, "iskra-wm3m4": _WM3M4, "klefr-693x": _PRO380,
    "klefr-694x": _PRO380, "wago-879-30xx": _PRO380, "orno-we517": _WE516, "orno-we515": _WE514,
    "sunspec-integer": _SUNSPEC_INTEGER, "sunspec-float": _SUNSPEC_FLOAT,
}  # fmt: skip
"""Sold under several names."""

FAMILIES: tuple[Family, ...] = (
    _SDM630, _SDM72_2, _SDM72, _SDM120, _B23, _B21, _EM340, _EM24_ETHERNET, _EM24_SERIAL, _EM112, _IEM3155, _IEM3150,
    _7M38, _7M24, _7E78, _WM3M4, _PRO380, _WE516, _WE514, _SUNSPEC_INTEGER, _SUNSPEC_FLOAT, _MPM3PM, _EEM350, _DTSU666,
    *(replace(family, model=model) for model, family in SAME_AS.items()),
)  # fmt: skip
