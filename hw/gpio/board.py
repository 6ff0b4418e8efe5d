"""Any Linux board as gpiozero wants it: a header that has the lines of a chip as its pins, by their number."""

from __future__ import annotations

from gpiozero import BoardInfo, HeaderInfo, PinInfo

from hw.gpio.chip import Chip


def board_of(chip: Chip) -> BoardInfo:
    """gpiozero knows Raspberry Pis by heart and no other board; a chip's lines are all that is needed of one."""
    pins = {number + 1: _pin(chip, number) for number in range(chip.lines)}
    header = HeaderInfo(name=chip.name, rows=chip.lines, columns=1, pins=pins)
    nothing = dict.fromkeys(BoardInfo._fields, "")
    return BoardInfo(**nothing | {"model": chip.label, "headers": {chip.name: header}})


def _pin(chip: Chip, number: int) -> PinInfo:
    return PinInfo(
        number=number + 1,  # on the header, where they count from one
        name=f"GPIO{number}",
        names=frozenset({number, str(number), f"GPIO{number}", f"{chip.name}:{number}"}),
        pull="",
        row=number + 1,
        col=1,
        interfaces=frozenset({"gpio"}),
    )
