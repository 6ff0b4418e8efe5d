"""Files by FTP and FTPS (explicit TLS, RFC 4217), by the standard library in a thread of its own."""

from __future__ import annotations

import asyncio
import ftplib
import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Event
from urllib.parse import unquote

from chargepoint.transfer import CHUNK_BYTES, SILENCE_S, Address, Refused, TransferFailed, Trust, bytes_held

HOPELESS = ("530", "532", "550", "552", "553")
"""Answers that another try will not change: no login, no such file, no room, no such name."""


class Ended(Exception):
    """Nobody waits for the transfer any more."""


async def fetch(address: Address, into: Path, trust: Trust, limit_bytes: int) -> None:
    """Goes on behind what `into` holds already (REST, RFC 3659)."""

    def work(ftp: ftplib.FTP, go_on: Callable[[], None]) -> None:
        have = bytes_held(into)
        size = have
        with into.open("ab") as file:

            def take(chunk: bytes) -> None:
                nonlocal size
                go_on()
                size += len(chunk)
                if size > limit_bytes:
                    raise Refused(f"the file is larger than {limit_bytes} bytes")
                file.write(chunk)

            ftp.retrbinary(f"RETR {_file(address)}", take, CHUNK_BYTES, rest=have or None)

    await _do(address, trust, work)


async def send(file: Path, address: Address, trust: Trust) -> None:
    """Where the address names a folder, the file keeps its name."""

    def work(ftp: ftplib.FTP, go_on: Callable[[], None]) -> None:
        name = _file(address)
        target = name + file.name if name.endswith("/") or not name else name
        with file.open("rb") as content:
            ftp.storbinary(f"STOR {target}", content, CHUNK_BYTES, callback=lambda chunk: go_on())

    await _do(address, trust, work)


async def _do(address: Address, trust: Trust, work: Callable[[ftplib.FTP, Callable[[], None]], None]) -> None:
    """`work` in a thread; cancelled, it ends with its next block."""
    _file(address)
    ended = Event()

    def go_on() -> None:
        if ended.is_set():
            raise Ended

    try:
        await asyncio.to_thread(_connected, address, trust, work, go_on)
    finally:
        ended.set()


def _connected(
    address: Address,
    trust: Trust,
    work: Callable[[ftplib.FTP, Callable[[], None]], None],
    go_on: Callable[[], None],
) -> None:
    ftp = _client(address, trust)
    try:
        ftp.connect(address.host, address.port, timeout=SILENCE_S)
        ftp.login(address.user or "anonymous", address.password)
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        work(ftp, go_on)
        ftp.quit()
    except Ended:
        pass  # who asked is gone
    except ftplib.Error as error:
        kind = Refused if str(error)[:3] in HOPELESS else TransferFailed
        raise kind(f"{address.host} answers {error}") from error
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"{address.host} cannot prove who it is: {error.verify_message}") from error
    except (OSError, EOFError) as error:
        raise TransferFailed(f"{address.host}: {error or type(error).__name__}") from error
    finally:
        ftp.close()  # without a good-bye where something went wrong: its answer would hide what did


def _client(address: Address, trust: Trust) -> ftplib.FTP:
    if address.scheme == "ftp":
        return ftplib.FTP()
    return ftplib.FTP_TLS(context=ssl.create_default_context(cafile=str(trust.ca_file) if trust.ca_file else None))


def _file(address: Address) -> str:
    """The path without its first slash: a login may begin in a folder of its own. No line ends: they are commands."""
    name = unquote(address.path.removeprefix("/"))
    if any(character in name for character in "\r\n\0"):
        raise Refused("the path holds characters that no path has")
    return name
