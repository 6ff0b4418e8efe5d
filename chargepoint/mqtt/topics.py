"""The names at the broker. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

ONLINE, OFFLINE = "online", "offline"
"""What stands at `availability`; the broker itself writes the second when the station falls silent."""

_ODD = re.compile(r"[^A-Za-z0-9_-]+")


def plain(name: str) -> str:
    """A name as one level of a topic, and as Home Assistant takes it for an id: letters, digits, - and _."""
    return _ODD.sub("-", name).strip("-") or "station"


@dataclass(frozen=True, slots=True)
class Topics:
    """`base`/`identity`/... of one station."""

    base: str
    identity: str
    discovery_prefix: str = ""  # "" = nothing is said to Home Assistant

    @property
    def root(self) -> str:
        return f"{self.base}/{self.identity}"

    @property
    def availability(self) -> str:
        return f"{self.root}/availability"

    @property
    def station(self) -> str:
        return f"{self.root}/station"

    def evse(self, number: int) -> str:
        return f"{self.root}/evse/{number}"

    def command(self, number: int, name: str) -> str:
        return f"{self.evse(number)}/{name}"

    @property
    def commands(self) -> list[str]:
        """What to subscribe to, to hear every command: their topics are one or two levels below an EVSE."""
        return [f"{self.root}/evse/+/+", f"{self.root}/evse/+/+/set"]

    @property
    def discovery(self) -> str:
        """One message describes the whole device (Home Assistant 2024.11 and later)."""
        return f"{self.discovery_prefix}/device/chargepoint_{plain(self.identity)}/config"

    @property
    def birth(self) -> str:
        """Here Home Assistant says that it has come."""
        return f"{self.discovery_prefix}/status"
