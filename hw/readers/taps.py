"""When a card that is read again and again is a new tap. Pure.

A reader sees a card that lies on it several times a second. It is told once: when it comes, and again only when it has
been away and some seconds have passed, since people who see nothing happen hold the same card there once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GONE_S = 1.0
"""Unread for so long, a card has been taken away: single readings fail while it moves."""

SAME_TAP_S = 3.0
"""The same card again within this time of its tap means the same tap."""


@dataclass(slots=True)
class Sight:
    """One card at the reader: when its tap began, and when it was last read."""

    tapped_s: float
    read_s: float


@dataclass(slots=True)
class Taps:
    """Tells new taps from a card that is still there; several cards may lie there at once."""

    _sights: dict[bytes, Sight] = field(default_factory=dict)

    def is_new(self, card: bytes, now_s: float) -> bool:
        """Call it at every reading."""
        self._forget(now_s)
        sight = self._sights.get(card)
        if sight is not None:
            sight.read_s = now_s
            return False
        self._sights[card] = Sight(now_s, now_s)
        return True

    def _forget(self, now_s: float) -> None:
        self._sights = {
            card: sight
            for card, sight in self._sights.items()
            if now_s - sight.read_s < GONE_S or now_s - sight.tapped_s < SAME_TAP_S
        }
