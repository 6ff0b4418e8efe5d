"""The GPIO pilot: processor time of its driver, and how fast the guard reacts through it.

The reaction is measured as in the guard's bench, through the real driver on a simulated board (hw/mock/board.py): its
PWM is a tree of files, and its converter answers from the level on the wires, without waiting for a bus. The processor
time is that of the driver alone, on recorded answers of a converter: what the bus itself takes cannot be measured where
there is none. The bare program beside reads as many samples as a burst has, one by one, as gpiozero does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gpiozero import MCP3008
from gpiozero.pins import SPI, Factory

from bench.benches.guard import VERSION, reactions
from bench.kit import Kit
from bench.results import Measured
from hw.gpio.adc import SpiAdc, Wiring
from hw.gpio.converters import Adc
from hw.gpio.detector import Detector
from hw.gpio.pilot import PilotOptions
from hw.gpio.spi import Message, SpiPort
from hw.guard.pilot import duty_for
from hw.mock.waveform import Sampler, Waveform

TICKS_AN_HOUR = 360_000  # every 10 ms, as long as a contactor is closed
TICKS = 20_000
SPACING_S = 42e-6
BURSTS = 64  # recorded
OFFER_A = 16.0
WIRING = Wiring("mcp3008", "/dev/spidev0.0", 1_000_000, "bench")


async def measure(kit: Kit) -> list[Measured]:
    ticks = kit.size(TICKS, 200)
    ours, bare = [], []
    for _ in range(kit.runs):
        ours.append(_cpu_s_an_hour(_driver(), ticks))
        bare.append(_cpu_s_an_hour(_one_by_one(), ticks // 10))
    return [Measured("pilot.cpu", ours, bare), *await reactions(kit, kit.ours_on_gpio(VERSION), "pilot")]


def _cpu_s_an_hour(tick: Callable[[], object], ticks: int) -> float:
    began_s = time.process_time()
    for _ in range(ticks):
        tick()
    return (time.process_time() - began_s) / ticks * TICKS_AN_HOUR


def _driver() -> Callable[[], object]:
    """One tick of the driver: a burst while a car charges at 16 A."""
    answers = _recorded()
    options = PilotOptions()

    def open_adc() -> Adc:
        with TemporaryDirectory() as folder:
            (Path(folder) / "spidev0.0").touch()
            return SpiAdc(WIRING, lambda path: _Recording(Path(folder) / "spidev0.0", answers), _Clock())

    detector = Detector(open_adc, options.inputs(), "bench")
    detector.expect(duty_for(OFFER_A))
    return detector.levels


def _recorded() -> Iterator[bytes]:
    """Bursts of a car in state C, as bytes from the bus."""
    sampler, waveform = Sampler(SPACING_S), Waveform(6.0, -12.0, duty_for(OFFER_A))
    bursts = [sampler.burst(waveform, 60, n * 0.0100037)[0] for n in range(BURSTS)]
    return cycle([b"".join(bytes((255, code >> 8, code & 255)) for code in burst) for burst in bursts])


class _Clock:
    """Says that every call took as long as its samples take on a bus."""

    def __init__(self) -> None:
        self._calls = 0
        self._now_s = 0.0

    def __call__(self) -> float:
        self._calls += 1
        if self._calls % 2 == 0:
            self._now_s += 17 * SPACING_S
        return self._now_s


class _Recording(SpiPort):
    def __init__(self, path: Path, answers: Iterator[bytes]) -> None:
        super().__init__(path, lambda handle, code, argument: None)
        self._answers = answers

    def message(self, requests: Any, hz: int) -> Message:
        message = _Recorded(self._handle, requests, hz, self._control)
        message.answers = self._answers
        return message


class _Recorded(Message):
    answers: Iterator[bytes]

    def run(self, lead_us: int) -> bytes:
        super().run(lead_us)
        return next(self.answers)[: len(self._received)]


def _one_by_one() -> Callable[[], object]:
    """As many samples as a burst, by gpiozero's own way."""
    chip = MCP3008(channel=0, pin_factory=_BareFactory())

    def burst() -> list[int]:
        return [chip.raw_value for _ in range(33)]

    return burst


class _BareFactory(Factory):  # type: ignore[misc]  # gpiozero ships no types
    def spi(self, **wishes: object) -> SPI:
        return _BareSpi(pin_factory=self)


class _BareSpi(SPI):  # type: ignore[misc]
    @property
    def closed(self) -> bool:
        return False

    def transfer(self, data: list[int]) -> list[int]:
        return [255, 2, 200]

    def _get_bits_per_word(self) -> int:
        return 8
