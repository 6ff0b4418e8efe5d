"""These tests boot the disk image in virtual machines: `./dev test-image` makes it and runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.machine import Machine, machine
from tests.image.station import Station
from tests.process.strict import StrictCsms, strict_csms

IMAGE = os.environ.get("CHARGEPOINT_IMAGE", "")

collect_ignore_glob = [] if IMAGE else ["*test_*.py"]


@pytest.fixture(scope="session")
def image() -> Path:
    return Path(IMAGE).resolve()


@pytest.fixture(scope="session")
def csms() -> Iterator[StrictCsms]:
    with strict_csms() as server:
        yield server


@pytest.fixture
def new_machine(image: Path, tmp_path: Path) -> Iterator[Machine]:
    """As it comes from the image, switched off."""
    yield from machine(image, tmp_path / "machine")


@pytest.fixture(scope="module")
def running(image: Path, tmp_path_factory: pytest.TempPathFactory, csms: StrictCsms) -> Iterator[Station]:
    """One for a whole module: set up on the card, booted, online."""
    for made in machine(image, tmp_path_factory.mktemp("running")):
        station = Station(made, csms, f"CP-{os.getpid()}-{made.page_port}")
        station.set_up()
        made.boot()
        station.online()
        yield station
