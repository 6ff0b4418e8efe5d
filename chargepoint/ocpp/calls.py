"""Our requests on one connection: one unanswered at a time, in order, urgent ones first.

Time-outs fail the call, not the link; only silence to several calls in a row counts as a dead link. An answer that
comes after its time-out still reaches whoever can use it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from chargepoint.ocpp import rpc
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.services import NoAnswer, Payload, Refused
from chargepoint.ocpp.transport import LinkLost

SILENCE_LIMIT = 3
"""Calls in a row without an answer after which the link counts as dead (Part 2 section 3.2 advises to drop it)."""

MOST_WAITING = 500
"""Calls that may wait for their turn; a CSMS that triggers messages and answers none must not fill the memory."""

MOST_LATE = 32
"""Timed-out calls whose answer is still expected."""


class Kind(Enum):
    """What must hold for a call to go out (timing notes, section 1)."""

    BOOT = auto()  # always
    ASKED = auto()  # Accepted, or Pending and the dialect allows it
    OWN = auto()  # Accepted


class TimedOut(NoAnswer):
    """The CSMS did not answer within MessageTimeout. The answer may still come."""


class Unintelligible(NoAnswer):
    """The CSMS answered, but not what its own schema says."""


@dataclass(slots=True, eq=False)
class Saying:
    """One request of ours on its way."""

    action: str
    text: str  # the payload as JSON
    kind: Kind
    message_id: str
    answer: asyncio.Future[Payload]  # for whoever asked; may be cancelled at any time
    reply: asyncio.Future[None]  # for the queue: the CSMS has said something
    when_late: Callable[[Payload], None] | None = None


@dataclass(slots=True, eq=False)
class Calls:
    """The queue of our requests, and the one that is out."""

    write: Callable[[str], None]
    may_say: Callable[[Saying], bool]
    timeout_s: Callable[[], float]
    schemas: Schemas
    new_id: Callable[[], str] = rpc.new_id
    answered_any: bool = False
    _urgent: deque[Saying] = field(default_factory=deque)
    _waiting: deque[Saying] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _open: Saying | None = None
    _late: OrderedDict[str, Saying] = field(default_factory=OrderedDict)
    _silence: int = 0
    _resting: bool = False
    _rested: asyncio.Event = field(default_factory=asyncio.Event)

    def put(
        self,
        action: str,
        text: str,
        kind: Kind,
        *,
        urgent: bool = False,
        message_id: str | None = None,
        when_late: Callable[[Payload], None] | None = None,
    ) -> asyncio.Future[Payload]:
        """Queue a request. The future raises NoAnswer; nobody has to look at it."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Payload] = loop.create_future()
        answer.add_done_callback(_seen)
        saying = Saying(action, text, kind, message_id or self.new_id(), answer, loop.create_future(), when_late)
        if len(self._waiting) >= MOST_WAITING and not urgent:
            answer.set_exception(NoAnswer(f"{MOST_WAITING} requests are waiting already"))
            return answer
        (self._urgent if urgent else self._waiting).append(saying)
        self._more.set()
        return answer

    async def run(self) -> None:
        """Say what is queued, for ever. Raises LinkLost when the CSMS has fallen silent."""
        while True:
            saying = await self._next()
            if saying.answer.done():  # whoever asked has given up
                continue
            if not self.may_say(saying):
                saying.answer.set_exception(NoAnswer("the back office has not accepted this station"))
                continue
            await self._exchange(saying)

    async def rest(self) -> None:
        """Say nothing more; returns once what was said has been answered, or given up."""
        self._resting = True
        self._more.set()
        await self._rested.wait()

    def answered(self, message: rpc.Result | rpc.Error) -> bool:
        """Take an answer. False: it belongs to nothing that this connection still waits for."""
        saying = self._open
        if saying is None or saying.message_id != message.id or saying.reply.done():
            return self._answered_late(message)
        self._silence, self.answered_any = 0, True
        if not saying.answer.done():
            self._settle(saying, message)
        saying.reply.set_result(None)  # last: who asked acts on it (Pending: be silent) before the next one is said
        return True

    def end(self, why: str) -> None:
        """The connection is gone: nothing that waits will be answered on it."""
        waiting = [*self._urgent, *self._waiting]
        for saying in [self._open, *waiting] if self._open else waiting:
            if not saying.answer.done():
                saying.answer.set_exception(NoAnswer(why))

    async def _next(self) -> Saying:
        while self._resting or not (self._urgent or self._waiting):
            if self._resting:
                self._rested.set()
            self._more.clear()
            await self._more.wait()
        return (self._urgent or self._waiting).popleft()

    async def _exchange(self, saying: Saying) -> None:
        self._open = saying
        timeout_s = self.timeout_s()
        self.write(rpc.call_text(saying.message_id, saying.action, saying.text))
        try:
            async with asyncio.timeout(timeout_s):
                await saying.reply
        except TimeoutError:
            self._give_up(saying, timeout_s)
        self._open = None
        if self._silence >= SILENCE_LIMIT:
            raise LinkLost(f"{SILENCE_LIMIT} requests in a row were not answered")

    def _give_up(self, saying: Saying, timeout_s: float) -> None:
        self._silence += 1
        if not saying.answer.done():
            saying.answer.set_exception(TimedOut(f"no answer to {saying.action} within {timeout_s:.0f} s"))
        if saying.when_late is not None:
            self._late[saying.message_id] = saying
            while len(self._late) > MOST_LATE:
                self._late.popitem(last=False)

    def _answered_late(self, message: rpc.Result | rpc.Error) -> bool:
        saying = self._late.pop(message.id, None)
        if saying is None or saying.when_late is None:
            return False
        self._silence, self.answered_any = 0, True
        if isinstance(message, rpc.Result) and not self.schemas.check_their_response(saying.action, message.payload):
            saying.when_late(message.payload)
        return True

    def _settle(self, saying: Saying, message: rpc.Result | rpc.Error) -> None:
        if isinstance(message, rpc.Error):
            saying.answer.set_exception(Refused(message.code, message.description))
        elif flaw := self.schemas.check_their_response(saying.action, message.payload):
            saying.answer.set_exception(Unintelligible(f"the answer to {saying.action}: {flaw.sentence}"))
        else:
            saying.answer.set_result(message.payload)


def _seen(answer: asyncio.Future[Payload]) -> None:
    """An exception that nobody asked for is no news for asyncio's log."""
    if not answer.cancelled():
        answer.exception()
