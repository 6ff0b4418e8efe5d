"""What a board tells about itself, for the maker's records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chargepoint.config.factory import Board

SERIAL_NUMBERS = ("proc/device-tree/serial-number", "sys/class/dmi/id/board_serial")
NO_NUMBERS = ("", "none", "default string", "to be filled by o.e.m.", "not specified")
ETHERNET = "1"
"""Type of an interface (ARPHRD_ETHER), Wi-Fi too; loopback has another."""


def board(root: Path = Path("/")) -> Board:
    """Empty texts where nothing is told."""
    return Board(serial_number=_serial_number(root), mac_address=next(_addresses(root), ""))


def _serial_number(root: Path) -> str:
    for name in SERIAL_NUMBERS:
        told = _text(root / name)
        if told.casefold() not in NO_NUMBERS:
            return told
    return ""


def _addresses(root: Path) -> Iterator[str]:
    """Of interfaces that are hardware; Ethernet before Wi-Fi, by name."""
    folders = sorted((root / "sys/class/net").glob("*"))
    for folder in sorted(folders, key=lambda each: (each / "wireless").exists()):
        address = _text(folder / "address")
        if (folder / "device").exists() and _text(folder / "type") == ETHERNET and address.strip("0:"):
            yield address


def _text(file: Path) -> str:
    try:
        told = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "".join(letter for letter in told if letter.isprintable()).strip()
