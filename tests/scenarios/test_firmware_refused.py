"""Firmware that is too large, wrong, older, for another model or from where nothing is fetched: refused, and gone."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.config import FirmwareConfig
from chargepoint.core.facts import Status
from chargepoint.core.maintenance import Update
from chargepoint.errors import JournalFull
from chargepoint.installing import MockInstaller
from chargepoint.store.memory import Memory
from chargepoint.transfer import NoRoom, Refused, Trust
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.test_firmware_over_restarts import keeper, left_over
from tests.scenarios.updates import LOGS, NEW, URL, diagnostics, firmware, signed, signed_update, trusting, update
from tests.world import NOON, World, a_world


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path)


@pytest.fixture
def maker(tmp_path: Path) -> Manufacturer:
    return Manufacturer(tmp_path, "EC", NOON)


class Shown(MockInstaller):
    """What it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: list[bytes] = []

    async def install(self, payload: Path) -> str:
        self.contents.append(payload.read_bytes())  # noqa: ASYNC240 - a few hundred bytes
        return ""


ELSEWHERE = [
    "file:///etc/shadow",
    "gopher://example.com/x",
    "http://127.0.0.1/x",
    "http://[::1]/",
    "ftp://169.254.1.1/x",
]


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_signed_firmware_from_where_nothing_is_fetched_is_refused_at_once(
    world: MakeWorld, maker: Manufacturer, url: str
) -> None:
    async with trusting(world, maker) as w:
        assert await signed_update(w, maker, location=url) == "Rejected"
        await w.wait(5)
        assert (signed(w), w.servers.tried, w.alarms()) == ([], [], [])


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_unsigned_firmware_and_logs_are_told_to_have_failed(world: MakeWorld, url: str) -> None:
    async with world() as w:
        await w.ask("UpdateFirmware", location=url, retrieveDate="2026-11-22T12:00:00Z", retries=3)
        await w.ask("GetDiagnostics", location=url, retries=3)
        await w.wait(5)
        assert firmware(w) == ["Downloading", "DownloadFailed"]
        assert diagnostics(w) == ["Uploading", "UploadFailed"]
        assert w.servers.tried == []


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_a_log_that_should_go_where_nothing_is_sent_is_refused_at_once(world: MakeWorld, url: str) -> None:
    async with world() as w:
        answer = await w.ask("GetLog", logType="SecurityLog", requestId=1, log={"remoteLocation": url})
        assert answer == {"status": "Rejected"}
        await w.wait(5)
        assert w.said("LogStatusNotification") == []


async def test_what_cannot_be_noted_is_not_installed(
    world: MakeWorld, maker: Manufacturer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever installs may take the machine down: afterwards nobody would know."""

    async def no_room(memory: Memory) -> None:
        raise JournalFull("no room", where="chargepoint.db", fix="Make room on the disk.")

    async with trusting(world, maker) as w:
        shown = keeper(w).installer = Shown()
        monkeypatch.setattr(Memory, "flushed", no_room)
        await signed_update(w, maker)
        await w.wait(5)
        assert signed(w)[-2:] == ["Installing", "InstallationFailed"]
        assert (shown.contents, left_over(w), w.ending) == ([], [], None)


async def test_a_disk_that_is_full_when_a_log_is_put_together_costs_the_log(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    async with world() as w:
        monkeypatch.setattr("chargepoint.records.logbook._write", no_room)
        await w.ask("GetDiagnostics", location=LOGS)
        await w.wait(5)
        assert (diagnostics(w), left_over(w)) == (["Uploading", "UploadFailed"], [])


@pytest.mark.parametrize("content", [b"model: Wall 44\nversion: 2.0", b"version: 0.0.1", b"version: 0.0.9"])
async def test_what_is_for_another_model_or_older_is_not_installed(
    world: MakeWorld, maker: Manufacturer, content: bytes
) -> None:
    async with trusting(world, maker) as w:
        assert await signed_update(w, maker, content=content, signature=maker.sign(content)) == "Accepted"
        await w.wait(5)
        assert signed(w)[-2:] == ["Installing", "InstallVerificationFailed"]
        assert (w.ending, left_over(w)) == (None, [])
        assert w.status() is Status.AVAILABLE


async def test_to_a_back_office_without_the_security_extension_it_is_a_failed_installation(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.files[URL] = b"model: Wall 44"
        await update(w)
        await w.wait(5)
        assert firmware(w) == ["Downloading", "Downloaded", "Installing", "InstallationFailed"]


async def test_an_empty_file_is_not_even_shown_to_whoever_installs(world: MakeWorld) -> None:
    async with world() as w:
        shown = keeper(w).installer = Shown()
        w.servers.files[URL] = b""
        await update(w)
        await w.wait(5)
        assert (firmware(w)[-1], shown.contents) == ("InstallationFailed", [])


async def test_nothing_is_shown_to_whoever_installs_before_its_signature_was_checked(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with trusting(world, maker) as w:
        shown = keeper(w).installer = Shown()
        await signed_update(w, maker, content=b"#!/bin/sh\nrm -rf /\n")
        await w.wait(5)
        await signed_update(w, maker, number=8)
        await w.wait(5)
        assert shown.contents == [NEW]


@pytest.mark.parametrize("why", [Refused("the file is larger than 2000000000 bytes"), NoRoom("there is no room")])
async def test_what_does_not_fit_is_given_up_at_once(world: MakeWorld, why: Refused) -> None:
    async with world() as w:
        tried = []

        async def give(url: str, into: Path, trust: Trust) -> None:
            tried.append(url)
            into.write_bytes(b"some of it")  # noqa: ASYNC240
            raise why

        keeper(w).fetch = give
        await update(w, retries=5)
        await w.wait(minutes=6)
        assert (firmware(w), len(tried), left_over(w)) == (["Downloading", "DownloadFailed"], 1, [])


@pytest.mark.parametrize("retries", [-1, 0, -(2**31)])
async def test_no_retries_is_one_try(world: MakeWorld, retries: int) -> None:
    async with world() as w:
        w.servers.dead[URL] = w.servers.dead[LOGS] = 99
        await update(w, retries=retries)
        await w.ask("GetDiagnostics", location=LOGS, retries=retries)
        await w.wait(minutes=5)
        assert (firmware(w), diagnostics(w)) == (["Downloading", "DownloadFailed"], ["Uploading", "UploadFailed"])
        assert sorted(w.servers.tried) == [LOGS, URL]


@pytest.mark.parametrize("interval", [0, -5])
async def test_no_interval_is_too_odd(world: MakeWorld, interval: int) -> None:
    async with world() as w:
        w.servers.dead[URL] = 2
        await update(w, retries=2**31, retryInterval=interval)
        await w.wait(minutes=1)
        assert firmware(w)[-1] == "Installing"


async def test_what_the_back_office_leaves_open_is_tried_three_times_a_minute_apart(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.dead[URL] = 99
        await update(w)
        await w.wait(119)
        assert len(w.servers.tried) == 2
        await w.wait(minutes=5)
        assert (firmware(w)[-1], len(w.servers.tried)) == ("DownloadFailed", 3)


async def test_of_two_updates_in_one_breath_the_second_is_carried_out(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        w.servers.files[URL] = NEW
        order = Update(URL, w.true_time(), request_id=7, certificate=maker.certificate, signature=maker.sign(NEW))
        answers = [keeper(w).request(each) for each in (order, replace(order, request_id=8))]
        assert answers == ["Accepted", "AcceptedCanceled"]
        await w.wait(5)
        assert {told["requestId"] for told in w.said("SignedFirmwareStatusNotification")} == {8}
        assert w.servers.tried == [URL]


async def test_of_two_logs_too(world: MakeWorld) -> None:
    async with world() as w:
        log = {"remoteLocation": LOGS}
        answers = await asyncio.gather(
            *(w.ask("GetLog", logType="SecurityLog", requestId=number, log=log) for number in (3, 4))
        )
        assert [answer["status"] for answer in answers] == ["Accepted", "AcceptedCanceled"]
        await w.wait(5)
        assert w.said("LogStatusNotification")[-1] == {"status": "Uploaded", "requestId": 4}


async def test_an_update_that_was_replaced_leaves_nothing_behind(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await w.charge(minutes=1)
        await signed_update(w, maker)
        await w.wait(5)
        assert [file.name for file in left_over(w)] == ["firmware.download"]
        w.servers.dead[URL] = 99
        assert await signed_update(w, maker, number=8) == "AcceptedCanceled"
        await w.wait(5)
        assert left_over(w) == []
        await w.wait(minutes=10)
        told = [(each["requestId"], each["status"]) for each in w.said("SignedFirmwareStatusNotification")]
        assert told[-2:] == [(8, "Downloading"), (8, "DownloadFailed")]
        assert w.closed()


async def test_whoever_is_free_is_out_of_service_while_firmware_waits_for_a_car(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with world(evses=2, firmware=FirmwareConfig(root_file=maker.root_file)) as w:
        await w.charge(minutes=1)
        await signed_update(w, maker)
        await w.wait(5)
        assert (w.status(1), w.status(2)) == (Status.CHARGING, Status.UNAVAILABLE)
        assert w.said("StatusNotification")[-1]["status"] == "Unavailable"
        answer = await w.ask("RemoteStartTransaction", idTag="CARD2", connectorId=2)
        assert answer == {"status": "Rejected"}
        w.servers.dead[URL] = 99  # another update takes its place, and waits for its file
        await signed_update(w, maker, number=8)
        await w.wait(5)
        assert (w.status(1), w.status(2)) == (Status.CHARGING, Status.AVAILABLE)


async def test_a_root_file_that_is_gone_is_nobodys_root(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        maker.root_file.unlink()
        assert await signed_update(w, maker) == "InvalidCertificate"


@pytest.mark.parametrize("log_url", ["ftp://anna:hunter2@files.example.com/", "https://files.example.com/?sig=hunter2"])
async def test_a_password_in_an_address_is_in_no_log_and_no_frame_that_is_shown(
    world: MakeWorld, caplog: pytest.LogCaptureFixture, log_url: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as w:
        w.servers.dead[log_url] = 1
        await w.ask("UpdateFirmware", location=log_url, retrieveDate="2026-11-22T12:00:00Z", retries=0)
        await w.ask("GetDiagnostics", location=log_url, retries=0)
        await w.ask("GetLog", logType="SecurityLog", requestId=1, log={"remoteLocation": log_url})
        await w.wait(minutes=10)
        assert _seen(w)
        assert "hunter2" not in caplog.text + repr(w.frames) + repr(w.servers.files.get(log_url, b""))


def _seen(w: World) -> Any:
    return [frame for _, frame in w.frames if "UpdateFirmware" in frame]


async def install_root(w: World, maker: Manufacturer) -> None:
    root = maker.root_file.read_text()
    answer = await w.ask("InstallCertificate", certificateType="ManufacturerRootCertificate", certificate=root)
    assert answer == {"status": "Accepted"}


async def test_a_root_that_the_back_office_has_brought_is_the_manufacturers(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with world() as w:
        assert await signed_update(w, maker) == "InvalidCertificate"
        await install_root(w, maker)
        assert await signed_update(w, maker) == "Accepted"


async def test_a_root_that_the_back_office_has_brought_ends_unsigned_updates(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with world() as w:
        await install_root(w, maker)
        await update(w)
        await w.wait(60)
        assert firmware(w) == ["DownloadFailed"]
        assert w.servers.tried == []


async def test_where_the_operator_has_named_the_manufacturer_the_back_office_cannot_name_another(
    world: MakeWorld, maker: Manufacturer, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = Manufacturer(tmp_path / "stranger", "EC", NOON)
    async with trusting(world, maker) as w:
        await install_root(w, stranger)
        assert await signed_update(w, stranger) == "InvalidCertificate"
