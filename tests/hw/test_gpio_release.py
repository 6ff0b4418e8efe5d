"""Releasing: one device that is not there keeps no other from being opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw.guard.config import read_config
from hw.guard.release import release_unguarded
from hw.mock.board import TREE, driven, make_tree
from hw.mock.pins import GuardHalf
from hw.mock.wires import open_wires, stamps

TWO = """
[[evse]]
outlet = "cable"
pilot = { driver = "gpio" }
contactor = { driver = "mock" }

[[evse]]
outlet = "cable"
pilot = { driver = "mock" }
contactor = { driver = "mock" }
"""


def test_without_a_converter_every_contactor_is_opened_and_the_pwm_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chargepoint.toml").write_text(TWO)
    memory = open_wires(tmp_path)
    for evse in (1, 2):
        GuardHalf(memory, evse).set_coil(True)
    tree = make_tree(tmp_path)
    channel = tree / "pwmchip0" / "pwm0"
    for name, value in (("period", 1_000_000), ("duty_cycle", 266_666), ("enable", 1)):
        (channel / name).write_text(f"{value}\n")
    monkeypatch.setattr("hw.gpio.pilot.GpioPilot.pwm_root", tree)

    told = release_unguarded(read_config(tmp_path / "chargepoint.toml"), tmp_path)

    assert len(told) == 1
    assert told[0].startswith("[evse.1.pilot]: /dev/spidev0.0 does not work: No such file or directory.")
    assert not stamps(memory, 1).coil
    assert not stamps(memory, 2).coil
    assert driven(tmp_path / TREE) == 1.0
