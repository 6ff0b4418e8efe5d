"""Where the back office is, and how both sides prove who they are: asked for anew at each attempt to connect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from chargepoint.ocpp.transport import LinkRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What one attempt uses. Raises ValueError where the parts contradict each other."""

    url: str  # the station connects to url/identity
    identity: str
    security_profile: int = 2  # 0: nothing, 1: password, 2: TLS and password, 3: TLS and client certificate
    password: bytes = field(default=b"", repr=False)
    ca_file: Path | None = None
    roots: tuple[str, ...] = ()  # PEM; with neither these nor `ca_file` the system's count
    system_roots: bool = False  # they count as well
    certificate_file: Path | None = None  # the station's, with what leads to its root (PEM)
    key_file: Path | None = None

    def __post_init__(self) -> None:
        scheme = urlsplit(self.url).scheme
        wanted = "wss" if self.security_profile >= 2 else "ws"
        if scheme != wanted:
            raise ValueError(f"security profile {self.security_profile} needs a {wanted}:// URL, not {self.url}")
        if ":" in self.identity:
            raise ValueError("the identity must not contain a colon (RFC 7617)")

    @property
    def target(self) -> str:
        return f"{self.url.rstrip('/')}/{quote(self.identity, safe='')}"

    @property
    def secure(self) -> bool:
        return self.security_profile >= 2

    @property
    def host(self) -> str:
        """With its port, where the URL has one."""
        return urlsplit(self.url).netloc


class Access(Protocol):
    """Knows what the next attempt uses, and hears how each one went."""

    def endpoint(self) -> Endpoint:
        """Raises LinkRefused where something is missing that it needs."""
        ...

    def connected(self, endpoint: Endpoint, chain: Sequence[str], /) -> None:
        """It has worked. `chain`: the server's certificates from its own to the trusted one, as verified (PEM)."""
        ...

    def refused(self, endpoint: Endpoint, refusal: LinkRefused, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Unchanging:
    """The same for every attempt."""

    always: Endpoint

    def endpoint(self) -> Endpoint:
        return self.always

    def connected(self, endpoint: Endpoint, chain: Sequence[str], /) -> None: ...
    def refused(self, endpoint: Endpoint, refusal: LinkRefused, /) -> None: ...
