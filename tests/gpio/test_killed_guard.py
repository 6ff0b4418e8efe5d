"""A process that held lines is killed; `python -m hw.guard release` leaves them off."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hw.gpio.chip import read_chip
from tests.gpio.witness import Witness, chip_of
from tests.hw.gpio_wires import ChipWires

COIL, OPEN, CLOSE, BUZZER, PULSE = 17, 5, 6, 21, 4

FILE = """
[[evse]]
outlet = "socket"
pilot = {{ driver = "mock" }}
contactor = {{ driver = "gpio", pin_factory = "{library}", line = 17, active_high = {high}, pulse_line = 4 }}
indicator = {{ driver = "gpio", pin_factory = "{library}", buzzer_line = 21, buzzer_active_high = {high} }}
[evse.lock]
driver = "gpio"
pin_factory = "{library}"
open_line = 5
close_line = 6
active_high = {high}
pulse_ms = 3000
"""

HOLD = """
import sys
from pathlib import Path
from hw.guard.config import build, read_config
(evse,) = build(read_config(Path(sys.argv[1])), Path(sys.argv[2]))
evse.contactor.switch(True)
evse.lock.drive(True)
evse.indicator.sound(True)
evse.contactor.beat()
print("holding", flush=True)
sys.stdin.read()
"""


class Guard:
    """One that has closed its contactor, in the middle of a pulse of the lock's motor."""

    def __init__(self, library: str, high: str, folder: Path) -> None:
        self.file = folder / "chargepoint.toml"
        self.file.write_text(FILE.format(library=library, high=high))
        self._where = ["--config", str(self.file), "--state", str(folder)]
        self._folder = folder

    @contextmanager
    def holding(self) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-c", HOLD, str(self.file), str(self._folder)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "holding\n"
            try:
                yield process
            finally:
                process.kill()

    def release(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hw.guard", "release", *self._where], capture_output=True, text=True, check=False
        )


@pytest.mark.parametrize(("library", "high"), [("gpiod", True), ("lgpio", False)])
def test_release_claims_every_line_off_in_one_step(
    library: str, high: bool, tmp_path: Path, witness: Witness, wires: ChipWires
) -> None:
    guard = Guard(library, "true" if high else "false", tmp_path)
    with guard.holding() as process:
        assert [wires.level(line) for line in (COIL, CLOSE, BUZZER)] == [high] * 3
        process.kill()
        process.wait()
    assert not read_chip(chip_of()[0]).line(COIL).used
    witness.forget()

    done = guard.release()

    assert (done.returncode, done.stderr) == (0, "")
    seen = witness.saw_all()
    for line in (COIL, OPEN, CLOSE, BUZZER):
        assert set(seen[line]) == {"low" if high else "high", "output"}
    assert seen[PULSE] == ["low", "output"]


def test_release_says_who_still_holds_a_line(tmp_path: Path) -> None:
    guard = Guard("gpiod", "true", tmp_path)
    with guard.holding():
        done = guard.release()
    assert done.returncode == 1
    assert 'line = 17 is held by "evse.1.contactor.line"' in done.stderr
    assert 'buzzer_line = 21 is held by "evse.1.indicator.buzzer_line"' in done.stderr
