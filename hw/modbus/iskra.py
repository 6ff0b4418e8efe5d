"""Signed readings of Iskra's WM3M4 and WM3M4C, as OCMF.

The meter keeps one record at a time. Its begin takes the time, the identification that is to be signed, and a command;
its end a command, after which data set and signature are read out. After a power cut the meter has lost time and
identification and wants both again before the end.
Sources: registers in the hardware notes, 9.7; OCMF 1.0.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import time
from collections.abc import Callable

from hw import ocmf
from hw.errors import DeviceLost
from hw.modbus.bus import Bus
from hw.modbus.signer import NotSigned, SignedRecord

log = logging.getLogger(__name__)

STATE = 7000
COMMAND, STATUS = 7051, 7052
ZONE_MIN, TIME_S, TIME_SET = 7053, 7054, 7071
METADATA_LENGTH, DATA_LENGTH, SIGNATURE_LENGTH = 7056, 7057, 7058
ALGORITHM = 7059
METADATA, DATA, PUBLIC_KEY, SIGNATURE = 7100, 7612, 8124, 8188
ROOM = 2 * (DATA - METADATA)
"""Bytes for the metadata."""

BEGIN, END = 0x4200, 0x7200
"""Letters B and r."""
IDLE, ACTIVE, AFTER_POWER_LOSS, AFTER_RESET = 0, 1, 2, 3
READY, FAILED = 15, 128
"""Of the signature: 15 it is there, from 128 on it failed."""
SYNCHRONISED = 2
ECDSA_P256_SHA256 = 0

CHUNK = 60
"""Registers moved at once."""
SIGNING_S = 10.0
"""A signature takes a second or two."""
POLL_S = 0.1

KEY_PREFIX = "3059301306072A8648CE3D020106082A8648CE3D03010703420004"
"""What makes a SubjectPublicKeyInfo of 64 bytes of a point on P-256 (RFC 5480)."""


class IskraSigner:
    """The record of one meter. `utc_s` and `zone_min` tell the time that it is set to."""

    def __init__(self, bus: Bus, unit: int, *, evse_id: str, utc_s: Callable[[], float] = time.time) -> None:
        self._bus, self._unit, self._evse_id, self._utc_s = bus, unit, evse_id, utc_s
        self._token: str | None = None
        self._owed = False  # a record has been closed and not been read out

    async def begin(self, token: str | None) -> SignedRecord | None:
        if await self._state() != IDLE:
            log.warning("%s: a record is still open in the meter; it is closed unread", self._bus.where)
            await self._close()
        self._token, self._owed = token, False
        await self._set_time()
        await self._write(ALGORITHM, [ECDSA_P256_SHA256])
        await self._write_metadata()
        await self._command(BEGIN, lambda state: state == ACTIVE)
        return await self._record()

    async def end(self) -> SignedRecord | None:
        if await self._state() != IDLE:
            await self._close()
            self._owed = True
        elif not self._owed:
            log.warning("%s: the meter has no record open: this end value is not signed", self._bus.where)
            return None
        record = await self._record()
        self._owed = False
        return record

    async def public_key(self) -> str | None:
        point = struct.pack(">32H", *await self._read(PUBLIC_KEY, 32))
        return KEY_PREFIX + point.hex().upper() if any(point) else None

    async def _close(self) -> None:
        if await self._state() == AFTER_POWER_LOSS:
            await self._set_time()
            await self._write_metadata()
        await self._command(END, lambda state: state == IDLE)

    async def _state(self) -> int:
        return (await self._read(STATE, 1))[0]

    async def _command(self, letter: int, reached: Callable[[int], bool]) -> None:
        """Until the meter's state has followed and a new signature is there: the one before says "ready" as well."""
        before = await self._signature()
        await self._write(COMMAND, [letter])
        for _ in range(int(SIGNING_S / POLL_S)):
            await asyncio.sleep(POLL_S)
            status = (await self._read(STATUS, 1))[0]
            if status >= FAILED:
                raise self._refused(status)
            if status == READY and reached(await self._state()) and await self._signature() != before:
                return
        raise self._refused(None)

    def _refused(self, status: int | None) -> NotSigned:
        told = "in time" if status is None else f"(status {status})"
        fix = "Switch the meter off and on; if it stays so, its certificate or its clock is the matter: see its manual."
        return NotSigned(f"the meter does not sign {told}", where=self._bus.where, fix=fix)

    # --- what is signed -----------------------------------------------------------------------------------------------

    async def _set_time(self) -> None:
        now_s = int(self._utc_s())
        await self._write(TIME_S, [now_s >> 16 & 0xFFFF, now_s & 0xFFFF])
        await self._write(ZONE_MIN, [time.localtime(now_s).tm_gmtoff // 60 & 0xFFFF])
        await self._write(TIME_SET, [SYNCHRONISED])

    async def _write_metadata(self) -> None:
        written = identification(self._token, self._evse_id).encode()
        if len(written) > ROOM:
            raise DeviceLost(
                "the identification is too long to be signed", where=self._bus.where, fix="Shorten evse_id."
            )
        words = _words(written)
        for start in range(0, len(words), CHUNK):
            await self._write(METADATA + start, words[start : start + CHUNK])
        await self._write(METADATA_LENGTH, [len(written)])

    async def _record(self) -> SignedRecord | None:
        data = await self._bytes(DATA, DATA_LENGTH)
        signature = await self._signature()
        if not data or not signature:
            return None
        key = await self.public_key() or ""
        signed = json.dumps({"SD": signature.hex().upper()}, separators=(",", ":"))
        try:
            return SignedRecord(f"OCMF|{data.decode('utf-8')}|{signed}", key)
        except UnicodeDecodeError:
            raise self._refused(None) from None

    async def _signature(self) -> bytes:
        return await self._bytes(SIGNATURE, SIGNATURE_LENGTH)

    async def _bytes(self, at: int, length_at: int) -> bytes:
        length = (await self._read(length_at, 1))[0]
        words: list[int] = []
        while 2 * len(words) < length:
            words += await self._read(at + len(words), min(CHUNK, (length + 1) // 2 - len(words)))
        return struct.pack(f">{len(words)}H", *words)[:length]

    async def _read(self, at: int, count: int) -> list[int]:
        return await self._bus.read(self._unit, "holding", at, count)

    async def _write(self, at: int, values: list[int]) -> None:
        await self._bus.write(self._unit, at, values)


def identification(token: str | None, evse_id: str) -> str:
    """The metadata as the meter takes it. A bar would end the data set: it separates the three parts of a record."""
    return json.dumps(ocmf.identification(token, evse_id), separators=(",", ":")).replace("|", " ")


def _words(data: bytes) -> list[int]:
    padded = data + b"\0" * (len(data) % 2)
    return list(struct.unpack(f">{len(padded) // 2}H", padded))
