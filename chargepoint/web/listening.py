"""The socket that the API listens on: opened before anything answers on it, so that nobody is turned away at start."""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hw.errors import Fixable

if TYPE_CHECKING:
    from chargepoint.security.pagepassword import PagePassword

BACKLOG = 64
"""Connections the kernel keeps for us until they are accepted."""


@dataclass(frozen=True, slots=True)
class Door:
    """An open listening socket. `address`: "http://127.0.0.1:8080", or "unix:/path" (HTTP over that socket)."""

    socket: socket.socket
    address: str
    keys: PagePassword | None = None  # None: only this machine can ask

    @property
    def is_local_file(self) -> bool:
        return self.address.startswith("unix:")

    def close(self) -> None:
        self.socket.close()
        if self.is_local_file:
            with suppress(FileNotFoundError):
                os.unlink(self.address.removeprefix("unix:"))


def open_port(listen: str, password_file: Path | None = None, state: Path | None = None) -> Door:
    """Listen on "host:port"; port 0 takes any. `state`: where a password that the page has set is kept.

    Raises:
        Fixable: no such address, the port is taken, or the password's file cannot be used.
    """
    host, port = _split(listen)
    keys = None if _is_loopback(host) else _keys(password_file, state, listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        raise Fixable(
            f"cannot listen on {listen} ({error.strerror})",
            where="[web] listen",
            fix="Choose another port, stop the program that uses this one, or take port 0 for any free one.",
        ) from None
    door.setblocking(False)
    shown = f"[{host}]" if ":" in host else host
    return Door(door, f"http://{shown}:{door.getsockname()[1]}", keys)


def open_file(path: Path) -> Door:
    """Listen on a Unix socket that the daemon's own user and group may use.

    Raises:
        Fixable: the socket cannot be made there.
    """
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)  # of a daemon that was killed: the state directory is ours alone
        door.bind(str(path))
        path.chmod(0o660)
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        raise Fixable(
            f"cannot listen on {path} ({error.strerror or error})",
            where="--state",
            fix="Choose a state directory with a short path that this user may write to.",
        ) from None
    door.setblocking(False)
    return Door(door, f"unix:{path}")


def _split(listen: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None:
        raise Fixable(
            f'"{listen}" is not an address and a port', where="[web] listen", fix='Write it like "127.0.0.1:8080".'
        )
    return host, port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _keys(password_file: Path | None, state: Path | None, listen: str) -> PagePassword:
    from chargepoint.security.pagepassword import page_password  # only a page that others can reach needs one

    return page_password(password_file, state, listen)
