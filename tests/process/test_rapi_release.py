"""`python -m hw.guard release` with a serial controller: it comes back when the relay was seen to open."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.peers.openevse import OpenEvse
from tests.process.serial_lines import SerialCable, until

CONFIG = """
[[evse]]
phases = 1
outlet = "cable"
pilot = {{ driver = "rapi", port = "{port}" }}
"""


def release(tmp_path: Path, port: Path) -> tuple[int, str]:
    config = tmp_path / "chargepoint.toml"
    config.write_text(CONFIG.format(port=port))
    command = [sys.executable, "-m", "hw.guard", "release", "--config", str(config), "--state", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stderr


def test_a_relay_that_outlived_its_guard_is_opened(tmp_path: Path) -> None:
    controller = OpenEvse(time.monotonic())
    cable = SerialCable(tmp_path / "ttyUSB0", controller)
    with cable.held():
        controller.bay.plug({"reaction_s": 0.1}, controller.now_s)
    until(lambda: controller.relay)  # awake, as its guard has left it

    assert release(tmp_path, cable.path) == (0, "")
    assert (controller.relay, controller.code) == (False, 0xFE)
    cable.close()


def test_a_controller_out_of_reach_is_told(tmp_path: Path) -> None:
    status, said = release(tmp_path, tmp_path / "ttyUSB0")
    assert status == 1
    assert said.count("there is no port") == 2  # when it was looked for, and as the verdict
