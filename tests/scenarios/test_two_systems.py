"""A station with two systems on its medium: a new one is tried, and kept or left, and the back office is told which."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from chargepoint.config import FirmwareConfig
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.updates import URL, firmware, signed, signed_update, update
from tests.two_systems import TwoSystems, a_bundle
from tests.world import NOON, World, a_world

FETCHED = ["Downloading", "Downloaded"]
UNSIGNED = [*FETCHED, "Installing"]
SIGNED = [*FETCHED, "SignatureVerified", "Installing", "InstallRebooting"]


@pytest.fixture
def machine() -> TwoSystems:
    return TwoSystems()


@pytest.fixture
def world(tmp_path: Path, machine: TwoSystems) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path, machine=machine)


def versions(w: World) -> list[str]:
    return [told["firmwareVersion"] for told in w.said("BootNotification")]


def restart_is_wanted(w: World) -> bool:
    return w.ending is not None


async def installed(w: World, bundle: bytes | None = None) -> None:
    """Asked for by the back office, fetched and written; the machine is about to restart."""
    w.servers.files[URL] = bundle or a_bundle()
    await update(w)
    await w.until(lambda: restart_is_wanted(w))


# --- what works -------------------------------------------------------------------------------------------------------


async def test_a_new_system_that_works_is_kept(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await installed(w)
        assert firmware(w) == UNSIGNED
        await w.machine_restarts()
        assert (machine.booted, versions(w)) == ("B", ["1.0.0", "2.0.0"])
        await w.wait(20)
        assert machine.good["B"]
        assert firmware(w) == [*UNSIGNED, "Installed"]
        updated = [told for told in w.said("SecurityEventNotification") if told["type"] == "FirmwareUpdated"]
        assert [told["techInfo"] for told in updated] == ["version 2.0.0"]
        await w.power_cut()
        await w.power_back()
        assert machine.booted == "B"
        assert firmware(w) == [*UNSIGNED, "Installed"]


async def test_it_is_not_told_installed_before_it_has_proven_itself(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await installed(w)
        await w.machine_restarts()
        assert (firmware(w), machine.good["B"]) == (UNSIGNED, False)


async def test_nobody_begins_before_it_has(world: MakeWorld) -> None:
    async with world() as w:
        await installed(w)
        await w.machine_restarts()
        await w.plug()
        w.yard.card("CARD1")
        await w.wait(0.5)
        assert not w.closed()
        await w.wait(20)
        await w.card("CARD1")
        assert w.closed()


async def test_signed_firmware_goes_the_same_way(tmp_path: Path, world: MakeWorld, machine: TwoSystems) -> None:
    maker = Manufacturer(tmp_path, "EC", NOON)
    async with world(firmware=FirmwareConfig(root_file=maker.root_file)) as w:
        bundle = a_bundle()
        w.servers.files[URL] = bundle
        assert await signed_update(w, maker, content=bundle, signature=maker.sign(bundle)) == "Accepted"
        await w.until(lambda: restart_is_wanted(w))
        assert signed(w) == SIGNED
        await w.machine_restarts()
        await w.wait(20)
        assert signed(w) == [*SIGNED, "Installed"]
        assert machine.good["B"]


async def test_who_charges_is_waited_for(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        w.servers.files[URL] = a_bundle()
        await update(w)
        await w.wait(minutes=10)
        assert (w.closed(), machine.versions["B"]) == (True, "")
        await w.unplug()
        await w.until(lambda: restart_is_wanted(w))


async def test_without_a_back_office_the_self_test_is_enough(world: MakeWorld, machine: TwoSystems) -> None:
    machine.versions["B"], machine.tried = "2.0.0", "B"
    machine.restart()
    async with world(csms=False, access="free") as w:
        await w.wait(20)
        assert machine.good["B"]


# --- what does not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        (a_bundle(says="signature verification failed: Verify error: self-signed certificate"), "does not trust"),
        (b"firmware", "it is not a bundle, or a part of it is missing"),
        (a_bundle(compatible="other-board"), "it is for other hardware (other-board), and this is acme-wall"),
        (a_bundle(version="0.9.0"), "it is older than what runs: 0.9.0, and this is 1.0.0"),
    ],
)
async def test_a_bundle_that_is_not_for_us_is_refused_before_anybody_waits(
    world: MakeWorld, machine: TwoSystems, bundle: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        w.servers.files[URL] = bundle
        await update(w)
        await w.wait(10)
        assert firmware(w) == [*FETCHED, "InstallationFailed"]
        assert why in caplog.text
        assert w.closed()
        assert (machine.tried, w.ending) == ("", None)


async def test_one_that_turns_out_to_be_tampered_with_is_refused_half_way(
    world: MakeWorld, machine: TwoSystems, caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as w:
        w.servers.files[URL] = a_bundle(says="Failed updating slot rootfs.1: Input/output error")
        await update(w)
        await w.wait(60)
        assert firmware(w) == [*UNSIGNED, "InstallationFailed"]
        assert "it was changed after it was signed, or is damaged" in caplog.text
        assert (machine.tried, w.ending) == ("", None)
        await w.charge(minutes=1)
        assert w.closed()


async def test_a_power_cut_in_the_middle_leaves_the_old_system_and_is_told(
    world: MakeWorld, machine: TwoSystems
) -> None:
    async with world() as w:
        w.servers.files[URL] = a_bundle()
        await update(w)
        await w.wait(20)
        assert firmware(w) == UNSIGNED
        await w.power_cut()
        await w.power_back()
        await w.wait(10)
        assert (machine.booted, machine.versions["B"]) == ("A", "")
        assert firmware(w) == [*UNSIGNED, "InstallationFailed"]
        await installed(w)  # and it can be done again
        await w.machine_restarts()
        await w.wait(20)
        assert machine.good["B"]


async def test_one_that_was_installed_and_not_started_yet_is_started_after_a_power_cut(
    world: MakeWorld, machine: TwoSystems
) -> None:
    """On a Raspberry Pi, a trial has to be asked for; the power may fail before."""
    async with world() as w:
        await installed(w)
        w.ending = None
        await w.power_cut()
        machine.boots["B"] = False  # this time the old one starts, and the trial is still to come
        waiting, machine.tried = machine.tried, ""
        machine.restart()
        machine.boots["B"], machine.tried = True, waiting
        w.yard.start()
        await w.start_program()
        await w.until(lambda: restart_is_wanted(w))
        await w.machine_restarts()
        await w.wait(20)
        assert machine.good["B"]
        assert firmware(w)[-1] == "Installed"
        assert "InstallationFailed" not in firmware(w)


async def test_but_not_for_ever(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await installed(w)
        for _ in range(3):
            waiting = machine.tried
            machine.tried = ""
            w.ending = None
            await w.power_cut()
            machine.booted, machine.tried = "A", waiting
            w.yard.start()
            await w.start_program()
            await w.wait(10)
        assert firmware(w) == [*UNSIGNED, "InstallationFailed"]
        assert w.ending is None


# --- what does not prove itself ---------------------------------------------------------------------------------------


async def test_one_that_never_comes_up_is_told_by_the_old_one(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        machine.boots["B"] = False
        await installed(w)
        await w.machine_restarts()
        await w.wait(10)
        assert (machine.booted, versions(w)) == ("A", ["1.0.0", "1.0.0"])
        assert firmware(w) == [*UNSIGNED, "InstallationFailed"]
        assert w.alarms() == []
        await w.charge(minutes=1)
        assert w.closed()


async def test_one_whose_meter_does_not_answer_is_left(
    world: MakeWorld, machine: TwoSystems, caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as w:
        await installed(w)
        w.yard.fault(1, "meter_lost", True)
        await w.machine_restarts()
        await w.wait(minutes=9)
        assert (machine.booted, w.ending) == ("B", None)
        await w.wait(minutes=2)
        assert restart_is_wanted(w)
        assert "the meter of EVSE 1 does not answer" in caplog.text
        w.yard.fault(1, "meter_lost", False)
        await w.machine_restarts()
        await w.wait(10)
        assert (machine.booted, versions(w)) == ("A", ["1.0.0", "2.0.0", "1.0.0"])
        assert firmware(w) == [*UNSIGNED, "InstallationFailed"]
        assert "after it version 1.0.0 runs: EVSE 1: " in caplog.text


async def test_a_car_that_is_broken_is_not_held_against_it(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await installed(w)
        await w.plug()
        w.yard.fault(1, "pilot_shorted", True)
        await w.machine_restarts()
        await w.wait(20)
        assert machine.good["B"]


async def test_what_was_broken_before_is_not_held_against_it(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await w.fault("meter_lost")
        await w.wait(10)
        await installed(w)
        await w.machine_restarts()
        await w.wait(20)
        assert machine.good["B"]


async def test_one_that_the_back_office_does_not_accept_is_left(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await installed(w)
        w.link.cut()
        await w.machine_restarts()
        await w.wait(minutes=11)
        assert restart_is_wanted(w)
        w.link.restore()
        await w.machine_restarts()
        await w.wait(60)
        assert machine.booted == "A"
        assert firmware(w) == [*UNSIGNED, "InstallationFailed"]


async def test_one_that_is_accepted_late_is_kept(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await installed(w)
        w.link.cut()
        await w.machine_restarts()
        await w.wait(minutes=5)
        assert not machine.good["B"]
        w.link.restore()
        await w.wait(minutes=3)
        assert machine.good["B"]


async def test_a_program_that_dies_again_and_again_gets_no_more_time(world: MakeWorld, machine: TwoSystems) -> None:
    async with world() as w:
        await installed(w)
        w.link.cut()
        await w.machine_restarts()
        for _ in range(5):
            await w.wait(minutes=2)
            await w.restart_program()
        await w.wait(10)
        assert restart_is_wanted(w)


async def test_what_has_ended_it_in_place_of_the_program_is_heard(
    world: MakeWorld, machine: TwoSystems, caplog: pytest.LogCaptureFixture
) -> None:
    """deploy/rauc/give-up-trial."""
    async with world() as w:
        await installed(w)
        machine.boots["B"] = False
        (w.state / "trial-failed.json").write_text('{"slot": "B", "why": "its program did not come up in time"}\n')
        await w.machine_restarts()
        await w.wait(10)
        assert firmware(w)[-1] == "InstallationFailed"
        assert "its program did not come up in time" in caplog.text
        assert not (w.state / "trial-failed.json").exists()


@pytest.mark.parametrize("note", ["", "null", "[]", '{"slot": "B"}', "\0\0", json.dumps({"slot": 1, "why": ["x"]})])
async def test_whatever_stands_in_that_note_the_station_starts(
    world: MakeWorld, machine: TwoSystems, note: str
) -> None:
    async with world() as w:
        (w.state / "trial-failed.json").write_text(note)
        await w.restart_program()
        await w.charge(minutes=1)
        assert w.closed()
        assert not (w.state / "trial-failed.json").exists()


async def test_while_rauc_does_not_answer_nothing_is_installed_and_the_station_works(
    world: MakeWorld, machine: TwoSystems, caplog: pytest.LogCaptureFixture
) -> None:
    machine.deaf = True
    async with world() as w:
        w.servers.files[URL] = a_bundle()
        await update(w)
        await w.charge(minutes=5)
        assert w.closed()
        assert firmware(w) == ["DownloadFailed"]
        assert caplog.text.count("the slots of this machine are not known") == 1
        await w.unplug()
        machine.deaf = False
        await w.wait(60)
        await installed(w)


async def test_what_somebody_has_installed_by_hand_has_to_prove_itself_too(
    world: MakeWorld, machine: TwoSystems
) -> None:
    machine.versions["B"], machine.tried = "2.0.0", "B"
    machine.restart()
    async with world() as w:
        await w.wait(20)
        assert machine.good["B"]
        assert firmware(w) == []
        assert w.alarms() == ["FirmwareUpdated"]
