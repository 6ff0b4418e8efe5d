"""The driver that docs/drivers.md writes is built, installed and used; its broken twin is listed with the reason."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chargepoint.demo.plant import Plant
from hw.discovery import simulator
from hw.processes import living

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "example_driver"
PAGE = ROOT / "docs" / "drivers.md"

SOON_S = 20.0
READY_S = 30.0  # a guard closes nothing for 5 s after its start


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the example and its twin, as pip put them there."""
    folder = tmp_path_factory.mktemp("installed")
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(EXAMPLE, source / "example")
    make_twin(source / "twin")
    for package in ("example", "twin"):
        pip_install(source / package, folder)
    return folder


def make_twin(folder: Path) -> None:
    """A package of another name, whose contactor needs a library that nobody has."""
    shutil.copytree(EXAMPLE, folder)
    (folder / "acme_board").rename(folder / "acme_twin")
    project = folder / "pyproject.toml"
    text = project.read_text().replace("acme_board", "acme_twin").replace("acme-board", "acme-twin")
    project.write_text(text.replace("acme = ", "acme-twin = "))
    contactor = folder / "acme_twin" / "contactor.py"
    contactor.write_text(contactor.read_text().replace("\nfrom pathlib", "\nimport acme_sdk\nfrom pathlib"))


def pip_install(source: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    command += ["--no-deps", "--no-build-isolation", "--target", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def with_drivers(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), str(ROOT)]))


def chargepoint(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chargepoint", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=SOON_S)


def listed() -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["group"], each["name"]): each for each in json.loads(chargepoint("drivers", "--json").stdout)}


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("with_drivers")
def test_the_drivers_of_an_installed_package_are_listed_with_their_options() -> None:
    contactor, meter = listed()["contactor", "acme"], listed()["meter", "acme"]
    assert (contactor["package"], contactor["version"], contactor["broken"]) == ("acme-board", "1.0", "")
    assert contactor["about"] == "Contactor behind a relay that the kernel shows as a file."
    assert [(option["name"], option["default"], option["kind"]) for option in contactor["options"]] == [
        ("coil_file", None, "path"),
        ("mirror_file", "none", "path"),
        ("mirror_closed", '"0"', "text"),
    ]
    assert (meter["options"][1]["default"], meter["options"][1]["allowed"]) == ("7005", "1 to 65535")


@pytest.mark.usefixtures("with_drivers")
def test_a_driver_that_misses_a_library_is_listed_with_what_it_misses_and_the_others_work_on() -> None:
    twin = listed()["contactor", "acme-twin"]
    assert twin["broken"] == "the Python module acme_sdk is missing"
    assert twin["remedy"] == "Install it: pip install --upgrade acme-twin."
    assert listed()["meter", "acme-twin"]["broken"] == ""

    said = chargepoint("drivers").stdout
    assert "of them cannot be used here." in " ".join(said.split())
    assert re.search(r"acme-twin +cannot be used here:\n +the Python module acme_sdk is missing\n +Install it", said)


# --- a station with it ------------------------------------------------------------------------------------------------

CONFIG = """\
[station]
vendor = "Acme"
model = "Board"
serial_number = "1"

[web]
listen = "127.0.0.1:0"

[[evse]]
outlet = "cable"
pilot = {{ driver = "mock" }}
contactor = {{ driver = "{name}", coil_file = "{coil}", mirror_file = "{coil}", mirror_closed = "1" }}
meter = {{ driver = "acme", host = "127.0.0.1", port = {port} }}
"""


class MeterPeer:
    """A meter M1 that counts a little with every question."""

    def __init__(self) -> None:
        self.energy_wh = 1000.0
        self.port = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async with await asyncio.start_server(self._talk, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield
            server.close()
            self._writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        while await reader.readline() == b"read\n":
            self.energy_wh += 1
            writer.write(f"wh={self.energy_wh} w=3680 v=230.1,229.8,231.0\n".encode())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not holds():  # noqa: ASYNC110 - other processes set no Event
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("with_drivers")
async def test_a_station_runs_with_the_installed_drivers(tmp_path: Path) -> None:
    coil = tmp_path / "brightness"
    coil.write_text("1")  # what a process before left there
    peer = MeterPeer()
    async with peer.listening():
        plant = Plant(tmp_path, CONFIG.format(name="acme", coil=coil, port=peer.port))
        config = tmp_path / "chargepoint.toml"
        told = chargepoint("check", str(config))
        assert told.returncode == 0, told.stdout
        command = ["-m", "hw.guard", "run", "--config", str(config), "--state", str(plant.state)]
        guard = await asyncio.create_subprocess_exec(sys.executable, *command)  # a service of its own, as on a product
        try:
            await until(lambda: living("guard", plant.state) is not None)
            await plant.start()
            panel = await plant.open_panel(SOON_S)
            assert coil.read_text() == "0"
            await simulator(plant.state).plug(1)

            async def charging() -> Any:
                seen = await panel.evse()
                return seen if seen["status"] == "charging" and seen["reading"] else None

            seen = await plant.until(charging, "the car did not charge", READY_S)
            assert (coil.read_text(), seen["contactor"]) == ("1", "closed")
            assert seen["reading"]["voltage_v"] == [230.1, 229.8, 231.0]
            assert seen["reading"]["energy_wh"] > 1000

            await simulator(plant.state).unplug(1)
            await until(lambda: coil.read_text() == "0")
        finally:
            await plant.stop()
            await guard.wait()


@pytest.mark.usefixtures("with_drivers")
def test_a_file_that_names_a_driver_that_does_not_load_is_refused_with_the_way_to_the_reason(tmp_path: Path) -> None:
    config = tmp_path / "chargepoint.toml"
    config.write_text(CONFIG.format(name="acme-twin", coil="/nowhere", port=1))
    told = chargepoint("check", str(config))
    assert told.returncode == 1
    assert "driver = \"acme-twin\" does not load here: No module named 'acme_sdk'" in told.stdout
    assert "`chargepoint drivers acme-twin` says what it needs." in told.stdout


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("with_drivers")
def test_the_page_shows_what_the_list_says_of_a_broken_driver() -> None:
    said = chargepoint("drivers", "acme-twin", "--group", "contactor")
    assert said.returncode == 0
    assert f"```\n{said.stdout}```\n" in PAGE.read_text()


def test_the_page_shows_the_example_as_it_is() -> None:
    blocks = re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert dict(blocks) == {
        name: (EXAMPLE / name).read_text()
        for name in ("pyproject.toml", "acme_board/contactor.py", "acme_board/meter.py")
    }
