"""Delivers the journal: what the back office must hear, in the order in which it happened, until it has answered.

A fact is put into words when it is first sent; from then on its bytes are stored, and a retry repeats them. Nothing is
dropped in silence: what the standard tells us to give up goes to the dead letters, with all that depends on it.
Security events are never given up; once one was not taken, they stand behind everything else.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import random
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from chargepoint.core.catalogue import TRANSACTION_MESSAGE_ATTEMPTS, TRANSACTION_MESSAGE_RETRY_INTERVAL
from chargepoint.core.facts import Fact, Moment, Owed, Record, SecurityEvent
from chargepoint.errors import JournalError
from chargepoint.ocpp import rpc
from chargepoint.ocpp.calls import Kind, TimedOut, Unintelligible
from chargepoint.ocpp.dialect import NotYet
from chargepoint.ocpp.instants import shifted
from chargepoint.ocpp.line import NONSENSE, Line
from chargepoint.ocpp.services import NoAnswer, Payload, Refused, Services

log = logging.getLogger(__name__)

BATCH = 100  # facts read from the journal at a time: the queue may be long, the memory is not
BACKLOG = 20  # facts from which on a queue counts as an outage's
JITTER_S = 1.0  # so that not every station behind one broken router starts to drain at the same instant
PAUSE_S = 1.0  # before a message that could not even be queued is tried again
DISK_PAUSE_S = 10.0  # before a journal that does not record is tried again
LOSSES = 3  # links lost over one message, in a row, that count as one refusal of it
REMEMBERED = 1000  # settled facts, to know a second answer from a first

PATIENT = (SecurityEvent,)
"""Facts that nothing waits for, and that stay owed however often they are refused (2.0.1 A04.FR.02: delivery is
guaranteed). One that was not taken lets others pass until its own time comes: a back office that has never heard of
the security extension must not hold up bills."""

LEAST_PATIENCE_S, MOST_PATIENCE_S = 60.0, 3600.0  # before such a fact is tried again

UNHEARD_OF = ("NotImplemented", "NotSupported")
"""CALLERRORs that say so; trying again would change nothing."""

COUNTED = (Refused, TimedOut, Unintelligible)
"""Failures that count as a try (1.6 section 3.7, OCPP-J errata 3.2, 2.0.1 E13). A lost link does not."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A fact in words."""

    message_id: str
    action: str
    text: str
    failures: int  # earlier tries that the CSMS refused or did not answer


@dataclass(slots=True, eq=False)
class Outbox:
    """What the CSMS is owed, and how far its delivery is."""

    services: Services
    random: Callable[[], float] = random.random
    new_id: Callable[[], str] = rpc.new_id
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _nudge: asyncio.Event = field(default_factory=asyncio.Event)
    _settled: OrderedDict[int, None] = field(default_factory=OrderedDict)
    _settling: asyncio.Lock = field(default_factory=asyncio.Lock)  # two answers to one fact may come at once
    _used: set[str] = field(default_factory=set)
    _later: dict[int, float] = field(default_factory=dict)  # patient facts, and when the next try is due
    _trying: int = 0  # the fact that has been sent and has come to nothing yet, not even a refusal
    _losses: int = 0  # how often in a row the link was lost meanwhile

    def heard(self, record: Record) -> None:
        """A fact has been journalled."""
        if isinstance(record.fact, Owed):
            self._news.set()

    async def run(self, line: Line, online_since: Callable[[], Moment]) -> None:
        """Deliver over this connection while the station is accepted. `online_since`: when it last became so."""
        self._used.clear()
        self._later.clear()
        await line.accepted.wait()
        if self.services.journal.undelivered_count() >= BACKLOG:
            await asyncio.sleep(self.random() * JITTER_S)
        while True:
            await line.accepted.wait()
            self._news.clear()
            batch = self._batch()
            if not batch:
                await self._something_to_do()
            try:
                for record in batch:
                    if line.accepted.is_set() and (self._is_prompt(record) or len(batch) == 1):
                        await self._deliver(record, line, online_since())
            except JournalError as error:  # what cannot be marked as sent is not sent on: it would be sent for ever
                log.warning("nothing is delivered while the journal does not record: %s", error)
                await asyncio.sleep(DISK_PAUSE_S)

    async def late_answer(self, result: rpc.Result, line: Line) -> None:
        """An answer nobody waits for any more: if it belongs to a fact of ours, that one is settled after all."""
        record = self.services.journal.record_of_message(result.id)
        letter = self.services.journal.frozen(record.id) if record is not None else None
        if record is None or letter is None or letter.subprotocol != line.dialect.subprotocol:
            log.debug("an answer to nothing of ours: %s", result.id)
            return
        if line.schemas.check_their_response(letter.action, result.payload) is not None:
            return
        try:
            done = await self._settle(record, letter.action, result.payload, line)
        except JournalError as error:
            log.warning("a late answer cannot be recorded: %s", error)
            return
        if done:
            log.info("late answer: %s is delivered after all", letter.action)
            self._nudge.set()

    def _batch(self) -> list[Record]:
        """What is to be sent now: bills and whatever else is prompt; where there is none, one that stands behind."""
        limit = BATCH
        while True:
            owed = self.services.journal.undelivered(limit)
            due = [record for record in owed if self._is_due(record)]
            prompt = [record for record in due if self._is_prompt(record)]
            if prompt or len(owed) < limit:
                return prompt or due[:1]
            limit *= 2  # so many stand behind: they must not hide what comes after them

    def _is_prompt(self, record: Record) -> bool:
        if not isinstance(record.fact, PATIENT):
            return True
        stored = self.services.journal.frozen(record.id)
        return not self._later and (stored is None or not stored.attempts)

    def _is_due(self, record: Record) -> bool:
        if self._later.get(record.id, 0.0) > asyncio.get_running_loop().time():
            return False
        self._later.pop(record.id, None)
        return True

    async def _something_to_do(self) -> None:
        """News, or a patient fact whose time has come."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min(self._later.values(), default=None)):
                await self._news.wait()

    # --- one fact -----------------------------------------------------------------------------------------------------

    async def _deliver(self, record: Record, line: Line, online_since: Moment) -> None:
        while record.id not in self._settled and record.id not in self._later:
            letter = await self._letter(record, line, online_since)
            if letter is None:
                return
            failure = self._line_lost_over(record)
            if not failure:
                try:
                    answer = await self._send(letter, line)
                    done = await self._settle(record, letter.action, answer, line)
                    failure = "" if done else "the answer makes no sense"
                except COUNTED as mistake:
                    failure = str(mistake)
                    if isinstance(record.fact, PATIENT) and getattr(mistake, "code", "") in UNHEARD_OF:
                        log.info("the back office has no use for %s", letter.action)
                        await self._finish(record)
                except NoAnswer:
                    await asyncio.sleep(PAUSE_S)
                    return
            self._trying = 0
            if failure and record.id not in self._settled:
                await self._failed(record, letter, failure)
            if record.id in self._settled:
                self._used.discard(letter.message_id)  # a link may last for years

    async def _letter(self, record: Record, line: Line, online_since: Moment) -> Letter | None:
        """The fact's words: the stored ones, or new ones. None: there is nothing to send."""
        stored = self.services.journal.frozen(record.id)
        if stored is not None and stored.subprotocol == line.dialect.subprotocol:
            letter = Letter(stored.message_id, stored.action, stored.text, stored.attempts)
            if letter.message_id not in self._used or line.dialect.framing.retry_repeats_id:
                return letter
            letter = dataclasses.replace(letter, message_id=self.new_id())
        else:
            words = await self._words(record, line, online_since)
            if words is None:
                return None
            letter = Letter(self.new_id(), *words, failures=stored.attempts if stored is not None else 0)
        await self.services.journal.freeze(
            record.id, letter.message_id, line.dialect.subprotocol, letter.action, letter.text
        )
        return letter

    async def _words(self, record: Record, line: Line, online_since: Moment) -> tuple[str, str] | None:
        try:
            said = self._encode(record, line, online_since)
        except NotYet:  # whatever came before has been settled or buried: what it waits for will not come
            await self._bury(record, "no earlier answer brought what it needs")
            return None
        except Exception as bug:  # one fact that cannot be said must not hold up all later bills, for ever
            log.exception("cannot put %s into words", type(record.fact).__name__)
            await self._bury(record, f"cannot be put into words: {bug!r}")
            return None
        if said is None:
            await self._finish(record)
            return None
        action, payload = said
        return action, line.written(action, payload)

    def _encode(self, record: Record, line: Line, online_since: Moment) -> tuple[str, Payload] | None:
        encoder = line.dialect.reports.get(type(record.fact))
        if encoder is None:
            return None
        if self._waited_offline(record, online_since):
            record = dataclasses.replace(record, fact=_offline(record.fact))
        return encoder(self.services, shifted(record, self.services.journal.corrected_time(record) - record.at))

    def _waited_offline(self, record: Record, online_since: Moment) -> bool:
        """Was it still unsent when the link dropped, or before the program's start? (2.0.1 E04.FR.03)"""
        return record.boot != self.services.clock.boot or record.mono_s < online_since.mono_s

    async def _send(self, letter: Letter, line: Line) -> Payload:
        self._used.add(letter.message_id)
        return await line.calls.put(letter.action, letter.text, Kind.OWN, message_id=letter.message_id)

    def _line_lost_over(self, record: Record) -> str:
        """Losing the link is no try. Losing it LOSSES times in a row over one message is: why, else ""."""
        if self._trying != record.id:
            self._trying, self._losses = record.id, -1
        self._losses += 1
        return "the link was lost each time it was sent" if self._losses >= LOSSES else ""

    # --- how it ends --------------------------------------------------------------------------------------------------

    async def _settle(self, record: Record, action: str, answer: Payload, line: Line) -> bool:
        """What the answer means is stored before the fact counts as delivered. False: the answer makes no sense."""
        async with self._settling:
            if record.id in self._settled:
                return True
            settler = line.dialect.answers.get(action)
            if settler is not None:
                try:
                    await settler(self.services, record, answer)
                except NONSENSE as mistake:
                    log.warning("the back office's answer to %s makes no sense: %r", action, mistake)
                    return False
            await self._finish(record)
            return True

    async def _finish(self, record: Record) -> None:
        await self.services.journal.deliver(record.id)
        self._remember(record.id)

    async def _failed(self, record: Record, letter: Letter, why: str) -> None:
        failures = letter.failures + 1
        self._nudge.clear()
        await self.services.journal.attempts(record.id, failures)
        log.info("%s was not taken, try %d: %s", letter.action, failures, why)
        wait_s = self.services.settings[TRANSACTION_MESSAGE_RETRY_INTERVAL] * failures
        if isinstance(record.fact, PATIENT):
            patience_s = min(max(wait_s, LEAST_PATIENCE_S), MOST_PATIENCE_S)
            self._later[record.id] = asyncio.get_running_loop().time() + patience_s
            return
        if failures >= self.services.settings[TRANSACTION_MESSAGE_ATTEMPTS]:
            await self._bury(record, why)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._nudge.wait()

    async def _bury(self, record: Record, why: str) -> None:
        buried = {record.id, *await self.services.journal.bury(record.id, why)}
        for record_id in buried:
            self._remember(record_id)
        kind = type(record.fact).__name__
        log.warning("put aside as dead letters: %s and %d that depend on it: %s", kind, len(buried) - 1, why)

    def _remember(self, record_id: int) -> None:
        self._settled[record_id] = None
        while len(self._settled) > REMEMBERED:
            self._settled.popitem(last=False)


def _offline(fact: Fact) -> Fact:
    named = {item.name for item in dataclasses.fields(fact)}
    return dataclasses.replace(fact, offline=True) if "offline" in named else fact  # type: ignore[call-arg]
