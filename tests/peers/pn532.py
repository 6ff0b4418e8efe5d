"""A PN532 that obeys its manual (UM0701-02), for tests: bytes in, bytes out, and a hand that lays cards on it.

On a pseudo-terminal, for a whole station:

    chip = Pn532Chip()
    device = PtyDevice(tmp_path / "reader", chip.hears)
    device.plug()                       # [[card_reader]] driver = "pn532", port = that link
    chip.card = bytes.fromhex("04A1B2C3D4E5F6")   # ... = None: taken away
    device.close()
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

ACK = bytes.fromhex("0000FF00FF00")
ERROR = bytes.fromhex("0000FF01FF7F8100")

FIRMWARE_1_6 = bytes.fromhex("32010607")
SEL_RES = {4: 0x08, 7: 0x00, 10: 0x20}
SENS_RES = {4: "0004", 7: "0044", 10: "0084"}


def frame(body: bytes) -> bytes:
    return bytes([0, 0, 0xFF, len(body), (0x100 - len(body)) % 0x100, *body, (0x100 - sum(body) % 0x100) % 0x100, 0])


@dataclass
class Pn532Chip:
    """Deaf until it has been woken; knows only what the manual calls low-power mode until SAMConfiguration."""

    card: bytes | None = None
    silent: bool = False  # powered, and wired wrongly
    firmware: bytes = FIRMWARE_1_6
    mangles: Callable[[bytes], bytes] = bytes  # what the line does to our answers
    asked: list[bytes] = field(default_factory=list)  # the commands heard, code and data
    _heard: bytes = b""
    _awake: bool = False
    _retries: int = 0xFF  # of passive activation; FF: for ever
    _waits: bool = False  # looks for a card without end

    def power_cycle(self) -> None:
        self._heard, self._awake, self._retries, self._waits = b"", False, 0xFF, False

    def hears(self, data: bytes) -> bytes:
        if self.silent:
            return b""
        self._heard += data
        if not self._awake and b"\x55\x55" + bytes(14) in self._heard:
            self._awake = True
        said = b"".join(self._answers())
        return self.mangles(said) if said else b""

    def _answers(self) -> list[bytes]:
        told = []
        while (body := self._next_body()) is not None:
            if not self._awake:
                continue
            if body == b"":  # our host's acknowledgement: stop what you do
                self._waits = False
                continue
            told.append(ACK)
            answer = self._obey(body)
            if answer is not None:
                told.append(answer)
        return told

    def _next_body(self) -> bytes | None:
        """TFI and data of the next whole frame, "" for an acknowledgement."""
        at = self._heard.find(b"\x00\xff")
        if at < 0 or len(self._heard) < at + 4:
            return None
        length, check = self._heard[at + 2], self._heard[at + 3]
        if (length, check) == (0, 0xFF):
            self._heard = self._heard[at + 4 :]
            return b""
        assert (length + check) % 0x100 == 0, "a host must not send broken frames"
        if len(self._heard) < at + 5 + length:
            return None
        body, rest = self._heard[at + 4 : at + 4 + length], self._heard[at + 4 + length :]
        assert (sum(body) + rest[0]) % 0x100 == 0, "a host must not send broken frames"
        assert body[0] == 0xD4
        self._heard = rest[1:]
        return body

    def _obey(self, body: bytes) -> bytes | None:
        code, data = body[1], body[2:]
        self.asked.append(body[1:])
        match code:
            case 0x02:
                return frame(b"\xd5\x03" + self.firmware)
            case 0x14:
                return frame(b"\xd5\x15")
            case 0x32 if data[0] == 5:
                self._retries = data[3]
                return frame(b"\xd5\x33")
            case 0x4A:
                return self._listed()
            case _:
                return ERROR

    def _listed(self) -> bytes | None:
        if self.card is not None:
            size = len(self.card)
            target = bytes([1, 1]) + bytes.fromhex(SENS_RES[size]) + bytes([SEL_RES[size], size]) + self.card
            return frame(b"\xd5\x4b" + target)
        if self._retries == 0xFF:
            self._waits = True
            return None
        return frame(b"\xd5\x4b\x00")
