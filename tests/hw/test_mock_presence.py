"""Where simulated hardware is needed, by what stands in the configuration file."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw.mock.presence import simulates


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        ('[[evse]]\npilot = { driver = "mock" }', True),
        ("[[evse]]\nmax_current_a = 16", True),  # without a pilot it is a simulated one
        ('[[evse]]\npilot = { driver = "rapi", port = "/dev/ttyUSB0" }', False),
        ('[[evse]]\npilot = { driver = "rapi" }\n[[card_reader]]\ndriver = "mock"', True),
        ('# pilot = { driver = "mock" }\n[[evse]]\npilot = { driver = "gpio" }', False),
        ('[station]\nvendor = "mock"', False),
        ("evse = 1", False),
        ("[[evse", False),
    ],
)
def test_it_is_needed_where_any_driver_is_simulated(content: str, needed: bool, tmp_path: Path) -> None:
    file = tmp_path / "chargepoint.toml"
    file.write_text(content)
    assert simulates(file) is needed


def test_it_is_not_needed_without_a_file_or_for_one_that_is_no_text(tmp_path: Path) -> None:
    assert not simulates(tmp_path / "absent.toml")
    (tmp_path / "garbage.toml").write_bytes(b"\xff\xfe\x00")
    assert not simulates(tmp_path / "garbage.toml")
