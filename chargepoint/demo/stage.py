"""Where the demo plays: a folder of its own, a back office, and a charge point that is to work with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from chargepoint.demo.credentials import IDENTITY, Credentials, credentials
from chargepoint.demo.csms import BackOffice
from chargepoint.demo.plant import Plant

CONFIG = """\
[station]
vendor = "Demo"
model = "Wall 11"
serial_number = "DEMO-0001"

[csms]
url = "{url}"
identity = "{identity}"
versions = ["{version}"]
security_profile = {profile}
{secrets}

[[evse]]
max_current_a = 16
pilot = {{ driver = "mock" }}
contactor = {{ driver = "mock" }}
lock = {{ driver = "mock" }}
meter = {{ driver = "mock" }}

[[card_reader]]
driver = "mock"

[settings]
MeterValueSampleInterval = 2
"TariffCostCtrlr.Currency" = "EUR"
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 1

[web]
listen = "127.0.0.1:0"
"""


class Stage:
    """Up from `async with` until its end, whatever happens in between; afterwards no process and no file is left."""

    office: BackOffice
    plant: Plant

    def __init__(self, version: str, customers: Mapping[str, str], profile: int = 1) -> None:
        """`profile`: OCPP's security profile; certificates are made for this stage alone."""
        self._version, self._customers, self._profile = version, customers, profile
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            folder = Path(tempfile.mkdtemp(prefix="chargepoint-demo-"))
            opening.callback(shutil.rmtree, folder, ignore_errors=True)
            shown = credentials(folder, self._profile)
            self.office = await opening.enter_async_context(
                BackOffice(self._customers, versions=(self._version,), password=shown.password, tls=shown.tls)
            )
            self.plant = Plant(folder, self._config(shown))
            opening.push_async_callback(self.plant.stop)
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._open.aclose()

    def _config(self, shown: Credentials) -> str:
        files = "\n".join(f'{key} = "{file}"' for key, file in shown.files.items())
        return CONFIG.format(
            url=self.office.url, identity=IDENTITY, version=self._version, profile=self._profile, secrets=files
        )
