"""Which chip and which library a table means, and what an installer reads where neither can be had."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hw.errors import DeviceLost, DriverMissing, Fixable
from hw.gpio import factories
from hw.gpio.chip import Chip, paths
from hw.gpio.factories import chosen, where_is

WHERE = "evse.1.contactor"


class Machine:
    """A computer with these chips and libraries."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self._folder = folder
        self.chips: dict[str, Chip | int] = {}  # an errno where it cannot be read
        self.libraries = {"gpiod"}
        self.model = folder / "model"
        patch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
        for module in ("hw.gpio.chip", "hw.gpio.factories"):
            patch.setattr(f"{module}.DEV", folder)
            patch.setattr(f"{module}.read_chip", self._read)
        patch.setattr(factories, "find_spec", lambda name: name if name in self.libraries else None)
        patch.setattr(factories, "_MODEL", self.model)

    def has(self, name: str, label: str, error: int = 0) -> str:
        path = str(self._folder / name)
        Path(path).touch()
        self.chips[path] = error or Chip(path, name, label, 54)
        return path

    def _read(self, path: str) -> Chip:
        known = self.chips.get(path, errno.ENOTTY if os.path.exists(path) else errno.ENOENT)
        if isinstance(known, int):
            raise OSError(known, os.strerror(known))
        return known


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


def sentence(chip: str) -> str:
    with pytest.raises(Fixable) as caught:
        where_is(chip, WHERE)
    assert caught.value.where == f"[{WHERE}]"
    return f"{caught.value.what}. {caught.value.fix}"


# --- the chip ---------------------------------------------------------------------------------------------------------


def test_no_name_means_the_first_chip(machine: Machine) -> None:
    first = machine.has("gpiochip0", "some-soc")
    machine.has("gpiochip1", "usb-expander")
    assert where_is("", WHERE).path == first


def test_no_name_means_the_pin_header_wherever_a_raspberry_pi_5_has_it(machine: Machine) -> None:
    machine.has("gpiochip0", "gpio-brcmstb@107d508500")
    header = machine.has("gpiochip4", "pinctrl-rp1")
    assert where_is("", WHERE).path == header


def test_a_chip_goes_by_file_name_and_label(machine: Machine) -> None:
    machine.has("gpiochip0", "some-soc")
    wanted = machine.has("gpiochip1", "usb-expander")
    for name in (wanted, "gpiochip1", "usb-expander"):
        assert where_is(name, WHERE).path == wanted


def test_an_alias_of_a_device_file_is_the_same_chip(machine: Machine, tmp_path: Path) -> None:
    real = machine.has("gpiochip0", "pinctrl-rp1")
    (tmp_path / "gpiochip4").symlink_to(real)
    assert where_is(str(tmp_path / "gpiochip4"), WHERE).path == real
    assert paths() == [real]


def test_chips_are_counted_as_the_kernel_does(machine: Machine) -> None:
    names = [machine.has(f"gpiochip{number}", "x") for number in (0, 2, 10)]
    assert paths() == names


def test_a_computer_without_gpio(machine: Machine, tmp_path: Path) -> None:
    assert sentence("") == (
        f"there is no GPIO chip: {tmp_path}/gpiochip* does not exist. Use a board with GPIO lines, or another driver."
    )
    assert sentence("pinctrl-rp1") == (
        'there is no GPIO chip "pinctrl-rp1". There is no GPIO chip at all on this computer.'
    )


@pytest.mark.parametrize("chip", ["", "gpiochip0"])
def test_a_chip_that_may_not_be_opened(machine: Machine, chip: str) -> None:
    path = machine.has("gpiochip0", "", errno.EACCES)
    assert sentence(chip) == (
        f"{path}: permission denied. Put the user into the group gpio (sudo usermod -aG gpio USER; a service: "
        "SupplementaryGroups=gpio), and give that group the chips by a udev rule: "
        'SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660".'
    )


def test_a_chip_that_is_not_there_gets_the_nearest_name(machine: Machine) -> None:
    machine.has("gpiochip0", "pinctrl-rp1")
    assert sentence("pinctrl-rp2") == 'there is no GPIO chip "pinctrl-rp2". Did you mean "pinctrl-rp1"?'


def test_another_file_is_no_chip(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    assert sentence(f"{tmp_path}/ttyUSB0") == (
        f'chip = "{tmp_path}/ttyUSB0" is no GPIO chip. `gpiodetect` lists the chips.'
    )


def test_a_chip_that_fails_is_lost_and_may_come_back(machine: Machine) -> None:
    path = machine.has("gpiochip0", "", errno.EIO)
    with pytest.raises(DeviceLost, match=f"{path}: Input/output error"):
        where_is("gpiochip0", WHERE)


# --- the library ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "libraries", "taken"),
    [
        ("Raspberry Pi 5 Model B Rev 1.0\0", "lgpio gpiod", "lgpio"),
        ("Raspberry Pi 5 Model B Rev 1.0\0", "gpiod", "gpiod"),
        ("Raspberry Pi 5 Model B Rev 1.0\0", "lgpio", "lgpio"),
        ("Radxa ROCK 4C+\0", "lgpio gpiod", "gpiod"),
        ("Radxa ROCK 4C+\0", "lgpio", "lgpio"),
        ("", "gpiod", "gpiod"),
    ],
)
def test_the_library_that_suits_the_board_is_taken(machine: Machine, model: str, libraries: str, taken: str) -> None:
    machine.libraries = set(libraries.split())
    if model:
        machine.model.write_text(model)
    assert chosen("auto", WHERE) == taken


def test_the_table_chooses_otherwise_and_so_does_the_environment(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.libraries = {"gpiod", "lgpio"}
    assert chosen("lgpio", WHERE) == "lgpio"
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "lgpio")
    assert (chosen("auto", WHERE), chosen("gpiod", WHERE)) == ("lgpio", "gpiod")


@pytest.mark.parametrize(("wanted", "package"), [("lgpio", "python3-lgpio"), ("gpiod", "python3-libgpiod")])
def test_a_library_that_is_not_installed(machine: Machine, wanted: str, package: str) -> None:
    machine.libraries = set()
    with pytest.raises(DriverMissing) as caught:
        chosen(wanted, WHERE)
    assert str(caught.value) == (
        f"[evse.1.contactor]: the library {wanted} is not installed. "
        f"Install it: sudo apt-get install {package}, or pip install 'chargepoint[gpio]' for gpiod."
    )
