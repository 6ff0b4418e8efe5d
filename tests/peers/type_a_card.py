"""A card of ISO/IEC 14443-3 type A as the antenna hears it: bits in, bits out, and the states of the standard."""

from __future__ import annotations

Bits = list[int]


def bits_of(data: bytes, last_bits: int = 0) -> Bits:
    """Lowest bit first; of the last byte only `last_bits` (0: all)."""
    bits = [byte >> n & 1 for byte in data for n in range(8)]
    return bits[: len(bits) - 8 + last_bits] if last_bits else bits


def bytes_of(bits: Bits, align: int = 0) -> bytes:
    padded = [0] * align + bits
    padded += [0] * (-len(padded) % 8)
    return bytes(sum(bit << n for n, bit in enumerate(padded[at : at + 8])) for at in range(0, len(padded), 8))


def crc(data: bytes) -> bytes:
    """By the standard's shift register, bit by bit."""
    register = 0x6363
    for bit in bits_of(data):
        out = (register ^ bit) & 1
        register = register >> 1 ^ (0x8408 if out else 0)
    return register.to_bytes(2, "little")


class TypeACard:
    def __init__(self, uid: str) -> None:
        self.uid = bytes.fromhex(uid)
        self.asleep = False  # halted: only WUPA wakes it
        self.level: int | None = None  # READY in that cascade level
        self.active = False
        self.wrong_check = False  # its BCC is broken

    @property
    def parts(self) -> list[bytes]:
        """What it sends in each cascade level, check byte included."""
        uid = self.uid
        cut = {4: [uid], 7: [b"\x88" + uid[:3], uid[3:]], 10: [b"\x88" + uid[:3], b"\x88" + uid[3:6], uid[6:]]}[
            len(uid)
        ]
        return [part + bytes([part[0] ^ part[1] ^ part[2] ^ part[3] ^ self.wrong_check]) for part in cut]

    def leave_field(self) -> None:
        self.asleep, self.level, self.active = False, None, False

    def hears(self, data: bytes, last_bits: int) -> Bits | None:
        if last_bits == 7 and len(data) == 1:
            return self._woken(data[0])
        if self.level is not None and len(data) >= 2 and data[0] == 0x93 + 2 * self.level:
            return self._asked(data, last_bits, self.level)
        if self.active and data == b"\x50\x00" + crc(b"\x50\x00"):
            self.active, self.asleep = False, True
            return None
        self.level, self.active = None, False  # not meant for this state: back to where it was woken from
        return None

    def _woken(self, how: int) -> Bits | None:
        rests = self.level is None and not self.active
        if rests and (how == 0x52 or (how == 0x26 and not self.asleep)):
            self.level = 0
            return bits_of(bytes([{4: 0x04, 7: 0x44, 10: 0x84}[len(self.uid)], 0]))
        self.level, self.active = None, False
        return None

    def _asked(self, data: bytes, last_bits: int, level: int) -> Bits | None:
        mine = self.parts[level]
        if data[1] == 0x70:
            if data[2:7] != mine or data[7:9] != crc(data[:7]):
                self.level = None
                return None
            last = level == len(self.parts) - 1
            self.level, self.active = (None, True) if last else (level + 1, False)
            sak = bytes([0x08 if last else 0x04])
            return bits_of(sak + crc(sak))
        known = bits_of(data[2:], last_bits) if data[2:] else []
        count = (data[1] >> 4) * 8 + (data[1] & 0x0F) - 16
        assert len(known) == count, "NVB does not count what follows"
        own = bits_of(mine)
        if own[:count] != known:
            self.level = None
            return None
        return own[count:]
