"""What all EVSEs of a station share: its settings, whether the back office can be reached, and where facts go."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from chargepoint.core.facts import Fact, Moment
from chargepoint.core.settings import Settings
from chargepoint.core.tariffs import Offers
from chargepoint.core.wishes import Wish


def _uuid() -> str:
    return str(uuid4())


@dataclass(slots=True)
class Circumstances:
    """Shared by reference: what one EVSE learns, all know."""

    settings: Settings
    online: bool = False  # the CSMS has accepted us and the link is up
    unaccepted: bool = False  # there is a CSMS, and it has not accepted us since the start
    clock_trusted: bool = True
    journal_fault: str = ""  # why nothing can be recorded; "" = the journal works
    mains_lost: bool = False  # what runs still runs on a battery
    prices: Offers = field(default_factory=Offers)  # named before their driver has begun
    new_id: Callable[[], str] = _uuid
    outgoing: deque[tuple[Fact | Wish, Moment | None]] = field(default_factory=deque)

    def emit(self, item: Fact | Wish, at: Moment | None = None) -> None:
        """Hand out a fact or a wish; `at` where it did not happen right now."""
        self.outgoing.append((item, at))
