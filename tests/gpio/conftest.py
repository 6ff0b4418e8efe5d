"""These tests need the kernel's simulated chip: `./dev test-gpio` runs them in the virtual machine (vm.sh)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.gpio.witness import Witness, chip_of, watching
from tests.hw.gpio_wires import LIBRARIES, ChipWires, simulated_chip

collect_ignore_glob = [] if simulated_chip() else ["*test_*.py"]


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def wires(library: str) -> ChipWires:
    return ChipWires(library, chip_of()[1])


@pytest.fixture
def witness() -> Iterator[Witness]:
    with watching(chip_of()[1]) as witness:
        yield witness


@pytest.fixture(autouse=True)
def no_file_is_left_behind() -> Iterator[None]:
    before = set(os.listdir())
    yield
    assert set(os.listdir()) <= before | {"__pycache__"}
