"""An OpenEVSE controller as its firmware behaves (protocol 5.2.1), with a simulated car on its pilot. No I/O.

Its bytes are made here independently of the driver's code; `tests/process/serial_lines.py` puts it behind a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hw.guard.pilot import duty_for
from hw.mock.bay import Bay, Drive

UNKNOWN, A, B, C, D = 0x00, 0x01, 0x02, 0x03, 0x04
SLEEPING, DISABLED = 0xFE, 0xFF
HARD_FAULT, AUTH_LOCKED, RELAY, CONNECTED, WAS_CONNECTED, BOOT_LOCK = 0x0002, 0x0008, 0x0040, 0x0100, 0x0400, 0x4000
P12, PWM, N12 = "P12", "PWM", "N12"

DEBOUNCE_S, DEBOUNCE_A_S = 0.250, 0.025
SLEEP_OPENS_S = 3.0
POST_S = 2.0  # after a restart, in which it says nothing


@dataclass(slots=True)
class OpenEvse:
    """Feed it bytes, tick it every few milliseconds, send what both return."""

    now_s: float
    bay: Bay = field(default_factory=lambda: Bay("cable", phases=1))
    stored_a: int = 32  # its own maximum
    amps: int = 32
    flags: int = 0  # of GE
    protocol: str = "5.2.1"
    boot_lock: bool = False
    supervises: bool = True
    keeps_flags: bool = False  # it refuses to switch features
    heard: list[str] = field(default_factory=list)  # every command, in order
    code: int = UNKNOWN
    pilot_state: int = A
    mode: str = P12
    relay: bool = False
    hard_fault: bool = False
    connected: bool = False
    locked: bool = False  # boot lock
    auth_locked: bool = False
    supervision: tuple[int, int, int] = (0, 6, 0)  # interval, amps, missed
    temperatures: tuple[int, int, int] = (335, -2560, -2560)
    session_ws: float = 0.0
    life_wh: int = 226594
    eeprom_writes: int = 0
    _buffer: str = ""
    _silent_until_s: float = 0.0
    _booting: bool = False
    _pulse_s: float = 0.0
    _slept_s: float = 0.0
    _candidate: tuple[int, float] = (UNKNOWN, 0.0)
    _told: tuple[int, int, int, int] | None = None
    _register_wh: float = 0.0

    def __post_init__(self) -> None:
        self.bay.advance(self.now_s)
        self.locked = self.boot_lock
        self._pulse_s = self.now_s

    # --- the hand from outside ----------------------------------------------------------------------------------------

    def restart(self) -> bytes:
        """Power was gone for a moment."""
        self.code, self.mode, self.relay, self.hard_fault = UNKNOWN, N12, False, False
        self.amps, self.locked, self._buffer = self.stored_a, self.boot_lock, ""
        self._booting, self._silent_until_s = True, self.now_s + POST_S
        self._drive()
        return b""

    def fail(self, code: int, *, hard: bool = True) -> None:
        """A fault that it finds by itself."""
        self.code, self.mode, self.relay, self.hard_fault = code, P12, False, hard
        self._drive()

    def recover(self) -> None:
        self.code, self.hard_fault, self.relay = UNKNOWN, False, False
        self._drive()

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> bytes:
        self.now_s = now_s
        self.bay.advance(now_s)
        self._count()
        if now_s < self._silent_until_s:
            return b""
        said = b""
        if self._booting:
            self._booting, self.mode = False, P12
            said = _frame("AB 00 8.2.2.EU")
        self._supervise()
        self._update()
        self._drive()
        return said + self._tell()

    def _update(self) -> None:
        if self.code == DISABLED:
            return
        high_v = self.bay.levels().high_v
        self._connect(self.mode != N12 and high_v < 10.5)
        if self.code == SLEEPING:
            if self.relay and (high_v > 7.5 or self.now_s - self._slept_s >= SLEEP_OPENS_S):
                self.relay = False
            return
        if self.hard_fault:
            if not self.connected:
                self.recover()
            return
        if self.code in (0x06, 0x07, 0x08):  # they stay until the test says otherwise
            return
        self._move(self._seen(high_v))

    def _seen(self, high_v: float) -> int:
        if high_v > 10.5:
            return A
        if high_v > 7.5:
            return B
        if high_v > 4.5:
            self.pilot_state = C
            return C if self.mode == PWM else B
        return D if high_v > 1.5 else UNKNOWN

    def _move(self, seen: int) -> None:
        if seen == self.code:
            self._candidate = (seen, self.now_s)
            return
        if self._candidate[0] != seen:
            self._candidate = (seen, self.now_s)
        wait_s = DEBOUNCE_A_S if seen == A else DEBOUNCE_S
        if self.now_s - self._candidate[1] >= wait_s - 1e-6:
            self._enter(seen)

    def _enter(self, code: int) -> None:
        self.code = code
        self.pilot_state = code if code in (A, B, C, D) else self.pilot_state
        self.relay = code == C and not self.locked and not self.auth_locked
        self.mode = PWM if code in (B, C) and not self.auth_locked else P12
        if code == D:
            self.hard_fault = True

    def _connect(self, connected: bool) -> None:
        if connected and not self.connected:
            self.session_ws = 0.0
        elif self.connected and not connected:
            self.life_wh += int(self.session_ws / 3600)
        self.connected = connected

    def _count(self) -> None:
        energy_wh = self.bay.energy_wh
        if self.connected:
            self.session_ws += (energy_wh - self._register_wh) * 3600
        self._register_wh = energy_wh

    def _supervise(self) -> None:
        interval, amps, _ = self.supervision
        if interval and self.now_s - self._pulse_s > interval:
            self.amps = min(self.amps, max(amps, 6))
            self.supervision, self._pulse_s = (interval, amps, 2), self.now_s

    def _drive(self) -> None:
        duty = {P12: 1.0, N12: 0.0, PWM: duty_for(self.amps)}[self.mode]
        self.bay.drive(Drive(duty, self.relay), self.now_s)

    # --- the line -----------------------------------------------------------------------------------------------------

    def feed(self, data: bytes, now_s: float) -> bytes:
        self.tick(now_s)
        if now_s < self._silent_until_s:
            return b""
        said = b""
        for character in data.decode("latin-1"):
            if character == "$":
                self._buffer = "$"
            elif self._buffer and character == "\r":
                said += self._process(self._buffer)
                self._buffer = ""
            elif self._buffer:
                self._buffer = self._buffer + character if len(self._buffer) < 31 else ""
        self._drive()
        return said + self._tell()

    def _process(self, frame: str) -> bytes:
        body, mark, digits = frame.partition("^")
        if mark and f"{_xor(body):02X}" != digits.upper():
            return _frame("NK")
        words = body[1:].split(" ")
        sequence = f" {words.pop()}" if words[-1].startswith(":") else ""
        self.heard.append(" ".join(words))
        ok, *told = self._obey(words)
        return _frame(" ".join(["OK" if ok else "NK", *(str(word) for word in told)]) + sequence)

    def _obey(self, words: list[str]) -> tuple[object, ...]:
        match words:
            case ["GS"]:
                return True, f"{self.code:02x}", 0, f"{self.pilot_state:02x}", f"{self.vflags:04x}"
            case ["GE"]:
                return True, self.amps, f"{self.flags:04x}"
            case ["GV"]:
                return True, "8.2.2.EU", self.protocol
            case ["GG"]:
                return True, round(self.bay.reading().current_a[0] * 1000) if self.relay else 0, 230000
            case ["GU"]:
                return True, int(self.session_ws), self.life_wh
            case ["GP"]:
                return (True, *self.temperatures)
            case ["SY", *rest] if self.supervises:
                return self._supervision(rest)
            case ["SC", amps, "V"]:
                return self._set_amps(int(amps))
            case ["SB"]:
                self.locked = self.locked and self.faulty
                return True, int(self.faulty)
            case ["S4", lock]:
                self.auth_locked = lock == "1"
                return (True,)
            case ["FF", letter, on]:
                return self._feature(letter, on == "1")
            case ["FE"] | ["FS"] | ["FD"]:
                self._function(words[0])
                return (True,)
        return (False,)

    def _function(self, name: str) -> None:
        if name == "FE" and self.code in (SLEEPING, DISABLED):
            self.code, self.mode = UNKNOWN, P12
            self._candidate = (UNKNOWN, self.now_s)
        elif name == "FS" and self.code != SLEEPING:
            self.code, self.mode, self._slept_s = SLEEPING, P12, self.now_s
        elif name == "FD" and self.code != DISABLED:
            self.code, self.mode, self.relay = DISABLED, N12, False

    def _set_amps(self, amps: int) -> tuple[object, ...]:
        self.amps = min(max(amps, 6), self.stored_a)
        return self.amps == amps, self.amps

    def _supervision(self, rest: list[str]) -> tuple[object, ...]:
        interval, amps, missed = self.supervision
        self._pulse_s = self.now_s
        ok = True
        if len(rest) == 2:
            self.eeprom_writes += (int(rest[0]), int(rest[1])) != (interval, amps)
            self.supervision = (int(rest[0]), int(rest[1]), 0)
        elif rest == ["165"]:
            if missed == 2:
                self.amps, self.supervision = self.stored_a, (interval, amps, 1)
        elif rest:
            ok = False
        else:
            ok = missed != 2
        return ok, *self.supervision

    def _feature(self, letter: str, on: bool) -> tuple[object, ...]:
        flag = {"D": 0x0002, "V": 0x0004, "G": 0x0008, "R": 0x0010, "F": 0x0200, "T": 0x0400}.get(letter)
        if flag is None or self.keeps_flags:
            return (False,)
        self.flags = self.flags & ~flag if on else self.flags | flag
        self.eeprom_writes += 1
        return (True,)

    @property
    def faulty(self) -> bool:
        return 0x04 <= self.code <= 0x0E

    @property
    def vflags(self) -> int:
        raised = {
            HARD_FAULT: self.hard_fault, AUTH_LOCKED: self.auth_locked, RELAY: self.relay, CONNECTED: self.connected,
            WAS_CONNECTED: self.connected, BOOT_LOCK: self.locked,
        }  # fmt: skip
        return sum(flag for flag, on in raised.items() if on)

    def _tell(self) -> bytes:
        told = (self.code, self.pilot_state, self.amps, self.vflags)
        if told == self._told or self.code == UNKNOWN:
            return b""
        self._told = told
        return _frame(f"AT {self.code:02x} {self.pilot_state:02x} {self.amps} {self.vflags:04x}")


def _frame(body: str) -> bytes:
    return f"${body}^{_xor('$' + body):02X}\r".encode()


def _xor(body: str) -> int:
    total = 0
    for character in body:
        total ^= ord(character)
    return total
