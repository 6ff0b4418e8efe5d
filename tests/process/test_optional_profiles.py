"""Firmware, diagnostics, a reservation and smart charging in OCPP 1.6, with real processes, sockets and files.

The back office is the strict CSMS; whatever it finds wrong is in its `/violations`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from chargepoint.ocpp.instants import time_text
from tests.process.strict import StrictCsms
from tests.process.strict_station import Station, in_order

pytestmark = pytest.mark.node

ANNA, BERT = "04A1B2C3D4E5F6", "04FFEEDDCCBBAA"
ACCEPTED = {"status": "Accepted"}
IN_TIME_S = 30.0
NEW = bytes(range(256)) * 400


@dataclass
class Files:
    """A server that gives and takes files."""

    base: str = ""
    held: dict[str, bytes] = field(default_factory=dict)

    async def give(self, request: web.Request) -> web.Response:
        content = self.held.get(request.path)
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def take(self, request: web.Request) -> web.Response:
        self.held[request.path] = await request.read()
        return web.Response(status=201)


@asynccontextmanager
async def files() -> AsyncIterator[Files]:
    server, app = Files(), web.Application()
    app.router.add_get("/{name:.*}", server.give)
    app.router.add_put("/{name:.*}", server.take)
    app.router.add_post("/{name:.*}", server.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


async def told(station: Station, *actions: str) -> list[str]:
    """The statuses said in these messages so far, in order; a message without one by its name."""
    calls = await station.csms.calls(station.identity)
    return [payload.get("status", action) for action, payload in calls if action in actions]


# --- files ------------------------------------------------------------------------------------------------------------

INSTALL = """\
#!{python}
import pathlib, sys
pathlib.Path("{installed}").write_bytes(pathlib.Path(sys.argv[1]).read_bytes())
"""


async def test_firmware_is_fetched_installed_by_the_program_and_told(csms: StrictCsms, tmp_path: Path) -> None:
    program, installed = tmp_path / "install", tmp_path / "installed"
    program.write_text(INSTALL.format(python=sys.executable, installed=installed))
    program.chmod(0o755)
    more = f'\n[firmware]\ninstall_program = "{program}"\n'
    async with files() as server, in_order(csms, tmp_path, "CP-firmware", more) as station:
        server.held["/new.bin"] = NEW
        update = {"location": f"{server.base}/new.bin", "retrieveDate": time_text(datetime.now(UTC))}
        assert await station.asked("UpdateFirmware", update) == {}
        await csms.until_called(station.identity, "FirmwareStatusNotification", status="Installed", timeout_s=IN_TIME_S)
        assert await told(station, "BootNotification", "FirmwareStatusNotification") == [
            "BootNotification", "Downloading", "Downloaded", "Installing", "BootNotification", "Installed",
        ]  # fmt: skip
        assert installed.read_bytes() == NEW


async def test_diagnostics_reach_the_server_under_the_name_that_was_told(csms: StrictCsms, tmp_path: Path) -> None:
    async with files() as server, in_order(csms, tmp_path, "CP-diagnostics") as station:
        answer = await station.asked("GetDiagnostics", {"location": f"{server.base}/logs/"})
        await station.says("DiagnosticsStatusNotification", status="Uploaded")
        assert await told(station, "DiagnosticsStatusNotification") == ["Uploading", "Uploaded"]
        [(path, content)] = server.held.items()
        assert path.startswith("/logs/")
        assert answer["fileName"] in path or answer["fileName"].encode() in content
        assert b"Acme Wall 11 A-1" in content


# --- reservation ------------------------------------------------------------------------------------------------------


async def test_a_reserved_connector_is_for_its_driver(csms: StrictCsms, tmp_path: Path) -> None:
    async with in_order(csms, tmp_path, "CP-reservation") as station:
        await station.says("StatusNotification", connectorId=1, status="Available")
        until = time_text(datetime.now(UTC) + timedelta(hours=1))
        wanted = {"connectorId": 1, "expiryDate": until, "idTag": ANNA, "reservationId": 17}
        assert await station.asked("ReserveNow", wanted) == ACCEPTED
        await station.says("StatusNotification", connectorId=1, status="Reserved")
        await station.plant.panel.card(BERT)
        await station.says("Authorize", idTag=BERT)
        await station.plant.panel.plug()
        await station.becomes("reserved")
        await station.plant.panel.card(ANNA)
        assert (await station.says("StartTransaction"))["reservationId"] == 17
        await station.says("StatusNotification", connectorId=1, status="Charging")
        assert await told(station, "StatusNotification") == [
            "Available", "Available", "Reserved", "Preparing", "Charging",
        ]  # fmt: skip


# --- smart charging ---------------------------------------------------------------------------------------------------


async def test_a_profile_lowers_what_the_car_draws(csms: StrictCsms, tmp_path: Path) -> None:
    async with in_order(csms, tmp_path, "CP-profile") as station:
        await station.plant.panel.plug()
        await station.becomes("preparing")
        await station.plant.panel.card(ANNA)
        await station.becomes("charging")
        await draws(station, 16)
        schedule = {
            "startSchedule": time_text(datetime.now(UTC)),
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7.5}, {"startPeriod": 3600, "limit": 10}],
        }
        profile = {
            "chargingProfileId": 3, "stackLevel": 1, "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute", "chargingSchedule": schedule,
        }  # fmt: skip
        asked = {"connectorId": 1, "csChargingProfiles": profile}
        assert await station.asked("SetChargingProfile", asked) == ACCEPTED
        await draws(station, 7.5)
        told = await station.asked("GetCompositeSchedule", {"connectorId": 1, "duration": 7200})
        limits = [period["limit"] for period in told["chargingSchedule"]["chargingSchedulePeriod"]]
        assert limits == [7.5, 10]
        assert await station.asked("ClearChargingProfile", {"id": 3}) == ACCEPTED
        await draws(station, 16)


async def draws(station: Station, amps: float) -> None:
    """Permitted, and measured by the meter on each phase."""

    async def look() -> dict[str, Any] | None:
        evse = await station.plant.panel.evse()
        measured = evse["reading"]["current_a"] if evse["reading"] else []
        right = evse["permit_a"] == amps and measured == pytest.approx([amps] * 3, abs=0.1)
        return evse if right else None

    await station.plant.until(look, f"the car did not draw {amps} A", 20)
