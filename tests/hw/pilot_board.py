"""A pilot board on the bench: a PWM chip and a converter that obey their rules, and a car between them.

Time is a number; the converter samples the level that the PWM's pin makes at that instant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hw.discovery import Place
from hw.gpio import pwm
from hw.gpio.adc import SpiAdc, Wiring
from hw.gpio.pilot import GpioPilot, PilotOptions
from hw.gpio.sampling import Scale
from hw.mock.waveform import Sampler, Waveform
from tests.hw.spidev import Mcp3xxx
from tests.hw.sysfs_pwm import PI_4, PwmChip

TICK_S = 0.010
LEVEL_V = {"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0}


class Board:
    """A test sets `letter`, `diode`, `ohm`, `degc_share`, and looks at what the driver says."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.chip = PwmChip(folder / "pwm", PI_4)
        self.options = PilotOptions(**options)
        self.sampler = Sampler(bits=10)
        self.converter = Mcp3xxx(10, self._code)
        self.letter, self.diode = "A", True
        self.inverted = self.options.inverted
        self.high_v: float | None = None  # instead of what the letter makes
        self.plug_code = 1023
        self.warm_code = 512
        self.stuck: int | None = None  # every code of the converter
        self.opened = 0
        self._folder = folder
        self.scale = Scale.through(self.options.code_plus, self.options.code_minus)

    def driver(self) -> GpioPilot:
        return _Bench(self)

    @property
    def now_s(self) -> float:
        return self.converter.now_us * 1e-6

    def wait(self, seconds: float) -> None:
        self.converter.now_us += seconds * 1e6

    # --- wires --------------------------------------------------------------------------------------------------------

    def open_adc(self) -> SpiAdc:
        self.opened += 1
        options = self.options
        wiring = Wiring(options.adc, options.adc_port, options.spi_hz, "evse.1.pilot")
        return SpiAdc(wiring, self.converter.port(self._folder), lambda: self.now_s)

    def open_pwm(self) -> pwm.HardwarePwm:
        chip = self.chip
        return pwm.HardwarePwm(
            chip.folder, 0, "evse.1.pilot", inverted=self.inverted,
            open_attribute=chip.open, clock=lambda: self.now_s, sleep=self.wait,
        )  # fmt: skip

    def duty(self) -> float:
        high_ns = self.chip.high_ns()
        return (1_000_000 - high_ns if self.inverted else high_ns) / 1e6

    def waveform(self) -> Waveform:
        high_v = LEVEL_V[self.letter] if self.high_v is None else self.high_v
        low_v = -12.0 if self.diode and self.letter != "E" else -high_v
        return Waveform(high_v, low_v, self.duty())

    def _code(self, channel: int, at_us: float) -> int:
        if self.stuck is not None:
            return self.stuck
        if channel == self.options.plug_channel:
            return self.plug_code
        if channel == self.options.temperature_channel:
            return self.warm_code
        volts = self.waveform().volts(at_us * 1e-6)
        noise = self.sampler.random.gauss(0.0, self.sampler.noise_v)
        return min(max(round((volts + noise - self.scale.zero_v) / self.scale.step_v), 0), 1023)


class _Bench(GpioPilot):
    """The driver, connected to the board."""

    def __init__(self, board: Board) -> None:
        self._board = board
        super().__init__(board.options, Place("evse.1.pilot", Path(), 1), clock=lambda: board.now_s)

    def _open_pwm(self) -> pwm.HardwarePwm:
        return self._board.open_pwm()

    def _open_adc(self) -> SpiAdc:
        return self._board.open_adc()
