"""What an RDM6300 says of a card."""

from __future__ import annotations


def rdm6300_frame(uid: bytes) -> bytes:
    assert len(uid) == 5
    check = 0
    for byte in uid:
        check ^= byte
    return b"\x02" + f"{uid.hex()}{check:02x}".upper().encode() + b"\x03"
