"""`chargepoint drivers`, read on the small screen of an installer."""

import json
from collections.abc import Callable

import pytest

from chargepoint.cli import drivers
from chargepoint.cli.commands import DRIVER_GROUPS
from hw.discovery import GROUPS
from hw.listing import Installed, OptionTold
from tests.cli.conftest import Said

GPIO = Installed(
    "contactor",
    "gpio",
    "hw.gpio:Relay",
    "chargepoint",
    "1.2",
    "Contactor on a line of the board, with a mirror contact and, where it is wired, a relay that needs pulses.",
    (
        OptionTold("line", None, "whole number", "0 to 53", "GPIO line of the coil"),
        OptionTold("active_high", "true", "true or false", "", "the coil is on while the line is high"),
    ),
)
LOST = Installed(
    "contactor", "acme", "acme:Relay", "acme-board", "0.9", broken="the Python module acme_sdk is missing",
    remedy="Install it: pip install --upgrade acme-board.",
)  # fmt: skip
PCSC = Installed("card_reader", "pcsc", "hw.cards:Reader", "chargepoint", "1.2", "PC/SC card reader.")


@pytest.fixture
def these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "installed", lambda: [LOST, GPIO, PCSC])


@pytest.mark.usefixtures("these")
def test_the_list_begins_with_its_summary_and_fits_a_small_screen(chargepoint: Callable[..., Said]) -> None:
    said = chargepoint("drivers")
    assert said.status == 0
    assert (
        said.out
        == """\
3 drivers, of acme-board 0.9, chargepoint 1.2; 1 of them cannot be used here.

contactor    acme          cannot be used here:
                           the Python module acme_sdk is missing
                           Install it: pip install --upgrade acme-board.
             gpio          Contactor on a line of the board, with a mirror
                           contact and, where it is wired, a relay that needs
                           pulses.
card reader  pcsc          PC/SC card reader.

`chargepoint drivers NAME` shows what a driver's table may say.
"""
    )


@pytest.mark.usefixtures("these")
def test_one_driver_is_shown_with_all_that_its_table_may_say(chargepoint: Callable[..., Said]) -> None:
    assert (
        chargepoint("drivers", "gpio").out
        == """\
contactor gpio, of chargepoint 1.2
  Contactor on a line of the board, with a mirror contact and, where it is
  wired, a relay that needs pulses.
  In the file: contactor = { driver = "gpio", line = … }

  line: needed
      whole number, 0 to 53
      GPIO line of the coil

  active_high: default true
      true or false
      the coil is on while the line is high
"""
    )


@pytest.mark.usefixtures("these")
def test_a_group_is_shown_whole(chargepoint: Callable[..., Said]) -> None:
    said = chargepoint("drivers", "--group", "contactor")
    assert said.out.startswith("contactor acme, of acme-board 0.9\n  CANNOT BE USED HERE: the Python module acme_sdk")
    assert "\n\ncontactor gpio, of" in said.out
    assert "pcsc" not in said.out
    assert 'In the file: [[card_reader]] with driver = "pcsc"' in chargepoint("drivers", "pcsc").out


@pytest.mark.usefixtures("these")
def test_a_name_that_nothing_has_is_refused_with_the_nearest(chargepoint: Callable[..., Said]) -> None:
    said = chargepoint("drivers", "gpoi")
    assert (said.status, said.out) == (1, "")
    assert said.err == 'chargepoint: drivers: "gpoi" is not an installed driver. Did you mean "gpio"?\n'
    assert "card reader driver. Known here: pcsc." in chargepoint("drivers", "x", "--group", "card_reader").err


@pytest.mark.usefixtures("these")
def test_programs_get_everything(chargepoint: Callable[..., Said]) -> None:
    told = json.loads(chargepoint("drivers", "--json").out)
    assert [driver["name"] for driver in told] == ["acme", "gpio", "pcsc"]
    assert told[0] == {
        "group": "contactor",
        "name": "acme",
        "target": "acme:Relay",
        "package": "acme-board",
        "version": "0.9",
        "about": "",
        "options": [],
        "broken": "the Python module acme_sdk is missing",
        "remedy": "Install it: pip install --upgrade acme-board.",
    }
    assert told[1]["options"][0] == {
        "name": "line",
        "default": None,
        "kind": "whole number",
        "allowed": "0 to 53",
        "help": "GPIO line of the coil",
    }


def test_what_is_really_installed_fits_the_screen_too(chargepoint: Callable[..., Said]) -> None:
    for words in ([], *(["--group", group] for group in GROUPS)):
        said = chargepoint("drivers", *words)
        assert said.status == 0
        assert max(map(len, said.out.splitlines()), default=0) <= 80


def test_every_group_can_be_asked_for() -> None:
    assert DRIVER_GROUPS == GROUPS == tuple(drivers.TABLES)
