"""The kernel's own word on what was done to a line: its trace events, which miss no step however short."""

from __future__ import annotations

import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TRACING = Path("/sys/kernel/tracing")
CHIPS = Path("/sys/class/gpio")
_EVENT = re.compile(r"gpio_(value|direction): (\d+) +(\w+) \(?(\d+)\)?")


class Witness:
    """What has been done to the lines of a chip since the last question."""

    def __init__(self, base: int) -> None:
        self._base = base

    def saw(self, line: int) -> list[str]:
        """In order: "high", "low" (a level was set), "output", "input" (the direction was); forgets it then."""
        return self.saw_all()[line]

    def saw_all(self) -> defaultdict[int, list[str]]:
        """The same of every line."""
        seen: defaultdict[int, list[str]] = defaultdict(list)
        for kind, gpio, verb, number in _EVENT.findall((TRACING / "trace").read_text()):
            if verb != "get":
                seen[int(gpio) - self._base].append(_word(kind, verb, number))
        self.forget()
        return seen

    def forget(self) -> None:
        (TRACING / "trace").write_text("")


@contextmanager
def watching(folder: Path) -> Iterator[Witness]:
    """`folder`: of the simulated chip in sysfs."""
    if not (TRACING / "events").is_dir():
        subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACING], check=True)
    base = next(int((chip / "base").read_text()) for chip in CHIPS.iterdir() if _is_of(chip, folder))
    enable = TRACING / "events" / "gpio" / "enable"
    enable.write_text("1")
    try:
        witness = Witness(base)
        witness.forget()
        yield witness
    finally:
        enable.write_text("0")


def chip_of(second: bool = False) -> tuple[str, Path]:
    """(device file, sysfs folder) of a simulated chip."""
    suffix = "_2" if second else ""
    return os.environ[f"GPIOSIM_CHIP{suffix}"], Path(os.environ[f"GPIOSIM_DIR{suffix}"])


def _is_of(chip: Path, folder: Path) -> bool:
    return chip.name.startswith("gpiochip") and (chip / "device").resolve() in (folder, folder.parent)


def _word(kind: str, verb: str, number: str) -> str:
    if kind == "direction":
        return {"out": "output", "in": "input"}[verb]
    return "high" if number == "1" else "low"
