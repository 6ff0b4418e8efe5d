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
UNITS = ("chargepoint-guard.service", "chargepoint.service")


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
        return self.socket.recv(100).decode()


@pytest.fixture(params=["a file", "an abstract name"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = f"@{tmp_path.name}-{os.getpid()}" if request.param == "an abstract name" else str(tmp_path / "notify")
    manager = Manager(address)
    yield manager
    manager.socket.close()


def unit(name: str) -> configparser.SectionProxy:
    """What its [Service] says."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((DEPLOY / name).read_text())
    return parser["Service"]


def started(site: Site, line: str) -> subprocess.Popen[bytes]:  # noqa: F811
    """A unit's command line, run with this program, this configuration and this state directory."""
    places = {
        "/opt/chargepoint/.venv/bin/python": sys.executable,
        "/etc/chargepoint/chargepoint.toml": str(site.config),
        "/var/lib/chargepoint": str(site.state),
    }
    process = subprocess.Popen([places.get(word, word) for word in shlex.split(line)], stderr=subprocess.PIPE)
    site.started.append(process)
    return process


def test_a_guard_tells_that_it_is_ready_and_that_it_ticks_and_nothing_while_it_hangs(
    site: Site,  # noqa: F811
    manager: Manager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in manager.environment.items():
        monkeypatch.setenv(name, value)
    site.start("hw.mock")
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


async def test_what_follows_a_guard_that_was_killed_opens_the_contactor(site: Site) -> None:  # noqa: F811
    site.start("hw.mock")
    service = unit("chargepoint-guard.service")
    guard = started(site, service["ExecStart"])
    async with site.daemon():
        await site.charging()
        guard.kill()
        guard.wait()
        assert stamps(open_wires(site.state), 1).coil

        release = started(site, service["ExecStopPost"])
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
        text = (DEPLOY / each).read_text().replace("/opt/chargepoint/.venv/bin/chargepoint", sys.executable)
        (tmp_path / each).write_text(text.replace("/opt/chargepoint/.venv/bin/python", sys.executable))
    ran = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, timeout=30
    )
    said = [line for line in ran.stderr.splitlines() if "chargepoint" in line and "Documentation" not in line]
    assert said == []
