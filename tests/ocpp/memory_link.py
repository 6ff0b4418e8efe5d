"""A link in memory, for virtual time: can be cut without a close frame, half-open, and refuse connections."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chargepoint.ocpp.endpoint import Access, Endpoint
from chargepoint.ocpp.transport import LinkLost, LinkRefused


class _End:
    """One end of a pair. What was sent before a loss still arrives."""

    def __init__(self, subprotocol: str) -> None:
        self.subprotocol = subprotocol
        self.other: _End = self
        self.swallows = False  # half-open: what is sent vanishes
        self.lost = ""
        self.closed_with: tuple[int, str] | None = None
        self._incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()

    async def send(self, text: str | bytes) -> None:
        if self.lost:
            raise LinkLost(self.lost)
        if not self.swallows:
            self.other._incoming.put_nowait(text)

    async def receive(self) -> str | bytes:
        frame = None if self.lost and self._incoming.empty() else await self._incoming.get()
        if frame is None:
            raise LinkLost(self.lost)
        return frame

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if not self.lost:
            self.closed_with = (code, reason)
            self._lose(f"closed with {code} {reason}".strip())

    def abort(self) -> None:
        self._lose("the connection was cut")

    def _lose(self, why: str) -> None:
        for end in (self, self.other):
            if not end.lost:
                end.lost = why
                end._incoming.put_nowait(None)


class Peer(_End):
    """The CSMS's end."""

    offered: tuple[str, ...] = ()


@dataclass
class MemoryLink:
    """A Connector; the CSMS's side waits in `accept`."""

    accepts: tuple[str, ...] = ("ocpp2.0.1", "ocpp1.6")  # the CSMS picks by its own order
    up: bool = True
    refusal: LinkRefused | None = None
    attempts: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)  # time of the loop, what was offered
    access: Access | None = None  # what a real link begins with; None: nobody asks for it
    admits: Callable[[Endpoint], LinkRefused | None] = lambda endpoint: None  # why one that shows this is refused
    chain: tuple[str, ...] = ()  # the server's certificates, as verified (PEM)
    shown: list[Endpoint] = field(default_factory=list)  # at each attempt
    peer: Peer | None = None
    _arrivals: asyncio.Queue[Peer] = field(default_factory=asyncio.Queue)

    # --- the station's side -------------------------------------------------------------------------------------------

    async def connect(self, subprotocols: Sequence[str]) -> _End:
        if self.access is None:
            return await self._connect(subprotocols)
        endpoint = self.access.endpoint()
        self.shown.append(endpoint)
        try:
            end = await self._connect(subprotocols, self.admits(endpoint))
        except LinkRefused as refusal:
            self.access.refused(endpoint, refusal)
            raise
        self.access.connected(endpoint, self.chain)
        return end

    async def _connect(self, subprotocols: Sequence[str], objection: LinkRefused | None = None) -> _End:
        self.attempts.append((asyncio.get_running_loop().time(), tuple(subprotocols)))
        await asyncio.sleep(0)
        if not self.up:
            raise LinkRefused("the network is unreachable")
        if self.refusal is not None or objection is not None:
            raise self.refusal or objection or AssertionError
        picked = next((name for name in self.accepts if name in subprotocols), None)
        if picked is None:
            raise LinkRefused("the back office picked none of the offered versions", status=400)
        station, self.peer = _End(picked), Peer(picked)
        station.other, self.peer.other = self.peer, station
        self.peer.offered = tuple(subprotocols)
        self._arrivals.put_nowait(self.peer)
        return station

    # --- the test's side ----------------------------------------------------------------------------------------------

    async def accept(self) -> Peer:
        return await self._arrivals.get()

    def refuse(self, status: int | None = None, sentence: str = "refused", event: str = "") -> None:
        """The server is there, and no link comes about."""
        self.refusal = LinkRefused(sentence, status=status, event=event, ours=True)

    def cut(self) -> None:
        """No network from now on, and no close frame."""
        self.up = False
        if self.peer is not None:
            self.peer.abort()

    def restore(self) -> None:
        self.up, self.refusal = True, None

    def drop(self) -> None:
        """The connection goes, the network stays."""
        if self.peer is not None:
            self.peer.abort()

    def go_half_open(self, noticed_after_s: float | None = None) -> None:
        """Both directions are swallowed; `noticed_after_s` is what the real link's pings would take."""
        if self.peer is not None:
            self.peer.swallows = self.peer.other.swallows = True
            if noticed_after_s is not None:
                asyncio.get_running_loop().call_later(noticed_after_s, self.peer.abort)
