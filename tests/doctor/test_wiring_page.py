"""docs/wiring.md: every configuration in it works, its drawings are there, and its tables say what the program does."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from chargepoint.config.file import examine
from hw.guard.faults import FAULTS
from hw.guard.lamps import PATTERNS, UNNAMED_FAULT

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "wiring.md").read_text(encoding="utf-8")
BUILDS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
DRAWINGS = re.findall(r"!\[[^\]]+\]\((wiring-[\w-]+\.svg)\)", PAGE)


@pytest.mark.parametrize("build", BUILDS, ids=lambda text: text.split('model = "')[1].split('"')[0])
def test_every_build_passes_the_check_without_a_warning(tmp_path: Path, build: str) -> None:
    path = tmp_path / "chargepoint.toml"
    path.write_text(build)
    config, findings = examine(path)
    assert [str(finding) for finding in findings] == []
    assert config is not None
    assert not config.mock


def test_there_are_three_builds_each_with_its_drawing() -> None:
    assert len(BUILDS) == len(DRAWINGS) == 3
    for name in DRAWINGS:
        drawing = ElementTree.parse(DOCS / name).getroot()
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
        assert drawing.get("aria-label")


def test_every_line_of_the_gpio_build_is_in_its_table_and_in_its_drawing() -> None:
    lines = {int(number) for number in re.findall(r"_?(?:line|gpio) = (\d+)", BUILDS[2])}
    assert lines
    rows = re.findall(r"^\| ([\d, ]+) \| [\d, ]+ \|", PAGE, re.MULTILINE)
    table = {int(number) for row in rows for number in row.split(",")}
    assert lines <= table
    drawing = (DOCS / DRAWINGS[2]).read_text(encoding="utf-8")
    drawn = {int(number) for number in re.findall(r"GPIO(\d+)", drawing)}
    assert table == drawn


def test_lines_that_must_not_move_at_boot_are_held_low() -> None:
    [held] = re.findall(r"^gpio=([\d,]+)=op,dl$", PAGE, re.MULTILINE)
    moving = re.findall(r"\b(?:line|pulse_line|open_line|close_line) = (\d+)", BUILDS[2])
    assert set(moving) == set(held.split(","))


def table_after(heading: str) -> list[list[str]]:
    section = PAGE.split(heading, 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| \n").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [row for row in rows if set(row[0]) != {"-"}]


def test_every_number_of_flashes_has_its_row() -> None:
    numbers = {int(row[0]) for row in table_after("## What the lamps mean") if row[0].isdigit()}
    assert numbers == {kind.flashes for kind in FAULTS.values()} | {UNNAMED_FAULT}


def test_every_colour_of_a_status_has_its_row() -> None:
    told = {row[0].split(",")[0] for row in table_after("## What the lamps mean")}
    assert {colour.value for pattern in PATTERNS.values() for colour, _ in pattern} - {"off"} <= told
