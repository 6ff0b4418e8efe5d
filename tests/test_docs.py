"""The pages: every link leads somewhere, the README leads to every page, and no driver lacks a row of what was run."""

import re
from pathlib import Path

import pytest

from hw.entrypoints import drivers
from hw.gpio.converters import CONVERTERS

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("", "docs", "deploy", "tests", "hw", "chargepoint", "bench")
PAGES = sorted(page for page in (*ROOT.glob("*.md"), *(p for f in FOLDERS[1:] for p in (ROOT / f).rglob("*.md"))))
KINDS = ("pilot", "contactor", "lock", "sensors", "indicator", "meter", "card_reader", "display")

LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
TEST = re.compile(r"`(tests/[\w./]+)`")


def headings(page: Path) -> set[str]:
    """What GitHub makes of them behind a #."""
    lines = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL).splitlines()
    titles = [line.lstrip("#").strip().lower() for line in lines if re.match("#+ ", line)]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def broken(page: Path, text: str) -> list[str]:
    """Its links to nowhere; those to other places in the world are not followed."""
    found = []
    for link in (a or b for a, b in LINK.findall(CODE.sub("", text))):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (heading and target.suffix == ".md" and heading not in headings(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text()) == []


@pytest.mark.parametrize(
    "link", ["[a](nowhere.md)", "[a](README.md#no-such-heading)", "[a](#gone)", '<img src="x.png">']
)
def test_one_that_leads_nowhere_is_found(link: str) -> None:
    assert len(broken(ROOT / "README.md", link)) == 1


@pytest.mark.parametrize("fine", ["[a](docs/start.md)", "[a](https://example.com/x)", "`[a](b)`", "```\n[a](b)\n```"])
def test_others_are_let_be(fine: str) -> None:
    assert broken(ROOT / "README.md", fine) == []


def test_the_readme_leads_to_every_page() -> None:
    named = {path.split("#")[0] for path, _ in LINK.findall((ROOT / "README.md").read_text())}
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} - named == set()


HARDWARE = (ROOT / "docs" / "hardware.md").read_text()


def test_every_driver_has_a_row_of_what_was_run() -> None:
    rows = set(re.findall(r"^\| (\w+) \| `([\w-]+)` \|", HARDWARE, re.MULTILINE))
    ours = {(kind, name) for kind in KINDS for name, where in drivers(kind).items() if where.startswith("hw.")}
    assert rows - {("kind", "driver")} == {(kind, name) for kind, name in ours if name != "mock"}


def test_its_figures_and_chips_are_those_of_the_program() -> None:
    maps = len(list((ROOT / "hw/modbus/meters").glob("*.toml")))
    assert f"| {maps} maps of meters" in HARDWARE
    assert all(chip.upper() in HARDWARE for chip in CONVERTERS)


def test_what_shows_it_exists() -> None:
    named = TEST.findall(HARDWARE)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []
