"""Which faults stand at an EVSE. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hw.api import Fault
from hw.guard.faults import FAULTS, UNNAMED

WORDS_AT_MOST = 200  # of controllers, in a report
_RANK = {"high": 0, "medium": 1, "warning": 2}


class Book:
    """Which faults stand, since when, and for how long nothing may start after the last of them."""

    def __init__(self, latched: Iterable[str], now_s: float) -> None:
        self._since_s: dict[str, float] = {name: now_s for name in latched if name in FAULTS}
        self._latched: set[str] = set(self._since_s)
        self._found: set[str] = set()  # whose cause the guard sees right now
        self._reported: tuple[str, ...] = ()  # whose cause a controller sees
        self._unnamed: tuple[str, ...] = ()  # of them, whatever has no name here, by the controller's own
        self._leaving: set[str] = set()  # the car is gone: these end together with their cause
        self.quiet_until_s = now_s
        self.news: tuple[str, ...] = ()  # raised by the latest step
        self.faults: tuple[Fault, ...] = ()
        self.severity = ""  # of the worst
        self._rebuild()

    @property
    def latched(self) -> frozenset[str]:
        return frozenset(self._latched)

    def stands(self, name: str) -> bool:
        return name in self._since_s

    def begin_step(self) -> None:
        self.news = ()

    def note(self, name: str, present: bool, now_s: float, *, latch: bool = False) -> None:
        """The guard finds the cause of a fault, or does not."""
        if present:
            self._found.add(name)
            self._raise(name, latch or FAULTS[name].latched, now_s)
        elif name in self._found:
            self._found.discard(name)
            self._cause_gone(name, now_s)

    def hear(self, reported: Sequence[str], now_s: float) -> None:
        """Controllers find the causes of these, and of no others."""
        if not reported and not self._reported:
            return
        before, self._reported = self._reported, tuple(name if name in FAULTS else UNNAMED for name in reported)
        self._name(tuple(name for name in reported if name not in FAULTS))
        for name in self._reported:
            self._raise(name, FAULTS[name].latched, now_s)
        for name in before:
            self._cause_gone(name, now_s)

    def _name(self, unnamed: tuple[str, ...]) -> None:
        """What the controllers call those faults that have no name here."""
        if unnamed != self._unnamed:
            self._unnamed = unnamed
            self._rebuild()

    def clear(self, name: str, now_s: float) -> str:
        """Somebody on site has dealt with it; "" or why it stands."""
        if name not in self._since_s:
            return "this fault does not stand"
        if self._present(name):
            return f"its cause is still there. {FAULTS[name].remedy}"
        self._end(name, now_s)
        return ""

    def plugged(self) -> None:
        """A car has come: from now on a fault may be its doing."""
        self._leaving.clear()

    def unplugged(self, now_s: float) -> None:
        """The car is gone, and with it what was its doing."""
        self._leaving = {name for name in self._since_s if FAULTS[name].unplugging_clears}
        for name in [name for name in self._leaving if not self._present(name)]:
            self._end(name, now_s)
        self.quiet_until_s = now_s

    def _present(self, name: str) -> bool:
        return name in self._found or name in self._reported

    def _cause_gone(self, name: str, now_s: float) -> None:
        stays = FAULTS[name].sticky or name in self._latched
        if name in self._since_s and not self._present(name) and (not stays or name in self._leaving):
            self._end(name, now_s)

    def _raise(self, name: str, latch: bool, now_s: float) -> None:
        if name in self._since_s and (name in self._latched or not latch):
            return
        self._since_s.setdefault(name, now_s)
        if latch:
            self._latched.add(name)
        self.news += (name,)
        self._rebuild()

    def _end(self, name: str, now_s: float) -> None:
        del self._since_s[name]
        self._latched.discard(name)
        self.quiet_until_s = max(self.quiet_until_s, now_s + FAULTS[name].wait_s)
        self._rebuild()

    def _rebuild(self) -> None:
        names = sorted(self._since_s, key=lambda name: (_RANK[FAULTS[name].severity], self._since_s[name]))
        self.faults = tuple(self._fault(name) for name in names)
        self.severity = self.faults[0].severity if self.faults else ""

    def _fault(self, name: str) -> Fault:
        kind = FAULTS[name]
        remedy = f"{kind.remedy} {self._own_words()}" if name == UNNAMED and self._unnamed else kind.remedy
        return Fault(name, kind.severity, name in self._latched, remedy, self._since_s[name])

    def _own_words(self) -> str:
        return f"It says: {', '.join(dict.fromkeys(self._unnamed))}"[:WORDS_AT_MOST] + "."
