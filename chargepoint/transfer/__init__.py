"""Files from and to the back office: firmware comes, logs go. One module a protocol, loaded when it is first needed.

What may be fetched or sent to is only what OCPP names (HTTP, HTTPS, FTP, FTPS, SFTP): a URL that points into this
machine, or at a file of it, is no address. A transfer that broke off goes on where it stopped, if the server lets it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 21, "sftp": 22}
"""Scheme -> its usual port. FTPS is the explicit kind: it begins on the port of FTP (RFC 4217)."""

_MODULES = {"http": "http", "https": "http", "ftp": "ftp", "ftps": "ftp", "sftp": "sftp"}
_NEEDS = {"sftp": "asyncssh"}

CHUNK_BYTES = 65_536
SILENCE_S = 60.0
"""A server that says nothing for so long is given up; how long the whole takes is the network's business."""


class TransferFailed(Exception):
    """Why a file did not arrive, in a sentence. It may be tried again."""


class Refused(TransferFailed):
    """The server, or this station, will not have it: trying again is of no use."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What other machines must prove themselves by."""

    ca_file: Path | None = None  # PEM; None: the operating system's certificates
    known_hosts: Path | None = None  # of SSH; None: no SFTP
    same_machine: bool = False  # a back office on this very machine, as on a developer's, may name it


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file is."""

    scheme: str
    host: str
    port: int
    path: str
    url: str  # as it was given, without the password
    user: str = ""
    password: str = ""

    @property
    def encrypted(self) -> bool:
        return self.scheme in ("https", "ftps", "sftp")


class Carrier(Protocol):
    """A module that speaks a protocol."""

    async def fetch(self, address: Address, into: Path, trust: Trust, limit_bytes: int) -> None: ...
    async def send(self, file: Path, address: Address, trust: Trust) -> None: ...


def read_address(url: str, trust: Trust) -> Address:
    """The parts of a URL.

    Raises:
        Refused: it is none of ours, or no URL at all.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise Refused(f"this is no address: {error}") from None
    if parts.scheme not in PORTS:
        raise Refused(f'"{parts.scheme or url[:20]}" is not a way to carry files; {", ".join(PORTS)} are')
    if not parts.hostname:
        raise Refused("the address names no server")
    if not trust.same_machine and _is_this_machine(parts.hostname):
        raise Refused(f"{parts.hostname} is this machine")
    return Address(
        parts.scheme, parts.hostname, port or PORTS[parts.scheme], _path(parts), _without_password(parts),
        unquote(parts.username or ""), unquote(parts.password or ""),
    )  # fmt: skip


async def fetch(url: str, into: Path, trust: Trust, *, limit_bytes: int) -> None:
    """Bring a file; `into` holds it, or as much of it as had come when it failed.

    Raises:
        Refused: it will never come. TransferFailed: it did not come this time.
    """
    address = read_address(url, trust)
    await _carrier(address.scheme).fetch(address, into, trust, limit_bytes)


async def send(file: Path, url: str, trust: Trust) -> None:
    """Take a file there. Raises as `fetch` does."""
    address = read_address(url, trust)
    await _carrier(address.scheme).send(file, address, trust)


def bytes_held(file: Path) -> int:
    """How much of it is there already."""
    return file.stat().st_size if file.exists() else 0


def protocols() -> tuple[str, ...]:
    """What this installation can speak, in OCPP's words."""
    return tuple(scheme.upper() for scheme in PORTS if scheme not in _NEEDS or find_spec(_NEEDS[scheme]) is not None)


def _carrier(scheme: str) -> Carrier:
    need = _NEEDS.get(scheme)
    if need is not None and find_spec(need) is None:
        raise Refused(f"{scheme} needs the package {need}, which is not installed here")
    carrier: Carrier = import_module(f"chargepoint.transfer.{_MODULES[scheme]}")
    return carrier


def _is_this_machine(host: str) -> bool:
    """By its own names: a server behind another name that leads here is the network's doing."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified or address.is_link_local


def _path(parts: SplitResult) -> str:
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _without_password(parts: SplitResult) -> str:
    where = parts.hostname or ""
    return f"{parts.scheme}://{where}{f':{parts.port}' if parts.port else ''}{parts.path}"
