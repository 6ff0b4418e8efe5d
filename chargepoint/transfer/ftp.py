"""Files by FTP and FTPS (explicit TLS, RFC 4217), by the standard library in a thread of its own."""

from __future__ import annotations

import asyncio
import ftplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event
from urllib.parse import unquote

from chargepoint.transfer import CHUNK_BYTES, SILENCE_S, Address, Incoming, NotAllowed, Refused, TransferFailed, Trust
from chargepoint.transfer.address import check_peer, check_resolved
from chargepoint.transfer.tls import context

NOT_ALLOWED = ("530", "532")
HOPELESS = ("550", "552", "553")
"""Answers that another try will not change: no such file, no room, no such name."""

Work = Callable[[ftplib.FTP, Callable[[], None]], None]


class Ended(Exception):
    """Nobody waits for the transfer any more."""


async def fetch(address: Address, incoming: Incoming, trust: Trust) -> None:
    """Goes on behind what is there already (REST, RFC 3659), if size and time of the server's file fit."""

    def work(ftp: ftplib.FTP, go_on: Callable[[], None]) -> None:
        name = _file(address)
        total, mark = _about(ftp, name)
        at = incoming.have if incoming.goes_on(mark, total) else 0
        incoming.begin(at, total, mark)

        def take(chunk: bytes) -> None:
            go_on()
            incoming.take(chunk)

        ftp.retrbinary(f"RETR {name}", take, CHUNK_BYTES, rest=at or None)

    await _do(address, trust, work)


async def send(file: Path, address: Address, trust: Trust) -> None:
    """Where the address names a folder, the file keeps its name."""

    def work(ftp: ftplib.FTP, go_on: Callable[[], None]) -> None:
        name = _file(address)
        target = name + file.name if name.endswith("/") or not name else name
        with file.open("rb") as content:
            ftp.storbinary(f"STOR {target}", content, CHUNK_BYTES, callback=lambda chunk: go_on())

    await _do(address, trust, work)


def _about(ftp: ftplib.FTP, name: str) -> tuple[int | None, str]:
    """(size, mark) of the server's file; old servers tell neither (RFC 3659 sections 3, 4)."""
    ftp.voidcmd("TYPE I")
    total, mark = None, ""
    with suppress(ftplib.error_perm):
        total = ftp.size(name)
    with suppress(ftplib.error_perm):
        mark = ftp.sendcmd(f"MDTM {name}")[4:].strip()
    return total, mark


async def _do(address: Address, trust: Trust, work: Work) -> None:
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


def _connected(address: Address, trust: Trust, work: Work, go_on: Callable[[], None]) -> None:
    ftp = _client(address, trust)
    try:
        check_resolved(address, trust)
        ftp.connect(address.host, address.port, timeout=SILENCE_S)
        if ftp.sock is not None:
            check_peer(address.host, ftp.sock, trust)
        ftp.login(address.user or "anonymous", address.password)
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        work(ftp, go_on)
        ftp.quit()
    except Ended:
        pass  # who asked is gone
    except ftplib.Error as error:
        raise _meaning(error)(f"{address.host} answers {error}") from error
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"{address.host} cannot prove who it is: {error.verify_message}") from error
    except (OSError, EOFError) as error:
        raise TransferFailed(f"{address.host}: {str(error) or type(error).__name__}") from error
    finally:
        ftp.close()  # without a good-bye where something went wrong: its answer would hide what did


def _meaning(error: ftplib.Error) -> type[TransferFailed]:
    code = str(error)[:3]
    return NotAllowed if code in NOT_ALLOWED else Refused if code in HOPELESS else TransferFailed


def _client(address: Address, trust: Trust) -> ftplib.FTP:
    if address.scheme == "ftp":
        return ftplib.FTP()
    return ftplib.FTP_TLS(context=context(trust))


def _file(address: Address) -> str:
    """The path without its first slash: a login may begin in a folder of its own. No line ends: they are commands."""
    name = unquote(address.path.removeprefix("/"))
    if any(character in name for character in "\r\n\0"):
        raise Refused("the path holds characters that no path has")
    return name
