"""Updates the firmware: fetches it, checks it, waits for the cars, installs it, restarts, and says each step once.

One update at a time; a new one takes the place of one that is not being installed yet (2.0.1 L01.FR.24, security
whitepaper edition 3 L01). One that a restart or a power cut interrupts is taken up again. The words are OCPP 2.0.1's
FirmwareStatusEnumType; dialects leave out what they do not know.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.core.facts import FirmwareStatusChanged, Moment, Record, SecurityEvent
from chargepoint.core.maintenance import Answer, Update
from chargepoint.desk import Desk
from chargepoint.errors import JournalError
from chargepoint.installing import Installer, InstallFailed, InstallRefused
from chargepoint.security.signatures import (
    CertificateWrong,
    SignatureWrong,
    Trusted,
    check_certificate,
    check_signature,
)
from chargepoint.tasks.orders import Memory, Order, keep, kept
from chargepoint.tasks.patience import try_often
from chargepoint.transfer import Refused, TransferFailed, Trust, discard, read_address

if TYPE_CHECKING:
    from chargepoint.tasks.trial import TrialKeeper

log = logging.getLogger(__name__)

LARGEST_BYTES = 2_000_000_000

LOOK_S = 1.0
"""How often it is seen whether the last car has left."""

RESTARTS = 2
"""After an installation, while the new system has not been started: the power may have failed in between."""

Fetch = Callable[[str, Path, Trust], Awaitable[None]]


class Failed(Exception):
    """The update has ended; `args` is the status that says how."""


@dataclass(slots=True)
class FirmwareKeeper:
    """Carries out updates; its `status` answers who asks."""

    desk: Desk
    memory: Memory
    installer: Installer
    trust: Trust
    folder: Path
    fetch: Fetch
    restart: Callable[[], None]
    version: str  # what runs
    trusted: Callable[[], Trusted] = Trusted  # the manufacturer's certificates, as they are trusted now
    signed_only: Callable[[], bool] = bool  # who is not signed is refused: somebody has named the manufacturer
    aside: Callable[..., Awaitable[None]] = asyncio.to_thread  # a large file takes a while to read
    trial: TrialKeeper | None = None  # where this machine has two systems: which one stays is decided there
    status: str = "Idle"  # for the back office
    step: str = "Idle"  # of what somebody on site has brought, too
    failure: str = ""  # why the last one could not be installed
    request_id: int | None = None
    _order: Order | None = None  # the one that is being carried out
    _next: Order | None = None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _work: asyncio.Task[None] | None = None
    _committed: bool = False  # it is being installed: nothing can stop it any more

    # --- orders -------------------------------------------------------------------------------------------------------

    def request(self, update: Update) -> Answer:
        """Begin it, in place of what is under way."""
        if self._committed:
            return "Rejected"
        if self.is_committed:
            return self._told_off(update, "it is not decided yet which of the two systems stays")
        if update.certificate is None and self.signed_only():
            return self._told_off(update, "it is not signed, and only signed ones are taken here")
        if (refusal := self._refusal(update)) is not None:
            return refusal
        replaces = self._next is not None or (self._work is not None and not self._work.done())
        self._begin(Order(update, self.version, self.desk.clock.boot))
        return "AcceptedCanceled" if replaces else "Accepted"

    def _told_off(self, update: Update, why: str) -> Answer:
        """What is not signed has no answer of its own but a status."""
        log.warning("a firmware update is refused: %s", why)
        if update.certificate is None:
            self._emit(FirmwareStatusChanged(0, "DownloadFailed", update.request_id))
        return "Rejected"

    def bring(self, *, at_once: bool) -> None:
        """Install what somebody on site has put at `brought_file`. Who charges is waited for, unless `at_once`."""
        self.brought_file.replace(self._payload)
        now = self._now().at
        order = Order(Update("", now, brought=True, at_once=at_once), self.version, self.desk.clock.boot, "fetched")
        self._begin(order)

    async def withdraw(self) -> None:
        """Leave off what somebody on site has brought, before it is installed; who began charging meanwhile may."""
        self._next = None
        keep(self.memory, None)
        if self._work is not None and not self._work.done():
            self._work.cancel()
            await asyncio.wait([self._work])
        self.step, self.failure = "Idle", "it was cancelled"
        if self.order is None:  # else the back office has ordered another meanwhile
            self._clear_up()

    @property
    def is_committed(self) -> bool:
        """Is something being installed, or not decided yet whether it stays? Nothing else can be, until then."""
        return self._committed or (self.trial is not None and self.trial.is_open)

    @property
    def order(self) -> Order | None:
        """What is being done, or comes next."""
        return self._next or (self._order if self._committed or (self._work and not self._work.done()) else None)

    def _refusal(self, update: Update) -> Answer | None:
        """Of a signed one, which is answered; an unsigned one is told by a status how it has failed."""
        if update.certificate is None:
            return None
        try:
            check_certificate(update.certificate, self.trusted(), self._now().at)
            read_address(update.url, self.trust)
        except CertificateWrong as error:
            log.warning("a firmware update is refused for its certificate: %s", error)
            self._emit(SecurityEvent(0, "InvalidFirmwareSigningCertificate", str(error)))
            return "InvalidCertificate"
        except Refused as error:
            log.warning("a firmware update is refused for its address: %s", error)
            return "Rejected"
        return None

    def _begin(self, order: Order) -> None:
        self._next = order
        keep(self.memory, order)
        if self._work is not None:
            self._work.cancel()
        self._woken.set()

    def started(self) -> None:
        """The program runs: what has become of an update that the last run had begun? (2.0.1 L01.FR.28.)"""
        order = kept(self.memory)
        if order is None:
            return
        self._order, self.request_id = order, order.update.request_id
        match order.stage:
            case "installing" | "installed" if self.trial is not None and order.slot:
                self.status = order.told[-1] if order.told else "Idle"
                self._committed = True  # `_learn` tells the rest
            case "installed":
                self._came_up(order.expected in ("", self.version))
            case "installing":  # the machine went down with it, or was taken down by it
                self._came_up(self.version != order.version)
            case _:
                self.status = order.told[-1] if order.told else "Idle"
                self._begin(order)

    def _came_up(self, is_new: bool, why: str = "as if nothing had been installed") -> None:
        if is_new:
            self._tell("Installed")
            if self.trial is None:  # else it has said so itself
                self._emit(SecurityEvent(0, "FirmwareUpdated", f"version {self.version}"))
            self.status = "Idle"
        else:
            log.error("firmware update: after it version %s runs: %s", self.version, why)
            self._tell("InstallationFailed")
        discard(self._payload)

    async def _learn(self, order: Order, trial: TrialKeeper) -> None:
        """Which of the two systems stays; both may be asked to wait for that."""
        outcome = await trial.outcome()
        if outcome.other_waits and order.restarts < RESTARTS:
            log.warning("firmware update: the new system has not been started yet; restarting once more")
            await self._note(order, replace(order, restarts=order.restarts + 1))
            await self._nobody_charges(order.update)
            self.restart()
        else:
            self._committed = False
            self._came_up(outcome.slot != order.slot, outcome.why)

    def heard(self, record: Record) -> None:
        """A status of ours is recorded: it is not said again, whatever happens to this program."""
        fact, order = record.fact, self._order
        if isinstance(fact, FirmwareStatusChanged) and order is not None and fact.status in order.told:
            recorded = order.told[: order.told.index(fact.status) + 1]
            keep(self.memory, None if fact.status in FINAL else replace(order, told=recorded))

    # --- the work -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Never returns."""
        async with asyncio.TaskGroup() as tasks:
            if self._committed and self._order is not None and self.trial is not None:
                tasks.create_task(self._learn(self._order, self.trial), name="firmware update")
            while True:
                await self._woken.wait()
                self._woken.clear()
                if self._work is not None:
                    await asyncio.wait([self._work])
                if self._next is not None:
                    self._order, self._next = self._next, None
                    self._work = tasks.create_task(self._carry_out(self._order), name="firmware update")

    async def _carry_out(self, order: Order) -> None:
        self.request_id, self.failure = order.update.request_id, ""
        try:
            await self._update(order)
        except Failed as failure:
            self._tell(str(failure))
        except (OSError, JournalError) as error:  # a disk that takes nothing costs the update and nothing else
            log.error("firmware update: %s", error)
            self._tell("DownloadFailed" if order.stage == "asked" else "InstallationFailed")
        except asyncio.CancelledError:
            if self._next is not None:
                self._clear_up()
            raise  # otherwise the program ends: the next run goes on with what is here
        finally:
            self._block(self._committed)  # what is installed runs in a moment: nobody begins until then
        self._clear_up()

    async def _update(self, order: Order) -> None:
        update = order.update
        if self.trial is not None:
            await self.trial.outcome()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not update.brought:
            await self._fetched(order)
        elif not self._payload.exists():  # somebody has tidied up
            raise Failed("InstallationFailed")
        await self._verify(update)
        await self._checked()
        await self._wait_for_cars(update)
        await self._verify(update)  # hours may have passed, or a restart
        await self._install(order)

    async def _fetched(self, order: Order) -> None:
        if order.stage == "fetched" and not self._payload.exists():
            order.stage = "asked"
        if not order.told or (order.stage == "asked" and order.boot != self.desk.clock.boot):
            discard(self._payload)
        if order.stage == "asked":
            await self._wait_until(order.update.retrieve_at, "DownloadScheduled")
            await self._download(order)

    async def _wait_until(self, at: datetime | None, told: str) -> None:
        if at is None or at <= self._now().at:
            return
        self._tell(told)
        while (left_s := (at - self._now().at).total_seconds()) > 0:  # noqa: ASYNC110 - a clock is watched
            await asyncio.sleep(min(left_s, 60.0))  # the clock may be put right meanwhile

    async def _download(self, order: Order) -> None:
        update = order.update
        self._tell("Downloading")
        try:
            await try_often(
                "firmware update", lambda: self.fetch(update.url, self._payload, self.trust),
                update.retries, update.retry_interval_s,
            )  # fmt: skip
        except TransferFailed:
            raise Failed("DownloadFailed") from None
        order.stage = "fetched"
        self._tell("Downloaded")

    async def _verify(self, update: Update) -> None:
        if update.certificate is None:
            return
        try:
            await self.aside(check_signature, self._payload, update.certificate, update.signature or "")
        except SignatureWrong as error:
            log.warning("firmware update: %s", error)
            self._tell("InvalidSignature")
            self._tell("InvalidSignature")
            self._emit(SecurityEvent(0, "InvalidFirmwareSignature", str(error)))
            raise Failed("InvalidSignature") from None
        self._tell("SignatureVerified")

    async def _wait_for_cars(self, update: Update) -> None:
        """Whoever charges is not disturbed; nobody new begins (2.0.1 L01.FR.06, .07)."""
        await self._wait_until(update.install_at, "InstallScheduled")
        await self._nobody_charges(update)

    async def _nobody_charges(self, update: Update) -> None:
        self._block(True)
        if update.at_once:
            return
        if self.desk.station.busy:
            self._tell("InstallScheduled")
        while self.desk.station.busy:  # noqa: ASYNC110 - hours may pass, and everything may end a session
            await asyncio.sleep(LOOK_S)

    async def _install(self, order: Order) -> None:
        self._committed = True
        try:
            self._tell("Installing")
            slot = self.trial.prepare() if self.trial is not None else ""
            await self._note(order, replace(order, stage="installing", slot=slot))
            expected = await self._installed()
            await self._note(order, replace(order, stage="installed", expected=expected))
        finally:
            self._committed = order.stage == "installed"
        self._tell("InstallRebooting")
        self.restart()

    async def _checked(self) -> None:
        """Before anybody is asked to wait for it."""
        try:
            await self.installer.check(self._payload)
        except InstallFailed as failure:
            raise self._failed(failure) from None

    async def _installed(self) -> str:
        if self._payload.stat().st_size == 0:
            raise Failed("InstallationFailed")
        try:
            return await self.installer.install(self._payload)
        except InstallFailed as failure:
            raise self._failed(failure) from None

    def _failed(self, failure: InstallFailed) -> Failed:
        log.error("firmware update: %s", failure)
        self.failure = str(failure)
        if self.trial is not None:
            self.trial.refused(str(failure))
        return Failed("InstallVerificationFailed" if isinstance(failure, InstallRefused) else "InstallationFailed")

    async def _note(self, order: Order, now: Order) -> None:
        """On the disk before anything depends on it: whatever installs may take the machine down."""
        order.stage, order.expected, order.slot, order.restarts = now.stage, now.expected, now.slot, now.restarts
        await self.desk.settled()
        keep(self.memory, order)
        await self.memory.flushed()

    @property
    def brought_file(self) -> Path:
        """Where somebody on site puts what is to be installed."""
        return self.folder / "firmware.brought"

    @property
    def _payload(self) -> Path:
        return self.folder / "firmware.download"

    def _clear_up(self) -> None:
        try:
            discard(self._payload)
        except OSError as error:  # it is overwritten by the next
            log.warning("firmware update: %s", error)

    # --- the station --------------------------------------------------------------------------------------------------

    def _block(self, blocked: bool) -> None:
        self.desk.act(lambda station, now: station.block(blocked, now))

    def _tell(self, status: str) -> None:
        """Each step once (2.0.1 L01.FR.01, security whitepaper L01.FR.20), to whoever has asked for it."""
        self.step = status
        if self._order is not None and self._order.update.brought:
            if status in FINAL:
                keep(self.memory, None)
            return
        self.status = status
        if self._order is not None and status not in self._order.told:
            self._order.told.append(status)
            self._emit(FirmwareStatusChanged(0, status, self.request_id))

    def _emit(self, fact: FirmwareStatusChanged | SecurityEvent) -> None:
        self.desk.act(lambda station, now: station.around.emit(fact))

    def _now(self) -> Moment:
        return self.desk.clock.now()


FINAL = frozenset(
    {"DownloadFailed", "InvalidSignature", "InstallVerificationFailed", "InstallationFailed", "Installed"}
)
"""After these the update is over."""
