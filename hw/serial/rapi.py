"""RAPI, the serial protocol of OpenEVSE controllers: bytes to messages and back. No I/O, and no idea of charging.

A request is `$`, a command with its parameters, a sequence number, a checksum, and CR. An answer begins with `$OK` or
`$NK` and repeats the number; what the controller says unasked begins with `$A` or `$WF` and may come between the two.
Source: OpenEVSE's protocol 5.2.1 (its firmware's `rapi_proc`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor

START, END = ord("$"), ord("\r")
REQUEST_MAX = 32  # characters in all; the controller drops a longer request and says nothing
FRAME_MAX = 64  # the longest honest answer has 42
LAST_SEQUENCE = 0xFF  # 00 stands for none
NOTIFICATIONS = frozenset(("AT", "AB", "AN", "WF"))


@dataclass(frozen=True, slots=True)
class Answer:
    """To the request with the same sequence number."""

    ok: bool
    words: tuple[str, ...] = ()
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """What the controller says of its own accord: AT state, AB boot, AN button, WF Wi-Fi."""

    kind: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What GS says: codes and flags as the firmware has them."""

    code: int
    pilot: int
    flags: int
    elapsed_s: int = 0


Message = Answer | Notification


def request(command: str, sequence: int) -> bytes:
    """The frame that asks `command`, such as "SC 16 V".

    Raises:
        ValueError: the controller would drop it, for its length.
    """
    body = f"${command} :{sequence:02X}"
    frame = f"{body}^{checksum(body):02X}\r".encode("ascii")
    if len(frame) > REQUEST_MAX:
        raise ValueError(f"{command!r} makes {len(frame)} characters, the controller takes {REQUEST_MAX}")
    return frame


def after(sequence: int) -> int:
    """The number of the next request."""
    return sequence % LAST_SEQUENCE + 1


def checksum(body: str) -> int:
    """XOR of everything from `$` on."""
    return reduce(xor, body.encode("ascii"), 0)


def additive(body: str) -> int:
    """The older checksum: the sum's low byte."""
    return sum(body.encode("ascii")) & 0xFF


class Receiver:
    """Finds the frames in a stream of bytes that may hold anything."""

    def __init__(self) -> None:
        self.garbage = 0  # frames that were broken, so that a question may be asked again at once
        self.heard = 0  # bytes, sense or not
        self._frame: bytearray | None = None  # None: waiting for a start

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes."""
        self.heard += len(data)
        messages = (self._take(byte) for byte in data)
        return [message for message in messages if message is not None]

    def _take(self, byte: int) -> Message | None:
        if byte == START:
            self.garbage += self._frame is not None  # the one that had begun never ended
            self._frame = bytearray(b"$")
        elif self._frame is None:
            pass
        elif byte == END:
            frame, self._frame = bytes(self._frame), None
            return self._read(frame)
        elif len(self._frame) >= FRAME_MAX or not 0x20 <= byte < 0x7F:
            self.garbage, self._frame = self.garbage + 1, None
        else:
            self._frame.append(byte)
        return None

    def _read(self, frame: bytes) -> Message | None:
        body = _checked(frame.decode("ascii"))
        if body is None:
            self.garbage += 1
            return None
        return _message(body[1:].split())


def _checked(frame: str) -> str | None:
    """What stands before the checksum, None where that is missing or wrong."""
    body, mark, digits = frame[:-3], frame[-3:-2], frame[-2:]
    sums = {"^": checksum, "*": additive}
    if mark not in sums or len(digits) != 2 or not _is_hex(digits):
        return None
    return body if sums[mark](body) == int(digits, 16) else None


def _message(words: list[str]) -> Message | None:
    """None for what is neither: our own request that an echo brings back."""
    if not words:
        return None
    sequence = None
    if len(words) > 1 and words[-1].startswith(":") and _is_hex(words[-1][1:]):
        sequence = int(words.pop()[1:], 16)
    head, rest = words[0], tuple(words[1:])
    if head in ("OK", "NK"):
        return Answer(head == "OK", rest, sequence)
    return Notification(head, rest) if head in NOTIFICATIONS else None


# --- what stands in answers ---------------------------------------------------------------------------------------


def state(words: tuple[str, ...]) -> State:
    """Of GS: state, seconds in it, pilot state, flags.

    Raises:
        ValueError: this is not what firmware of protocol 5 says.
    """
    code, elapsed, pilot, flags = words
    return State(hexadecimal(code, 2), hexadecimal(pilot, 2), hexadecimal(flags, 4), decimal(elapsed))


def hexadecimal(word: str, digits: int) -> int:
    """A number of exactly so many hex digits. Raises ValueError."""
    if len(word) != digits or not _is_hex(word):
        raise ValueError(f"{word!r} is not {digits} hex digits")
    return int(word, 16)


def decimal(word: str) -> int:
    """Raises ValueError."""
    if not word.removeprefix("-").isdigit() or not word.isascii():
        raise ValueError(f"{word!r} is not a number")
    return int(word)


def _is_hex(word: str) -> bool:
    return bool(word) and all(character in "0123456789abcdefABCDEF" for character in word)
