"""Firmware management: updates without and with signature, and diagnostics (TC_044, TC_045, TC_080, TC_081)."""

import logging
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from chargepoint.config import FirmwareConfig
from chargepoint.ocpp.instants import time_text
from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import Message, answers, in_any_order, says
from tests.conformance.v16.words import TAG, accepted, authorize, boot, start, status, statuses
from tests.manufacturer import Manufacturer
from tests.world import NOON

URL = "https://files.example.com/firmware-2.bin"
LOGS = "ftp://files.example.com/logs/"
NEW = b"version: 9.1.0\n" + b"new firmware" * 100


def firmware(word: str) -> Message:
    return says("FirmwareStatusNotification", status=word)


def diagnostics(word: str) -> Message:
    return says("DiagnosticsStatusNotification", status=word)


def event(kind: str) -> Message:
    return says("SecurityEventNotification", type=kind, timestamp=lambda at: bool(datetime.fromisoformat(at)))


RENEWED = (event("ResetOrReboot"), event("FirmwareUpdated"))

GONE, BACK = status(1, "Unavailable"), status(1, "Available")
"""Nobody new begins while it is being installed (security whitepaper, L01.FR.07)."""


def unhurried(s: Stage) -> None:
    """Transfers and installations take some seconds."""
    s.servers.takes_s = 4


@pytest.fixture
def stage(stage: MakeStage) -> MakeStage:
    return partial(stage, before=unhurried)


async def nothing_under_way(s: Stage, message: str = "FirmwareStatusNotification") -> None:
    """Who asks hears Idle, and that is all that is said from now on."""
    await s.asks("TriggerMessage", requestedMessage=message)
    await s.expect(accepted("TriggerMessage"), says(message, status="Idle"), quiet_s=60)


async def still_charges(s: Stage) -> None:
    assert s.ending is None
    await s.card(TAG)
    await s.expect(authorize(), status(1, "Preparing"))
    await s.plug()
    await s.expect(start(), status(1, "Charging"))
    assert s.closed()


# --- without signature ------------------------------------------------------------------------------------------------


async def update(s: Stage, *, in_s: float = 0.0, **more: int) -> None:
    at = time_text(s.true_time() + timedelta(seconds=in_s))
    await s.asks("UpdateFirmware", location=URL, retrieveDate=at, **more)


@pytest.mark.case("TC_044_1_CS")
async def test_tc_044_1_download_and_install(stage: MakeStage) -> None:
    async with stage() as s:
        s.servers.files[URL] = NEW
        asked_s = s.true_time()
        await update(s, in_s=120)
        await s.expect(answers("UpdateFirmware"), quiet_s=100)
        fetched = in_any_order(firmware("Downloaded"), GONE)
        await s.expect(firmware("Downloading"), fetched, firmware("Installing"), quiet_s=0)
        assert s.servers.tried == [URL]
        assert s.true_time() - asked_s >= timedelta(seconds=120)
        await s.comes_back()
        await s.expect(
            boot(firmwareVersion="9.1.0"), in_any_order(*statuses(), firmware("Installed"), *RENEWED), security=True
        )
        await nothing_under_way(s)
        await s.restart_program()
        s.transcript.skip()
        await nothing_under_way(s)


@pytest.mark.case("TC_044_2_CS")
async def test_tc_044_2_download_failed(stage: MakeStage) -> None:
    async with stage() as s:
        s.servers.dead[URL] = 99
        await update(s, retries=2, retryInterval=30)
        [_, begun, failed] = await s.expect(
            answers("UpdateFirmware"), firmware("Downloading"), firmware("DownloadFailed"), within_s=120
        )
        assert s.servers.tried == [URL] * 3
        assert failed.at_s - begun.at_s == pytest.approx(2 * 30 + 3 * 4, abs=1)
        await nothing_under_way(s)
        await still_charges(s)


@pytest.mark.case("TC_044_3_CS")
async def test_tc_044_3_installation_failed(stage: MakeStage) -> None:
    async with stage() as s:
        s.servers.files[URL] = b"broken"
        await update(s)
        fetched, failed = in_any_order(firmware("Downloaded"), GONE), in_any_order(firmware("InstallationFailed"), BACK)
        told = (firmware("Downloading"), fetched, firmware("Installing"), failed)
        await s.expect(answers("UpdateFirmware"), *told)
        await nothing_under_way(s)
        await still_charges(s)


# --- diagnostics ------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_045_1_CS")
async def test_tc_045_1_diagnostics(stage: MakeStage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)  # as in the program
    async with stage() as s:
        await s.plug()
        await s.wait(1800)
        since = s.true_time()
        await s.unplug()
        await s.wait(1800)
        until = s.true_time() - timedelta(minutes=10)
        await s.plug()
        await s.unplug()
        await s.wait(5)
        s.transcript.skip()
        window = {"startTime": time_text(since), "stopTime": time_text(until)}
        await s.asks("GetDiagnostics", location=LOGS, **window)
        named = answers("GetDiagnostics", fileName=lambda name: 0 < len(name) <= 255)
        await s.expect(named, diagnostics("Uploading"), diagnostics("Uploaded"))
        content = s.servers.files[LOGS]
        assert content is not None
        head, _, log = content.decode().partition("== Log ==\n")
        assert "Acme Wall 22 A-1" in head
        assert log.count("vehicle disconnected") == 1
        assert "vehicle connected" not in log  # neither before the window nor after it
        written = [datetime.fromisoformat(line.split()[0]) for line in log.splitlines()]
        assert since <= min(written) <= max(written) <= until
        await nothing_under_way(s, "DiagnosticsStatusNotification")


@pytest.mark.case("TC_045_2_CS")
async def test_tc_045_2_upload_failed(stage: MakeStage) -> None:
    async with stage() as s:
        s.servers.dead[LOGS] = 99
        await s.asks("GetDiagnostics", location=LOGS, retries=1, retryInterval=20)
        [_, begun, failed] = await s.expect(
            answers("GetDiagnostics"), diagnostics("Uploading"), diagnostics("UploadFailed"), within_s=60
        )
        assert s.servers.tried == [LOGS] * 2
        assert failed.at_s - begun.at_s == pytest.approx(20 + 2 * 4, abs=1)
        await nothing_under_way(s, "DiagnosticsStatusNotification")


# --- with signature ---------------------------------------------------------------------------------------------------

REQUEST_ID = 42


def signed(word: str) -> Message:
    return says("SignedFirmwareStatusNotification", status=word, requestId=REQUEST_ID)


@pytest.fixture(params=["EC", "RSA"])
def maker(request: pytest.FixtureRequest, tmp_path: Path) -> Manufacturer:
    return Manufacturer(tmp_path, request.param, NOON)


async def signed_update(s: Stage, maker: Manufacturer, signature: str) -> None:
    told = {
        "location": URL,
        "retrieveDateTime": time_text(s.true_time()),
        "signingCertificate": maker.certificate,
        "signature": signature,
    }
    await s.asks("SignedUpdateFirmware", requestId=REQUEST_ID, firmware=told)


@pytest.mark.case("TC_080_CS")
async def test_tc_080_signed_update(stage: MakeStage, maker: Manufacturer) -> None:
    async with stage(firmware=FirmwareConfig(root_file=maker.root_file)) as s:
        s.servers.files[URL] = NEW
        await signed_update(s, maker, maker.sign(NEW))
        fetched = in_any_order(signed("Downloaded"), GONE)
        steps = map(signed, ("SignatureVerified", "Installing", "InstallRebooting"))
        await s.expect(accepted("SignedUpdateFirmware"), signed("Downloading"), fetched, *steps)
        await s.comes_back()
        await s.expect(
            boot(firmwareVersion="9.1.0"), in_any_order(*statuses(), signed("Installed"), *RENEWED), security=True
        )
        await nothing_under_way(s)


@pytest.mark.case("TC_081_CS")
async def test_tc_081_signed_update_with_a_wrong_signature(stage: MakeStage, maker: Manufacturer) -> None:
    async with stage(firmware=FirmwareConfig(root_file=maker.root_file)) as s:
        s.servers.files[URL] = NEW
        await signed_update(s, maker, maker.sign(NEW + b"!"))
        steps = map(signed, ("Downloading", "Downloaded", "InvalidSignature"))
        await s.expect(accepted("SignedUpdateFirmware"), *steps, event("InvalidFirmwareSignature"), security=True)
        await nothing_under_way(s)
        await still_charges(s)
