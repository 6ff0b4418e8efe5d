"""Firmware and logs, as a back office of OCPP 1.6 asks for them, with and without the security extension."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from chargepoint.core.facts import Status
from chargepoint.ocpp.instants import time_text
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.updates import LOGS, NEW, URL, diagnostics, firmware, signed, signed_update, trusting, update
from tests.world import NOON, a_world


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path)


# --- unsigned (TC_044) ------------------------------------------------------------------------------------------------


async def test_firmware_is_fetched_installed_and_reported_after_the_restart(world: MakeWorld) -> None:
    async with world() as w:
        await update(w)
        await w.wait(10)
        assert firmware(w) == ["Downloading", "Downloaded", "Installing"]
        assert w.ending is not None
        assert w.ending.restart
        await w.start_program()
        assert firmware(w) == ["Downloading", "Downloaded", "Installing", "Installed"]
        assert w.said("BootNotification")[1:]
        await w.restart_program()
        assert firmware(w).count("Installed") == 1


async def test_it_is_not_fetched_before_its_time(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.files[URL] = NEW
        await w.ask("UpdateFirmware", location=URL, retrieveDate=time_text(w.true_time() + timedelta(hours=1)))
        await w.wait(minutes=59)
        assert w.servers.tried == []
        await w.wait(minutes=2)
        assert w.servers.tried == [URL]


async def test_a_download_is_tried_as_often_as_was_asked(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.dead[URL] = 2
        await update(w, retries=2, retryInterval=30)
        await w.wait(59)
        assert len(w.servers.tried) == 2
        await w.wait(10)
        assert firmware(w) == ["Downloading", "Downloaded", "Installing"]


async def test_a_download_that_never_comes_is_told_once(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.dead[URL] = 99
        await update(w, retries=1, retryInterval=30)
        await w.wait(minutes=5)
        assert (firmware(w), len(w.servers.tried)) == (["Downloading", "DownloadFailed"], 2)
        assert w.ending is None


async def test_a_file_that_is_not_there_is_not_asked_for_again(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.files[URL] = None
        await update(w, retries=5)
        await w.wait(minutes=10)
        assert (firmware(w), len(w.servers.tried)) == (["Downloading", "DownloadFailed"], 1)


async def test_a_broken_file_is_not_installed_and_the_station_goes_on(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.files[URL] = b"broken"
        await update(w)
        await w.wait(10)
        assert firmware(w) == ["Downloading", "Downloaded", "Installing", "InstallationFailed"]
        assert w.ending is None
        await w.charge(minutes=1)
        assert w.closed()


async def test_whoever_charges_is_not_disturbed_and_nobody_new_begins(world: MakeWorld) -> None:
    async with world(evses=2) as w:
        await w.charge(minutes=1)
        await update(w)
        await w.wait(minutes=10)
        assert w.closed()
        assert firmware(w) == ["Downloading", "Downloaded"]
        await w.plug(2)
        await w.card("CARD2")
        assert not w.closed(2)
        await w.unplug(1)
        await w.wait(10)
        assert firmware(w)[-1] == "Installing"
        assert w.ending is not None


async def test_who_asks_how_far_it_is_is_told(world: MakeWorld) -> None:
    async with world() as w:
        assert await w.ask("TriggerMessage", requestedMessage="FirmwareStatusNotification") == {"status": "Accepted"}
        await w.wait(1)
        assert firmware(w) == ["Idle"]


# --- signed (TC_080, TC_081) ------------------------------------------------------------------------------------------


@pytest.fixture(params=["EC", "RSA"])
def maker(request: pytest.FixtureRequest, tmp_path: Path) -> Manufacturer:
    return Manufacturer(tmp_path, request.param, NOON)


async def test_signed_firmware_is_verified_and_installed(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        assert await signed_update(w, maker) == "Accepted"
        await w.wait(10)
        await w.start_program()
        assert signed(w) == [
            "Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed",
        ]  # fmt: skip
        assert w.alarms() == ["FirmwareUpdated"]
        assert firmware(w) == []


async def test_firmware_that_somebody_has_changed_is_not_installed(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        assert await signed_update(w, maker, content=NEW + b"!") == "Accepted"
        await w.wait(10)
        assert signed(w) == ["Downloading", "Downloaded", "InvalidSignature"]
        assert w.alarms() == ["InvalidFirmwareSignature"]
        assert w.ending is None


async def test_a_stranger_signs_nothing(world: MakeWorld, maker: Manufacturer, tmp_path: Path) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = Manufacturer(tmp_path / "stranger", "EC", NOON)
    async with trusting(world, maker) as w:
        assert await signed_update(w, stranger) == "InvalidCertificate"
        await w.wait(10)
        assert (signed(w), w.servers.tried) == ([], [])
        events = w.alarms()
        assert events == ["InvalidFirmwareSigningCertificate"]


async def test_who_may_not_issue_certificates_signs_nothing(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        assert await signed_update(w, maker.issue()) == "InvalidCertificate"
        assert w.servers.tried == []


async def test_where_firmware_has_to_be_signed_an_unsigned_one_is_not_even_fetched(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with trusting(world, maker) as w:
        await update(w)
        await w.wait(10)
        assert (firmware(w), w.servers.tried) == (["DownloadFailed"], [])


async def test_two_updates_that_wait_are_both_told(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        for number in (7, 8):
            later = time_text(w.true_time() + timedelta(hours=5))
            await signed_update(w, maker, number=number, retrieveDateTime=later)
            await w.wait(2)
        told = [(each["status"], each["requestId"]) for each in w.said("SignedFirmwareStatusNotification")]
        assert told == [("DownloadScheduled", 7), ("DownloadScheduled", 8)]


@pytest.mark.parametrize("hours", [-48, 48])
async def test_a_certificate_that_is_not_valid_now_signs_nothing(world: MakeWorld, tmp_path: Path, hours: int) -> None:
    maker = Manufacturer(tmp_path, "EC", NOON + timedelta(hours=hours))
    async with trusting(world, maker) as w:
        assert await signed_update(w, maker) == "InvalidCertificate"


async def test_without_a_root_of_the_manufacturer_nothing_signed_is_taken(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with world() as w:
        assert await signed_update(w, maker) == "InvalidCertificate"


async def test_a_newer_update_takes_the_place_of_one_that_waits(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await signed_update(w, maker, retrieveDateTime=time_text(w.true_time() + timedelta(hours=5)))
        await w.wait(2)
        assert await signed_update(w, maker, number=8) == "AcceptedCanceled"
        await w.wait(10)
        assert signed(w)[:2] == ["DownloadScheduled", "Downloading"]
        assert w.ending is not None


async def test_it_is_installed_at_the_time_that_was_asked_for(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await signed_update(w, maker, installDateTime=time_text(w.true_time() + timedelta(hours=2)))
        await w.wait(minutes=119)
        assert signed(w)[-1] == "InstallScheduled"
        await w.charge("EARLY", minutes=1)
        assert w.closed()
        await w.unplug()
        await w.wait(minutes=5)
        assert signed(w)[-1] == "InstallRebooting"


# --- logs (TC_045, TC_079) --------------------------------------------------------------------------------------------


async def test_diagnostics_are_sent(world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with world() as w:
        await w.charge(minutes=1)
        answer = await w.ask("GetDiagnostics", location=LOGS)
        assert answer["fileName"].startswith("A-1-diagnostics-20261122T")
        await w.wait(5)
        assert diagnostics(w) == ["Uploading", "Uploaded"]
        content = w.servers.files[LOGS]
        assert content is not None
        assert b"Acme Wall 22 A-1" in content
        assert b"contactor closed" in content


async def test_diagnostics_that_nobody_takes_are_told(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.dead[LOGS] = 99
        await w.ask("GetDiagnostics", location=LOGS, retries=1, retryInterval=5)
        await w.wait(minutes=1)
        assert (diagnostics(w), len(w.servers.tried)) == (["Uploading", "UploadFailed"], 2)


async def test_a_disk_that_takes_no_file_costs_the_file_and_nothing_else(world: MakeWorld) -> None:
    async with world() as w:
        (w.state / "transfers").write_text("no folder")
        await update(w)
        await w.ask("GetDiagnostics", location=LOGS)
        await w.wait(10)
        assert (firmware(w), diagnostics(w)) == (["DownloadFailed"], ["Uploading", "UploadFailed"])
        await w.charge(minutes=1)
        assert w.closed()


async def test_the_security_log_is_sent_within_its_times(world: MakeWorld, maker: Manufacturer) -> None:
    async with world() as w:
        await signed_update(w, maker)
        await w.wait(minutes=10)
        await signed_update(w, maker)
        await w.wait(1)
        window = {"remoteLocation": LOGS, "oldestTimestamp": time_text(w.true_time() - timedelta(minutes=5))}
        answer = await w.ask("GetLog", logType="SecurityLog", requestId=3, log=window)
        assert answer["status"] == "Accepted"
        await w.wait(5)
        assert [(told["status"], told["requestId"]) for told in w.said("LogStatusNotification")] == [
            ("Uploading", 3), ("Uploaded", 3),
        ]  # fmt: skip
        content = w.servers.files[LOGS]
        assert content is not None
        assert content.count(b"InvalidFirmwareSigningCertificate") == 1


async def test_the_security_log_survives_a_restart(world: MakeWorld, maker: Manufacturer) -> None:
    async with world() as w:
        await signed_update(w, maker)
        await w.wait(5)
        await w.restart_program()
        await w.ask("GetLog", logType="SecurityLog", requestId=3, log={"remoteLocation": LOGS})
        await w.wait(5)
        content = w.servers.files[LOGS]
        assert content is not None
        assert b"InvalidFirmwareSigningCertificate" in content


async def test_a_second_log_takes_the_place_of_the_first(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.dead[LOGS] = 99
        await w.ask("GetLog", logType="DiagnosticsLog", requestId=3, log={"remoteLocation": LOGS})
        await w.wait(5)
        other = {"remoteLocation": LOGS + "other"}
        answer = await w.ask("GetLog", logType="DiagnosticsLog", requestId=4, log=other)
        assert answer["status"] == "AcceptedCanceled"
        await w.wait(5)
        told = [(each["status"], each["requestId"]) for each in w.said("LogStatusNotification")]
        assert told == [("Uploading", 3), ("AcceptedCanceled", 3), ("Uploading", 4), ("Uploaded", 4)]


async def test_an_unavailable_connector_is_so_no_more_after_a_failed_installation(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.files[URL] = b""
        await update(w)
        await w.wait(10)
        assert firmware(w)[-1] == "InstallationFailed"
        assert w.status() is Status.AVAILABLE
