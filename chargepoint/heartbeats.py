"""Which of the program's long-lived loops go on: each says so at every turn, and what has been silent is named.

A loop with a period reports each turn. One that waits for work reports when it takes some, and that it rests when it
is done. A thread reports by doing a piece of work that does nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


class Task(Protocol):
    """The part of asyncio.Task that is looked at."""

    def done(self) -> bool: ...


@dataclass(slots=True)
class Heart:
    """One loop's. Made without a registry, nobody listens."""

    name: str = ""
    within_s: float = 0.0
    clock: Callable[[], float] | None = None
    heard_s: float | None = None  # None: it rests, and nothing is expected

    def beat(self) -> None:
        """It goes on. May be called in any thread."""
        if self.clock is not None:
            self.heard_s = self.clock()

    def rest(self) -> None:
        """It waits for work, for as long as there is none."""
        self.heard_s = None


@dataclass(slots=True)
class Heartbeats:
    """`clock`: seconds that never jump."""

    clock: Callable[[], float]
    _hearts: list[Heart] = field(default_factory=list)
    _tasks: list[tuple[str, Task]] = field(default_factory=list)
    _probes: list[tuple[Heart, Callable[[Callable[[], None]], object]]] = field(default_factory=list)
    _watches: list[tuple[str, float, Callable[[], float]]] = field(default_factory=list)

    def expect(self, name: str, within_s: float, *, resting: bool = False) -> Heart:
        """The loop of that name reports at least every `within_s` from now on."""
        heart = Heart(name, within_s, self.clock, None if resting else self.clock())
        self._hearts.append(heart)
        return heart

    def expect_task(self, name: str, task: Task) -> None:
        """That task never ends."""
        self._tasks.append((name, task))

    def probe(self, name: str, within_s: float, give: Callable[[Callable[[], None]], object]) -> None:
        """`give` has a piece of work done by a thread; each `look` gives the next one, once the last is done."""
        self._probes.append((self.expect(name, within_s, resting=True), give))

    def watch(self, name: str, within_s: float, last: Callable[[], float]) -> None:
        """`last` says when that loop last did something."""
        self._watches.append((name, within_s, last))

    def look(self) -> list[str]:
        """What has been silent for too long, in words; empty where all goes on."""
        now_s = self.clock()
        silent = [
            (heart.name, now_s - heart.heard_s, heart.within_s) for heart in self._hearts if heart.heard_s is not None
        ]
        silent += [(name, now_s - last(), within_s) for name, within_s, last in self._watches]
        for heart, give in self._probes:
            if heart.heard_s is None:
                heart.beat()
                give(heart.rest)
        late = [
            f"{name} has been silent for {silent_s:.0f} s" for name, silent_s, most_s in silent if silent_s > most_s
        ]
        return late + [f"{name} has ended" for name, task in self._tasks if task.done()]
