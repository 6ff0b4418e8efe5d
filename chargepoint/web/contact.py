"""Where to report weak points of this station: `/.well-known/security.txt` (RFC 9116), for everybody.

The maker's addresses come from the factory file. Without a contact there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chargepoint.web.http import Answer, Handler, Missing, Request

if TYPE_CHECKING:
    from chargepoint.config.maker import Maker
    from chargepoint.web.controls import Controls

FRESH = timedelta(days=90)
"""How long the file may be believed: RFC 9116 section 2.5.5 asks for less than a year."""


class ContactRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {("GET", "/.well-known/security.txt"): self._contact}

    async def _contact(self, request: Request) -> Answer:
        maker = self._controls.config.maker
        if not maker.security_contact:
            raise Missing("the maker of this station has left no address for such reports")
        text = security_txt(maker, self._controls.clock.now().at)
        return Answer(text.encode(), content_type="text/plain; charset=utf-8")


def security_txt(maker: Maker, at: datetime) -> str:
    expires = (at + FRESH).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [f"Contact: {maker.security_contact}", f"Expires: {expires}"]
    lines += [f"Policy: {maker.security_policy}"] if maker.security_policy else []
    lines += [f"# Security updates until {maker.support_until}"] if maker.support_until else []
    return "\n".join(lines) + "\n"
