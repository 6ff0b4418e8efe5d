"""Every typical mistake in a table, and the sentence an installer reads about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest

from hw.options import Mistake, option, read_options


class Outlet(StrEnum):
    SOCKET = "socket"
    CABLE = "cable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    line: int = option(minimum=0, maximum=53, help="number of the GPIO line")
    active_low: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    max_current_a: float = option(16.0, minimum=6, maximum=80)
    phases: int = option(3, choices=(1, 3))
    name: str = ""
    outlet: Outlet = Outlet.SOCKET
    mode: Literal["ocpp", "free"] = "ocpp"
    versions: tuple[str, ...] = option(("2.0.1",), choices=("2.0.1", "1.6"))
    ca_file: Path | None = None
    pin: Pin | None = None
    pins: tuple[Pin, ...] = ()
    settings: Mapping[str, str] = option(default_factory=dict)
    meter: Mapping[str, Any] | None = None
    low_a: float = 6.0

    def __post_init__(self) -> None:
        if self.low_a > self.max_current_a:
            raise ValueError(f"low_a = {self.low_a:g} is above max_current_a", "Lower low_a.")


def test_an_empty_table_gives_the_defaults() -> None:
    assert read_options(Point, {}, "evse.1") == (Point(), [])


def test_every_kind_of_value_is_read() -> None:
    table = {
        "max_current_a": 32,
        "phases": 1,
        "name": "left",
        "outlet": "cable",
        "mode": "free",
        "versions": ["1.6"],
        "ca_file": "/etc/ca.pem",
        "pin": {"line": 17},
        "pins": [{"line": 5}, {"line": 6, "active_low": True}],
        "settings": {"HeartbeatInterval": "300"},
        "meter": {"driver": "mock", "unit": 1},
    }

    point, mistakes = read_options(Point, table, "evse.1")

    assert not mistakes
    assert point == Point(
        max_current_a=32.0,
        phases=1,
        name="left",
        outlet=Outlet.CABLE,
        mode="free",
        versions=("1.6",),
        ca_file=Path("/etc/ca.pem"),
        pin=Pin(line=17),
        pins=(Pin(line=5), Pin(line=6, active_low=True)),
        settings={"HeartbeatInterval": "300"},
        meter={"driver": "mock", "unit": 1},
    )
    assert isinstance(point.max_current_a, float)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"max_curent_a": 16}, '[evse.1] "max_curent_a" is not an option here. Did you mean "max_current_a"?'),
        ({"max_current_a": "16"}, '[evse.1] max_current_a = "16" is not a number. Write a number, without quotes.'),
        ({"max_current_a": 160}, "[evse.1] max_current_a = 160 is out of range. Allowed: 6 to 80."),
        ({"max_current_a": True}, "[evse.1] max_current_a = true is not a number. Write a number, without quotes."),
        (
            {"max_current_a": float("nan")},
            "[evse.1] max_current_a = nan is not a finite number. Give an ordinary number.",
        ),
        ({"phases": 2}, "[evse.1] phases = 2 is not one of the choices. Allowed: 1, 3."),
        ({"phases": 3.0}, "[evse.1] phases = 3 is not a whole number. Write a whole number, without quotes."),
        ({"phases": True}, "[evse.1] phases = true is not a whole number. Write a whole number, without quotes."),
        ({"name": 5}, "[evse.1] name = 5 is not text. Put it between quotes."),
        (
            {"outlet": "sockett"},
            '[evse.1] outlet = "sockett" is not one of the choices. Allowed: "socket", "cable". Did you mean "socket"?',
        ),
        ({"mode": "x"}, '[evse.1] mode = "x" is not one of the choices. Allowed: "ocpp", "free".'),
        ({"versions": "1.6"}, '[evse.1] versions = "1.6" is not a list. Write versions = [ … ].'),
        (
            {"versions": ["1.6", "3"]},
            '[evse.1] versions[1] = "3" is not one of the choices. Allowed: "2.0.1", "1.6".',
        ),
        ({"ca_file": ""}, '[evse.1] ca_file = "" is not a path. Write the path between quotes.'),
        ({"pin": 17}, "[evse.1] pin = 17 is not a table. Write pin = { … }."),
        (
            {"pin": {}},
            "[evse.1.pin] line is missing. Add line = 0 (number of the GPIO line); allowed: 0 to 53.",
        ),
        ({"pin": {"line": -1}}, "[evse.1.pin] line = -1 is out of range. Allowed: 0 to 53."),
        (
            {"pin": {"line": 1, "active_low": 1}},
            "[evse.1.pin] active_low = 1 is not true or false. Write true or false, without quotes.",
        ),
        ({"settings": {"A": 3}}, "[evse.1] settings.A = 3 is not text. Put it between quotes."),
        ({"meter": "x"}, '[evse.1] meter = "x" is not a table. Write meter = { … }.'),
        ({"low_a": 20}, "[evse.1] low_a = 20 is above max_current_a. Lower low_a."),
    ],
)
def test_a_mistake_is_told_in_a_sentence(table: dict[str, Any], sentence: str) -> None:
    point, mistakes = read_options(Point, table, "evse.1")

    assert point is None
    assert [str(mistake) for mistake in mistakes] == [sentence]


def test_all_mistakes_are_told_at_once() -> None:
    table = {"max_current_a": 160, "phases": "3", "colour": "red", "pin": {"lin": 3}}

    _, mistakes = read_options(Point, table, "evse.2")

    assert [(m.where, m.key) for m in mistakes] == [
        ("evse.2", "colour"),
        ("evse.2", "max_current_a"),
        ("evse.2", "phases"),
        ("evse.2.pin", "lin"),
        ("evse.2.pin", "line"),
    ]


def test_a_field_that_the_program_fills_in_is_unknown_in_the_file() -> None:
    good, none = read_options(Pin, {}, "x", given={"line": 3})
    bad, mistakes = read_options(Pin, {"line": 4}, "x", given={"line": 3})

    assert (good, none, bad) == (Pin(line=3), [], None)
    assert mistakes == [Mistake("x", '"line" is not an option here', "Known here: active_low.", "line")]
