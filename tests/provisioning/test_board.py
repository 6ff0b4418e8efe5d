"""What a board tells about itself."""

from pathlib import Path

import pytest

from chargepoint.provisioning.board import board


def file(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def interface(root: Path, name: str, address: str, *, hardware: bool = True, wireless: bool = False) -> None:
    folder = f"sys/class/net/{name}"
    file(root, f"{folder}/address", address + "\n")
    file(root, f"{folder}/type", "772\n" if name == "lo" else "1\n")
    for there, part in ((hardware, "device"), (wireless, "wireless")):
        if there:
            (root / folder / part).mkdir()


def test_a_raspberry_pi_tells_its_number_and_address(tmp_path: Path) -> None:
    file(tmp_path, "proc/device-tree/serial-number", "10000000a1b2c3d4\0")
    interface(tmp_path, "lo", "00:00:00:00:00:00")
    interface(tmp_path, "wlan0", "dc:a6:32:00:00:02", wireless=True)
    interface(tmp_path, "eth0", "dc:a6:32:00:00:01")
    told = board(tmp_path)
    assert (told.serial_number, told.mac_address) == ("10000000a1b2c3d4", "dc:a6:32:00:00:01")


def test_without_ethernet_it_is_the_radios(tmp_path: Path) -> None:
    interface(tmp_path, "wlan0", "dc:a6:32:00:00:02", wireless=True)
    interface(tmp_path, "docker0", "02:42:00:00:00:01", hardware=False)
    assert board(tmp_path).mac_address == "dc:a6:32:00:00:02"


@pytest.mark.parametrize("number", ["", "None", "Default string", "To be filled by O.E.M."])
def test_what_a_maker_of_boards_forgot_is_no_number(tmp_path: Path, number: str) -> None:
    file(tmp_path, "sys/class/dmi/id/board_serial", number + "\n")
    assert board(tmp_path).serial_number == ""


def test_a_machine_that_tells_nothing_is_no_hindrance(tmp_path: Path) -> None:
    told = board(tmp_path)
    assert (told.serial_number, told.mac_address) == ("", "")
