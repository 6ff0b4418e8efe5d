"""What the tasks of one connection share: the dialect, and the way to say something in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chargepoint.ocpp import rpc
from chargepoint.ocpp.calls import Calls, Kind
from chargepoint.ocpp.dialect import Dialect
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.services import Payload

log = logging.getLogger(__name__)

NONSENSE = (KeyError, ValueError, TypeError, AttributeError)
"""What reading a foreign answer may raise. A schema does not exclude all of it: an answer may carry fields too many,
and then is taken as it is."""


@dataclass(slots=True, eq=False)
class Line:
    """One connection, as its tasks see it."""

    dialect: Dialect
    schemas: Schemas
    calls: Calls
    accepted: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(
        self,
        action: str,
        payload: Payload,
        kind: Kind,
        *,
        urgent: bool = False,
        when_late: Callable[[Payload], None] | None = None,
    ) -> asyncio.Future[Payload]:
        """Queue a request of ours; the future raises NoAnswer."""
        text = self.written(action, payload)
        return self.calls.put(action, text, kind, urgent=urgent, when_late=when_late)

    def written(self, action: str, payload: Payload) -> str:
        """The payload as text. An invalid one is our bug, told loudly, and sent: the CSMS may well take it, and the
        bill in it would be lost otherwise."""
        payload = rpc.without_empty(payload)
        flaw = self.schemas.check_request(action, payload)
        if flaw is not None:
            log.error("our %s is invalid: %s", action, flaw.sentence)
        return rpc.payload_text(payload)

    def heartbeat(self, kind: Kind, correct: Callable[[datetime], None]) -> asyncio.Future[Payload]:
        """Queue a Heartbeat; `correct` is told the CSMS's time."""
        answer = self.ask(*self.dialect.phrases.heartbeat(), kind)
        answer.add_done_callback(lambda done: self._read_time(done, correct))
        return answer

    def _read_time(self, answer: asyncio.Future[Payload], correct: Callable[[datetime], None]) -> None:
        if answer.cancelled() or answer.exception() is not None:
            return
        try:
            correct(self.dialect.phrases.read_time(answer.result()))
        except NONSENSE as mistake:
            log.info("the back office's time cannot be read: %s", mistake)
