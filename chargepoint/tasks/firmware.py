"""Updates the firmware: fetches it, checks it, waits for the cars, installs it, restarts, and says each step once.

One update at a time; a new one takes the place of one that is not being installed yet (2.0.1 L01.FR.24, security
whitepaper edition 3 L01). The words are OCPP 2.0.1's FirmwareStatusEnumType; dialects leave out what they do not know.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from chargepoint.core.facts import FirmwareStatusChanged, Moment, SecurityEvent
from chargepoint.core.maintenance import Answer, Update
from chargepoint.desk import Desk
from chargepoint.installing import Installer, InstallFailed
from chargepoint.signatures import CertificateWrong, SignatureWrong, check_certificate, check_signature
from chargepoint.transfer import Refused, TransferFailed, Trust

log = logging.getLogger(__name__)

LARGEST_BYTES = 2_000_000_000
TRIES, PAUSE_S = 3, 60.0
"""Where the back office leaves the choice to us."""

LOOK_S = 1.0
"""How often it is seen whether the last car has left."""

Fetch = Callable[[str, Path, Trust], Awaitable[None]]


class Memory(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


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
    root_file: Path | None = None  # the manufacturer's certificate (PEM)
    aside: Callable[..., Awaitable[None]] = asyncio.to_thread  # a large file takes a while to read
    status: str = "Idle"
    request_id: int | None = None
    _asked: asyncio.Queue[Update] = field(default_factory=asyncio.Queue)
    _work: asyncio.Task[None] | None = None
    _fetched: bool = False  # the file of the present update is here
    _committed: bool = False  # it is being installed: nothing can stop it any more

    # --- orders -------------------------------------------------------------------------------------------------------

    def request(self, update: Update) -> Answer:
        """Begin it, in place of what is under way."""
        if self._committed:
            return "Rejected"
        if update.certificate is None and self.root_file is not None:
            log.warning("a firmware update is refused: it is not signed, and only signed ones are taken here")
            self._emit(FirmwareStatusChanged(0, "DownloadFailed", update.request_id))
            return "Rejected"
        if update.certificate is not None:
            try:
                check_certificate(update.certificate, self.root_file, self._now().at)
            except CertificateWrong as error:
                log.warning("a firmware update is refused for its certificate: %s", error)
                self._emit(SecurityEvent(0, "InvalidFirmwareSigningCertificate", str(error)))
                return "InvalidCertificate"
        replaces = self._work is not None and not self._work.done()
        if replaces and self._work is not None:
            self._work.cancel()
        self._asked.put_nowait(update)
        return "AcceptedCanceled" if replaces else "Accepted"

    def started(self) -> None:
        """The program runs: did the last run end to install something? (2.0.1 L01.FR.28: after the boot.)"""
        pending = self.memory.get("firmware", "installing")
        if pending is None:
            return
        self.memory.put("firmware", "installing", None)
        self.request_id = pending["request_id"]
        self._tell("Installed")
        self._emit(SecurityEvent(0, "FirmwareUpdated"))
        self.status = "Idle"

    # --- the work -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Never returns."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                update = await self._asked.get()
                await self._ended()
                self._work = tasks.create_task(self._carry_out(update), name="firmware update")

    async def _ended(self) -> None:
        if self._work is not None:
            await asyncio.wait([self._work])

    async def _carry_out(self, update: Update) -> None:
        self.request_id, self.status = update.request_id, "Idle"
        payload, self._fetched = self.folder / "firmware.download", False
        try:
            _make_room(payload)
            await self._wait_until(update.retrieve_at, "DownloadScheduled")
            await self._download(update, payload)
            await self._verify(update, payload)
            await self._wait_for_cars(update)
            await self._install(payload)
        except Failed as failure:
            self._tell(str(failure))
        except OSError as error:  # a full disk, or one that cannot be written, costs the update and nothing else
            log.error("firmware update: %s", error)
            self._tell("InstallationFailed" if self._fetched else "DownloadFailed")
        finally:
            self._block(False)
            with suppress(OSError):  # what cannot be removed is overwritten by the next
                payload.unlink(missing_ok=True)

    async def _wait_until(self, at: datetime | None, told: str) -> None:
        if at is None or at <= self._now().at:
            return
        self._tell(told)
        while (left_s := (at - self._now().at).total_seconds()) > 0:  # noqa: ASYNC110 - a clock is watched
            await asyncio.sleep(min(left_s, 60.0))  # the clock may be put right meanwhile

    async def _download(self, update: Update, payload: Path) -> None:
        self._tell("Downloading")
        tries = TRIES if update.retries is None else update.retries + 1
        for left in reversed(range(tries)):
            try:
                await self.fetch(update.url, payload, self.trust)
                break
            except Refused as refusal:
                log.warning("firmware update: %s", refusal)
                raise Failed("DownloadFailed") from None
            except TransferFailed as failure:
                log.warning("firmware update: %s%s", failure, "" if left else "; given up")
            if not left:
                raise Failed("DownloadFailed")
            await asyncio.sleep(PAUSE_S if update.retry_interval_s is None else update.retry_interval_s)
        self._fetched = True
        self._tell("Downloaded")

    async def _verify(self, update: Update, payload: Path) -> None:
        if update.certificate is None:
            return
        try:
            await self.aside(check_signature, payload, update.certificate, update.signature or "")
        except SignatureWrong as error:
            log.warning("firmware update: %s", error)
            self._tell("InvalidSignature")
            self._emit(SecurityEvent(0, "InvalidFirmwareSignature", str(error)))
            raise Failed("InvalidSignature") from None
        self._tell("SignatureVerified")

    async def _wait_for_cars(self, update: Update) -> None:
        """Whoever charges is not disturbed; nobody new begins (2.0.1 L01.FR.06, .07)."""
        await self._wait_until(update.install_at, "InstallScheduled")
        self._block(True)
        if self._busy():
            self._tell("InstallScheduled")
        while self._busy():  # noqa: ASYNC110 - hours may pass, and everything may end a session
            await asyncio.sleep(LOOK_S)

    async def _install(self, payload: Path) -> None:
        self._committed = True
        self._tell("Installing")
        try:
            await self.installer.install(payload)
        except InstallFailed as failure:
            log.error("firmware update: %s", failure)
            raise Failed("InstallationFailed") from None
        finally:
            self._committed = False
        self.memory.put("firmware", "installing", {"request_id": self.request_id})
        self._tell("InstallRebooting")
        self.restart()

    # --- the station --------------------------------------------------------------------------------------------------

    def _busy(self) -> bool:
        return any(evse.busy for evse in self.desk.station.evses.values())

    def _block(self, blocked: bool) -> None:
        self.desk.act(lambda station, now: station.block(blocked, now))

    def _tell(self, status: str) -> None:
        """Each step once (2.0.1 L01.FR.01, security whitepaper L01.FR.20)."""
        if status != self.status:
            self.status = status
            self._emit(FirmwareStatusChanged(0, status, self.request_id))

    def _emit(self, fact: FirmwareStatusChanged | SecurityEvent) -> None:
        self.desk.act(lambda station, now: station.around.emit(fact))

    def _now(self) -> Moment:
        return self.desk.clock.now()


def _make_room(payload: Path) -> None:
    payload.parent.mkdir(parents=True, exist_ok=True)
    payload.unlink(missing_ok=True)
