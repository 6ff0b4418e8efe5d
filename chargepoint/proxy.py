"""The HTTP proxy between this station and everything outside: `[network] proxy`.

Back office, firmware and logs go through it by CONNECT (RFC 9110 section 9.3.6): it carries bytes and sees neither
passwords nor messages where the way itself is encrypted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from chargepoint.config import NetworkConfig


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it is, and who we are there."""

    url: str  # http://host:port
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """With its port, where the URL has one."""
        return urlsplit(self.url).netloc

    @property
    def with_credentials(self) -> str:
        """As libraries want it. Not to be logged."""
        if not self.username:
            return self.url
        return f"http://{quote(self.username, safe='')}:{quote(self.password, safe='')}@{self.host}"


FindProxy = Callable[[], Proxy | None]
"""Asked for at each attempt: its password may have been changed."""


def no_proxy() -> None:
    """Where nothing stands between."""


def proxy_of(network: NetworkConfig) -> Proxy | None:
    """Raises OSError where the password cannot be read."""
    if not network.proxy:
        return None
    return Proxy(network.proxy.rstrip("/"), network.proxy_username, _password(network.proxy_password_file))


def _password(path: Path | None) -> str:
    return "" if path is None else path.read_text().strip("\r\n")
