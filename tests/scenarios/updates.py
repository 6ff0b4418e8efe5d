"""What a back office of OCPP 1.6 asks of a station's software, and what it hears of it."""

from __future__ import annotations

from typing import Any

from chargepoint.config import FirmwareConfig
from chargepoint.ocpp.instants import time_text
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.world import World

URL = "https://files.example.com/firmware-2.bin"
LOGS = "ftp://files.example.com/logs/"
NEW = b"new firmware" * 100


def firmware(w: World) -> list[str]:
    return [told["status"] for told in w.said("FirmwareStatusNotification")]


async def update(w: World, **more: Any) -> None:
    w.servers.files.setdefault(URL, NEW)
    assert await w.ask("UpdateFirmware", location=URL, retrieveDate=time_text(w.true_time()), **more) == {}


def signed(w: World) -> list[str]:
    assert {told["requestId"] for told in w.said("SignedFirmwareStatusNotification")} <= {7, 8}
    return [told["status"] for told in w.said("SignedFirmwareStatusNotification")]


async def signed_update(w: World, maker: Manufacturer, *, number: int = 7, content: bytes = NEW, **more: Any) -> str:
    w.servers.files[URL] = content
    told = {
        "location": URL, "retrieveDateTime": time_text(w.true_time()),
        "signingCertificate": maker.certificate, "signature": maker.sign(NEW),
    }  # fmt: skip
    answer = await w.ask("SignedUpdateFirmware", requestId=number, firmware=told | more)
    return str(answer["status"])


def trusting(world: MakeWorld, maker: Manufacturer) -> Any:
    return world(firmware=FirmwareConfig(root_file=maker.root_file))


def diagnostics(w: World) -> list[str]:
    return [told["status"] for told in w.said("DiagnosticsStatusNotification")]
