"""Where a file may come from or go to: the protocols that OCPP names, on another machine.

A back office that has been taken over must not make a station talk to itself, or to what only its own network segment
can reach, such as the metadata service of a hosting machine (server-side request forgery).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from chargepoint.datause import Spent
from chargepoint.proxy import FindProxy, no_proxy
from chargepoint.transfer.errors import Refused

PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 21, "sftp": 22}
"""Scheme -> its usual port. FTPS is the explicit kind: it begins on the port of FTP (RFC 4217)."""


def _unheard(sent: int, received: int) -> None:
    """Where nobody counts."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What other machines must prove themselves by, and which of the near ones may be meant."""

    ca_file: Path | None = None  # PEM; None: the operating system's certificates
    known_hosts: Path | None = None  # of SSH; None: no SFTP
    same_machine: bool = False  # a back office on this very machine, as on a developer's, may name it
    same_cable: bool = False  # a back office on a link-local address may name such
    roots: Callable[[], Sequence[str]] = tuple  # beside those: what the back office has installed (PEM)
    superseded: Callable[[], bool] = bool  # and instead of those, where it is so
    spent: Spent = _unheard  # told the bytes of files, sent and received
    proxy: FindProxy = no_proxy  # for HTTP and HTTPS; it finds the names, and it says who may be reached


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file is."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)  # with its query
    url: str  # as it may be shown: without password and query
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def encrypted(self) -> bool:
        return self.scheme in ("https", "ftps", "sftp")


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
    if not parts.hostname.isascii():  # whoever connects may read digits in it, and a dot, that are none to us
        raise Refused("the server's name must be written in ASCII letters (RFC 3490: xn--…)")
    _check_name(parts.hostname, trust)
    return Address(
        parts.scheme, parts.hostname, port or PORTS[parts.scheme], _path(parts), _shown(parts),
        unquote(parts.username or ""), unquote(parts.password or ""),
    )  # fmt: skip


def check_found(host: str, found: str, trust: Trust) -> None:
    """May we talk to the machine that a name has led to?

    Args:
        found: an IP address, as the resolver or a connected socket gives it.

    Raises:
        Refused: it is this machine, or one that is reached without any router.
    """
    address = _ip(found)
    if address is None:
        return
    if (address.is_loopback or address.is_unspecified) and not trust.same_machine:
        raise Refused(f"{host} is this machine")
    if address.is_link_local and not trust.same_cable:
        raise Refused(f"{host} is an address of this cable alone")
    if address.is_multicast:
        raise Refused(f"{host} is an address of many machines")


def check_resolved(address: Address, trust: Trust) -> None:
    """`check_found` for all that the name leads to, before anybody is called. Blocks; raises OSError too."""
    for *_, where in socket.getaddrinfo(address.host, address.port):
        check_found(address.host, str(where[0]), trust)


def check_peer(host: str, connected: socket.socket, trust: Trust) -> None:
    """`check_found` for an open connection: a name may lead elsewhere the second time."""
    check_found(host, connected.getpeername()[0], trust)


def is_same_machine(host: str) -> bool:
    """By its own names."""
    address = _ip(host)
    return _is_local_name(host) or (address is not None and address.is_loopback)


def is_link_local(host: str) -> bool:
    address = _ip(host)
    return address is not None and address.is_link_local


def _check_name(host: str, trust: Trust) -> None:
    """What can be told without asking anybody; what a name leads to is seen by `check_found`."""
    if _is_local_name(host) and not trust.same_machine:
        raise Refused(f"{host} is this machine")
    check_found(host, host, trust)


def _is_local_name(host: str) -> bool:
    return host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address in IPv6's clothes (RFC 4291 section 2.5.5.2) is the IPv4 address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _path(parts: SplitResult) -> str:
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _shown(parts: SplitResult) -> str:
    """A query may be a password too: that of an address that was signed beforehand."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"
