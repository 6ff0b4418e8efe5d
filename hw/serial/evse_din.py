"""What the registers of a SimpleEVSE-WB or EVSE DIN mean, and which of them have to be written. No I/O.

The board measures the pilot and switches its relay by itself; the levels are the nominal ones of the state it tells.
It has no supervision: what it was told last holds until it is told otherwise or loses power.
Sources: evcc `evsedin`, openWB, SimpleEVSE-WiFi, esphome-evse-wallbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hw.api import PilotLevels, Sensors
from hw.guard.pilot import offer_of

LIVE, LIVE_COUNT = 1000, 8
LIMIT, COMMAND = 1000, 1004
SETTINGS, SETTINGS_COUNT = 2000, 6
AT_POWER_UP, ADDRESS, OPTIONS = 2000, 2001, 2005

OFF_NOW, TEST, CLEAR = 0x0001, 0x0002, 0x0004  # bits of COMMAND
RELAY, NO_DIODE, VENTILATION, TESTING, RCD_ERROR = 0x0001, 0x0002, 0x0004, 0x0010, 0x0020  # bits of 1007

ALLOW_D, RCD_INPUT, RCD_CLEARS_ITSELF, FINE_STEPS = 0x0008, 0x0010, 0x0020, 0x0080  # bits of OPTIONS
OFF_AFTER_CHARGING, OFF, BOOTLOADER = 0x2000, 0x4000, 0x8000
READY, PRESENT, CHARGING, CHARGING_D, FAILED = range(1, 6)  # of 1002
PWM = 2  # of 1006

OLDEST_FIRMWARE, BAD_FIRMWARE, FINE_FIRMWARE = 8, 9, 17
TRIES = 3  # of writing a setting: its memory wears
AGAIN_S = 1.0  # before a write that changed nothing is done again
CLEAR_AFTER_S = 30.0  # of a residual-current error, the board's own figure; the guard's latch stays
TEST_WITHIN_S = 35.0  # the board needs up to 30 s
ROUNDED_A = 0.001  # a duty cycle is rounded down to a nanosecond: up to 0.00025 A

_HIGH_V = {READY: 12.0, PRESENT: 9.0, CHARGING: 6.0, CHARGING_D: 3.0}
_OHM = ((13, 1500.0), (20, 680.0), (32, 220.0), (63, 100.0))  # cable rating up to -> nominal resistor

Write = tuple[int, list[int]]  # address, values


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the guard wants of the board."""

    duty: float = 1.0
    allowed: bool = False  # may it close its relay?

    @property
    def amps(self) -> float:
        """To offer; 0 = none. The board knows no state F and no 5 %."""
        return 0.0 if self.duty in (0.0, 0.05, 1.0) or not self.allowed else offer_of(self.duty)


@dataclass(frozen=True, slots=True)
class Live:
    """Registers 1000 to 1007."""

    limit: int  # in A, or in 0.01 A
    pilot_a: int
    state: int
    cable_a: int
    command: int
    firmware: int
    pilot: int
    status: int

    @classmethod
    def read(cls, words: Sequence[int]) -> Live:
        """Raises ValueError: no board says this."""
        live = cls(*words)
        if live.state not in range(READY, FAILED + 1) or live.status >= 0x100 or live.pilot > 3:
            raise ValueError("the registers hold what no SimpleEVSE says")
        return live

    @property
    def relay(self) -> bool:
        return bool(self.status & RELAY)


class Board:
    """One board as far as it is known; `orders` is what has to be written, the most urgent first."""

    def __init__(self, *, rcd: bool, unit: int = 1) -> None:
        """`rcd`: a residual-current device is wired to the board's input. `unit`: its Modbus address."""
        self.wanted = Wanted()
        self.live: Live | None = None
        self.levels: PilotLevels | None = None
        self.sensors = Sensors(rcd_selftest_fitted=rcd)
        self.unfit = ""
        self._rcd, self._unit = rcd, unit
        self._settings: tuple[int, int, int] | None = None  # AT_POWER_UP, ADDRESS, OPTIONS
        self._given: dict[int, tuple[list[int], float]] = {}  # address -> what was written last, and when
        self._tries: dict[int, int] = {}  # address of a setting -> how often it was written
        self._failed_s: float | None = None  # since when there is a residual-current error
        self._test_wanted = False
        self._test_began_s: float | None = None
        self._test_seen = False  # the board has said that it tests
        self._outcome: bool | None = None  # of the latest test

    def want(self, *, duty: float | None = None, allowed: bool | None = None) -> None:
        old = self.wanted
        new = Wanted(old.duty if duty is None else duty, old.allowed if allowed is None else allowed)
        if new != old:
            self.wanted = new

    def test(self) -> None:
        self._test_wanted, self._outcome = True, None
        self.sensors = self._sense(self.live)

    # --- what it says -------------------------------------------------------------------------------------------------

    def met(self) -> None:
        """It has just come, or come back: its settings have to be looked at."""
        self._settings = None
        self._given.clear()
        self.unfit = ""

    def see(self, words: Sequence[int], now_s: float) -> None:
        """Registers 1000 to 1007. Raises ValueError."""
        live = Live.read(words)
        self.live = live
        self.unfit = _unfit(live.firmware) or self.unfit
        self.levels = self._levels(live, now_s)
        self._watch_test(live, now_s)
        if not live.status & RCD_ERROR:
            self._failed_s = None
        elif self._failed_s is None:
            self._failed_s = now_s
        sensors = self._sense(live)
        if sensors != self.sensors:
            self.sensors = sensors

    def see_settings(self, words: Sequence[int]) -> None:
        """Registers 2000 to 2005."""
        self._settings = words[0], words[ADDRESS - SETTINGS], words[OPTIONS - SETTINGS]
        for address, _ in self._settings_to_write():
            if self._tries.get(address, 0) >= TRIES:
                self.unfit = f"register {address} does not keep what is written to it"

    @property
    def settings_known(self) -> bool:
        return self._settings is not None

    @property
    def obeys(self) -> bool:
        """Was it seen to do what is wanted now?"""
        live = self.live
        if live is None or (live.relay and not self.wanted.allowed):
            return False
        return live.limit == self._limit(live)

    def _levels(self, live: Live, now_s: float) -> PilotLevels:
        """In a failure it does not tell who is there: as before, then."""
        before_v = 12.0 if self.levels is None else self.levels.high_v
        high_v = _HIGH_V.get(live.state, before_v)
        runs = live.pilot == PWM and live.state in (PRESENT, CHARGING, CHARGING_D) and not live.status & NO_DIODE
        return PilotLevels(high_v, -12.0 if runs else None, _proximity_ohm(live), now_s)

    def _sense(self, live: Live | None) -> Sensors:
        status = 0 if live is None else live.status
        return Sensors(
            residual_current=bool(status & RCD_ERROR) if self._rcd else None,
            rcd_selftest_fitted=self._rcd,
            rcd_selftest_ok=self._outcome,
            reported_faults=() if live is None else tuple(_faults(live)),
        )

    # --- its self-test ------------------------------------------------------------------------------------------------

    def _watch_test(self, live: Live, now_s: float) -> None:
        if self._test_began_s is None:
            return
        testing = bool(live.status & TESTING)
        self._test_seen = self._test_seen or testing
        if self._test_seen and not testing:
            self._outcome, self._test_began_s = not live.status & RCD_ERROR, None
        elif now_s - self._test_began_s >= TEST_WITHIN_S:
            self._outcome, self._test_began_s = False, None

    # --- what it is told ----------------------------------------------------------------------------------------------

    def order(self, now_s: float) -> Write | None:
        """The next write; None while the board does what is wanted, or one that was written has to take effect."""
        if self.live is None or self.unfit:
            return None
        for address, values in self._differences(self.live, now_s):
            given, given_s = self._given.get(address, ([], 0.0))
            if given != values or now_s - given_s >= AGAIN_S:
                return address, values
        return None

    def written(self, write: Write, now_s: float) -> None:
        """It has taken it."""
        address, values = write
        self._given[address] = (values, now_s)
        if address >= SETTINGS:
            self._settings = None  # to be read again
            self._tries[address] = self._tries.get(address, 0) + 1
        if address == COMMAND and values == [TEST]:
            self._test_wanted, self._test_seen, self._test_began_s, self._outcome = False, False, now_s, None

    def _differences(self, live: Live, now_s: float) -> Iterator[Write]:
        limit = self._limit(live)
        if live.relay and not self.wanted.allowed:
            yield COMMAND, [OFF_NOW]
        if live.limit != limit and (limit < live.limit or self.settings_known):
            yield LIMIT, [limit]
        yield from self._settings_to_write()
        if self._test_wanted and not live.relay:
            yield COMMAND, [TEST]
        if self._failed_s is not None and now_s - self._failed_s >= CLEAR_AFTER_S and self._test_began_s is None:
            yield COMMAND, [CLEAR]

    def _limit(self, live: Live) -> int:
        """What register 1000 has to say. Nothing is offered before the settings are as they have to be."""
        amps = self.wanted.amps
        if not amps or self._settings is None or any(self._settings_to_write()):
            return 0
        options = self._settings[-1]
        fine = options & FINE_STEPS and live.firmware >= FINE_FIRMWARE
        return int((amps + ROUNDED_A) * 100) if fine else int(amps + ROUNDED_A)

    def _settings_to_write(self) -> Iterator[Write]:
        """They are in a memory that wears: only what differs."""
        if self._settings is None:
            return
        at_power_up, address, options = self._settings
        if at_power_up != 0:
            yield AT_POWER_UP, [0]  # after a power cut it offers nothing by itself
        if address == 0:
            yield ADDRESS, [self._unit]  # its bus was switched on by hand, until the next power cut
        needed = options & ~(ALLOW_D | OFF_AFTER_CHARGING | OFF | BOOTLOADER)
        if self._rcd:
            needed = (needed | RCD_INPUT) & ~RCD_CLEARS_ITSELF
        if options != needed:
            yield OPTIONS, [needed]


def _faults(live: Live) -> Iterator[str]:
    if live.status & NO_DIODE:
        yield "DiodeFault"
    if live.status & VENTILATION:
        yield "VentilationNotAvailable"
    if live.state == FAILED and not live.status & (NO_DIODE | VENTILATION | RCD_ERROR | TESTING):
        yield "VendorError"


def _unfit(firmware: int) -> str:
    if firmware < OLDEST_FIRMWARE or firmware == BAD_FIRMWARE:
        return f"this board has firmware {firmware}; use {OLDEST_FIRMWARE}, or {BAD_FIRMWARE + 1} and newer"
    return ""


def _proximity_ohm(live: Live) -> float | None:
    """The plug's resistor by the rating that the board has read from it; only told while a car is there."""
    if live.state == READY or live.cable_a <= 0:
        return None
    for rating_a, ohm in reversed(_OHM):
        if live.cable_a >= rating_a:
            return ohm
    return None
