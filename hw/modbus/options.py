"""What the table of a Modbus meter may say, and the line and the map that come of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hw.modbus.line import Line, Parity, SerialLine, TcpLine
from hw.modbus.maps import MeterMap, Words, known, models, read_file
from hw.options import nearest, option

LAST_UNIT = 247
"""On a serial bus: 0 speaks to all and nobody answers, 248 to 255 are reserved (Modbus over serial line 1.02, 2.2)."""
SUNSPEC = "sunspec"
"""The model that finds out by itself."""
SUNSPEC_MAPS = ("sunspec-integer", "sunspec-float")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusOptions:
    """A meter on RS-485 (`port`) or on the network (`host`); what is left out is as the meter leaves the factory."""

    model: str = option("", help='one of those in docs/meters.md, or "sunspec" to find out')
    map_file: Path | None = option(None, help="absolute path of a map of your own, instead of a model")
    port: str = option("", help="serial port, best one of /dev/serial/by-id")
    host: str = option("", help="address or name of the meter or gateway, instead of a port")
    tcp_port: int = option(502, minimum=1, maximum=65535, help="where the host listens")
    framer: Literal["tcp", "rtu"] = option("tcp", help='"rtu" for a gateway that passes RTU frames through as they are')
    unit: int | None = option(
        None, minimum=0, maximum=255, help="number of the meter on its bus; 1 to 247 on a port of our own"
    )
    baud: int | None = option(None, minimum=300, maximum=1_000_000, help="speed of the bus")
    parity: Parity | None = option(None, help="none, even or odd")
    stop_bits: int | None = option(None, minimum=1, maximum=2, help="after each character")
    words: Words | None = option(None, help="order of the words in a longer number, where yours differs")
    pause_s: float | None = option(None, minimum=0.0, maximum=2.0, help="least time from an answer to the next request")
    evse_id: str = option("", help="what a signed reading names the charge point, for example DE*ABC*E1")

    def __post_init__(self) -> None:
        if (self.model == "") == (self.map_file is None):
            raise ValueError(
                "it needs a model or a map_file, one of them", "Give model = …; docs/meters.md lists them."
            )
        if (self.port == "") == (self.host == ""):
            raise ValueError("it needs a port or a host, one of them", 'Give port = "/dev/ttyUSB0" or host = "…".')
        if self.model not in ("", SUNSPEC, *models()):
            raise ValueError(f'model = "{self.model}" is not known', nearest(self.model, (SUNSPEC, *models())))
        if self.map_file is not None:
            self._check_map_file(self.map_file)

        if self.port and self.unit is not None and not 1 <= self.unit <= LAST_UNIT:
            raise ValueError(f"unit = {self.unit} is no device's number on a serial bus", f"Allowed: 1 to {LAST_UNIT}.")

    def _check_map_file(self, path: Path) -> None:
        if not path.is_absolute():
            raise ValueError(f'map_file = "{path}" is not an absolute path', "Write it from / on.")
        _, mistakes = read_file(path)
        if mistakes:
            raise ValueError("; and ".join(f"{mistake.where}: {mistake.what}" for mistake in mistakes), mistakes[0].fix)

    def maps(self) -> tuple[MeterMap, ...]:
        """The map, or those that SunSpec chooses from.

        Raises:
            ValueError: the map file has got mistakes since it was checked.
        """
        if self.map_file is not None:
            own, mistakes = read_file(self.map_file)
            if own is None:
                raise ValueError("; ".join(map(str, mistakes)))
            chosen = [own]
        else:
            chosen = [known(name) for name in (SUNSPEC_MAPS if self.model == SUNSPEC else (self.model,))]
        return tuple(replace(each, words=self.words or each.words) for each in chosen)

    def line(self, meter: MeterMap) -> Line:
        if self.host:
            return TcpLine(self.host, self.tcp_port, self.framer == "rtu")
        return SerialLine(
            self.port, self.baud or meter.baud, self.parity or meter.parity, self.stop_bits or meter.stop_bits
        )

    @property
    def line_settings(self) -> str:
        """Of the serial bus, "9600 8N1"; "" on the network."""
        line = self.line(self.maps()[0])
        return line.settings if isinstance(line, SerialLine) else ""

    @property
    def signs(self) -> bool:
        return any(each.signs for each in self.maps())

    def unit_of(self, meter: MeterMap) -> int:
        return meter.unit if self.unit is None else self.unit

    def pause_of(self, meter: MeterMap) -> float:
        """A gateway keeps the distance on its serial side by itself, as far as it can; the meter's need stays."""
        return meter.pause_s if self.pause_s is None else self.pause_s
