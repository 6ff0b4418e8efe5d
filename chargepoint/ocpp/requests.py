"""Requests of the CSMS: checked, handled one task each, answered. Whatever happens, the link lives."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from chargepoint.core.security import Event
from chargepoint.ocpp import rpc
from chargepoint.ocpp.dialect import Dialect, Handler
from chargepoint.ocpp.rpc import Call, Reason
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.services import Registration, Services

log = logging.getLogger(__name__)

MOST_AT_ONCE = 16
"""Requests in progress. The standard allows one; a CSMS that gave up waiting for a slow one may have a few."""

REMEMBERED = 100
"""Ids of requests, to know a second one (OCPP-J 4.1.4: unique on a connection)."""

AGAINST_THE_SCHEMA = frozenset({Reason.MISSING, Reason.EXTRA, Reason.WRONG_TYPE, Reason.WRONG_VALUE})
"""Nothing that the station merely does not know or cannot do now."""

ANSWERED_WHILE = frozenset({Registration.ACCEPTED, Registration.PENDING})
"""Otherwise requests get SecurityError (2.0.1 B03.FR.08; 1.6 is silent about it)."""


@dataclass(slots=True, eq=False)
class Requests:
    """The CSMS's requests on one connection, each a task, bounded."""

    write: Callable[[str], None]
    services: Services
    dialect: Dialect
    schemas: Schemas
    tasks: asyncio.TaskGroup
    _in_progress: set[str] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)  # ids of late

    def receive(self, call: Call) -> None:
        """Answer at once what cannot be done; hand the rest to its handler."""
        refusal = self._refusal(call)
        self._remember(call)
        if refusal is not None:
            self._refused(call, *refusal)
            return
        self._in_progress.add(call.id)
        self.tasks.create_task(self._handle(call, self.dialect.requests[call.action]), name=f"answer {call.action}")

    async def answered(self) -> None:
        """Wait until nothing is in progress."""
        while self._in_progress:
            self._idle.clear()
            await self._idle.wait()

    def _remember(self, call: Call) -> None:
        if call.id in self._seen and not self.dialect.framing.retry_repeats_id:
            self.services.notice(Event.ATTEMPTED_REPLAY_ATTACKS, f"{call.action} with an id that was used before")
        self._seen[call.id] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def _refused(self, call: Call, reason: Reason, why: str) -> None:
        if reason in AGAINST_THE_SCHEMA:
            self.services.notice(Event.INVALID_MESSAGES, f"{call.action}: {why}")
        self.refuse(call.id, reason, why)

    def refuse(self, message_id: str, reason: Reason, why: str) -> None:
        self.write(rpc.error_text(message_id, self.dialect.errors[reason], why, self.dialect.framing))

    def _refusal(self, call: Call) -> tuple[Reason, str] | None:
        if self.services.registration not in ANSWERED_WHILE:
            return Reason.SECURITY, "the station has not been accepted"
        if call.id in self._in_progress:
            return Reason.DUPLICATE, "a request with this id is in progress"
        if call.action not in self.dialect.requests:
            known = call.action in self.dialect.known_actions
            return (Reason.NOT_SUPPORTED if known else Reason.UNKNOWN_ACTION), ""
        if flaw := self.schemas.check_request(call.action, call.payload):
            return flaw.reason, flaw.sentence
        if len(self._in_progress) >= MOST_AT_ONCE:
            return Reason.GENERIC, f"{MOST_AT_ONCE} requests are in progress"
        return None

    async def _handle(self, call: Call, handler: Handler) -> None:
        try:
            answer = rpc.without_empty(await handler(self.services, call.payload))
            text = rpc.payload_text(answer)
            flaw = self.schemas.check_response(call.action, answer)
        except Exception:  # a bug in one handler costs one answer, not the link that bills are sent over
            log.exception("the handler of %s failed", call.action)
            self.refuse(call.id, Reason.INTERNAL, "")
        else:
            if flaw is None:
                self.write(rpc.result_text(call.id, text))
            else:
                log.error("our answer to %s is invalid: %s", call.action, flaw.sentence)
                self.refuse(call.id, Reason.INTERNAL, "")
        finally:
            self._in_progress.discard(call.id)
            self._idle.set()
