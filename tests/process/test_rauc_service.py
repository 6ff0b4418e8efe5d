"""RAUC's real service and program, and the way from one system to the other and back. Root: bundles are mounted."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from chargepoint.installing import InstallFailed, InstallRefused
from chargepoint.updating.installer import RaucInstaller
from chargepoint.updating.rauc import Bundle, NoSlots
from chargepoint.updating.slots import Slot, Slots, Standing
from tests.process.rauc_service import Machine, a_machine

NEW = random.Random(1).randbytes(500_000)
"""What does not shrink: bundles are compressed."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="RAUC mounts bundles, which only root may do")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with a_machine(tmp_path) as machine:
        yield machine


def ignored(percent: int, doing: str) -> None:
    """How far it is does not matter."""


async def test_it_tells_how_the_slots_stand(machine: Machine) -> None:
    assert await machine.rauc.slots() == Slots("acme-wall", (Slot("A", True, True), Slot("B", False, False)), "A")


async def test_a_bundle_goes_into_the_other_slot_is_tried_and_kept(machine: Machine) -> None:
    steps: list[tuple[int, str]] = []
    await machine.rauc.install(machine.bundle(NEW), lambda percent, doing: steps.append((percent, doing)))
    assert (machine.place / "root-b").read_bytes().startswith(NEW)
    assert (machine.place / "root-a").read_bytes().startswith(b"old system")
    assert (90, "Copying image to rootfs.1") in steps
    assert steps[-1][0] == 100
    slots = await machine.rauc.slots()
    assert (slots.standing, slots.next, slots.all[1].version) == (Standing.WAITING, "B", "2.1.0")

    assert machine.restart() == "B"
    assert (await machine.rauc.slots()).standing is Standing.ON_TRIAL
    await machine.rauc.mark_good()
    assert (await machine.rauc.slots()).standing is Standing.SETTLED
    assert [machine.restart(), machine.restart()] == ["B", "B"]


async def test_one_that_is_not_marked_good_is_left(machine: Machine) -> None:
    await machine.rauc.install(machine.bundle(NEW), ignored)
    assert [machine.restart(), machine.restart()] == ["B", "A"]
    slots = await machine.rauc.slots()
    assert (slots.standing, slots.next) == (Standing.SETTLED, "A")
    await machine.rauc.install(machine.bundle(NEW, version="2.2.0"), ignored)
    assert machine.restart() == "B"


async def test_what_is_not_for_this_station_leaves_both_slots_as_they_are(machine: Machine) -> None:
    machine.keys("stranger")
    tampered = machine.bundle(NEW, version="2.1.1")
    content = bytearray(tampered.read_bytes())
    content[5_000] ^= 1
    tampered.write_bytes(content)
    bad = {
        machine.bundle(NEW, by="stranger"): "signed by somebody whom this station does not trust",
        machine.bundle(NEW, compatible="other-board"): r"for other hardware \(other-board\), and this is acme-wall",
        tampered: "changed after it was signed",
    }
    for file, why in bad.items():
        with pytest.raises(InstallRefused, match=why):
            await machine.rauc.install(file, ignored)
    assert (machine.place / "root-b").read_bytes().startswith(b"old system")
    assert (await machine.rauc.slots()).next == "A"


async def test_the_installer_asks_before_it_writes(machine: Machine) -> None:
    installer = RaucInstaller(machine.rauc, "2.0.0")
    await installer.check(machine.bundle(NEW))
    with pytest.raises(InstallRefused, match=r"older than what runs: 1\.9, and this is 2\.0\.0"):
        await installer.check(machine.bundle(NEW, version="1.9"))
    with pytest.raises(InstallRefused, match="other hardware"):
        await installer.check(machine.bundle(NEW, compatible="other-board"))
    assert await installer.install(machine.bundle(NEW)) == "2.1.0"


async def test_a_service_that_dies_in_the_middle_leaves_the_old_system(machine: Machine) -> None:
    """As a power cut would: the slot is half written, and is not started."""
    file = machine.bundle(NEW)

    machine.will_lose_power()
    with pytest.raises(InstallFailed):
        await machine.rauc.install(file, ignored)
    assert machine.restart() == "A"
    assert (await machine.rauc.slots()).standing is Standing.SETTLED
    await machine.rauc.install(file, ignored)
    assert machine.restart() == "B"


async def test_a_bundle_tells_what_it_is_for_without_the_service(machine: Machine) -> None:
    assert await machine.rauc.bundle(machine.bundle(NEW, form="verity")) == Bundle("acme-wall", "2.1.0")
    assert not (machine.place / "service.pid").exists()


async def test_without_its_service_nothing_is_known(machine: Machine) -> None:
    (machine.place / "services" / "de.pengutronix.rauc.service").unlink()
    (machine.place / "bus").unlink()
    with pytest.raises(NoSlots, match="RAUC's service does not run"):
        await machine.rauc.slots()
    with pytest.raises(InstallFailed, match="RAUC's service does not run"):
        await machine.rauc.install(machine.bundle(NEW), ignored)
