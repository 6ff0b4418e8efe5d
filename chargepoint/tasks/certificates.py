"""Has the station's own certificate signed and renewed (security whitepaper and OCPP 2.0.1, A02).

A new certificate is kept beside the one before until a link has been made with one of them (`worked`); the other goes.
When to ask is `core.renewal`'s, what may be taken `core.certificates`'.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chargepoint.core import catalogue as known
from chargepoint.core.certificatekind import Kind
from chargepoint.core.certificates import Certificate, Wanted, objection_to_chain
from chargepoint.core.facts import Moment
from chargepoint.core.network import BY_CERTIFICATE
from chargepoint.core.renewal import Signing, renewal_is_due
from chargepoint.core.security import Event, fact
from chargepoint.core.settings import Settings
from chargepoint.core.wishes import Reconnect
from chargepoint.desk import Desk
from chargepoint.security import x509
from chargepoint.security.roots import RootKeeper, remove
from chargepoint.store.certificates import CertificateFiles

log = logging.getLogger(__name__)

LOOK_S = 3600.0
"""How often it is seen whether the certificate has to be renewed."""

RENEW_EVERY_S = 86_400.0
"""Between two renewals that nobody has asked for."""

LEADING = (Kind.CSMS_ROOT, Kind.MANUFACTURER_ROOT)
"""Roots that the station's own certificate may lead to (security whitepaper, certificate hierarchy)."""

Ask = Callable[[str, bool], Awaitable[bool | None]]
"""Sends a request to have a certificate signed; True: our own idea. Has the back office taken it? None: no answer."""


@dataclass(slots=True)
class CertificateKeeper:
    desk: Desk
    files: CertificateFiles
    roots: RootKeeper
    name: str  # what stands in the certificate: the serial number, which no other station of its maker has
    ask: Ask
    certificate_file: Path | None = None  # the installer's
    _signing: Signing = field(default_factory=Signing)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _own: bool = False  # the request is our own idea
    _wishes: int = 0
    _renewing_s: float | None = None  # when a renewal was last begun
    _used: Path | None = None  # what the last link was made with

    def request(self, own: bool = False) -> bool:
        """Have a certificate signed, now. False: the operator has no name (CpoName) that could stand in it.

        `own`: nobody has asked for it.
        """
        if not self._settings[known.CPO_NAME]:
            log.warning("no certificate can be asked for: CpoName is not set")
            return False
        self._own, self._wishes = own, self._wishes + 1
        self._signing.begin(self._now().mono_s)
        self._news.set()
        return True

    def signed(self, chain: str) -> bool:
        """The certificate is here. True: it is the station's from now on; False: it cannot be (A02.FR.06 and .07)."""
        self._signing.end()
        self._news.set()
        try:
            private, pem = self._checked(chain)
            self.files.add(Kind.STATION, pem, private)
        except x509.Unreadable as why:
            log.warning("the signed certificate is refused: %s", why)
            self._tell(Event.INVALID_CHARGING_STATION_CERTIFICATE, str(why))
            return False
        except OSError as error:
            log.error("the signed certificate cannot be stored: %s", error)
            return False
        with suppress(OSError):  # one that stays is used once more
            self.files.keep_pending_key(None)
        self._tell(Event.RECONFIGURATION_OF_SECURITY_PARAMETERS, "the station has a new certificate")
        self._keep_one_beside()
        if self._settings[known.SECURITY_PROFILE] in BY_CERTIFICATE:
            self.desk.act(lambda station, now: station.around.emit(Reconnect(0)))
        return True

    def _tell(self, event: Event, info: str) -> None:
        told = fact(event, info)
        self.desk.act(lambda station, now: station.around.emit(told))

    def _keep_one_beside(self) -> None:
        """Of those before the new one: what the present link was made with, or the last."""
        older = self.files.all(Kind.STATION)[:-1]
        used = [kept for kept in older if kept.file == self._used] or older[-1:]
        remove(self.files, [kept for kept in older if kept not in used])

    def _checked(self, text: str) -> tuple[bytes, str]:
        """The private key that belongs to it, and the chain. Raises Unreadable with what is wrong."""
        most = self._settings[known.CERTIFICATE_SIGNED_MAX_CHAIN_SIZE]
        if len(text) > most:
            raise x509.Unreadable(f"it is longer than {most} characters")
        chain, keys, now = x509.read(text), self._keys(), self._now()
        wanted = Wanted(self.name[: x509.LONGEST_NAME], self._settings[known.CPO_NAME], keys.keys())
        why = objection_to_chain(
            chain, wanted, self._leading(), x509.issued, now.at, clock_is_right=self.desk.clock.trusted
        )
        if why:
            raise x509.Unreadable(why)
        return keys[chain[0].key], "".join(each.pem for each in chain)

    def _keys(self) -> dict[str, bytes]:
        """The key of the open request, and that of the present certificate: it may be renewed without a request."""
        own = [kept.key_file.read_bytes() for kept in self.files.all(Kind.STATION)[-1:]]
        pending = self.files.pending_key
        return {x509.key_of(private): private for private in [*own, *([pending] if pending else [])]}

    def _leading(self) -> list[Certificate] | None:
        """None: nobody has said by which roots the back office is known, and the system's are believed."""
        if not self.roots.known(Kind.CSMS_ROOT):
            return None
        return [root for kind in LEADING for root in self.roots.counting(kind)]

    # --- asking for it ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Never returns."""
        if self.files.pending_key is not None:  # asked for, and the program ended before the answer
            self.request(own=True)
        while True:
            self._look_for_renewal()
            await self._sleep()
            if self._signing.due_s is not None and self._now().mono_s >= self._signing.due_s:
                await self._ask()

    async def _sleep(self) -> None:
        due_s, now_s = self._signing.due_s, self._now().mono_s
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S if due_s is None else max(0.0, due_s - now_s)):
                await self._news.wait()

    async def _ask(self) -> None:
        settings, wishes = self._settings, self._wishes
        minimum_s = settings[known.CERT_SIGNING_WAIT_MINIMUM]
        self._signing.unheard(self._now().mono_s, minimum_s)  # whatever comes in between
        try:
            taken = await self.ask(self._request(), self._own)
        except (OSError, x509.Unreadable) as error:
            log.error("no certificate can be asked for: %s", error)
            self._signing.end()
            return
        if not self._signing.wanted or self._wishes != wishes:  # it has come already; or is wanted once more
            return
        if taken:
            self._signing.asked(self._now().mono_s, minimum_s, settings[known.CERT_SIGNING_REPEAT_TIMES])
            if not self._signing.wanted:
                log.warning("no certificate has come; it is not asked for again until somebody wishes")
        elif taken is not None:
            log.warning("the back office will not have a certificate signed")
            self._signing.end()

    def _request(self) -> str:
        """For the key of the open request, if there is one: an answer that comes late fits it too."""
        private = self.files.pending_key
        if private is None:
            private = x509.new_key()
            self.files.keep_pending_key(private)
        return x509.signing_request(private, self.name, self._settings[known.CPO_NAME])

    def _look_for_renewal(self) -> None:
        now = self._now()
        recently = self._renewing_s is not None and now.mono_s - self._renewing_s < RENEW_EVERY_S
        if self._signing.wanted or recently or not self.desk.clock.trusted or not self._settings[known.CPO_NAME]:
            return
        installed = self.files.all(Kind.STATION)
        own = installed[-1].file if installed else self.certificate_file
        try:
            due = own is not None and renewal_is_due(*x509.validity(own), now.at)
        except x509.Unreadable as error:
            log.warning("the station's certificate: %s", error)
            return
        if due:
            log.info("the station's certificate will end soon: another is asked for")
            self._renewing_s = now.mono_s
            self.request(own=True)

    # --- inside -------------------------------------------------------------------------------------------------------

    def worked(self, certificate: Path) -> None:
        """A link was made with this one: the others have been tried in vain, or are older."""
        self._used = certificate
        remove(self.files, [kept for kept in self.files.all(Kind.STATION) if kept.file != certificate])

    @property
    def _settings(self) -> Settings:
        return self.desk.station.settings

    def _now(self) -> Moment:
        return self.desk.clock.now()
