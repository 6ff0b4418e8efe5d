"""The list of drivers: what each may be told, where it comes from, and why it cannot be used where it cannot."""

import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest

from hw import libraries
from hw.discovery import check, option
from hw.listing import Installed, OptionTold, installed, kind_of

ROOT = Path(__file__).parents[2]


class Parity(Enum):
    EVEN = "even"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    line: int = option(minimum=0, maximum=53, help="number of the GPIO line")
    parity: str = option("N", choices=("N", "E"), help="of the port")
    folder: Path | None = None
    steps: tuple[float, ...] = field(default_factory=tuple)


class Relay:
    """A relay on a line.

    More about it.
    """

    Options = Options


class Greedy(Relay):
    """Wants what nobody has."""

    needs = ("serial", "acme_sdk.bus")


Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a package with those contactors: name -> target."""
    module = ModuleType("acme_board")
    module.Relay, module.Greedy = Relay, Greedy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "acme_board", module)

    def install(package: str, /, extra: str = "", **drivers: str) -> None:
        site = tmp_path / package
        folder = site / f"{package.replace('-', '_')}-1.0.dist-info"
        folder.mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        (folder / "METADATA").write_text(metadata + (f"Provides-Extra: {extra}\n" if extra else ""))
        points = "".join(f"{name} = {target}\n" for name, target in drivers.items())
        (folder / "entry_points.txt").write_text(f"[console_scripts]\nx = x:main\n[chargepoint.contactor]\n{points}")
        monkeypatch.syspath_prepend(site)

    return install


def contactors() -> dict[tuple[str, str], Installed]:
    return {(driver.package, driver.name): driver for driver in installed() if driver.group == "contactor"}


def test_every_driver_of_this_project_is_listed_once_and_says_what_it_is() -> None:
    entry_points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    ours = {
        (group.removeprefix("chargepoint."), name)
        for group, drivers in entry_points.items()
        if group.startswith("chargepoint.")
        for name in drivers
    }
    found = [driver for driver in installed() if driver.package == "chargepoint"]
    assert sorted((driver.group, driver.name) for driver in found) == sorted(ours)
    assert all(driver.about.endswith(".") for driver in found if not driver.broken)
    assert all(option.help for driver in found for option in driver.options)


def test_a_driver_is_listed_with_its_package_and_its_options(install: Install) -> None:
    install("acme-board", acme="acme_board:Relay [extra]")
    told = contactors()["acme-board", "acme"]
    assert (told.version, told.target, told.about, told.broken) == ("1.0", "acme_board:Relay", "A relay on a line.", "")
    assert told.options == (
        OptionTold("line", None, "whole number", "0 to 53", "number of the GPIO line"),
        OptionTold("parity", '"N"', "text", '"N", "E"', "of the port"),
        OptionTold("folder", "none", "path", "", ""),
        OptionTold("steps", "[]", "list (number)", "", ""),
    )


@pytest.mark.parametrize(
    ("target", "broken", "remedy"),
    [
        (
            "acme_lost:Relay",
            "the Python module acme_lost is missing",
            "Install it again: pip install --force-reinstall acme-board.",
        ),
        (
            "acme_board:Lost",
            "acme_board:Lost does not load (AttributeError: module 'acme_board' has no attribute 'Lost')",
            "Ask the maker of acme-board.",
        ),
        (
            "acme_board:Greedy",
            "the Python module acme_sdk.bus is missing",
            'Install it: pip install "acme-board[sdk]".',
        ),
        (
            "email:charset",
            "email:charset does not load (AttributeError: module 'email.charset' has no attribute 'Options')",
            "Ask the maker of acme-board.",
        ),
    ],
)
def test_a_driver_that_cannot_be_used_is_listed_with_the_reason(
    install: Install, target: str, broken: str, remedy: str
) -> None:
    import email.charset  # noqa: F401 - a thing that is no driver

    install("acme-board", extra="sdk", acme=target)
    told = contactors()["acme-board", "acme"]
    assert (told.broken, told.remedy) == (broken, remedy)


def test_what_a_driver_needs_and_misses_is_a_mistake_of_the_file_that_names_it(install: Install) -> None:
    install("acme-board", acme="acme_board:Greedy")
    [mistake] = check("contactor", {"driver": "acme", "line": 1}, "evse.1.contactor")
    assert mistake.what == "driver = \"acme\" does not load here: No module named 'acme_sdk.bus'"
    assert mistake.fix == "`chargepoint drivers acme` says what it needs."


def test_of_two_packages_that_name_one_driver_the_first_is_used_and_the_other_says_so(install: Install) -> None:
    install("acme-old", acme="acme_board:Relay")
    install("acme-new", acme="acme_board:Relay")
    assert contactors()["acme-new", "acme"].broken == ""
    hidden = contactors()["acme-old", "acme"]
    assert hidden.broken == "acme-new has a contactor driver of the same name, which comes first"
    assert hidden.remedy == "Uninstall one: pip uninstall acme-new."


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (bool, "true or false"),
        (int | None, "whole number"),
        (float | str, "table"),
        (tuple[int, ...], "list (whole number)"),
        (Literal["a"], "text"),
        (Parity, "text"),
        (dict[str, int], "table"),
    ],
)
def test_kinds_of_values_have_names(annotation: object, kind: str) -> None:
    assert kind_of(annotation) == kind


# --- libraries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "remedy"),
    [
        ("lgpio", "Install it: sudo apt install python3-lgpio."),
        ("systemd.daemon", 'Install it: sudo apt install python3-systemd, or pip install "chargepoint[systemd]".'),
        ("unheard_of", "Install it: pip install --upgrade chargepoint."),
    ],
)
def test_a_missing_library_comes_with_the_command_that_installs_it(module: str, remedy: str) -> None:
    assert libraries.remedy(module) == remedy


def test_every_extra_that_a_remedy_names_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {library.extra for library in libraries.KNOWN.values()} - {""} <= extras.keys()


def test_a_module_in_a_package_that_is_missing_is_missing() -> None:
    assert libraries.missing(("json", "email.mime", "unheard_of.part")) == "unheard_of.part"
    assert libraries.missing(("json",)) == ""
