"""Who may ask: Host and Origin keep other web pages out. Pure."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from chargepoint.web.http import Answer, sentence, told

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
"""Headers of requests that a proxy passes on."""


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without port and brackets; "" if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """An IP address cannot be rebound to another machine, as a name can (DNS rebinding)."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_here(peer: str, own: str, headers: Mapping[str, str]) -> bool:
    """Is who asks at this machine? `peer` and `own` are the addresses of the connection's two ends.

    What a proxy passes on comes from anywhere, and says so.
    """
    if any(name in headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or peer == own


def network_of(peer: str) -> str:
    """One household is one: an IPv6 host has a whole /64 of addresses."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else peer


@dataclass(frozen=True, slots=True)
class Gate:
    """`name` is the machine's."""

    name: str = ""

    def refuse(self, headers: Mapping[str, str]) -> Answer | None:
        """The answer to a request that another web page has caused; None for all others."""
        host = headers.get("Host", "")
        if not self._is_us(host_name(host)):
            return _error(403, "this station is not known under that name; use its IP address")
        origin = headers.get("Origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return _error(403, "another web page asked for this; only the station's own page may")
        if headers.get("Sec-Fetch-Site") == "cross-site" and headers.get("Sec-Fetch-Mode") != "navigate":
            return _error(403, "another web page asked for this; only the station's own page may")
        return None

    def _is_us(self, name: str) -> bool:
        if is_address(name) or name == "localhost":
            return True
        return bool(self.name) and name.partition(".")[0] == self.name.partition(".")[0].lower()


def password_in(authorization: str) -> bytes | None:
    """The password of HTTP Basic (RFC 7617), whatever the user's name; None where there is none."""
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(text.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _error(status: int, words: str) -> Answer:
    return Answer(told({"error": sentence(words)}).body, status)
