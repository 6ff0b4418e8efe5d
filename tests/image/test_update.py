"""Updates of the whole system, with RAUC, verity, GRUB and real restarts; the tests are one story, in this order."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.image.bundles import Factory, served, without_guard, without_program
from tests.image.machine import OPTIONS, machine
from tests.image.station import HOST, Station
from tests.process.strict import StrictCsms

RESTART_S = 600.0
TRIAL_S = 60

COMPATIBLE = "chargepoint-amd64"

UNSIGNED = ["Downloading", "Downloaded", "Installing"]


class Updated:
    """A station that can be updated: what its maker makes, and what it tells of it."""

    def __init__(self, station: Station, factory: Factory, port: int) -> None:
        self.station, self.machine, self.factory, self.port = station, station.machine, factory, port
        self.starts = 1

    def trust(self) -> None:
        """The image of a maker has this from the start."""
        self.machine.shell(f"cat >/etc/rauc/keyring.pem <<'END'\n{self.factory.keyring}END\nsystemctl restart rauc")

    def ask(self, bundle: Path) -> None:
        """The back office wants it."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        payload = {"location": f"http://{HOST}:{self.port}/{bundle.name}", "retrieveDate": now}
        asyncio.run(self.station.csms.call(self.station.identity, "UpdateFirmware", payload))

    def by_hand(self, bundle: Path) -> str:
        """`chargepoint update` on the station; what it says."""
        url = f"http://{HOST}:{self.port}/{bundle.name}"
        fetch = f'import urllib.request; urllib.request.urlretrieve(\\"{url}\\", \\"/data/x.raucb\\")'
        update = f'python3 -c "{fetch}"; chargepoint update /data/x.raucb; rm -f /data/x.raucb; echo ended'
        self.machine.shell(f"nohup sh -c '{update}' >/run/said 2>&1 </dev/null &")

        def said() -> str | None:
            text = self.machine.shell("cat /run/said")
            return text if "ended" in text else None

        return self.machine.until(said, "it never ended", RESTART_S)

    def statuses(self) -> list[str]:
        return [told["status"] for told in self.station.heard("FirmwareStatusNotification")]

    def tells(self, *statuses: str) -> None:
        """Wait until that, and no more, is what it has told since the last time."""
        heard = getattr(self, "_heard", 0)
        self.machine.until(
            lambda: len(self.statuses()) >= heard + len(statuses), f"it told {self.statuses()[heard:]}", RESTART_S
        )
        self._heard = heard + len(statuses)
        assert self.statuses()[heard:] == list(statuses)

    def starts_again(self, version: str | None = None) -> None:
        """Wait for its next BootNotification."""
        self.starts += 1
        told = self.station.says("BootNotification", self.starts, RESTART_S)
        if version is not None:
            assert told["firmwareVersion"] == version

    def slots(self) -> dict[str, Any]:
        said = self.machine.shell("rauc status --detailed --output-format=json")
        told: dict[str, Any] = json.loads(said[said.index("{") :])
        return told

    def runs(self) -> str:
        return str(self.slots()["booted"])

    def writes(self) -> bool:
        """Is it writing into the other slot just now? RAUC's words for it differ from release to release."""
        return re.search("(Copying image to|Updating slot) rootfs", str(self.told_on_site()["doing"])) is not None

    def told_on_site(self) -> dict[str, Any]:
        told: dict[str, Any] = self.station.ask("GET", "/api/v1/update")
        return told


@pytest.fixture(scope="module")
def factory(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    made = Factory(image.with_suffix(".squashfs"), tmp_path_factory.mktemp("factory"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def updated(
    image: Path, factory: Factory, tmp_path_factory: pytest.TempPathFactory, csms: StrictCsms
) -> Iterator[Updated]:
    (factory.place / "served").mkdir(exist_ok=True)
    with served(factory.place / "served") as port:
        for made in machine(image, tmp_path_factory.mktemp("updated")):
            station = Station(made, csms, f"CP-UP-{os.getpid()}")
            station.config += f"\n[update]\ntrial_s = {TRIAL_S}\n"
            station.set_up()
            made.put("kernel-options.cfg", f'set kernel_options="{OPTIONS}"\n')  # for the shell; GRUB reads it
            made.boot(by_firmware=True)
            station.says("BootNotification", 1, RESTART_S)
            update = Updated(station, factory, port)
            update.trust()
            yield update


@pytest.fixture(scope="module")
def version(updated: Updated) -> str:
    """Of the image as it is."""
    return str(updated.station.says("BootNotification")["firmwareVersion"])


@pytest.fixture(scope="module")
def good(factory: Factory) -> Path:
    return factory.bundle(factory.root("9.1.0"), "good.raucb")


def test_it_runs_from_slot_a(updated: Updated, version: str) -> None:
    seen = updated.told_on_site()
    assert (seen["firmware"], seen["starts_next"], seen["trial"]) == (version, "A", None)
    assert [(slot["name"], slot["booted"], slot["good"]) for slot in seen["slots"]] == [
        ("A", True, True), ("B", False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("foreign", "It is signed by somebody whom this station does not trust"),
        ("other board", "It is for other hardware (chargepoint-other), and this is chargepoint-amd64"),
        ("older", "It is older than what runs: 0.0.1, and this is"),
        ("truncated", "It is not a bundle, or a part of it is missing"),
    ],
)
def test_a_bad_bundle_is_refused_in_plain_words(updated: Updated, factory: Factory, kind: str, why: str) -> None:
    match kind:
        case "foreign":
            factory.keys("stranger")
            file = factory.bundle(factory.small_root("9.0.0", COMPATIBLE), "foreign.raucb", by="stranger")
        case "other board":
            file = factory.bundle(factory.small_root("9.0.1", "chargepoint-other"), "other.raucb")
        case "older":
            file = factory.bundle(factory.small_root("0.0.1", COMPATIBLE), "older.raucb")
        case _:
            file = factory.bundle(factory.small_root("9.0.2", COMPATIBLE), "truncated.raucb")
            file.write_bytes(file.read_bytes()[:30_000])
    assert why in updated.by_hand(file)
    assert updated.runs() == "A"


def test_the_back_office_hears_of_a_foreign_one(updated: Updated, factory: Factory) -> None:
    updated.ask(factory.place / "served" / "foreign.raucb")
    updated.tells("Downloading", "Downloaded", "InstallationFailed")


def test_a_tampered_one_is_found_out_while_it_is_written(updated: Updated, factory: Factory, good: Path) -> None:
    """Its signature is right: that it was changed is seen by verity, block by block."""
    bent = good.with_name("tampered.raucb")
    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 1
    bent.write_bytes(content)
    assert "it was changed after it was signed, or is damaged" in updated.by_hand(bent)
    assert (updated.runs(), updated.slots()["boot_primary"]) == ("A", "rootfs.0")
    bent.unlink()


def test_a_power_cut_while_it_is_written_leaves_the_old_system(updated: Updated, good: Path, version: str) -> None:
    updated.ask(good)
    updated.tells(*UNSIGNED)
    updated.machine.until(updated.writes, "nothing was written", RESTART_S)
    updated.machine.cut_power()
    updated.machine.boot(by_firmware=True)
    updated.starts_again(version)
    updated.tells("InstallationFailed")
    assert (updated.runs(), updated.slots()["boot_primary"]) == ("A", "rootfs.0")


def test_one_that_fails_its_self_test_is_left(updated: Updated, factory: Factory, version: str) -> None:
    file = factory.bundle(factory.root("9.0.5", without_guard), "guardless.raucb")
    updated.trust()
    updated.ask(file)
    updated.tells(*UNSIGNED)
    updated.starts_again("9.0.5")
    updated.starts_again(version)
    updated.tells("InstallationFailed")
    assert updated.runs() == "A"
    last = updated.told_on_site()["last"]
    assert (last["outcome"], last["version"]) == ("left", "9.0.5")
    assert "guard" in last["why"]
    file.unlink()


def test_one_that_works_is_kept(updated: Updated, good: Path) -> None:
    updated.trust()
    updated.ask(good)
    updated.tells(*UNSIGNED)
    updated.starts_again("9.1.0")
    updated.tells("Installed")
    assert updated.runs() == "B"
    assert "primary=B" in updated.machine.shell("head -c 200 /boot/firmware/slots.env")
    events = [told["type"] for told in updated.station.heard("SecurityEventNotification")]
    assert "FirmwareUpdated" in events
    updated.station.charge()
    updated.station.leave()
    updated.machine.cut_power()
    updated.machine.boot(by_firmware=True)
    updated.starts_again("9.1.0")
    assert updated.runs() == "B"


def test_one_whose_program_never_comes_up_is_left(updated: Updated, factory: Factory) -> None:
    """Twenty minutes are not waited for: what the timer starts is started by hand."""
    file = factory.bundle(factory.root("9.2.0", without_program), "programless.raucb")
    updated.trust()
    updated.ask(file)
    updated.tells(*UNSIGNED)
    updated.machine.until(
        lambda: "rauc.slot=A" in updated.machine.shell("cat /proc/cmdline"), "A was never tried", RESTART_S
    )
    updated.machine.shell("systemctl start --no-block chargepoint-trial.service")
    updated.starts_again("9.1.0")
    updated.tells("InstallationFailed")
    assert updated.runs() == "B"
    assert updated.told_on_site()["last"]["why"] == "its program did not come up in time"
    assert updated.station.violations() == []
