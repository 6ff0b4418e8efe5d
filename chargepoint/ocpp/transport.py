"""What the conversation needs of a connection; `link.py` fulfils it with WebSocket, tests do in memory.

LinkLost        the connection is gone
LinkRefused     no connection came about
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class LinkLost(Exception):
    """The connection has ended, for whatever reason; the sentence says which."""


class LinkRefused(Exception):
    """No connection: what happened and what to look at, as one sentence for the installer."""

    def __init__(self, sentence: str, *, status: int | None = None, event: str = "", ours: bool = False) -> None:
        super().__init__(sentence)
        self.status = status  # of the HTTP answer, where there was one
        self.event = event  # what security calls it (OCPP 2.x security events); "": no business of theirs
        self.ours = ours  # what this station has shown, or was to show, may be the reason


class Transport(Protocol):
    """One connection. `send` and `receive` raise LinkLost from the moment it is gone."""

    @property
    def subprotocol(self) -> str: ...
    async def send(self, text: str) -> None: ...
    async def receive(self) -> str | bytes: ...
    async def close(self, code: int = 1000, reason: str = "") -> None: ...
    def abort(self) -> None:
        """Drop the connection at once, without a close frame."""
        ...


class Connector(Protocol):
    async def connect(self, subprotocols: Sequence[str]) -> Transport:
        """Connect and agree on one of `subprotocols`, the preferred one first. Raises LinkRefused."""
        ...
