"""How much a broker may ask of the station, and how much of its nonsense gets into the log. Pure."""

from __future__ import annotations

from dataclasses import dataclass

BURST, PER_S = 20, 2.0
"""Commands that are taken at once, and after that in a second. An energy manager sends one or two every ten seconds."""

FLOOD, FLOOD_WITHIN_S = 500, 10.0
"""Messages over the pace within so long: a program that runs wild, or an attack."""

TOLD, TOLD_WITHIN_S = 5, 60.0
"""Refusals that the log tells in a minute; the rest are counted."""


@dataclass(slots=True)
class Bucket:
    """A token bucket."""

    left: float = float(BURST)
    filled_s: float = 0.0

    def takes(self, now_s: float) -> bool:
        self.left = min(float(BURST), self.left + (now_s - self.filled_s) * PER_S)
        self.filled_s = now_s
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


@dataclass(slots=True)
class Flood:
    """Messages over the pace: reading and refusing them costs, too."""

    began_s: float = float("-inf")
    refused: int = 0

    def rises(self, now_s: float) -> bool:
        """One more. True: it is time to leave the broker for a while."""
        if now_s - self.began_s >= FLOOD_WITHIN_S:
            self.began_s, self.refused = now_s, 0
        self.refused += 1
        return self.refused >= FLOOD


@dataclass(slots=True)
class Complaints:
    """What the log says of refusals: a few lines a minute, and how many were swallowed."""

    began_s: float = float("-inf")
    told: int = 0
    swallowed: int = 0

    def line(self, words: str, now_s: float) -> str:
        """What to log, "" for nothing."""
        if now_s - self.began_s >= TOLD_WITHIN_S:
            self.began_s, self.told = now_s, 0
        if self.told >= TOLD:
            self.swallowed += 1
            return ""
        self.told += 1
        more, self.swallowed = self.swallowed, 0
        return f"{words} ({more} more were refused before that)" if more else words
