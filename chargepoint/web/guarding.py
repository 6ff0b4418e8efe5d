"""Who may ask: Host and Origin keep other web pages out, a password keeps the neighbours out. Pure."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chargepoint.web.http import Answer, sentence, told

FAILURES = 10
"""Wrong passwords from one address within WINDOW_S; then it has to wait, even with the right one."""

WINDOW_S = 60.0

ADDRESSES = 1024
"""Addresses whose failures are remembered; the oldest is forgotten first."""


VISIT_S = 15 * 60.0
"""Who has asked for nothing for so long and comes again comes anew."""

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


@dataclass(slots=True)
class Gate:
    """`name` is the machine's; `password` None where only this machine can ask.

    `told` hears of each visit and of each wrong password: from where, and whether it was the right one.
    """

    name: str = ""
    password: str | None = None
    told: Callable[[str, bool], None] = lambda peer, accepted: None
    _visits: OrderedDict[str, float] = field(default_factory=OrderedDict)  # when each was last here
    _failures: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def refuse(self, headers: Mapping[str, str], peer: str, now_s: float) -> Answer | None:
        """The answer to somebody who may not ask; None for all others."""
        host = headers.get("Host", "")
        if not self._is_us(host_name(host)):
            return _error(403, "this station is not known under that name; use its IP address")
        origin = headers.get("Origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return _error(403, "another web page asked for this; only the station's own page may")
        if headers.get("Sec-Fetch-Site") == "cross-site" and headers.get("Sec-Fetch-Mode") != "navigate":
            return _error(403, "another web page asked for this; only the station's own page may")
        return None if self.password is None else self._refuse_stranger(headers, network_of(peer), now_s)

    def _is_us(self, name: str) -> bool:
        if is_address(name) or name == "localhost":
            return True
        return bool(self.name) and name.partition(".")[0] == self.name.partition(".")[0].lower()

    def _refuse_stranger(self, headers: Mapping[str, str], peer: str, now_s: float) -> Answer | None:
        failures = self._failures.get(peer, deque())
        while failures and now_s - failures[0] >= WINDOW_S:
            failures.popleft()
        if len(failures) >= FAILURES:
            wait_s = int(WINDOW_S - (now_s - failures[0])) + 1
            return _error(429, "too many wrong passwords; wait a minute", {"Retry-After": str(wait_s)})
        given = password_in(headers.get("Authorization", ""))
        if given is not None and hmac.compare_digest(given, (self.password or "").encode()):
            self._failures.pop(peer, None)
            self._visited(peer, now_s)
            return None
        if given is not None:  # a browser's first request has none: that is no guess
            self._remember(peer, failures, now_s)
            self.told(peer, False)
        return _error(401, "a password is needed", {"WWW-Authenticate": 'Basic realm="chargepoint", charset="UTF-8"'})

    def _visited(self, peer: str, now_s: float) -> None:
        if now_s - self._visits.get(peer, -VISIT_S) >= VISIT_S:
            self.told(peer, True)
        self._visits[peer] = now_s
        self._visits.move_to_end(peer)
        if len(self._visits) > ADDRESSES:
            self._visits.popitem(last=False)

    def _remember(self, peer: str, failures: deque[float], now_s: float) -> None:
        failures.append(now_s)
        self._failures[peer] = failures
        self._failures.move_to_end(peer)
        if len(self._failures) > ADDRESSES:
            self._failures.popitem(last=False)


def password_in(authorization: str) -> bytes | None:
    """The password of HTTP Basic (RFC 7617), whatever the user's name; None where there is none."""
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(text.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _error(status: int, words: str, headers: Mapping[str, str] | None = None) -> Answer:
    plain = told({"error": sentence(words)}, status)
    return Answer(plain.body, status, headers=headers or {})
