"""The certificates of this station, put together from the configuration, and loaded when they are first needed.

A station to which nobody sends certificates is spared their part of the start and of the memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.config import Config, CsmsConfig
from chargepoint.core import catalogue as known
from chargepoint.core.certificatekind import Kind
from chargepoint.desk import Desk
from chargepoint.store.certificates import CertificateFiles

if TYPE_CHECKING:
    from chargepoint.security.roots import RootKeeper
    from chargepoint.tasks.certificates import CertificateKeeper

AFTER_S = 60.0
"""From the start to the first look whether something has to be renewed: the start itself has better to do."""


async def _nobody(request: str, own: bool) -> bool | None:
    return None


class Certificates:
    """`ask(request, own)` sends a request to have a certificate signed, one that nobody has asked for if `own`. Has the
    back office taken it? None: it has not answered."""

    ask: Callable[[str, bool], Awaitable[bool | None]] = staticmethod(_nobody)

    def __init__(self, csms: CsmsConfig, name: str, desk: Desk, files: CertificateFiles) -> None:
        """`name`: what stands in the station's certificate."""
        self._csms, self._name, self._desk, self._files = csms, name, desk, files
        self._wanted = asyncio.Event()

    @cached_property
    def roots(self) -> RootKeeper:
        from chargepoint.security.roots import RootKeeper

        return RootKeeper(self._desk, self._files, self._csms.ca_file)

    @cached_property
    def own(self) -> CertificateKeeper:
        from chargepoint.tasks.certificates import CertificateKeeper

        self._wanted.set()
        return CertificateKeeper(
            self._desk, self._files, self.roots, self._name, self.ask, self._csms.certificate_file
        )  # fmt: skip

    def worked(self, certificate: Path | None, chain: Sequence[str]) -> None:
        """A link was made: with this certificate of the station, to a server that is believed by this chain (PEM)."""
        if chain or "roots" in vars(self):
            self.roots.worked(chain)
        if certificate is not None:
            self.own.worked(certificate)

    async def run(self) -> None:
        """Have the station's certificate signed when somebody wishes, and renewed. Never returns."""
        with suppress(TimeoutError):
            async with asyncio.timeout(AFTER_S if self._has_own else None):
                await self._wanted.wait()
        await self.own.run()

    @property
    def _has_own(self) -> bool:
        """Or has asked for it."""
        files = self._files
        return bool(self._csms.certificate_file or files.all(Kind.STATION)) or files.pending_key is not None


def keep_certificates(config: Config, desk: Desk, files: CertificateFiles) -> Certificates | None:
    """None: a station that needs no back office needs none of them."""
    csms = config.csms
    if csms is None:
        return None
    files.tidy()
    desk.station.settings.compute(known.CERTIFICATE_ENTRIES, files.count)
    return Certificates(csms, config.station.serial_number or csms.identity, desk, files)
