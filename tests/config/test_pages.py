"""What the pages of docs/ show of a configuration file is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chargepoint.config.file import load

DOCS = Path(__file__).parents[2] / "docs"
FILES = ("csms-root.pem", "station.pem", "station.key", "page-password", "mqtt-password", "broker-ca.pem")
STATION = '[station]\nvendor = "A"\nmodel = "B"\nserial_number = "C"\n'


@pytest.mark.parametrize("page", ["gpio.md", "limits.md", "observation.md", "security.md"])
def test_an_example_is_a_file_without_mistakes(tmp_path: Path, page: str) -> None:
    examples = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text(), flags=re.DOTALL)
    assert examples
    for example in examples:
        for secret in (
            "csms-root.pem",
            "station.pem",
            "station.key",
            "page-password",
            "mqtt-password",
            "broker-ca.pem",
        ):
            (tmp_path / secret).write_text("a secret")
        file = tmp_path / "chargepoint.toml"
        file.write_text(STATION + example + ("" if "[[evse]]" in example else "[[evse]]\n"))
        assert load(file).evses
