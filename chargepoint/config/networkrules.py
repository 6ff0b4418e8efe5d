"""What must fit together in the [network] table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hw.discovery import Mistake

if TYPE_CHECKING:
    from chargepoint.config.rules import Draft

EXAMPLE = 'Write proxy = "http://proxy.example.com:3128".'


def proxy(draft: Draft) -> Iterator[Mistake]:
    network = draft.network
    if network.proxy:
        yield from _address(network.proxy)
    elif network.proxy_username:
        yield Mistake("network", "proxy_username is of no use without proxy", EXAMPLE, "proxy_username")
    if network.proxy_password_file and not network.proxy_username:
        fix = "Add proxy_username."
        yield Mistake("network", "proxy_password_file is of no use without proxy_username", fix, "proxy_password_file")
    elif network.proxy and network.proxy_username and not network.proxy_password_file:
        fix = "Add proxy_password_file, a file that holds that user's password and nothing else."
        yield Mistake("network", "proxy_username is of no use without proxy_password_file", fix, "proxy_username")
    elif network.proxy_password_file:
        yield from _letters(network.proxy_username, network.proxy_password_file)


def _letters(username: str, path: Path) -> Iterator[Mistake]:
    """RFC 7617 leaves open how others are written, and proxies differ."""
    try:
        content = path.read_bytes()
    except OSError:
        return  # named already
    if not (username.isascii() and content.isascii()) or ":" in username:
        what = "proxy_username and its password must be of ASCII letters, the user without a colon"
        yield Mistake("network", what, "Have another one given to the station.", "proxy_username")


def _address(url: str) -> Iterator[Mistake]:
    what = f'proxy = "{url}"'
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError for a port that is no number
    except ValueError:
        yield Mistake("network", f"{what} is not an address", EXAMPLE, "proxy")
        return
    if parts.username or parts.password:
        fix = "Take them out of it: proxy_username and proxy_password_file hold them."
        yield Mistake("network", "proxy holds a user or a password", fix, "proxy")
    elif parts.scheme != "http" or not parts.hostname or url.split() != [url]:
        fix = f"{EXAMPLE} Messages are encrypted from here to the back office, whatever leads to the proxy."
        yield Mistake("network", f"{what} is not the address of an HTTP proxy", fix, "proxy")
    elif parts.path.strip("/") or parts.query or parts.fragment:
        yield Mistake("network", f"{what} holds more than host and port", EXAMPLE, "proxy")
