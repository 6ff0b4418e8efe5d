"""A control pilot made by the board itself: hardware PWM through an input stage to ±12 V, and an ADC that looks back.

What the board around it must be, and which protections it must have, is in docs/wiring.md; how the levels are found, in
docs/pilot-sampling.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hw.api import PilotLevels, Sensors
from hw.discovery import Place
from hw.errors import DeviceLost
from hw.gpio import pwm
from hw.gpio.converters import CONVERTERS, Adc
from hw.gpio.detector import Detector, Inputs
from hw.gpio.resistors import Proximity, Thermistor
from hw.gpio.sampling import Scale
from hw.options import option

if TYPE_CHECKING:
    from hw.doctor.findings import Finding

REFERENCE_PLUS, REFERENCE_MINUS = 0.954, 0.106  # of full scale, at +12 and -12 V of the drawing in docs/wiring.md
LEAST_SPAN = 0.25  # of the converter's range between +12 V and -12 V: a step of 10 bits is then 0.1 V
CALIBRATION_CODES = 200
SETTLE_S = 0.05
CALIBRATED_V = 0.4  # the windows of the states are 1.5 V wide on either side
SPREAD = 0.02  # of full scale within which a steady level stays


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotOptions:
    """`[evse.1.pilot]`."""

    pwm_gpio: int = option(18, minimum=0, help="GPIO with hardware PWM: 12, 13, 18 or 19 on a Raspberry Pi")
    pwm_chip: str = option("", help='on other boards: the folder in /sys/class/pwm, "pwmchip0"')
    pwm_channel: int | None = option(None, minimum=0, help="and its channel")
    inverted: bool = option(False, help="the stage behind that GPIO drives -12 V while it is high")
    adc: str = option("mcp3008", choices=tuple(CONVERTERS), help="the converter that measures the pilot")
    adc_port: str = option("/dev/spidev0.0", help="its SPI device, bus and chip select")
    spi_hz: int = option(1_000_000, minimum=500_000, maximum=3_600_000, help="what the converter stands at its supply")
    pilot_channel: int = option(0, minimum=0, maximum=7, help="input of the converter")
    code_plus_12v: float | None = option(None, minimum=0, maximum=4095, help="its code at +12 V, as doctor measures it")
    code_minus_12v: float | None = option(None, minimum=0, maximum=4095, help="its code at -12 V")
    plug_channel: int = option(1, minimum=0, maximum=7, help="input for the proximity contact of a socket")
    plug_pull_up_ohm: float = option(330.0, minimum=100, maximum=10_000, help="from that contact to its supply")
    plug_supply_v: float = option(5.0, minimum=1.8, maximum=12, help="of that pull-up")
    plug_full_scale_v: float = option(5.5, minimum=1, maximum=15, help="at the contact, for the converter's top code")
    temperature_channel: int | None = option(None, minimum=0, maximum=7, help="input for a thermistor (NTC) to ground")
    thermistor_ohm: float = option(10_000.0, minimum=100, maximum=1_000_000, help="at 25 degrees Celsius")
    thermistor_beta_k: float = option(3950.0, minimum=1000, maximum=6000, help="its B value, in kelvin")
    thermistor_pull_up_ohm: float = option(10_000.0, minimum=100, maximum=1_000_000, help="to the reference")

    def __post_init__(self) -> None:
        self._check_pwm()
        self._check_channels()
        if abs(self.code_plus - self.code_minus) < LEAST_SPAN * self.top:
            what = f"code_plus_12v = {self.code_plus:g} and code_minus_12v = {self.code_minus:g} lie too close together"
            raise ValueError(what, "Measure them: chargepoint doctor shows both.")

    def _check_pwm(self) -> None:
        if bool(self.pwm_chip) != (self.pwm_channel is not None):
            raise ValueError("pwm_chip and pwm_channel go together", "Give both, or neither on a Raspberry Pi.")
        if not self.pwm_chip and self.pwm_gpio not in pwm.PI_GPIOS:
            choices = ", ".join(map(str, pwm.PI_GPIOS))
            fix = f"Use one of {choices}; on another board name pwm_chip and pwm_channel."
            raise ValueError(f"pwm_gpio = {self.pwm_gpio} has no hardware PWM", fix)

    def _check_channels(self) -> None:
        inputs = CONVERTERS[self.adc].inputs
        used: dict[int, str] = {}
        for key in ("pilot_channel", "plug_channel", "temperature_channel"):
            channel = getattr(self, key)
            if channel is None:
                continue
            if channel >= inputs:
                raise ValueError(f"{key} = {channel}, but {self.adc} has {inputs} inputs", "They count from 0.")
            if channel in used:
                raise ValueError(f"{key} = {channel} is {used[channel]} already", "Give each its own input.")
            used[channel] = key

    @property
    def top(self) -> int:
        """The converter's highest code."""
        return CONVERTERS[self.adc].top

    @property
    def code_plus(self) -> float:
        return REFERENCE_PLUS * self.top if self.code_plus_12v is None else self.code_plus_12v

    @property
    def code_minus(self) -> float:
        return REFERENCE_MINUS * self.top if self.code_minus_12v is None else self.code_minus_12v

    def inputs(self) -> Inputs:
        """What is connected to the converter."""
        step_v = self.plug_full_scale_v / self.top
        return Inputs(
            self.pilot_channel,
            Scale.through(self.code_plus, self.code_minus),
            self.plug_channel,
            Proximity(self.plug_pull_up_ohm, self.plug_supply_v, step_v),
            self.temperature_channel,
            Thermistor(self.thermistor_ohm, self.thermistor_beta_k, self.thermistor_pull_up_ohm),
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a calibration has measured, with nothing plugged in."""

    code_plus_12v: int
    code_minus_12v: int
    spacing_us: float  # from one sample to the next

    def __str__(self) -> str:
        return f"code_plus_12v = {self.code_plus_12v}, code_minus_12v = {self.code_minus_12v}"


class GpioPilot:
    """Control pilot by hardware PWM and an MCP3xxx converter on SPI; temperature by a thermistor beside it."""

    Options = PilotOptions
    pwm_root = pwm.ROOT

    def __init__(self, options: PilotOptions, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        """The PWM comes first, and is steady +12 V from then on, whatever the converter says.

        Raises:
            DeviceLost: no PWM, no converter, or one that does not measure.
            OptionsWrong: that GPIO has no hardware PWM on this board.
        """
        self._options, self._where = options, place.where
        self._pwm = self._open_pwm()
        self._detector = Detector(self._open_adc, options.inputs(), place.where, clock)
        self._sensors = Sensors()

    def levels(self) -> PilotLevels:
        return self._detector.levels()

    def sensors(self) -> Sensors:
        degc = self._detector.temperature_degc()
        if degc != self._sensors.temperature_degc:
            self._sensors = Sensors(temperature_degc=degc)
        return self._sensors

    def offer(self, duty: float) -> None:
        self._pwm.drive(duty)
        self._detector.expect(duty)

    def test_residual_current(self) -> None:
        """There is none on this driver."""

    def close(self) -> None:
        try:
            self._pwm.close()
        finally:
            self._detector.close()

    def check(self) -> list[Finding]:
        """For the doctor, with nothing plugged in: is the calibration that of the board, and how fast are samples?"""
        from hw.doctor.findings import ok, verdict

        measured, options = self.calibrate(time.sleep), self._options
        volts_per_code = 24.0 / (options.code_plus - options.code_minus)
        off_v = max(
            abs(measured.code_plus_12v - options.code_plus), abs(measured.code_minus_12v - options.code_minus)
        ) * abs(volts_per_code)  # fmt: skip
        remedy = f"Write {measured} into [{self._where}]."
        return [
            verdict(off_v <= CALIBRATED_V, "calibration", "converter is calibrated", str(measured), remedy),
            ok("sampling", "converter is fast enough", f"a sample every {measured.spacing_us:.0f} us"),
        ]

    def calibrate(self, wait: Callable[[float], None]) -> Calibration:
        """Measure the codes at +12 V and -12 V. Nothing may be plugged in, and no guard may run.

        Raises:
            DeviceLost: the level does not follow the PWM, or does not stay still.
        """
        try:
            plus, minus = self._steady_code(1.0, wait), self._steady_code(0.0, wait)
        finally:
            self.offer(1.0)
        if abs(plus - minus) < LEAST_SPAN * self._options.top:
            what = f"the level does not follow the PWM: code {plus} at +12 V and {minus} at -12 V"
            fix = "Check the overlay's GPIO against pwm_gpio, the ±12 V supply, and pilot_channel."
            raise DeviceLost(what, where=f"[{self._where}]", fix=fix)
        return Calibration(plus, minus, self._detector.spacing_s * 1e6)

    def _steady_code(self, duty: float, wait: Callable[[float], None]) -> int:
        self.offer(duty)
        wait(SETTLE_S)
        codes = sorted(self._detector.codes(CALIBRATION_CODES))
        margin = len(codes) // 20  # at either end: a spike is no unrest
        if codes[-1 - margin] - codes[margin] > SPREAD * self._options.top:
            what = f"the level does not stay still: codes {codes[margin]} to {codes[-1 - margin]}"
            fix = "Unplug everything; then check the ±12 V supply and the ground of the converter."
            raise DeviceLost(what, where=f"[{self._where}]", fix=fix)
        return codes[len(codes) // 2]

    def _open_pwm(self) -> pwm.HardwarePwm:
        options = self._options
        if options.pwm_channel is None:
            chip, channel = pwm.find(self.pwm_root, options.pwm_gpio, self._where)
        else:
            chip, channel = self.pwm_root / options.pwm_chip, options.pwm_channel
        return pwm.HardwarePwm(chip, channel, self._where, inverted=options.inverted)

    def _open_adc(self) -> Adc:
        from hw.gpio.adc import SpiAdc, Wiring  # gpiozero, 8 MiB that a check of the file does not pay

        options = self._options
        return SpiAdc(Wiring(options.adc, options.adc_port, options.spi_hz, self._where))
