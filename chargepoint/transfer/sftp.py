"""Files by SFTP. The only module that knows asyncssh; loaded with the first transfer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote

import asyncssh

from chargepoint.transfer import CHUNK_BYTES, SILENCE_S, Address, Refused, TransferFailed, Trust, bytes_held

HOPELESS = (
    asyncssh.PermissionDenied,
    asyncssh.HostKeyNotVerifiable,
    asyncssh.SFTPNoSuchFile,
    asyncssh.SFTPPermissionDenied,
)


async def fetch(address: Address, into: Path, trust: Trust, limit_bytes: int) -> None:
    """Goes on behind what `into` holds already."""
    async with _client(address, trust) as client, client.open(_path(address), "rb") as remote:
        size = bytes_held(into)
        await remote.seek(size)
        with into.open("ab") as file:
            while chunk := await remote.read(CHUNK_BYTES):
                size += len(chunk)
                if size > limit_bytes:
                    raise Refused(f"the file is larger than {limit_bytes} bytes")
                file.write(chunk if isinstance(chunk, bytes) else chunk.encode())


async def send(file: Path, address: Address, trust: Trust) -> None:
    """Where the address names a folder, the file keeps its name."""
    target = _path(address)
    target = target + file.name if target.endswith("/") else target
    async with _client(address, trust) as client, client.open(target, "wb") as remote:
        with file.open("rb") as content:
            while chunk := content.read(CHUNK_BYTES):
                await remote.write(chunk)


@asynccontextmanager
async def _client(address: Address, trust: Trust) -> AsyncIterator[asyncssh.SFTPClient]:
    if trust.known_hosts is None:
        raise Refused("SFTP needs known_hosts_file in [csms]: without it no server can prove who it is")
    try:
        async with (
            asyncssh.connect(
                address.host,
                address.port,
                username=address.user or (),
                password=address.password or None,
                known_hosts=str(trust.known_hosts),
                client_keys=[],
                config=[],
                agent_path=None,
                connect_timeout=SILENCE_S,
                keepalive_interval=SILENCE_S / 3,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            yield client
    except HOPELESS as error:
        raise Refused(f"{address.host}: {error}") from error
    except (asyncssh.Error, OSError) as error:
        raise TransferFailed(f"{address.host}: {error or type(error).__name__}") from error


def _path(address: Address) -> str:
    return unquote(address.path)
