"""An update of the firmware, and a restart or a power cut in the middle: nothing is said twice, nothing forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.installing import MockInstaller
from chargepoint.ocpp.instants import time_text
from chargepoint.tasks.firmware import FirmwareKeeper
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.updates import LOGS, NEW, URL, diagnostics, firmware, signed, signed_update, trusting, update
from tests.world import NOON, World, a_world

WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path)


@pytest.fixture
def maker(tmp_path: Path) -> Manufacturer:
    return Manufacturer(tmp_path, "EC", NOON)


def keeper(w: World) -> FirmwareKeeper:
    found = w.daemon.maintenance.firmware
    assert found is not None
    return found


def left_over(w: World) -> list[Path]:
    """Files that stay behind."""
    return sorted((w.state / "transfers").iterdir())


async def test_an_update_that_waits_for_its_time_goes_on_waiting(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await signed_update(w, maker, retrieveDateTime=time_text(w.true_time() + timedelta(minutes=20)))
        await w.wait(minutes=1)
        await w.restart_program()
        await w.wait(minutes=1)
        assert (signed(w), w.servers.tried) == (["DownloadScheduled"], [])
        await w.wait(minutes=20)
        await w.start_program()
        assert signed(w) == ["DownloadScheduled", *WHOLE]


async def test_a_download_that_was_cut_short_is_taken_up_again(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        w.servers.dead[URL] = 1
        await signed_update(w, maker)
        await w.wait(5)
        await w.restart_program()
        await w.wait(5)
        assert w.ending is not None  # restarted before the back office could be told: it is owed
        await w.start_program()
        assert signed(w) == WHOLE


async def test_an_update_that_waits_for_a_car_waits_over_a_restart(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await w.charge(minutes=1)
        await signed_update(w, maker)
        await w.wait(minutes=1)
        before = [*WHOLE[:3], "InstallScheduled"]
        assert signed(w) == before
        await w.restart_program()
        await w.wait(minutes=1)
        assert signed(w) == before
        assert w.closed()
        await w.unplug()
        await w.wait(5)
        await w.start_program()
        assert signed(w) == [*before, *WHOLE[3:]]
        assert w.servers.tried == [URL]


async def test_over_a_power_cut_too(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await w.charge(minutes=1)
        await signed_update(w, maker)
        await w.wait(minutes=1)
        await w.power_cut()
        await w.power_back()
        await w.unplug()
        await w.wait(30)
        await w.start_program()
        assert signed(w) == [*WHOLE[:3], "InstallScheduled", *WHOLE[3:]]


async def test_after_a_power_cut_half_a_file_is_not_believed(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.dead[URL] = 1
        await update(w, retries=3, retryInterval=600)
        await w.wait(5)
        half = w.state / "transfers" / "firmware.download"
        half.write_bytes(b"\0" * 100)
        sizes: list[int] = []
        await w.power_cut()
        give = w.servers.give

        async def look(url: str, into: Path, trust: Any) -> None:
            sizes.append(into.stat().st_size if into.exists() else 0)  # noqa: ASYNC240
            await give(url, into, trust)

        w.servers.give = look  # type: ignore[method-assign]
        await w.power_back()
        assert sizes == [0]
        assert w.ending is not None


async def test_a_file_that_was_verified_and_has_gone_is_fetched_again(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await w.charge(minutes=1)
        await signed_update(w, maker)
        await w.wait(5)
        await w.kill_program()
        (w.state / "transfers" / "firmware.download").unlink()
        await w.start_program()
        await w.unplug()
        await w.wait(5)
        await w.start_program()
        assert signed(w) == [*WHOLE[:3], "InstallScheduled", *WHOLE[3:]]
        assert w.servers.tried == [URL, URL]


async def test_a_file_that_was_changed_while_it_waited_is_not_installed(world: MakeWorld, maker: Manufacturer) -> None:
    async with trusting(world, maker) as w:
        await w.charge(minutes=1)
        await signed_update(w, maker)
        await w.wait(5)
        (w.state / "transfers" / "firmware.download").write_bytes(NEW + b"!")
        await w.unplug()
        await w.wait(5)
        assert signed(w) == [*WHOLE[:3], "InstallScheduled", "InvalidSignature"]
        assert w.alarms() == ["InvalidFirmwareSignature"]
        assert w.ending is None


class Endless(MockInstaller):
    """Is at work when everything ends."""

    async def install(self, payload: Path) -> str:
        await asyncio.sleep(1e6)
        return ""


@pytest.mark.parametrize(("runs", "told"), [("0.0.1", "InstallationFailed"), ("9.9", "Installed")])
async def test_an_installation_that_was_cut_short_is_judged_by_what_runs_afterwards(
    world: MakeWorld, maker: Manufacturer, runs: str, told: str
) -> None:
    async with world(firmware=_rooted(maker), firmware_version="0.0.1") as w:
        keeper(w).installer = Endless()
        await signed_update(w, maker)
        await w.wait(5)
        assert signed(w)[-1] == "Installing"
        await w.power_cut()
        w.config = _with_version(w, runs)
        await w.power_back()
        assert signed(w) == [*WHOLE[:4], told]
        assert ("FirmwareUpdated" in w.alarms()) is (told == "Installed")
        assert left_over(w) == []
        await w.restart_program()
        assert signed(w)[4:] == [told]


def _rooted(maker: Manufacturer) -> Any:
    from chargepoint.config import FirmwareConfig

    return FirmwareConfig(root_file=maker.root_file)


def _with_version(w: World, version: str) -> Any:
    from dataclasses import replace

    return replace(w.config, station=replace(w.config.station, firmware_version=version))


async def test_what_is_being_installed_is_neither_replaced_nor_begun_again(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with trusting(world, maker) as w:
        keeper(w).installer = Endless()
        await signed_update(w, maker)
        await w.wait(5)
        assert await signed_update(w, maker, number=8) == "Rejected"
        await w.wait(5)
        assert signed(w) == WHOLE[:4]


async def test_the_boot_message_tells_the_new_version(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.files[URL] = b"version: 2.1.0\n"
        await update(w)
        await w.wait(5)
        await w.start_program()
        versions = [told["firmwareVersion"] for told in w.said("BootNotification")]
        assert versions[-1] == "2.1.0" != versions[0]
        assert firmware(w)[-1] == "Installed"
        updated = [told for told in w.said("SecurityEventNotification") if told["type"] == "FirmwareUpdated"]
        assert [told["techInfo"] for told in updated] == ["version 2.1.0"]


class Promising(MockInstaller):
    async def install(self, payload: Path) -> str:
        return "9.9"


async def test_a_machine_that_has_fallen_back_to_its_old_version_does_not_say_installed(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with trusting(world, maker) as w:
        keeper(w).installer = Promising()
        await signed_update(w, maker)
        await w.wait(5)
        await w.start_program()
        assert signed(w) == [*WHOLE[:5], "InstallationFailed"]
        assert w.alarms() == []


async def test_who_asks_in_the_last_seconds_before_the_restart_does_not_disturb_it(
    world: MakeWorld, maker: Manufacturer
) -> None:
    async with trusting(world, maker) as w:
        keeper(w).restart = lambda: None  # it takes a while
        await signed_update(w, maker)
        await w.wait(5)
        assert await signed_update(w, maker, number=8) == "Rejected"
        await w.plug()
        await w.card("CARD1")
        assert not w.closed()
        await w.restart_program()
        assert signed(w) == WHOLE


async def test_a_log_that_was_on_its_way_is_told_to_have_failed(world: MakeWorld) -> None:
    async with world() as w:
        w.servers.dead[LOGS] = 99
        await w.ask("GetDiagnostics", location=LOGS)
        await w.wait(5)
        await w.restart_program()
        await w.restart_program()
        assert diagnostics(w) == ["Uploading", "UploadFailed"]
