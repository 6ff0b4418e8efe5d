"""The services of deploy/: what the guard tells the service manager, and what follows a guard that died."""

from __future__ import annotations

import configparser
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hw.mock.wires import open_wires, stamps
from tests.process.test_guard import Site, site  # noqa: F401 - a fixture

DEPLOY = Path(__file__).parents[2] / "deploy"
WATCHDOG_S = 1.0
SOON_S = 10.0
UNITS = ("chargepoint-guard.service", "chargepoint.service", "chargepoint-mock.service")
PROGRAMS = {  # of the package
    "/usr/bin/chargepoint": "chargepoint",
    "/usr/lib/chargepoint/guard": "hw.guard",
    "/usr/lib/chargepoint/mock": "hw.mock",
}
STATION = """
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
[web]
listen = "127.0.0.1:0"
"""


class Manager:
    """The service manager's ear."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0") if address.startswith("@") else address)
        self.environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": f"{WATCHDOG_S * 1e6:.0f}"}

    def hears(self, within_s: float) -> str | None:
        """The next word; None for silence."""
        if not select.select([self.socket], [], [], within_s)[0]:
            return None
        return self.socket.recv(1000).decode()

    def until(self, word: str) -> None:
        """It is among the next words."""
        heard = []
        while (said := self.hears(SOON_S)) is not None:
            heard.append(said)
            if word in said.splitlines():
                return
        raise AssertionError(f"{word} was not said, but {heard}")


@pytest.fixture(params=["a file", "an abstract name"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = f"@{tmp_path.name}-{os.getpid()}" if request.param == "an abstract name" else str(tmp_path / "notify")
    manager = Manager(address)
    yield manager
    manager.socket.close()


def unit(name: str) -> configparser.SectionProxy:
    """What its [Service] says."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)  # some options stand there often
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((DEPLOY / name).read_text())
    return parser["Service"]


def started(site: Site, name: str, command: str = "ExecStart") -> subprocess.Popen[bytes]:  # noqa: F811
    """A unit's command line, run with this program, this configuration and this state directory."""
    program, *words = shlex.split(unit(name)[command])
    places = {"/etc/chargepoint/chargepoint.toml": str(site.config), "/var/lib/chargepoint": str(site.state)}
    line = [sys.executable, "-m", PROGRAMS[program], *(places.get(word, word) for word in words)]
    process = subprocess.Popen(line, stderr=subprocess.PIPE)
    site.started.append(process)
    return process


def test_a_guard_tells_that_it_is_ready_and_that_it_ticks_and_nothing_while_it_hangs(
    site: Site,  # noqa: F811
    manager: Manager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.start("hw.mock")
    for name, value in manager.environment.items():
        monkeypatch.setenv(name, value)
    guard = site.start("hw.guard", "run")

    assert manager.hears(SOON_S) == "READY=1"
    assert [manager.hears(WATCHDOG_S) for _ in range(3)] == ["WATCHDOG=1"] * 3

    guard.send_signal(signal.SIGSTOP)
    while manager.hears(0.1) is not None:
        pass  # on its way when it was stopped
    assert manager.hears(2 * WATCHDOG_S) is None

    guard.send_signal(signal.SIGCONT)
    assert manager.hears(WATCHDOG_S) == "WATCHDOG=1"
    guard.terminate()
    words = {manager.hears(SOON_S) for _ in range(2)}
    assert "STOPPING=1" in words


async def test_a_daemon_tells_how_the_station_is_and_nothing_while_it_hangs(
    site: Site,  # noqa: F811
    manager: Manager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.config.write_text(STATION + "[[evse]]\n")
    started(site, "chargepoint-mock.service")
    started(site, "chargepoint-guard.service")
    for name, value in manager.environment.items():
        monkeypatch.setenv(name, value)
    daemon = started(site, "chargepoint.service")

    manager.until("READY=1")
    manager.until("STATUS=free on outlet 1")
    for _ in range(3):
        manager.until("WATCHDOG=1")

    daemon.send_signal(signal.SIGSTOP)
    while manager.hears(0.1) is not None:
        pass
    assert manager.hears(2 * WATCHDOG_S) is None

    daemon.send_signal(signal.SIGCONT)
    manager.until("WATCHDOG=1")
    daemon.terminate()
    manager.until("STOPPING=1")


async def test_a_second_daemon_disturbs_nobody_and_says_so(site: Site) -> None:  # noqa: F811
    site.config.write_text(STATION + "[[evse]]\n")
    for name in ("chargepoint-mock.service", "chargepoint-guard.service", "chargepoint.service"):
        started(site, name)
    async with site.daemon():
        await site.until(lambda: bool(site.reports))
        await site.until(lambda: (site.state / "run.json").exists())
        for name, who in (("chargepoint.service", "another daemon"), ("chargepoint-guard.service", "a guard")):
            second = started(site, name)
            _, said = second.communicate(timeout=SOON_S)
            assert second.returncode == 5
            assert f"{who} runs here" in said.decode()


async def test_what_follows_a_second_guard_touches_nothing_that_the_first_one_has_in_hand(site: Site) -> None:  # noqa: F811
    site.start("hw.mock")
    started(site, "chargepoint-guard.service")
    async with site.daemon():
        await site.charging()
        before = stamps(open_wires(site.state), 1)
        assert started(site, "chargepoint-guard.service").wait(SOON_S) == 5
        assert started(site, "chargepoint-guard.service", "ExecStopPost").wait(SOON_S) == 0
        assert stamps(open_wires(site.state), 1).coil_ns == before.coil_ns


def test_simulated_hardware_ends_at_once_where_nothing_is_simulated(site: Site) -> None:  # noqa: F811
    site.config.write_text('[[evse]]\npilot = { driver = "rapi", port = "/dev/ttyUSB0" }\n')
    assert started(site, "chargepoint-mock.service").wait(SOON_S) == 0


async def test_what_follows_a_guard_that_was_killed_opens_the_contactor(site: Site) -> None:  # noqa: F811
    site.start("hw.mock")
    guard = started(site, "chargepoint-guard.service")
    async with site.daemon():
        await site.charging()
        guard.kill()
        guard.wait()
        assert stamps(open_wires(site.state), 1).coil

        release = started(site, "chargepoint-guard.service", "ExecStopPost")
        _, said = release.communicate(timeout=SOON_S)

    assert (release.returncode, said) == (0, b"")
    assert not stamps(open_wires(site.state), 1).coil


def test_a_guard_that_dies_or_hangs_is_replaced_for_ever() -> None:
    service = unit("chargepoint-guard.service")
    assert service["Type"] == "notify"
    assert (service["Restart"], service["WatchdogSec"], service["WatchdogSignal"]) == ("always", "4", "SIGKILL")
    assert "StartLimitIntervalSec=0" in (DEPLOY / "chargepoint-guard.service").read_text()


def test_the_daemon_ends_no_guard_and_no_guard_the_daemon() -> None:
    text = (DEPLOY / "chargepoint.service").read_text()
    assert "Wants=chargepoint-guard.service" in text
    assert not any(word in text for word in ("Requires=", "BindsTo=", "PartOf="))


@pytest.mark.parametrize("name", UNITS)
def test_the_service_manager_understands_it(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze")
    for each in UNITS:
        text = (DEPLOY / each).read_text()
        for program in PROGRAMS:
            text = text.replace(f"={program} ", f"={sys.executable} ")
        (tmp_path / each).write_text(text)
    ran = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, timeout=30
    )
    said = [line for line in ran.stderr.splitlines() if "chargepoint" in line and "Documentation" not in line]
    assert said == []
