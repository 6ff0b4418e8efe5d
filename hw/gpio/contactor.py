"""A contactor, or the relay before its coil, on a line of the board."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hw.discovery import Place
from hw.gpio.lines import Lines, OnChip, polarity, resistor, wire
from hw.options import option

if TYPE_CHECKING:
    from hw.doctor.findings import Finding

NO_PULSE = (
    "Wire a watchdog relay into the coil circuit and name its line, pulse_line: without it a contactor may stay closed "
    "when this computer hangs. docs/wiring.md shows how."
)
FULL_POWER_S = 0.100  # a coil is pulled in by then (OpenEVSE); holding it needs far less


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactorOptions(OnChip):
    """`[evse.1.contactor]`."""

    line: int | str = option(help="the line that switches the coil: its number on the chip, or its name")
    active_high: bool = polarity(True, "the coil is on while the line is high; false for a board that wants it low")
    feedback_line: int | str | None = wire("mirror or auxiliary contact")
    feedback_active_high: bool = polarity(True, "the line is high while the main contacts are closed")
    feedback_pull: str = resistor("up", "feedback_line")
    hold_line: int | str | None = wire(
        "a second way to the coil, with less power, which is enough once it has pulled in"
    )
    pulse_line: int | str | None = wire("pulses for a watchdog relay in the coil's circuit")


class GpioContactor:
    """Contactor on a GPIO line, with feedback, economiser and the pulses of a watchdog relay.

    It is claimed off, in one step; there is no way to leave it as it was found.

    Economiser: `line` gives full power for 0.1 s, `hold_line` less of it for as long as the contactor shall stay
    closed. Both are on meanwhile, so that the coil is never without. A duty cycle from software would chatter with
    every tick that comes late, so the smaller power has to be made by hardware: a resistor, a second supply, an input
    of the coil's driver.

    Watchdog relay: `pulse_line` changes with every `beat()`, which only a healthy guard calls, once a tick: 50 Hz while
    anything moves or is closed (a tick every 10 ms), 12.5 Hz at rest (40 ms). That suits a retriggerable monostable or
    a charge pump that holds for 0.15 to 1 s; it does not suit a board that wants 1 to 10 kHz without a gap of 10 ms.
    """

    Options = ContactorOptions

    def __init__(self, options: ContactorOptions, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises OptionsWrong, DeviceLost."""
        self._clock = clock
        self._lines = lines = Lines(options, place)
        self._coil = lines.output("line", options.line, active_high=options.active_high)
        self._hold = lines.optional_output("hold_line", options.hold_line, active_high=options.active_high)
        self._pulse = lines.optional_output("pulse_line", options.pulse_line)
        self._feedback = lines.optional_input(
            "feedback_line",
            options.feedback_line,
            active_high=options.feedback_active_high,
            pull=options.feedback_pull,
        )
        self._full_until_s: float | None = None  # then `hold_line` alone is enough
        self._high = False

    def switch(self, closed: bool) -> None:
        if closed:
            self._pull_in()
        else:
            self._let_go()

    def feedback(self) -> bool | None:
        """Asked at every tick, which is also when the economiser looks at the time."""
        if self._full_until_s is not None and self._clock() >= self._full_until_s:
            self._full_until_s = None
            self._coil.set(False)
        return None if self._feedback is None else self._feedback.active()

    def beat(self) -> None:
        """The guard is well: the next half of a pulse."""
        if self._pulse is not None:
            self._high = not self._high
            self._pulse.set(self._high)

    def check(self) -> list[Finding]:
        """For the doctor: an output may keep its level when the guard, or the kernel, is gone."""
        from hw.doctor.findings import verdict

        seen = (
            "there is no pulse_line" if self._pulse is None else "pulse_line is there; no pulses come while this runs"
        )
        return [verdict(self._pulse is not None, "pulse", "watchdog relay opens by itself", seen, NO_PULSE)]

    def close(self) -> None:
        try:
            self._let_go()
        finally:
            self._lines.close()

    def _pull_in(self) -> None:
        if self._hold is not None:
            self._hold.set(True)
            self._full_until_s = self._clock() + FULL_POWER_S
        self._coil.set(True)

    def _let_go(self) -> None:
        """Every way to the coil, whatever the first of them says."""
        self._full_until_s = None
        try:
            self._coil.set(False)
        finally:
            if self._hold is not None:
                self._hold.set(False)
