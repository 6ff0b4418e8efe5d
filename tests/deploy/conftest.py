"""These tests install and boot whole systems, as root: `./dev test-deploy` runs them."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from chargepoint.demo.authority import Authority
from tests.deploy import packages
from tests.deploy.machine import Machine
from tests.deploy.roots import Root
from tests.deploy.station import PASSWORD, Station
from tests.process.strict import StrictCsms, strict_csms

collect_ignore_glob = [] if "CHARGEPOINT_DEPLOY" in os.environ else ["*test_*.py"]

NUMBERS = count(1)  # every station has an identity of its own


@pytest.fixture(scope="session")
def release(request: pytest.FixtureRequest) -> str:
    """Of Debian: the newest, unless a test names another."""
    return str(getattr(request, "param", "trixie"))


@pytest.fixture(scope="session")
def package(release: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.this(release, tmp_path_factory.getbasetemp() / "packages")


@pytest.fixture(scope="session")
def below(release: str, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system with the package installed; every machine has a layer of its own above it."""
    folder = tmp_path_factory.mktemp("below")
    folder.chmod(0o755)
    root = Root(folder, release)
    root.put(package, "/this.deb")
    root.run("dpkg --force-unsafe-io -i /this.deb")
    return folder


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def csms(authority: Authority) -> Iterator[StrictCsms]:
    """The strict back office over TLS."""
    with strict_csms(authority.sign("localhost")) as csms:
        asyncio.run(csms.behaviour(password=PASSWORD))
        yield csms


@pytest.fixture
def later(package: Path, machine: Machine) -> str:
    """The same package as if of a later version, on the machine."""
    shutil.copy(packages.later(package), machine.path("/next.deb"))
    return "/next.deb"


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whether this machine lets us have any; a sandbox may not, whoever one is in it."""
    for name in ("lower", "upper", "work", "root"):
        tmp_path_factory.mktemp(name, numbered=False)
    layers = "lowerdir=lower,upperdir=upper,workdir=work"
    mounted = f"mount -t overlay -o {layers} overlay root"
    probe = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "sh", "-c", mounted]
    done = subprocess.run(probe, cwd=tmp_path_factory.getbasetemp(), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine refuses containers: {done.stderr.strip()}")


@pytest.fixture
def machine(containers: None, below: Path, tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(below, tmp_path)
    try:
        yield machine
    finally:
        machine.remove()


@pytest.fixture
def station(machine: Machine, csms: StrictCsms, authority: Authority) -> Station:
    """Configured, started, and idle."""
    station = Station(machine, csms, authority, identity=f"CP{next(NUMBERS)}")
    station.configure()
    asyncio.run(station.boot())
    return station
