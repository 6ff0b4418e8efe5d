"""A SimpleEVSE-WB / EVSE DIN board as a Modbus unit, with a simulated car on its pilot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hw.guard.pilot import duty_for
from hw.mock.bay import Bay, Drive
from tests.hw.modbus_slave import Unit

DEBOUNCE_S = 0.1
TEST_S = 20.0
STOPS_WITHIN_S = 6.0  # without an offer it opens after so long, whatever the car does
DEFAULT_OPTIONS = 521


@dataclass
class EvseDin(Unit):
    """`clock` tells the time at every question; the bay moves on with it."""

    clock: Callable[[], float] = lambda: 0.0
    bay: Bay = field(default_factory=lambda: Bay("cable", phases=3))
    firmware: int = 18
    diode: bool = True
    rcd_trips: bool = False
    rcd_works: bool = True
    relay: bool = False
    letter: str = "A"
    eeprom_writes: int = 0
    _pending: tuple[str, float] = ("A", 0.0)
    _tests_until_s: float | None = None
    _error: bool = False
    _withdrawn_s: float | None = None
    _off: bool = False  # by the command, until the limit is written anew

    def __post_init__(self) -> None:
        self.holding |= {
            1000: 16, 1001: 0, 1002: 1, 1003: 32, 1004: 0, 1005: self.firmware, 1006: 1, 1007: 0, 1008: 0, 1009: 0,
            2000: 16, 2001: 1, 2002: 6, 2003: 0, 2004: 0, 2005: DEFAULT_OPTIONS, 2006: 0, 2007: 0,
        }  # fmt: skip
        self.on_write = self._written
        self.bay.advance(self.clock())

    def answer(self, pdu: bytes) -> bytes:
        self.tick()
        answer = super().answer(pdu)
        self.tick()
        return answer

    def power_cut(self) -> None:
        self.holding[1000] = self.holding[2000]
        self.relay = self._off = False
        self.tick()

    def tick(self) -> None:
        now_s = self.clock()
        self.bay.advance(now_s)
        self._look(now_s)
        self._switch(now_s)
        self.bay.drive(Drive(duty_for(self.offer_a) if self._pwm else 1.0, self.relay), now_s)
        self._show()

    @property
    def offer_a(self) -> float:
        fine = self.holding[2005] & 0x80 and self.firmware >= 17
        return self.holding[1000] / (100 if fine else 1)

    @property
    def _pwm(self) -> bool:
        disabled = self.holding[2005] & 0x4000 or self._error or self._off
        return self.offer_a >= 6 and self.letter != "A" and not disabled

    def _look(self, now_s: float) -> None:
        high_v = self.bay.levels().high_v
        seen = "ABCD"[sum(high_v < border for border in (10.5, 7.5, 4.5))]
        if seen != self._pending[0]:
            self._pending = (seen, now_s)
        if now_s - self._pending[1] >= DEBOUNCE_S or seen == "A":
            self.letter = seen
        if self._tests_until_s is not None and now_s >= self._tests_until_s:
            self._tests_until_s, self._error = None, not self.rcd_works
        if self.rcd_trips and self.holding[2005] & 0x10:
            self._error = True

    def _switch(self, now_s: float) -> None:
        asks = self.letter == "C" or (self.letter == "D" and self.holding[2005] & 0x08)
        if not asks or self._error or self._off or not self.diode:
            self.relay = False
        elif self._pwm:
            self.relay, self._withdrawn_s = True, None
        elif self.relay:
            self._withdrawn_s = now_s if self._withdrawn_s is None else self._withdrawn_s
            self.relay = now_s - self._withdrawn_s < STOPS_WITHIN_S

    def _show(self) -> None:
        failed = self._error or not self.diode
        self.holding[1001] = int(self.offer_a) if self._pwm else 0
        self.holding[1002] = 5 if failed else "ABCD".index(self.letter) + 1
        self.holding[1006] = 2 if self._pwm else 1
        self.holding[1007] = (
            self.relay | (not self.diode) << 1 | (self._tests_until_s is not None) << 4 | self._error << 5
        )

    def _written(self, address: int, values: list[int]) -> None:
        for register, value in enumerate(values, address):
            if register == 1000:
                self._off = False
            elif register == 1004:
                self._command(value)
            elif register >= 2000:
                self.eeprom_writes += 1

    def _command(self, bits: int) -> None:
        self.holding[1004] = 0
        if bits & 1:
            self._off = True
        if bits & 2:
            self._tests_until_s = self.clock() + TEST_S
        if bits & 4:
            self._error = False
