"""A back office that installs roots, and signs by hand what the station asks for."""

from __future__ import annotations

import ssl
from typing import Any

from ocpp.v16 import call
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.process.profiled_station import Office

SERIAL = "0001"  # on the nameplate
CENTRAL = "CentralSystemRootCertificate"


class Certifying(Office):
    """Looks at the certificate that each link has shown, and signs what it is asked to by hand."""

    def __init__(self, tls: ssl.SSLContext | None, wanted: str = "certificate") -> None:
        super().__init__(wanted, tls=tls)
        self.names = {"CP1", SERIAL}
        self.serials: list[int] = []

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        refusal = super()._admit(connection, request)
        if refusal is None:
            shown: Any = connection.transport.get_extra_info("peercert")
            self.serials += [int(shown["serialNumber"], 16)] if shown else []
        return refusal

    async def ask(self, question: Any) -> Any:
        speaker: Any = self.stations["CP1"]
        return await speaker.call(question, suppress=False)

    async def request(self, nth: int = 1) -> str:
        """The station's, once it has been told to send one."""
        trigger = call.ExtendedTriggerMessage("SignChargePointCertificate")  # type: ignore[arg-type]
        assert (await self.ask(trigger)).status == "Accepted"
        await self.until(lambda: len(self._requests()) >= nth, "nothing was asked for", 20)
        return self._requests()[nth - 1]

    def _requests(self) -> list[str]:
        return [f.payload["csr"] for f in self.frames if f.action == "SignCertificate" and "csr" in f.payload]

    async def install(self, pem: str) -> str:
        return str((await self.ask(call.InstallCertificate(CENTRAL, pem))).status)  # type: ignore[arg-type]

    async def roots(self) -> list[Any]:
        found = await self.ask(call.GetInstalledCertificateIds(CENTRAL))  # type: ignore[arg-type]
        return found.certificate_hash_data or []

    async def delete(self, named: dict[str, Any]) -> str:
        return str((await self.ask(call.DeleteCertificate(named))).status)
