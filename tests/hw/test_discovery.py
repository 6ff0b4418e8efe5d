"""Drivers are found by entry point, checked and built; what is wrong is told in a sentence."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hw.api import Contactor, Lock, Pilot
from hw.discovery import Place, check, load, option
from hw.errors import DriverMissing, OptionsWrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    line: int = option(minimum=0, maximum=53, help="number of the GPIO line")


class Relay:
    """A relay on a line.

    More about it.
    """

    Options = Options

    def __init__(self, options: Options, place: Place) -> None:
        self.options, self.place = options, place


@pytest.fixture
def another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of somebody else's with one good driver and two bad ones."""
    module = ModuleType("acme_board")
    module.Relay = Relay  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "acme_board", module)
    folder = tmp_path / "acme_board-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-board\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(
        "[console_scripts]\nacme = acme_board:main\n"
        "[chargepoint.contactor]\nacme = acme_board:Relay\nacme-lost = acme_board:Lost\n"
        "acme-old = acme_board_old:Relay\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


def place(tmp_path: Path, where: str = "evse.1.contactor") -> Place:
    return Place(where, tmp_path, evse=1)


@pytest.mark.usefixtures("another_package")
def test_a_driver_of_another_package_is_found_and_built(tmp_path: Path) -> None:
    relay: Any = load("contactor", {"driver": "acme", "line": 17}, place(tmp_path))

    assert isinstance(relay, Relay)
    assert (relay.options, relay.place.evse) == (Options(line=17), 1)


@pytest.mark.usefixtures("another_package")
@pytest.mark.parametrize(
    ("table", "sentences"),
    [
        ({"driver": "acme", "line": 17}, []),
        (
            {},
            [
                "[evse.1.contactor] driver is missing. "
                'Add driver = one of "acme", "acme-lost", "acme-old", "gpio", "mock".'
            ],
        ),
        (
            {"driver": "akme"},
            ['[evse.1.contactor] driver = "akme" is not an installed contactor driver. Did you mean "acme"?'],
        ),
        (
            {"driver": "acme", "lime": 3},
            [
                '[evse.1.contactor] "lime" is not an option here. Did you mean "line"?',
                "[evse.1.contactor] line is missing. Add line = 0 (number of the GPIO line); allowed: 0 to 53.",
            ],
        ),
        ({"driver": "acme", "line": 54}, ["[evse.1.contactor] line = 54 is out of range. Allowed: 0 to 53."]),
        (
            {"driver": "mock", "line": 5},
            ['[evse.1.contactor] "line" is not an option here. Remove it: nothing is known here.'],
        ),
    ],
)
def test_a_drivers_table_is_checked_without_touching_a_device(table: dict[str, Any], sentences: list[str]) -> None:
    assert [str(mistake) for mistake in check("contactor", table, "evse.1.contactor")] == sentences


@pytest.mark.usefixtures("another_package")
def test_a_driver_that_cannot_be_built_says_why(tmp_path: Path) -> None:
    with pytest.raises(DriverMissing, match="acme_board_old"):
        load("contactor", {"driver": "acme-old"}, place(tmp_path))
    with pytest.raises(OptionsWrong, match="line is missing"):
        load("contactor", {"driver": "acme"}, place(tmp_path))


def test_simulated_pins_keep_their_level_when_the_process_goes(tmp_path: Path) -> None:
    """The same file is found by the next guard: here, by a second look at it."""
    from hw.mock.terminals import Terminals
    from hw.mock.wires import open_wires

    pilot: Pilot = load("pilot", {"driver": "mock"}, place(tmp_path, "evse.1.pilot"))
    contactor: Contactor = load("contactor", {"driver": "mock"}, place(tmp_path))
    lock: Lock = load("lock", {"driver": "mock"}, place(tmp_path, "evse.1.lock"))
    pilot.offer(0.266666)
    contactor.switch(True)
    lock.drive(True)
    for driver in (pilot, contactor, lock):
        driver.close()

    driven = Terminals(open_wires(tmp_path), 1).drive()

    assert (driven.duty, driven.coil, driven.lock) == (0.266666, True, True)
