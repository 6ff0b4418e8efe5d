"""When to ask for the station's certificate, and when to ask again (OCPP 2.0.1 A02.FR.17 to .20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

RENEW_WITHIN_DAYS = 30


@dataclass(slots=True)
class Signing:
    """Times are monotonic. `due_s`: when the next request goes out; None: none is wanted."""

    due_s: float | None = None
    waited: int = 0  # how often for the certificate, since it was first asked for

    def begin(self, now_s: float) -> None:
        """Somebody wants one."""
        self.due_s, self.waited = now_s, 0

    def asked(self, now_s: float, minimum_s: float, repeat_times: int) -> None:
        """The back office has taken the request; the certificate is to follow."""
        more = self.waited < repeat_times
        self.due_s = now_s + minimum_s * 2**self.waited if more else None
        self.waited += more

    def unheard(self, now_s: float, minimum_s: float) -> None:
        """There was nobody to ask: that is no try."""
        self.due_s = now_s + minimum_s

    def end(self) -> None:
        """It is there, or will not come: then only somebody's wish brings another try."""
        self.due_s = None

    @property
    def wanted(self) -> bool:
        return self.due_s is not None


def renewal_is_due(begins: datetime, ends: datetime, at: datetime) -> bool:
    """In the last third of its life, and not before its last month."""
    left = ends - at
    return left < (ends - begins) / 3 and left.days < RENEW_WITHIN_DAYS
