"""What RAUC says of the slots, and what it means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chargepoint.updating.slots import Slot, Slots, Standing, Unreadable, read_slots

TOLD = """{"compatible":"acme-wall","variant":"","booted":"A","boot_primary":"rootfs.1","slots":[{"rootfs.1":{"class":\
"rootfs","device":"/dev/disk/by-partlabel/root-b","type":"raw","bootname":"B","state":"inactive","parent":null,\
"mountpoint":null,"boot_status":"bad","slot_status":{"bundle":{"compatible":"acme-wall","version":"2.1.0"},"checksum":\
{"sha256":"1a66","size":3000000},"installed":{"timestamp":"2026-11-23T01:46:39Z","count":2},"status":"ok"}}},{"rootfs.0"\
:{"class":"rootfs","device":"/dev/disk/by-partlabel/root-a","type":"raw","bootname":"A","state":"booted","parent":null,\
"mountpoint":null,"boot_status":"good","slot_status":{"bundle":{"compatible":null}}}}]}"""
"""Of RAUC 1.8, after an installation."""


def test_what_rauc_tells_is_understood() -> None:
    assert read_slots(TOLD) == Slots(
        "acme-wall", (Slot("A", booted=True, good=True), Slot("B", booted=False, good=False, version="2.1.0")), "B"
    )


def slots(runs: str, starts: str, **good: bool) -> Slots:
    return Slots("x", tuple(Slot(name, name == runs, good[name]) for name in "AB"), starts)


@pytest.mark.parametrize(
    ("seen", "standing"),
    [
        (slots("A", "A", A=True, B=False), Standing.SETTLED),
        (slots("A", "B", A=True, B=False), Standing.WAITING),
        (slots("A", "B", A=True, B=True), Standing.SETTLED),
        (slots("B", "A", A=True, B=False), Standing.ON_TRIAL),
        (slots("B", "B", A=True, B=False), Standing.ON_TRIAL),
        (slots("B", "B", A=True, B=True), Standing.SETTLED),
        (slots("A", "", A=True, B=True), Standing.SETTLED),
    ],
)
def test_how_the_running_system_stands(seen: Slots, standing: Standing) -> None:
    assert seen.standing is standing


def without(**changes: Any) -> str:
    return json.dumps({**json.loads(TOLD), **changes})


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "not json", without(slots=[]), without(slots=None), without(slots=[{"rootfs.0": None}]),
     without(slots=[{"rootfs.0": {"bootname": "A"}}]),
     without(slots=[{"rootfs.0": {"bootname": "A", "state": "inactive"}}])],
)  # fmt: skip
def test_what_makes_no_sense_is_no_slots(text: str) -> None:
    with pytest.raises(Unreadable):
        read_slots(text)


def test_slots_of_another_kind_do_not_matter() -> None:
    told = json.loads(TOLD)
    told["slots"].append({"appfs.0": {"class": "appfs", "bootname": None, "state": "active"}})
    assert read_slots(json.dumps(told)).booted.name == "A"
