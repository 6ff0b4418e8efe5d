"""deploy/chargepoint.toml shows every option at its default, and works as it stands."""

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from chargepoint.config import (
    AccessConfig,
    CsmsConfig,
    DoctorConfig,
    EvseConfig,
    FirmwareConfig,
    MqttConfig,
    StationConfig,
    SupplyConfig,
    UpdateConfig,
    WebConfig,
)
from chargepoint.config.file import load
from chargepoint.config.tables import TABLES
from hw.discovery import read_options

FILE = Path(__file__).parents[2] / "deploy" / "chargepoint.toml"

CLASSES: dict[str, type] = {
    "station": StationConfig,
    "supply": SupplyConfig,
    "csms": CsmsConfig,
    "access": AccessConfig,
    "evse": EvseConfig,
    "web": WebConfig,
    "mqtt": MqttConfig,
    "doctor": DoctorConfig,
    "firmware": FirmwareConfig,
    "update": UpdateConfig,
}


def uncommented() -> dict[str, Any]:
    """The file with every option switched on."""
    text = re.sub(r'^# (?=\[|[a-z_]+ = |"?[A-Z][A-Za-z.]+"? = )', "", FILE.read_text(), flags=re.MULTILINE)
    return tomllib.loads(text)


def test_it_works_as_it_stands() -> None:
    assert load(FILE).mock


def test_it_has_every_table() -> None:
    assert set(uncommented()) == set(TABLES)


@pytest.mark.parametrize("name", CLASSES)
def test_every_option_is_there_at_its_default(name: str) -> None:
    table = uncommented()[name]
    table = table[0] if name == "evse" else table
    given = {"id": 1} if name == "evse" else {}
    told, mistakes = read_options(CLASSES[name], table, name, given=given)
    assert mistakes == []
    for field in dataclasses.fields(CLASSES[name]):
        if field.name in given:
            continue
        assert field.name in table, f"[{name}] lacks {field.name}"
        if field.default not in (dataclasses.MISSING, None):  # needed, or nothing by default: an example stands there
            assert getattr(told, field.name) == field.default
