"""Who is at the outlet: has a car come, has it gone, and what kind of car is it? Pure."""

from __future__ import annotations

from math import inf

SIMPLIFIED_A = 10.0  # the most a car without S2 may be offered (IEC 61851-1 annex A, simplified pilot)


class Visit:
    """From the plug that goes in to the car that has gone."""

    def __init__(self) -> None:
        self.connected = False  # an EV answers, and the plug is fully in
        self.simplified = False  # it asked before anything was offered: it has no S2
        self.served = False  # it has been offered current
        self.turned_s = -inf  # when a car last came or left: what was permitted until then is not for who is there now
        self._empty = False  # the outlet was seen empty, so that a car that comes is seen from its first moment

    def see(self, letter: str, plugged: bool | None) -> str:
        """A debounced letter of the pilot, and whether a plug is in; None: a captive cable.

        Returns "came" or "left" in the step in which it is so, else "".
        """
        if letter == "A" or (plugged is False and letter in "EF"):
            return self._left()
        if letter in "BCD":
            return self._seen(letter, plugged is not False)
        return ""

    def _left(self) -> str:
        left, self.connected = self.connected, False
        self.simplified = self.served = False
        self._empty = True
        return "left" if left else ""

    def _seen(self, letter: str, connected: bool) -> str:
        if letter == "B":
            self.simplified = False
        elif self._empty:
            self.simplified = True
        self._empty = False
        came = connected and not self.connected
        self.connected = connected
        return "came" if came else ""
