"""Register maps: which quantity of a meter stands where, read from TOML, every mistake named.

A map is data: `meters/*.toml` for the meters known here, or a file of the installer's own. `based_on` takes another map
over and changes lines of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from hw.modbus.line import Parity
from hw.modbus.words import Type, width
from hw.options import Mistake, nearest, option, read_options

Registers = Literal["input", "holding"]
Words = Literal["high-first", "low-first"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a quantity stands and how it is written."""

    at: int | tuple[int, ...] = option(minimum=0, maximum=65535, help="address on the wire; one per phase, L1 first")
    type: Type
    scale: float = option(1.0, help="what the number is multiplied by to give V, A, W, Wh, var, VA or Hz")
    exponent_at: int | None = option(None, minimum=0, maximum=65535, help="register with the power of ten")
    registers: Registers | None = option(None, help="where they are not where the others are")
    words: Words | None = option(None, help="where their order is not that of the others")
    length: int = option(0, minimum=0, maximum=60, help="of a text, in registers")

    def __post_init__(self) -> None:
        if (self.type == "text") != (self.length > 0):
            raise ValueError("a text has a length, and nothing else has", "Give length = … in registers for a text.")

    @property
    def addresses(self) -> tuple[int, ...]:
        return self.at if isinstance(self.at, tuple) else (self.at,)

    @property
    def width(self) -> int:
        return width(self.type, self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """What a meter may tell. Energies in Wh, after `scale`; a meter must tell its import register."""

    energy_wh: Spot = option(help="active import register")
    export_wh: Spot | None = None
    phase_energy_wh: Spot | None = None
    power_w: Spot | None = None
    phase_power_w: Spot | None = None
    current_a: Spot | None = None
    voltage_v: Spot | None = None
    reactive_power_var: Spot | None = None
    apparent_power_va: Spot | None = None
    power_factor: Spot | None = None
    frequency_hz: Spot | None = None
    serial: Spot | None = None

    def __post_init__(self) -> None:
        for name, spot in self.told():
            if len(spot.addresses) > (3 if name in BY_PHASE else 1):
                most = "three addresses, L1 to L3" if name in BY_PHASE else "one address"
                raise ValueError(f"{name} has {len(spot.addresses)} addresses", f"It takes {most}.")
            if (spot.type == "text") != (name == "serial" and spot.type == "text"):
                raise ValueError(f"{name} is a number, not a text", "Only serial may be a text.")

    def told(self) -> Iterator[tuple[str, Spot]]:
        for name in self.__slots__:
            if (spot := getattr(self, name)) is not None:
                yield name, spot


BY_PHASE = ("phase_energy_wh", "phase_power_w", "current_a", "voltage_v")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterMap:
    """A family of meters: its line as it leaves the factory, and its registers."""

    about: str = option("", help="maker and model, as people call it")
    source: str = option("", help="where the addresses come from")
    unit: int = option(1, minimum=1, maximum=247)
    baud: int = option(9600, minimum=300, maximum=1_000_000)
    parity: Parity = "N"
    stop_bits: int = option(1, choices=(1, 2))
    pause_s: float = option(0.0, minimum=0.0, maximum=2.0, help="least time between an answer and the next request")
    registers: Registers = option("input", help='"input" is function 4, "holding" function 3')
    words: Words = option("high-first", help="order of the 16-bit words in a longer number")
    most: int = option(120, minimum=2, maximum=125, help="registers in one answer at most")
    gap: int = option(0, minimum=0, maximum=100, help="registers between two quantities that may be read along")
    sunspec: tuple[int, ...] = option((), help="addresses count from a SunSpec model with one of these numbers")
    signs: Literal["", "iskra"] = option("", help="how the meter signs its readings")
    quantities: Quantities = field(kw_only=True)

    def moved(self, base: int) -> MeterMap:
        """With addresses that count from `base`."""
        told = {name: _moved(spot, base) for name, spot in self.quantities.told()}
        return replace(self, quantities=replace(self.quantities, **told))


def _moved(spot: Spot, base: int) -> Spot:
    exponent = None if spot.exponent_at is None else spot.exponent_at + base
    return replace(spot, at=tuple(address + base for address in spot.addresses), exponent_at=exponent)


def read_map(document: Mapping[str, Any], where: str) -> tuple[MeterMap | None, list[Mistake]]:
    """A map from the tables of its file; `where` names the file."""
    table = dict(document)
    base = table.pop("based_on", None)
    if base is not None:
        if not isinstance(base, str) or base not in models():
            what = f'based_on = "{base}" is not a model known here'
            return None, [Mistake(where, what, nearest(str(base), models()), "based_on")]
        table = merged(_document(base), table)
    return read_options(MeterMap, table, where)


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the lines of `changes`; a quantity that is changed is changed as a whole."""
    quantities = {**base.get("quantities", {}), **_table(changes.get("quantities"))}
    return {**base, **changes, "quantities": quantities}


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def read_file(path: Path) -> tuple[MeterMap | None, list[Mistake]]:
    """An installer's own map."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, [Mistake(str(path), "there is no such file", "Check map_file in the meter's table.")]
    except (OSError, UnicodeDecodeError) as error:
        return None, [Mistake(str(path), f"it cannot be read: {error}", "Check the file and its permissions.")]
    except tomllib.TOMLDecodeError as error:
        return None, [Mistake(str(path), f"it is not TOML: {error}", "Correct that line; compare docs/meters.md.")]
    return read_map(document, str(path))


# --- the meters known here --------------------------------------------------------------------------------------------


FOLDER = Path(__file__).with_name("meters")


@cache
def models() -> tuple[str, ...]:
    """Names of the maps that come with this software."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def known(model: str) -> MeterMap:
    """One of `models()`."""
    meter, mistakes = read_map(_document(model), model)
    if meter is None:
        raise ValueError(f"{model}.toml: {'; '.join(map(str, mistakes))}")
    return meter


def _document(model: str) -> dict[str, Any]:
    document = tomllib.loads((FOLDER / f"{model}.toml").read_text(encoding="utf-8"))
    base = document.pop("based_on", None)
    return merged(_document(base), document) if base is not None else document
