"""Who owns which port and which line of the board: two owners of one are a mistake that names both.

Several devices may share a serial bus when each has a `unit` of its own; parts of one EVSE may share the port of the
controller that drives them all; GPIO pilots may share a converter. A port of the guard's is the guard's with all that
hangs on it: an EVSE's meter may, a meter of the whole station may not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from hw.discovery import GUARD_PARTS, Group, Mistake, defaults, line_settings

HEADER = "/dev/gpiochip0"
"""The chip of a table that names none."""
_NUMBERED = re.compile(r"gpiochip\d+$")
_GPIO = re.compile(r"GPIO(\d+)")

ADC = "adc_port"
"""Of a pilot's converter, which several outlets may share."""
ALONE = ("card_reader", "display")
"""These share a port with nobody."""


@dataclass(frozen=True, slots=True)
class Device:
    """A driver's table in the file."""

    part: Group
    where: str  # "evse.1.meter"
    evse: int  # 0: the station's
    table: Mapping[str, Any]

    @property
    def ports(self) -> Iterator[tuple[str, str]]:
        """(key, port) where the table names one."""
        port = self.table.get("port")
        if isinstance(port, str) and port:
            yield "port", port
        if self.part == "pilot" and self.table.get("driver") == "gpio":
            yield ADC, str(self.table.get(ADC, "/dev/spidev0.0"))

    @property
    def inputs(self) -> dict[object, str]:
        """Channel of a converter -> the key that claims it."""
        defaults = {"pilot_channel": 0, "plug_channel": 1, "temperature_channel": None}
        channels = [(key, self.table.get(key, default)) for key, default in defaults.items()]
        return {channel: key for key, channel in channels if isinstance(channel, int)}

    @property
    def lines(self) -> Iterator[tuple[str, tuple[str, int | str]]]:
        """(key, (chip, number or name)) of every GPIO line that the driver uses, by its table or by default."""
        chip = _chip(str(self.table.get("chip", "")))
        tacit = {k: v for k, v in defaults(self.part, self.table).items() if k not in self.table}
        for key, value in (*self.table.items(), *tacit.items()):
            named = key in ("line", "gpio") or key.endswith(("_line", "_gpio"))
            if named and isinstance(value, int | str) and not isinstance(value, bool) and not self._unused(key):
                yield key, (chip, _line(value, chip))

    def _unused(self, key: str) -> bool:
        """The PWM of other boards than a Raspberry Pi is named by its chip."""
        return key == "pwm_gpio" and bool(self.table.get("pwm_chip"))


def _chip(name: str) -> str:
    """One name for a chip that has several. Its label is told only by the chip itself: that the guard finds out."""
    path = f"/dev/{name}" if _NUMBERED.match(name) else name
    if path.startswith("/"):
        path = os.path.realpath(path)
    return "" if path == HEADER else path


def _line(line: int | str, chip: str) -> int | str:
    """A line behind the pin header of a Raspberry Pi is named after its number."""
    known = _GPIO.fullmatch(line) if isinstance(line, str) and not chip else None
    return int(known[1]) if known else line


def conflicts(devices: list[Device]) -> Iterator[Mistake]:
    """Every port and every line that two devices claim."""
    for one, other in combinations(devices, 2):
        yield from _port_conflicts(one, other)
        yield from _line_conflicts(one, other)
    for device in devices:
        yield from _own_lines(device)


def _port_conflicts(one: Device, other: Device) -> Iterator[Mistake]:
    for first, port in one.ports:
        for key, same in other.ports:
            if os.path.realpath(port) != os.path.realpath(same):
                continue
            if first == key == ADC:
                yield from _input_conflicts(one, other)
                continue
            if not _may_share(one, other):
                what = f'{key} = "{same}" belongs to [{one.where}] already'
                yield Mistake(other.where, what, _advice(one, other), key)
            elif port != same and (_guards(one) or _guards(other)):
                what = f'{key} = "{same}" is the port of [{one.where}] by another name'
                yield Mistake(other.where, what, f'Write {key} = "{port}" here too.', key)
            else:
                yield from _bus_conflicts(one, other, port)


def _bus_conflicts(one: Device, other: Device, port: str) -> Iterator[Mistake]:
    """One bus has one speed and one framing."""
    settings, others = line_settings(one.part, one.table), line_settings(other.part, other.table)
    if settings and others and settings != others:
        what = f'"{port}" is {others} here and {settings} in [{one.where}]'
        key = next((key for key in ("baud", "parity", "stop_bits") if key in other.table), "port")
        yield Mistake(other.where, what, "Give all devices on one bus the same speed and parity.", key)


def _input_conflicts(one: Device, other: Device) -> Iterator[Mistake]:
    """Two outlets may share a converter, each with inputs of its own."""
    taken = one.inputs
    for channel, key in other.inputs.items():
        if channel in taken:
            what = f"{key} = {channel} is {taken[channel]} of [{one.where}] already"
            yield Mistake(other.where, what, f"Give each its own input, or each its own {ADC}.", key)


def _guards(device: Device) -> bool:
    return device.part in GUARD_PARTS


def _may_share(one: Device, other: Device) -> bool:
    if one.part in ALONE or other.part in ALONE or _stranger_to_the_guard(one, other):
        return False
    same_controller = one.evse == other.evse and one.table.get("driver") == other.table.get("driver")
    if _guards(one) and _guards(other) and same_controller:
        return True
    units = one.table.get("unit"), other.table.get("unit")
    return None not in units and units[0] != units[1]


def _stranger_to_the_guard(one: Device, other: Device) -> bool:
    """A meter of the whole station, which the daemon reads, on a port of the guard's."""
    return (_guards(one) and not other.evse and other.part == "meter") or (
        _guards(other) and not one.evse and one.part == "meter"
    )


def _advice(one: Device, other: Device) -> str:
    if _stranger_to_the_guard(one, other):
        return "Give each its own port: a port of the guard's is shared by meters of [[evse]] only."
    parts = {one.part, other.part}
    if "meter" in parts and not parts & set(ALONE):
        return "Give each its own port, or each its own unit on this one."
    return "Give each its own port."


def _line_conflicts(one: Device, other: Device) -> Iterator[Mistake]:
    taken = {line: key for key, line in one.lines}
    for key, line in other.lines:
        if line in taken:
            what = f"{key} = {line[1]} belongs to {taken[line]} of [{one.where}] already"
            yield Mistake(other.where, what, "Give each its own line.", key)


def _own_lines(device: Device) -> Iterator[Mistake]:
    taken: dict[tuple[str, int | str], str] = {}
    for key, line in device.lines:
        if line in taken:
            what = f"{key} = {line[1]} is {taken[line]} already"
            yield Mistake(device.where, what, "Give each its own line.", key)
        taken[line] = key
