"""Analogue inputs: gpiozero's MCP3004, MCP3008, MCP3204 and MCP3208, read in batches.

gpiozero knows how such a chip is asked and how it answers, but reads one sample a system call. So it gets an SPI
interface of ours, converts once on each channel, and what went over the wire then is repeated in batches by the kernel
(`hw.gpio.spi`). Any Linux board with a spidev will do; gpiozero's pin factories, and its software SPI, are not used.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gpiozero
from gpiozero.pins import SPI, Factory

from hw.errors import DeviceLost
from hw.gpio.converters import CONVERTERS, Batch
from hw.gpio.spi import Message, SpiPort

SHORT_US = 10  # a pause up to this is kept to the microsecond; for a longer one the kernel sleeps, and oversleeps


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which chip, and where."""

    chip: str  # of CONVERTERS
    port: str  # "/dev/spidev0.0"
    hz: int
    where: str  # its table in the file


class SpiAdc:
    """A chip of the MCP3xxx family on the kernel's SPI."""

    def __init__(
        self,
        wiring: Wiring,
        open_port: Callable[[str], SpiPort] = SpiPort,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Raises DeviceLost."""
        self._wiring, self._clock = wiring, clock
        try:
            self._port = open_port(wiring.port)
        except OSError as error:
            raise _lost(error, wiring) from None
        self._factory = _SpiFactory(self._port, wiring.hz)
        self._inputs: dict[int, Any] = {}
        self._requests: dict[int, bytes] = {}

    @property
    def bits(self) -> int:
        return CONVERTERS[self._wiring.chip].bits

    def batch(self, channels: Sequence[int]) -> Batch:
        """Raises DeviceLost."""
        try:
            requests = [self._request(channel) for channel in channels]
            return _SpiBatch(self._port.message(requests, self._wiring.hz), self.bits, self._wiring, self._clock)
        except OSError as error:
            raise _lost(error, self._wiring) from None

    def close(self) -> None:
        for each in self._inputs.values():
            each.close()
        self._port.close()

    def _request(self, channel: int) -> bytes:
        """What gpiozero sends for a conversion on that channel."""
        if channel not in self._requests:
            chip = getattr(gpiozero, self._wiring.chip.upper())
            self._inputs[channel] = chip(channel=channel, pin_factory=self._factory)
            _ = self._inputs[channel].raw_value
            self._requests[channel] = self._factory.latest
        return self._requests[channel]


class _SpiBatch:
    """Three bytes a conversion; the code is at the end of them, behind a bit that is always 0."""

    def __init__(self, message: Message, bits: int, wiring: Wiring, clock: Callable[[], float]) -> None:
        self._message, self._wiring, self._clock = message, wiring, clock
        self._mask, self._null = (1 << bits - 8) - 1, 1 << bits - 8
        self.spacing_s = 0.0

    def run(self, lead_us: int = 0) -> list[int]:
        began_s = self._clock()
        try:
            answer = self._message.run(lead_us)
        except OSError as error:
            raise _lost(error, self._wiring) from None
        uppers, lowers, mask = answer[1::3], answer[2::3], self._mask
        if lead_us <= SHORT_US:
            self._note((self._clock() - began_s - lead_us * 1e-6) / len(uppers))
        if uppers[0] & self._null:
            raise DeviceLost(_SILENT, where=f"[{self._wiring.where}]", fix=_WIRES)
        return [(upper & mask) << 8 | lower for upper, lower in zip(uppers, lowers, strict=True)]

    def _note(self, spacing_s: float) -> None:
        """A call that was held up says little about the gaps."""
        if not self.spacing_s:
            self.spacing_s = spacing_s
        elif spacing_s < 2 * self.spacing_s:
            self.spacing_s += (spacing_s - self.spacing_s) / 16


class _SpiFactory(Factory):  # type: ignore[misc]  # gpiozero ships no types
    """What gpiozero asks for an SPI interface; it has no pins."""

    def __init__(self, port: SpiPort, hz: int) -> None:
        super().__init__()
        self._port, self._hz = port, hz
        self.latest = b""  # what was sent last

    def spi(self, **wishes: object) -> _Interface:
        return _Interface(self)

    def transfer(self, sent: Sequence[int]) -> bytes:
        self.latest = bytes(sent)
        return self._port.message([self.latest], self._hz).run(0)


class _Interface(SPI):  # type: ignore[misc]
    def __init__(self, factory: _SpiFactory) -> None:
        super().__init__(pin_factory=factory)

    @property
    def closed(self) -> bool:
        return False

    def transfer(self, data: Sequence[int]) -> list[int]:
        return list(self.pin_factory.transfer(data))

    def _get_bits_per_word(self) -> int:
        return 8


_SILENT = "the converter does not answer: its data line stays high"
_WIRES = "Check that the chip has its supply, and that clock, MISO, MOSI and select are on the right pins."
_REMEDIES = {
    errno.ENOENT: "Add dtparam=spi=on to /boot/firmware/config.txt and restart; check adc_port.",
    errno.EACCES: "Add the user of the guard to the group spi.",
    errno.EBUSY: "Another program or driver uses it: take its overlay out of config.txt, or end that program.",
    errno.EINVAL: "The SPI controller refuses this speed: lower spi_hz.",
}


def _lost(error: OSError, wiring: Wiring) -> DeviceLost:
    what = f"{wiring.port} does not work: {error.strerror or error}"
    return DeviceLost(what, where=f"[{wiring.where}]", fix=_REMEDIES.get(error.errno or 0, _WIRES))
