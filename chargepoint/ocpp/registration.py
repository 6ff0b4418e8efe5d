"""BootNotification and what follows from its answer: accepted, pending, rejected (timing notes, section 1)."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from chargepoint.core.catalogue import HEARTBEAT_INTERVAL
from chargepoint.ocpp.backoff import boot_waits_s
from chargepoint.ocpp.calls import Kind
from chargepoint.ocpp.dialect import Boot
from chargepoint.ocpp.line import NONSENSE, Line
from chargepoint.ocpp.services import NoAnswer, Registration, Services

log = logging.getLogger(__name__)

SPACE, ACCEPTED_AS = "conversation", "accepted"
"""Where the memory keeps what the CSMS has accepted."""

PLAIN_CAUSE = "PowerUp"
"""Stands in for the cause when two BootNotifications are compared: only the other content counts."""

TRIGGERED = "Triggered"
"""The cause of a BootNotification that the CSMS asked for (2.0.1 BootReasonEnumType)."""

VERDICTS = {
    "Accepted": Registration.ACCEPTED,
    "Pending": Registration.PENDING,
    "Rejected": Registration.REJECTED,
}


class Memory(Protocol):
    """The part of `store.memory.Memory` that is used here."""

    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


@dataclass(slots=True, eq=False)
class Registrar:
    """Lives as long as the program: a lost link is no reboot, and a wait goes on while there is no link."""

    services: Services
    memory: Memory
    cause: str  # why the program started, in OCPP's words
    rebooted: bool  # False: the program took up where it left; the CSMS need not hear of it
    clock_s: Callable[[], float]  # of the event loop
    changed: Callable[[Line, bool], None]  # the verdict is (not) Accepted any more; True: after a BootNotification
    configuration: str = ""  # stands for all that the configuration file says
    verdict: Registration = Registration.CONNECTING
    _due_s: float = 0.0
    _waits: Iterator[float] = field(default_factory=boot_waits_s)
    _now: asyncio.Event = field(default_factory=asyncio.Event)

    def connected(self, line: Line) -> None:
        """There is a link. BootNotification is sent only if the CSMS has not accepted this very content before."""
        known = self.memory.get(SPACE, ACCEPTED_AS) == self._content(line)
        if known and (self.verdict is Registration.ACCEPTED or not self.rebooted):
            self.verdict, self._due_s = Registration.ACCEPTED, math.inf
            self.changed(line, False)
        elif self.verdict is Registration.ACCEPTED:
            self.verdict, self._due_s = Registration.CONNECTING, self.clock_s()

    def forget(self) -> None:
        """The CSMS has to hear who we are: BootNotification comes first on the next link."""
        self.verdict, self._due_s = Registration.CONNECTING, self.clock_s()
        self._forget_acceptance()

    def boot_again(self) -> None:
        """The CSMS has asked for a BootNotification: now, whatever the interval says."""
        self._now.set()

    async def run(self, line: Line) -> None:
        while True:
            wait_s = self._due_s - self.clock_s()
            if wait_s > 0 and not self._now.is_set():
                await self._wait(wait_s)
                continue
            cause = TRIGGERED if self._now.is_set() else self.cause
            self._now.clear()
            await self._boot(line, cause)

    async def _wait(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(None if math.isinf(wait_s) else wait_s):
                await self._now.wait()
        except TimeoutError:
            return

    async def _boot(self, line: Line, cause: str) -> None:
        said = line.dialect.phrases.boot(self.services, cause)
        content = self._content(line)
        try:
            boot = line.dialect.phrases.read_boot(await line.ask(*said, Kind.BOOT))
            verdict = VERDICTS[boot.status]
        except (NoAnswer, *NONSENSE) as mistake:
            log.warning("BootNotification brought no usable answer: %s", mistake)
            if self.verdict is not Registration.ACCEPTED:
                self._due_s = self.clock_s() + next(self._waits)
            return
        self._judge(verdict, boot, line, content)

    def _judge(self, verdict: Registration, boot: Boot, line: Line, content: str) -> None:
        before, self.verdict = self.verdict, verdict
        if verdict is not Registration.ACCEPTED:
            self._forget_acceptance()
            wait_s = float(boot.interval_s) if boot.interval_s > 0 else next(self._waits)
            self._due_s = self.clock_s() + wait_s
            log.warning("the back office answers %s; asking again in %.0f s", boot.status, wait_s)
        else:
            self._due_s, self._waits = math.inf, boot_waits_s()
            self.services.clock.correct(boot.time)
            self._take_interval(boot.interval_s)
            self.memory.put(SPACE, ACCEPTED_AS, content)
        if verdict is not before:
            self.changed(line, True)

    def _forget_acceptance(self) -> None:
        """Else a program restarted in mid-air would take itself for accepted."""
        if self.memory.get(SPACE, ACCEPTED_AS) is not None:
            self.memory.put(SPACE, ACCEPTED_AS, None)

    def _take_interval(self, interval_s: int) -> None:
        if interval_s > 0:
            change = self.services.settings.change(HEARTBEAT_INTERVAL, str(interval_s), "csms")
            if not change.accepted:
                log.warning("the heartbeat interval of the back office is not usable: %s", change.why)

    def _content(self, line: Line) -> str:
        """What BootNotification says but for its cause, its version, this boot of the machine, and what it obeys."""
        said = line.dialect.phrases.boot(self.services, PLAIN_CAUSE)
        around = [self.services.clock.boot, line.dialect.subprotocol, self.configuration]
        return json.dumps([*around, *said], sort_keys=True)
