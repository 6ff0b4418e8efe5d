"""The endless conversation with the back office: connect, be accepted, talk, lose the link, connect again."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chargepoint.core.catalogue import (
    MESSAGE_TIMEOUT,
    OFFLINE_THRESHOLD,
    RETRY_BACK_OFF_RANDOM_RANGE,
    RETRY_BACK_OFF_REPEAT_TIMES,
    RETRY_BACK_OFF_WAIT_MINIMUM,
)
from chargepoint.core.facts import Moment, Record, SettingChanged, Token
from chargepoint.core.security import Event
from chargepoint.logfields import about
from chargepoint.ocpp import dialects
from chargepoint.ocpp.authorize import authorize
from chargepoint.ocpp.backoff import reconnect_waits_s
from chargepoint.ocpp.calls import Calls, Kind, Saying
from chargepoint.ocpp.connection import Connection, FrameListener, Frames, RawListener, Writer, hang_up
from chargepoint.ocpp.dialect import Dialect, Verdict
from chargepoint.ocpp.heartbeat import Heartbeat
from chargepoint.ocpp.line import Line
from chargepoint.ocpp.outbox import Outbox
from chargepoint.ocpp.registration import SPACE, Memory, Registrar
from chargepoint.ocpp.reporter import Reporter
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.services import NoAnswer, Payload, Registration, Services
from chargepoint.ocpp.transport import Connector, LinkRefused, Transport

log = logging.getLogger(__name__)

LAST_SPOKEN = "subprotocol"
"""Where the memory keeps the subprotocol last used."""


async def _at_once() -> None:
    """Everything is known already."""


@dataclass(slots=True, eq=False)
class Conversation:
    """Also the `Speaker` of its own services. `heard` must be told every fact, `run` never ends by itself."""

    connector: Connector
    services: Services
    memory: Memory
    versions: Sequence[str]  # "2.0.1", "1.6", ... in order of preference
    cause: str = "PowerUp"  # why the program started (OCPP 2.x BootReasonEnum)
    rebooted: bool = True  # False: restarted in mid-air, nothing the CSMS needs to hear of
    configuration: str = ""  # stands for all that the configuration file says
    random: Callable[[], float] = random.random
    load: Callable[[str], tuple[Dialect, Schemas]] = dialects.load
    frames: Frames = field(default_factory=Frames)
    introduction: Callable[[], Awaitable[None]] = _at_once  # what BootNotification says has to be found out first
    _registrar: Registrar = field(init=False)
    _reporter: Reporter = field(init=False)
    _outbox: Outbox = field(init=False)
    _tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    _line: Line | None = None
    _transport: Transport | None = None
    _connection: Connection | None = None
    _heartbeat: Heartbeat | None = None
    _connecting: bool = False
    _online_since: Moment | None = None
    _lost_at_s: float | None = None
    _complaint: str = ""
    _uncut: asyncio.Event = field(default_factory=asyncio.Event)
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: bool = False  # what the next link begins with

    def __post_init__(self) -> None:
        self.services = replace(self.services, speaker=self)
        self._reporter = Reporter(self.services)
        self._outbox = Outbox(self.services, self.random)
        clock_s = asyncio.get_running_loop().time
        self._registrar = Registrar(
            self.services, self.memory, self.cause, self.rebooted, clock_s, self._registration_changed,
            self.configuration,
        )  # fmt: skip
        self._uncut.set()

    # --- for the rest of the program ----------------------------------------------------------------------------------

    @property
    def registration(self) -> Registration:
        """How far we are; the words of the local API."""
        if self._line is None:
            return Registration.CONNECTING if self._connecting else Registration.OFFLINE
        return self._registrar.verdict

    @property
    def dialect(self) -> Dialect | None:
        """The version spoken now; None while there is no link."""
        return self._line.dialect if self._line is not None else None

    def heard(self, record: Record) -> None:
        """A fact has happened and is journalled."""
        self._reporter.heard(record)
        self._outbox.heard(record)
        if isinstance(record.fact, SettingChanged) and self._heartbeat is not None:
            self._heartbeat.changed()

    def on_frame(self, listener: FrameListener) -> Callable[[], None]:
        """Be told every frame, masked. Returns how to stop that."""
        self.frames.listeners.append(listener)
        return lambda: self.frames.listeners.remove(listener)

    def on_raw_frame(self, listener: RawListener) -> Callable[[], None]:
        """Be told every frame as it is on the wire: cheap, and not to be shown as it is."""
        self.frames.raw.append(listener)
        return lambda: self.frames.raw.remove(listener)

    def authorize(self, token: Token, answered: Callable[[Verdict | None], None]) -> None:
        """Ask about a token. `answered` gets None when no answer came in time; the answer may still follow.

        It is never called before this returns: whoever asks is in the middle of something.
        """
        line = self._line
        if line is None or not line.accepted.is_set():
            asyncio.get_running_loop().call_soon(answered, None)
            return
        self._tasks.create_task(authorize(line, token, answered), name="authorize")

    def cut(self) -> None:
        """Drop the link without a close frame, and stay away until `restore`: a cable pulled for a trial."""
        self._uncut.clear()
        if self._transport is not None:
            self._transport.abort()

    def restore(self) -> None:
        """End of the trial: connect at once."""
        self._uncut.set()
        self._hurry.set()

    def reconnect(self) -> None:
        """Come back at once on a new link: something that a link begins with has changed.

        What is under way is finished first: answers go out, and what was said is answered.
        """
        self._changed = True
        if self._connection is not None:
            self._connection.leave()
        self._hurry.set()

    def introduce(self) -> None:
        """Boot anew on the next link: it is by another way (2.0.1 B10.FR.10), though nothing has rebooted."""
        self._registrar.forget()

    async def run(self) -> None:
        await self.introduction()
        async with self._tasks:
            await self._keep_connected()

    # --- the speaker --------------------------------------------------------------------------------------------------

    def say(self, action: str, payload: Payload) -> None:
        if self._line is not None:
            self._line.ask(action, payload, Kind.ASKED)

    async def call(self, action: str, payload: Payload) -> Payload:
        if self._line is None:
            raise NoAnswer("there is no link to the back office")
        return await self._line.ask(action, payload, Kind.ASKED)

    async def transfer(self, vendor: str, message: str | None, data: Any) -> Payload:
        """Say something in a vendor's own words; the answer's payload. Raises NoAnswer, or TypeError for such `data`
        as this version cannot carry."""
        if self._line is None or not self._line.accepted.is_set():
            raise NoAnswer("there is no back office that has accepted this station")
        return await self._line.ask(*self._line.dialect.phrases.data_transfer(vendor, message, data), Kind.ASKED)

    async def sign_certificate(self, request: str, own: bool) -> bool | None:
        """Has the back office taken a request to have a certificate signed? None: it has not answered.

        `own`: it was our idea, and not the back office's, which may ask for it before it accepts the station.
        """
        if self._line is None:
            return None
        try:
            kind = Kind.OWN if own else Kind.ASKED
            answer = await self._line.ask(*self._line.dialect.phrases.sign_certificate(request), kind)
        except NoAnswer:
            return None
        return bool(answer.get("status") == "Accepted")

    def report_status(self, evse: int) -> None:
        if self._line is not None:
            self._reporter.report(evse, self._line)

    def boot_again(self) -> None:
        self._registrar.boot_again()

    def send_heartbeat(self) -> None:
        if self._line is not None:
            self._line.heartbeat(Kind.ASKED, self.services.clock.correct)

    # --- the endless loop ---------------------------------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        waits_s: Iterator[float] | None = None
        while True:
            await self._uncut.wait()
            if await self._connect_and_talk():
                waits_s = None
            if self._changed:
                waits_s = None
                continue
            waits_s = waits_s or self._reconnect_waits_s()
            await self._pause(next(waits_s))

    async def _connect_and_talk(self) -> bool:
        """One connection. True: it was a working one, so that the next wait is short again."""
        self._connecting, self._changed = True, False
        try:
            transport = await self.connector.connect(self._offer())
        except LinkRefused as refused:
            self._complain(str(refused))
            if refused.event:
                self.services.notice(Event(refused.event), str(refused))
            return False
        finally:
            self._connecting = False
        return await self._talk(transport)

    async def _talk(self, transport: Transport) -> bool:
        if not self._uncut.is_set():
            transport.abort()
            return False
        dialect, schemas = self.load(transport.subprotocol)
        log.info("connected to the back office, OCPP %s", dialect.version, extra=about(csms="connected"))
        self._complaint = ""
        self._speak(dialect)
        writer = Writer(transport, self.frames)
        calls = Calls(self._say_through(writer), self._may_say, self._timeout_s, schemas)
        line = Line(dialect, schemas, calls)
        heartbeat = Heartbeat(self.services, line, asyncio.get_running_loop().time)
        self._transport, self._line, self._heartbeat = transport, line, heartbeat
        connection = Connection(transport, writer, line, self.services, self.frames, self._outbox.late_answer)
        self._connection = connection
        if self._changed:  # meanwhile
            connection.leave()
        try:
            self._registrar.connected(line)
            why = await connection.run(
                heartbeat.run,
                lambda: self._registrar.run(line),
                lambda: self._outbox.run(line, self._since),
            )
        finally:
            self._closed()
            await hang_up(transport)
        if not self._changed:
            self._complain(why)
        return line.calls.answered_any

    def _speak(self, dialect: Dialect) -> None:
        if self.memory.get(SPACE, LAST_SPOKEN) != dialect.subprotocol:
            self.memory.put(SPACE, LAST_SPOKEN, dialect.subprotocol)
        self.services.settings.overlay(dialect.fixed_settings)

    def _closed(self) -> None:
        if self._online_since is not None:
            self._leave_accepted()
        self._line = self._transport = self._heartbeat = self._connection = None

    def _offer(self) -> list[str]:
        """While a transaction or an undelivered fact exists, only the subprotocol that it began in."""
        offered = [dialects.subprotocol_of(version) for version in self.versions]
        last = self.memory.get(SPACE, LAST_SPOKEN)
        return [last] if self.services.journal.open_business and last in offered else offered

    def _reconnect_waits_s(self) -> Iterator[float]:
        settings = self.services.settings
        return reconnect_waits_s(
            settings[RETRY_BACK_OFF_WAIT_MINIMUM],
            settings[RETRY_BACK_OFF_RANDOM_RANGE],
            settings[RETRY_BACK_OFF_REPEAT_TIMES],
            self.random,
        )

    async def _pause(self, wait_s: float) -> None:
        self._hurry.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._hurry.wait()
        except TimeoutError:
            return

    def _complain(self, why: str) -> None:
        """One line when the link goes, nothing while it stays away for the same reason."""
        if why != self._complaint:
            log.warning("no link to the back office: %s", why, extra=about(csms="lost"))
            self._complaint = why

    # --- registration -------------------------------------------------------------------------------------------------

    def _registration_changed(self, line: Line, booted: bool) -> None:
        if self._registrar.verdict is Registration.ACCEPTED:
            self._enter_accepted(line, booted)
        elif self._online_since is not None:
            self._leave_accepted()

    def _enter_accepted(self, line: Line, booted: bool) -> None:
        self._online_since = self.services.clock.now()
        self.services.act(lambda station, now: station.went_online(line.dialect.version, now))
        line.accepted.set()
        self._reporter.resume(line, everything=booted or self._was_long_offline())
        if self._heartbeat is not None:
            self._heartbeat.said()
            self._heartbeat.changed()

    def _leave_accepted(self) -> None:
        self._online_since, self._lost_at_s = None, asyncio.get_running_loop().time()
        if self._line is not None:
            self._line.accepted.clear()
        self._reporter.pause()
        self.services.act(lambda station, now: station.went_offline(now))

    def _was_long_offline(self) -> bool:
        if self._lost_at_s is None:
            return True
        offline_s = asyncio.get_running_loop().time() - self._lost_at_s
        return offline_s > self.services.settings[OFFLINE_THRESHOLD]

    def _since(self) -> Moment:
        return self._online_since or self.services.clock.now()

    # --- what may be said ---------------------------------------------------------------------------------------------

    def _may_say(self, saying: Saying) -> bool:
        verdict = self._registrar.verdict
        if saying.kind is Kind.BOOT or verdict is Registration.ACCEPTED:
            return True
        pending = verdict is Registration.PENDING and saying.kind is Kind.ASKED
        line = self._line
        return pending and line is not None and saying.action in line.dialect.triggerable_while_pending

    def _timeout_s(self) -> float:
        return float(self.services.settings[MESSAGE_TIMEOUT])

    def _say_through(self, writer: Writer) -> Callable[[str], None]:
        def write(text: str) -> None:
            if self._heartbeat is not None:
                self._heartbeat.said()
            writer.put(text)

        return write
