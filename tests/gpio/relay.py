"""The relay and the mirror contact between a line of the simulated chip and the simulated car's contactor.

`python -m tests.gpio.relay STATE COIL_LINE FEEDBACK_LINE`, a process of its own: it goes on when the guard is killed.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from hw.mock.pins import GuardHalf
from hw.mock.wires import open_wires

LOOK_S = 0.005
PULLS = {True: "pull-up", False: "pull-down"}


def main(state: str, coil_line: str, feedback_line: str) -> None:
    chip = Path(os.environ["GPIOSIM_DIR"])
    value, pull = chip / f"sim_gpio{coil_line}" / "value", chip / f"sim_gpio{feedback_line}" / "pull"
    half = GuardHalf(open_wires(Path(state)), 1)
    coil = closed = None
    while True:
        level = value.read_text().strip() == "1"
        if level != coil:
            coil = level
            half.set_coil(level)
        half.refresh()
        if half.feedback != closed:
            closed = half.feedback
            pull.write_text(PULLS[closed])
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
