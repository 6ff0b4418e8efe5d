"""The lock of a socket: a motor that wants a short pulse in either direction, or a solenoid that wants to be held."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from hw.discovery import Place
from hw.gpio.lines import Lines, OnChip, Output, polarity, resistor, wire
from hw.gpio.motor import Motor, Timer
from hw.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOptions(OnChip):
    """`[evse.1.lock]`: `open_line` and `close_line` of a motor, or `line` of a solenoid."""

    open_line: int | str | None = wire("motor: drives it open (one input of an H-bridge)")
    close_line: int | str | None = wire("motor: drives it shut (the other input)")
    line: int | str | None = wire("solenoid: holds the bolt while it is on")
    active_high: bool = polarity(True, "these lines are on while they are high")
    pulse_ms: int = option(200, minimum=20, maximum=3000, help="how long the motor is driven; it rests 8 times as long")
    sense_line: int | str | None = wire("switch that tells where the bolt is")
    sense_active_high: bool = polarity(True, "the line is high while the plug is locked")
    sense_pull: str = resistor("up", "sense_line")

    def __post_init__(self) -> None:
        OnChip.__post_init__(self)
        motor = self.open_line is not None, self.close_line is not None
        if motor != ((False, False) if self.line is not None else (True, True)):
            what = "a lock has either open_line and close_line (motor), or line (solenoid)"
            raise ValueError(what, "Name the lines that are wired, and no others.")


class GpioLock:
    """Socket lock on GPIO lines: motor or solenoid, with or without a switch that tells where the bolt is.

    When to drive, and how often to try again, is the guard's decision. A motor gets one pulse per order, both its lines
    are never on together, and it rests eight times as long as it was driven: an order that comes earlier waits. The
    guard asks `sense()` at every tick, which ends a pulse on time; if it does not, a timer ends it 0.1 s later, and if
    the whole process is gone, `python -m hw.guard release` claims both lines off. A motor driver with a time limit of
    its own outlives even that.

    Without a switch the bolt is taken to be where the last pulse that ended has sent it.
    """

    Options = LockOptions

    def __init__(
        self,
        options: LockOptions,
        place: Place,
        clock: Callable[[], float] = time.monotonic,
        backstop: Callable[[float, Callable[[], None]], Timer] = threading.Timer,
    ) -> None:
        """Raises OptionsWrong, DeviceLost."""
        self._lines = lines = Lines(options, place)
        self._bolt: Motor | Solenoid
        if options.line is not None:
            self._bolt = Solenoid(lines.output("line", options.line, active_high=options.active_high))
        else:
            ways = {
                direction: lines.output(key, getattr(options, key), active_high=options.active_high)
                for key, direction in (("open_line", False), ("close_line", True))
            }
            self._bolt = Motor(ways, options.pulse_ms / 1000, clock, backstop)
        self._sense = lines.optional_input(
            "sense_line", options.sense_line, active_high=options.sense_active_high, pull=options.sense_pull
        )

    def drive(self, locked: bool) -> None:
        self._bolt.drive(locked)

    def sense(self) -> bool | None:
        self._bolt.tick()
        return self._bolt.believed if self._sense is None else self._sense.active()

    def close(self) -> None:
        """The motor rests; a solenoid lets go, as it does when power fails."""
        try:
            self._bolt.stop()
        finally:
            self._lines.close()


class Solenoid:
    """Holds the bolt for as long as it is on."""

    def __init__(self, line: Output) -> None:
        self.believed: bool | None = None  # where it was sent
        self._line = line

    def drive(self, locked: bool) -> None:
        self._line.set(locked)
        self.believed = locked

    def tick(self) -> None:
        """Nothing to end."""

    def stop(self) -> None:
        self._line.set(False)
