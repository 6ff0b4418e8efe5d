"""Files by SFTP. The only module that knows asyncssh; loaded with the first transfer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

import asyncssh

from chargepoint.transfer import SILENCE_S, Address, Incoming, NotAllowed, Refused, TransferFailed, Trust
from chargepoint.transfer.address import check_resolved

NOT_ALLOWED = (asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied)
HOPELESS = (asyncssh.HostKeyNotVerifiable, asyncssh.SFTPNoSuchFile)

BLOCK_BYTES = 32_768
"""Every server takes as much at once; one request at a time, so that none is left over when it breaks off."""

GOODBYE_S = 2.0

T = TypeVar("T")

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells of every packet's purpose otherwise


async def fetch(address: Address, incoming: Incoming, trust: Trust) -> None:
    """Goes on behind what is there already, if size and time of the server's file fit."""
    async with _client(address, trust) as client:
        remote = await _soon(
            client.open(_path(address), "rb", block_size=0)
        )  # closed with the connection: it may answer no more
        about = await _soon(remote.stat())
        mark = str(about.mtime or "")
        at = incoming.have if incoming.goes_on(mark, about.size) else 0
        incoming.begin(at, about.size, mark)
        await remote.seek(at)
        while chunk := await _soon(remote.read(BLOCK_BYTES)):
            await asyncio.to_thread(incoming.take, chunk if isinstance(chunk, bytes) else chunk.encode())


async def send(file: Path, address: Address, trust: Trust) -> None:
    """Where the address names a folder, the file keeps its name."""
    target = _path(address)
    target = target + file.name if target.endswith("/") else target
    async with _client(address, trust) as client:
        remote = await _soon(client.open(target, "wb", block_size=0))
        with file.open("rb") as content:
            while chunk := content.read(BLOCK_BYTES):
                await _soon(remote.write(chunk))
        await _soon(remote.close())


async def _soon(answer: Awaitable[T]) -> T:
    """SSH being alive is not enough: a server may keep a line open and say nothing of the file."""
    async with asyncio.timeout(SILENCE_S):
        return await answer


@asynccontextmanager
async def _client(address: Address, trust: Trust) -> AsyncIterator[asyncssh.SFTPClient]:
    if trust.known_hosts is None:
        raise Refused("SFTP needs known_hosts_file in [csms]: without it no server can prove who it is")
    try:
        await asyncio.to_thread(check_resolved, address, trust)  # afterwards its host key proves who it is
        async with _connected(address, trust) as connection, _soon_over(connection):
            yield await _soon(connection.start_sftp_client())
    except NOT_ALLOWED as error:
        raise NotAllowed(f"{address.host}: {error}") from error
    except HOPELESS as error:
        raise Refused(f"{address.host}: {error}") from error
    except (TimeoutError, asyncssh.Error, OSError) as error:
        raise TransferFailed(f"{address.host}: {str(error) or type(error).__name__}") from error


def _connected(address: Address, trust: Trust) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
    connecting: AbstractAsyncContextManager[asyncssh.SSHClientConnection] = asyncssh.connect(
        address.host,
        address.port,
        username=address.user or (),
        password=address.password or None,
        known_hosts=str(trust.known_hosts),
        client_keys=[],
        config=[],
        agent_path=None,
        connect_timeout=SILENCE_S,
        login_timeout=SILENCE_S,
        keepalive_interval=SILENCE_S / 3,
    )
    return connecting


@asynccontextmanager
async def _soon_over(connection: asyncssh.SSHClientConnection) -> AsyncIterator[None]:
    """A server in trouble may not answer a good-bye."""
    try:
        yield
    finally:
        connection.close()
        with suppress(TimeoutError, asyncssh.Error, OSError):
            async with asyncio.timeout(GOODBYE_S):
                await connection.wait_closed()
        connection.abort()


def _path(address: Address) -> str:
    return unquote(address.path)
