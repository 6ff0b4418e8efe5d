"""Frames and commands of the PN532 (NXP UM0701-02, sections 6.2 and 7). Pure: bytes in, frames out.

A frame is 00 00 FF LEN LCS TFI DATA DCS 00 with LEN + LCS = 0 and TFI + DATA + DCS = 0 modulo 256; TFI is D4 to the
chip and D5 from it, and an answer's code is that of its command plus one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

START = b"\x00\xff"
TO_CHIP, FROM_CHIP = 0xD4, 0xD5
LONGEST = 255  # bytes from TFI to the last one of DATA

ACK = bytes.fromhex("00 00 FF 00 FF 00")
"""Sent by us it cancels the command that runs."""
NACK = bytes.fromhex("00 00 FF FF 00 00")
WAKE = b"\x55\x55" + bytes(14)
"""Before the first frame: the chip sleeps with its line open, and needs the time that these bytes take."""

GET_FIRMWARE = 0x02
SAM_CONFIGURATION = 0x14
RF_CONFIGURATION = 0x32
LIST_PASSIVE_TARGET = 0x4A

SAM_NORMAL = bytes.fromhex("01 14 01")  # no security module; time-out of 20 x 50 ms, unused; the interrupt line works
FEW_RETRIES = bytes.fromhex("05 FF 01 02")
"""Item 05: activation is tried three times in all, so that looking for a card comes to an end."""
ONE_TYPE_A = bytes.fromhex("01 00")  # one target, ISO/IEC 14443 type A at 106 kbit/s

UID_BYTES = (4, 7, 10)
PN532 = 0x32


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The chip has taken our frame, or (`again`) has not understood it."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the chip says; `code` is the command's plus one."""

    code: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Complaint:
    """The chip understood the frame, and not what is in it (error frame, TFI 7F)."""


Frame = Acknowledged | Answer | Complaint


def command(code: int, data: bytes = b"", tfi: int = TO_CHIP) -> bytes:
    """The frame that carries a command (an answer, where `tfi` is FROM_CHIP)."""
    body = bytes([tfi, code]) + data
    return b"\x00" + START + bytes([len(body), -len(body) & 0xFF]) + body + bytes([-sum(body) & 0xFF, 0])


@dataclass(slots=True)
class Decoder:
    """Finds frames in whatever comes over the line; what is no frame is skipped."""

    _heard: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Frame]:
        self._heard += data
        frames: list[Frame] = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        """The first whole frame; None while more bytes are needed."""
        while (start := self._heard.find(START)) >= 0:
            del self._heard[:start]
            taken, frame = _read(self._heard)
            del self._heard[:taken]
            if frame is not None:
                return frame
            if not taken:
                return None
        del self._heard[:-1]  # the last byte may be the first half of a start
        return None


def _read(heard: bytearray) -> tuple[int, Frame | None]:
    """The frame that begins with these bytes, and its length; (0, None): it is not complete; (1, None): it is none."""
    if len(heard) < 4:
        return 0, None
    length, check = heard[2], heard[3]
    if (length, check) == (0x00, 0xFF):
        return 4, Acknowledged()
    if (length, check) == (0xFF, 0x00):
        return 4, Acknowledged(again=True)
    if (length + check) & 0xFF or not length:
        return 1, None
    if len(heard) < 5 + length:
        return 0, None
    body, sum_byte = heard[4 : 4 + length], heard[4 + length]
    if (sum(body) + sum_byte) & 0xFF:
        return 1, None
    return 5 + length, _meant(bytes(body))


def _meant(body: bytes) -> Frame | None:
    if body[0] == FROM_CHIP and len(body) >= 2:
        return Answer(body[1], body[2:])
    return Complaint() if body[0] == 0x7F else None


def card_of(listed: bytes) -> bytes | None:
    """The id in an answer to LIST_PASSIVE_TARGET; None: no card.

    The answer is count; then for each target its number, SENS_RES (2 bytes), SEL_RES, id length, id, and maybe ATS.
    """
    if len(listed) < 6 or listed[0] == 0:
        return None
    length = listed[5]
    uid = listed[6 : 6 + length]
    return uid if length in UID_BYTES and len(uid) == length else None


def is_pn532(firmware: bytes) -> bool:
    """Does an answer to GET_FIRMWARE (IC, version, revision, support) come from the chip we speak to?"""
    return len(firmware) == 4 and firmware[0] == PN532
