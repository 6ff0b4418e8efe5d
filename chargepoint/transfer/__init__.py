"""Files from and to the back office: firmware comes, logs go. One module a protocol, loaded when it is first needed.

A transfer that broke off goes on where it stopped, if the server lets it and its file is still the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from chargepoint.transfer.address import PORTS, Address, Trust, read_address
from chargepoint.transfer.errors import NoRoom, NotAllowed, Refused, TransferFailed
from chargepoint.transfer.incoming import Incoming, discard

__all__ = [
    "Address",
    "Incoming",
    "NoRoom",
    "NotAllowed",
    "Refused",
    "TransferFailed",
    "Trust",
    "discard",
    "fetch",
    "protocols",
    "read_address",
    "send",
]

_MODULES = {"http": "http", "https": "http", "ftp": "ftp", "ftps": "ftp", "sftp": "sftp"}
_NEEDS = {"sftp": "asyncssh"}

CHUNK_BYTES = 65_536
SILENCE_S = 60.0
"""A server that neither says nor takes anything for so long is given up; how long the whole takes is the network's
business."""


class Carrier(Protocol):
    """A module that speaks a protocol."""

    async def fetch(self, address: Address, incoming: Incoming, trust: Trust) -> None: ...
    async def send(self, file: Path, address: Address, trust: Trust) -> None: ...


async def fetch(url: str, into: Path, trust: Trust, *, limit_bytes: int) -> None:
    """Bring a file; `into` holds it, or as much of it as had come when it failed.

    Raises:
        Refused: it will never come. TransferFailed: it did not come this time.
    """
    address = read_address(url, trust)
    carrier, incoming = _carrier(address.scheme), Incoming(into, limit_bytes)
    try:
        with _readable(address):
            await carrier.fetch(address, incoming, trust)
        await asyncio.to_thread(incoming.end)
    finally:
        incoming.leave()
        trust.spent(0, incoming.came)


async def send(file: Path, url: str, trust: Trust) -> None:
    """Take a file there. Raises as `fetch` does."""
    address = read_address(url, trust)
    with _readable(address):
        await _carrier(address.scheme).send(file, address, trust)
    trust.spent(file.stat().st_size, 0)  # noqa: ASYNC240 - at once


@contextmanager
def _readable(address: Address) -> Iterator[None]:
    """A host's name that no name service could have, a line's end in a user's name, a list of keys that is none:
    libraries say so by ValueError."""
    try:
        yield
    except ValueError as error:
        raise Refused(f"{address.host[:100]} cannot be asked: {type(error).__name__}") from error


def protocols(*, knows_hosts: bool) -> tuple[str, ...]:
    """What this installation can speak, in OCPP's words. `knows_hosts`: SSH servers can prove who they are."""
    able = [scheme for scheme in PORTS if scheme not in _NEEDS or find_spec(_NEEDS[scheme]) is not None]
    return tuple(scheme.upper() for scheme in able if scheme != "sftp" or knows_hosts)


def _carrier(scheme: str) -> Carrier:
    need = _NEEDS.get(scheme)
    if need is not None and find_spec(need) is None:
        raise Refused(f"{scheme} needs the package {need}, which is not installed here")
    carrier: Carrier = import_module(f"chargepoint.transfer.{_MODULES[scheme]}")
    return carrier
