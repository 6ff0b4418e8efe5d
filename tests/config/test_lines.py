"""The line of every key, wherever TOML lets one stand."""

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.config.lines import lines_of, nearest_line

TEXT = """\
# a comment with [brackets] = and "quotes"
top = 1

[station]   # behind a header
vendor = "A # no comment"
"quoted.key" = '''
[not.a.table]
x = 1'''
a.b . "c" = { d = 1, e = { f = [1, 2] } }

[[evse]]
max_current_a = 16
pilot = { driver = "mock" }
[evse.meter]
driver = "x"
[[evse]]
pilot = { driver = "mock",  version = "1" }
list = [
  # inside
  { a = 1 },

  { b = \"\"\"
two\\"\"\" lines\"\"\" , c = 3 }, 2024-01-01T00:00:00Z,
]
[[evse.deep]]
z = 1
[[evse.deep]]
z = 2
"""

EXPECTED = {
    ("top",): 2,
    ("station",): 4,
    ("station", "vendor"): 5,
    ("station", "quoted.key"): 6,
    ("station", "a"): 9,
    ("station", "a", "b", "c"): 9,
    ("station", "a", "b", "c", "e", "f"): 9,
    ("evse", 0): 11,
    ("evse", 0, "max_current_a"): 12,
    ("evse", 0, "pilot", "driver"): 13,
    ("evse", 0, "meter"): 14,
    ("evse", 0, "meter", "driver"): 15,
    ("evse", 1): 16,
    ("evse", 1, "pilot", "version"): 17,
    ("evse", 1, "list"): 18,
    ("evse", 1, "list", 0, "a"): 20,
    ("evse", 1, "list", 1, "b"): 22,
    ("evse", 1, "list", 1, "c"): 23,
    ("evse", 1, "list", 2): 23,
    ("evse", 1, "deep", 0, "z"): 26,
    ("evse", 1, "deep", 1): 27,
    ("evse", 1, "deep", 1, "z"): 28,
}


def test_every_key_has_its_line() -> None:
    tomllib.loads(TEXT)
    lines = lines_of(TEXT)
    assert {path: lines.get(path) for path in EXPECTED} == EXPECTED


def test_line_ends_of_windows_count_once() -> None:
    lines = lines_of(TEXT.replace("\n", "\r\n"))
    assert {path: lines.get(path) for path in EXPECTED} == EXPECTED


def test_a_missing_key_has_the_line_of_its_table() -> None:
    lines = lines_of(TEXT)
    assert nearest_line(lines, ("evse", 1, "pilot", "port")) == 17
    assert nearest_line(lines, ("nothing",)) == 0


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


@given(st.text(alphabet="ab.[]{}=\"'\\\n#,1 \t", max_size=60))
def test_it_knows_every_key_of_whatever_tomllib_accepts(text: str) -> None:
    lines = lines_of(text)  # never raises, whatever the text
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(_paths(document)) <= set(lines)
