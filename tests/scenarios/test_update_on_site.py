"""Somebody stands at the station with a file: what he may install, what he sees, and what the back office hears."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.config import FirmwareConfig
from chargepoint.installing import MockInstaller
from chargepoint.localcontrols import LocalControls
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.updates import URL, firmware, update
from tests.two_systems import TwoSystems, a_bundle
from tests.world import NOON, World, a_world


@pytest.fixture
def machine() -> TwoSystems:
    return TwoSystems()


@pytest.fixture(params=["1.6", "2.0.1"])
def world(request: pytest.FixtureRequest, tmp_path: Path, machine: TwoSystems) -> MakeWorld:
    return partial(a_world, request.param, tmp_path, machine=machine)


async def bring(w: World, content: bytes, *, now: bool = False) -> str | None:
    folder = w.state / "transfers"
    folder.mkdir(exist_ok=True)
    (folder / "firmware.brought").write_bytes(content)
    return await LocalControls(w.daemon).begin_update(at_once=now)


async def told(w: World) -> dict[str, Any]:
    return await LocalControls(w.daemon).update()


def restart_is_wanted(w: World) -> bool:
    return w.ending is not None


async def test_a_bundle_is_installed_and_proves_itself(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        assert await bring(w, a_bundle()) is None
        await w.wait(20)
        seen = await told(w)
        assert seen["doing"] == {
            "step": "Installing", "percent": 80, "words": "Copying image to rootfs.1", "waits_for": [],
        }  # fmt: skip
        await w.until(lambda: restart_is_wanted(w))
        await w.machine_restarts()
        assert (await told(w))["trial"] == {"missing": "it has only just started"}
        await w.wait(20)
        seen = await told(w)
        assert (seen["firmware"], seen["trial"], seen["doing"], seen["starts_next"]) == ("2.0.0", None, None, "B")
        assert seen["slots"][1] == {"name": "B", "booted": True, "good": True, "version": "2.0.0"}
        assert (seen["last"]["outcome"], seen["last"]["version"]) == ("kept", "2.0.0")
        assert list((w.state / "transfers").iterdir()) == []


async def test_the_back_office_hears_of_the_version_and_is_told_no_steps_it_has_not_asked_for(
    world: MakeWorld, machine: TwoSystems
) -> None:
    async with world() as w:
        await bring(w, a_bundle())
        await w.until(lambda: restart_is_wanted(w))
        await w.machine_restarts()
        await w.wait(20)
        assert firmware(w) == []
        assert w.alarms() == ["FirmwareUpdated"]
        if w.version == "2.0.1":
            assert w.said("BootNotification")[-1]["reason"] == "FirmwareUpdate"


async def test_who_charges_is_waited_for_and_named(world: MakeWorld, machine: TwoSystems) -> None:
    async with world(evses=2) as w:
        await w.charge(evse=2, minutes=1)
        assert await bring(w, a_bundle()) is None
        await w.wait(minutes=5)
        assert (await told(w))["doing"]["waits_for"] == [2]
        assert (w.closed(2), machine.versions["B"]) == (True, "")
        await w.unplug(2)
        await w.until(lambda: restart_is_wanted(w))


async def test_unless_it_has_to_be_now(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        assert await bring(w, a_bundle(), now=True) is None
        await w.until(lambda: restart_is_wanted(w))
        assert machine.tried == "B"


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        (a_bundle(says="signature verification failed: Verify error: self-signed certificate"),
         "it is signed by somebody whom this station does not trust"),
        (b"", "it is not a bundle, or a part of it is missing"),
        (a_bundle(compatible="other-board"), "it is for other hardware (other-board), and this is acme-wall"),
        (a_bundle(version="0.9"), "it is older than what runs: 0.9, and this is 1.0.0"),
    ],
)  # fmt: skip
async def test_what_is_not_for_this_station_is_refused_at_once(
    world: MakeWorld, machine: TwoSystems, bundle: bytes, why: str
) -> None:
    async with world() as w:
        assert await bring(w, bundle) == why
        assert (await told(w))["doing"] is None
        assert list((w.state / "transfers").iterdir()) == []


async def test_what_turns_out_to_be_damaged_is_told_to_who_waits(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        assert await bring(w, a_bundle(says="dm-verity: data block 0 is corrupted")) is None
        await w.wait(60)
        seen = await told(w)
        assert (seen["doing"], seen["failure"]) == (None, "it was changed after it was signed, or is damaged")
        assert seen["last"]["outcome"] == "refused"
        assert w.ending is None
        assert await bring(w, a_bundle()) is None


async def test_a_new_system_that_was_left_is_told_with_the_reason(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await bring(w, a_bundle())
        await w.until(lambda: restart_is_wanted(w))
        w.link.cut()
        await w.machine_restarts()
        await w.wait(minutes=11)
        await w.machine_restarts()
        await w.wait(5)
        last = (await told(w))["last"]
        assert (last["outcome"], last["version"]) == ("left", "2.0.0")
        assert last["why"] == "the back office has not accepted the station"


async def test_one_thing_at_a_time(tmp_path: Path, machine: TwoSystems) -> None:
    async with a_world("1.6", tmp_path, machine=machine) as w:
        await w.charge(minutes=1)
        w.servers.files[URL] = a_bundle()
        await update(w)
        await w.wait(10)
        assert await bring(w, a_bundle("3.0.0")) == "another update is under way"
        await w.unplug()
        await w.until(lambda: restart_is_wanted(w))
        await w.machine_restarts()
        assert await bring(w, a_bundle("3.0.0")) == "the system that runs is new and has to prove itself first"


async def test_one_that_waits_for_a_car_waits_over_a_power_cut(world: MakeWorld, machine: TwoSystems) -> None:
    async with world(after_power_loss="resume") as w:
        await w.charge(minutes=1)
        await bring(w, a_bundle())
        await w.wait(10)
        await w.power_cut()
        await w.power_back()
        await w.wait(minutes=5)
        assert machine.versions["B"] == ""
        await w.unplug()
        await w.until(lambda: restart_is_wanted(w))
        assert machine.tried == "B"


async def test_one_that_waits_for_a_car_is_cancelled(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        controls = LocalControls(w.daemon)
        assert await controls.cancel_update() == "no update is under way"
        await w.charge(minutes=1)
        await bring(w, a_bundle())
        await w.wait(10)
        assert await controls.cancel_update() is None
        seen = await told(w)
        assert (seen["doing"], seen["failure"]) == (None, "it was cancelled")
        assert list((w.state / "transfers").iterdir()) == []
        await w.unplug()
        await w.wait(minutes=5)
        assert (machine.versions["B"], w.ending) == ("", None)
        await w.charge(minutes=1)
        assert w.closed(1)
        assert await bring(w, a_bundle()) is None


async def test_what_is_being_installed_cannot_be_cancelled(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await bring(w, a_bundle())
        await w.wait(20)
        assert await LocalControls(w.daemon).cancel_update() == "it is being installed already, or has been"
        await w.until(lambda: restart_is_wanted(w))


async def test_what_the_back_office_has_ordered_is_not_cancelled_on_site(tmp_path: Path, machine: TwoSystems) -> None:
    async with a_world("1.6", tmp_path, machine=machine) as w:
        await w.charge(minutes=1)
        w.servers.files[URL] = a_bundle()
        await update(w)
        await w.wait(10)
        refusal = await LocalControls(w.daemon).cancel_update()
        assert refusal == "the back office has ordered this update, and it alone can replace it"


async def test_without_a_file_there_is_nothing_to_do(world: MakeWorld, tmp_path: Path) -> None:
    async with world() as w:
        controls = LocalControls(w.daemon)
        assert await controls.begin_update(at_once=False) == "there is no file to install"
        (w.state / "transfers").mkdir(exist_ok=True)
        (w.state / "transfers" / "firmware.brought").symlink_to("/etc/passwd")
        assert await controls.begin_update(at_once=False) == "there is no file to install"


async def test_while_rauc_does_not_answer_it_is_said_whom_to_ask(world: MakeWorld, machine: TwoSystems) -> None:
    machine.deaf = True
    async with world() as w:
        refusal = await bring(w, a_bundle())
        assert refusal is not None
        assert refusal.startswith("RAUC does not tell how the two systems of this machine stand")
        seen = await told(w)
        assert (seen["possible"], seen["slots"]) == (True, None)


async def test_a_makers_own_program_takes_no_unsigned_file_where_only_signed_ones_count(tmp_path: Path) -> None:
    maker = Manufacturer(tmp_path, "EC", NOON)
    rooted = FirmwareConfig(root_file=maker.root_file, install_program=Path("/usr/local/sbin/install-firmware"))
    async with a_world("1.6", tmp_path, firmware=rooted) as w:
        refusal = await bring(w, b"new firmware")
        assert refusal is not None
        assert "with the manufacturer's signature" in refusal


async def test_a_station_with_one_system_tells_no_slots(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as w:
        seen = await told(w)
        assert (seen["possible"], seen["slots"], seen["last"]) == (True, None, None)
        assert w.daemon.maintenance.firmware is not None
        w.daemon.maintenance.firmware.installer = MockInstaller()
        assert (await told(w))["simulated"] is True


async def test_what_has_two_systems_is_not_simulated(world: MakeWorld) -> None:
    async with world() as w:
        assert (await told(w))["simulated"] is False
