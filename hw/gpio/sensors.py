"""Inputs beside the pilot: residual current, emergency stop, earth, PEN, door, key, limit contact, temperature.

Defaults are those of a contact between line and ground that opens when something is wrong, so that a broken wire counts
as the worst: `pull = "up"`, active high. The limit contact closes to ask for less, as ripple-control receivers do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hw.api import Sensors
from hw.discovery import Place
from hw.gpio.lines import Input, Lines, OnChip, polarity, resistor, wire
from hw.gpio.residual import TESTED_WITHIN_S, ModuleTest
from hw.gpio.temperature import Thermometer
from hw.options import option

BOUNCE_S = 0.050  # of contacts that people and relays move; what opens the contactor is debounced by the guard's rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorOptions(OnChip):
    """`[evse.1.sensors]`, or `[sensors]` for inputs that concern every EVSE."""

    residual_line: int | str | None = wire("residual-current device, or its output for 6 mA DC")
    residual_ac_line: int | str | None = wire("its second output, for 30 mA AC")
    residual_active_high: bool = polarity(True, "both are high when tripped")
    residual_pull: str = resistor("up", "residual_line and residual_ac_line")
    residual_test_line: int | str | None = wire("its test input")
    residual_test_active_high: bool = polarity(False, "the test input wants a high level; false: it is pulled low")
    emergency_stop_line: int | str | None = wire("emergency stop (the same button breaks the coil circuit by itself)")
    emergency_stop_active_high: bool = polarity(True, "the line is high when pressed")
    emergency_stop_pull: str = resistor("up", "emergency_stop_line")
    earth_line: int | str | None = wire("monitor of the protective earth")
    earth_active_high: bool = polarity(True, "the line is high when earth is missing")
    earth_pull: str = resistor("up", "earth_line")
    pen_line: int | str | None = wire("detector of a broken PEN conductor")
    pen_active_high: bool = polarity(True, "the line is high when it has tripped")
    pen_pull: str = resistor("up", "pen_line")
    enclosure_line: int | str | None = wire("door contact")
    enclosure_active_high: bool = polarity(True, "the line is high when the door is open")
    enclosure_pull: str = resistor("up", "enclosure_line")
    key_line: int | str | None = wire("key switch that locks the station")
    key_active_high: bool = polarity(True, "the line is high when locked")
    key_pull: str = resistor("up", "key_line")
    limit_line: int | str | None = wire("contact by which the grid operator asks for less")
    limit_active_high: bool = polarity(False, "the line is high when less is asked for")
    limit_pull: str = resistor("up", "limit_line")
    temperature_file: str = option("", help="temperature inside, from 1-wire or hwmon; * is allowed in it")

    def __post_init__(self) -> None:
        OnChip.__post_init__(self)
        for key in ("residual_ac_line", "residual_test_line"):
            if getattr(self, key) is not None and self.residual_line is None:
                raise ValueError(f"{key} needs residual_line", "Name the line of the output for 6 mA DC too.")


# What a switch is called in the table -> the field of Sensors it fills
SWITCHES: Mapping[str, str] = {
    "emergency_stop": "emergency_stop",
    "earth": "earth_missing",
    "pen": "pen_fault",
    "enclosure": "enclosure_open",
    "key": "key_locked",
    "limit": "limit_contact",
}
BOUNCING = ("enclosure", "key", "limit")


class GpioSensors:
    """Sensor inputs on GPIO lines: residual current with its self-test, emergency stop, earth, PEN, door, key, limit.

    Levels are read at every tick: a look at a line costs a microsecond, and an event that got lost would be believed
    for ever. The temperature comes from a file of the kernel, read by a thread of its own.
    """

    Options = SensorOptions

    def __init__(self, options: SensorOptions, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises OptionsWrong, DeviceLost."""
        self._clock = clock
        self._lines = lines = Lines(options, place)

        def wired(name: str, key: str = "") -> Input | None:
            high, bias = getattr(options, f"{name}_active_high"), getattr(options, f"{name}_pull")
            key = key or f"{name}_line"
            return lines.optional_input(key, getattr(options, key), active_high=high, pull=bias)

        self._direct, self._alternating = wired("residual"), wired("residual", "residual_ac_line")
        self._test_line = lines.optional_output(
            "residual_test_line", options.residual_test_line, active_high=options.residual_test_active_high
        )
        self._test = ModuleTest()
        self._testing = False
        switches = {name: input_ for name in SWITCHES if (input_ := wired(name)) is not None}
        self._fields = tuple(SWITCHES[name] for name in switches)
        self._reads = tuple(
            Steady(input_.active, clock) if name in BOUNCING else input_.active for name, input_ in switches.items()
        )
        self._thermometer = Thermometer(options.temperature_file, place.where) if options.temperature_file else None
        if self._thermometer is not None:
            self._thermometer.start()
        self._seen: tuple[object, ...] = ()
        self._sensors = Sensors()

    def sensors(self) -> Sensors:
        """The same object as long as nothing changes. Raises DeviceLost."""
        residual = self._residual()
        degc = None if self._thermometer is None else self._thermometer.latest()
        switches = tuple([read() for read in self._reads])
        seen = (residual, self._test.passed, degc, switches)
        if seen != self._seen:
            self._seen = seen
            told = Sensors(
                residual_current=residual,
                temperature_degc=degc,
                rcd_selftest_ok=self._test.passed,
                rcd_selftest_fitted=self._test_line is not None,
            )
            self._sensors = replace(told, **dict(zip(self._fields, switches, strict=True)))  # type: ignore[arg-type]
        return self._sensors

    @property
    def selftest_s(self) -> float:
        """A module may take that long for its self-test."""
        return TESTED_WITHIN_S

    def test_residual_current(self) -> None:
        if self._test_line is not None:
            self._test.begin(self._clock())

    def close(self) -> None:
        if self._thermometer is not None:
            self._thermometer.stop()
        self._lines.close()

    def _residual(self) -> bool | None:
        """Has either output tripped? Also where the test takes its next step."""
        if self._direct is None:
            return None
        direct = self._direct.active()
        alternating = None if self._alternating is None else self._alternating.active()
        if self._test_line is not None:
            pulled = self._test.tick(direct, alternating, self._clock())
            if pulled is not self._testing:
                self._test_line.set(pulled)
                self._testing = pulled
        return direct or alternating is True


class Steady:
    """What a bouncing contact says, once it has said so for 50 ms. Its first word counts at once."""

    def __init__(self, read: Callable[[], bool], clock: Callable[[], float]) -> None:
        self._read, self._clock = read, clock
        self._told = self._word = read()
        self._since_s = clock()

    def __call__(self) -> bool:
        word = self._read()
        if word is not self._word:
            self._word, self._since_s = word, self._clock()
        if word is not self._told and self._clock() - self._since_s >= BOUNCE_S:
            self._told = word
        return self._told
