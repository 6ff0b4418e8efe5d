"""docs/product-law.md and SECURITY.md name files and tests: each exists, and no item of the lists is missing."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAW = (ROOT / "docs" / "product-law.md").read_text()
PAGES = ["docs/product-law.md", "docs/provisioning.md", "docs/threats.md", "docs/security.md", "SECURITY.md"]

OURS = re.compile(r"`((?:chargepoint|hw|deploy|tests|docs)/[\w./*-]+|[A-Z]+\.md)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[\w-]*)?\)")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_points_to_exists(page: str) -> None:
    text, folder = (ROOT / page).read_text(), (ROOT / page).parent
    missing = {name for name in OURS.findall(text) if not (ROOT / name).exists()}
    missing |= {name for name in LINK.findall(text) if not (folder / name).exists()}
    assert missing == set()


def test_the_pages_do_point_to_something() -> None:
    assert len(OURS.findall(LAW)) > 80


def section(title: str) -> str:
    """From a heading to the next one."""
    return re.split(r"\n##+ ", LAW.partition(title)[2])[0]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


LISTS = {
    "## EN 18031-1": (
        "ACM-1 ACM-2 AUM-1-1 AUM-1-2 AUM-2 AUM-3 AUM-4 AUM-5-1 AUM-5-2 AUM-6 SUM-1 SUM-2 SUM-3 SSM-1 SSM-2 SSM-3 "
        "SCM-1 SCM-4 RLM-1 NMM-1 TCM-1 CCK-1 CCK-2 CCK-3 GEC-1 GEC-2 GEC-3 GEC-4 GEC-5 GEC-6 CRY-1"
    ),
    "## EN 18031-2": "LGM-1 LGM-4 DLM-1 UNM-1 UNM-2 GEC-7",
    "### Annex I part I:": "(1) " + " ".join(f"(2)({letter})" for letter in "abcdefghijklm"),
    "### Annex I part II:": " ".join(f"({number})" for number in range(1, 9)),
}


@pytest.mark.parametrize("title", LISTS)
def test_no_item_is_left_out(title: str) -> None:
    asked = " ".join(row[0] for row in rows(title))
    assert [item for item in LISTS[title].split() if item not in asked] == []


def test_schedule_1_of_the_british_regulations_is_told_paragraph_by_paragraph() -> None:
    asked = [row[0] for row in rows("## Great Britain")]
    first = next(place for place, words in enumerate(asked) if words.startswith("schedule 1, 1 "))
    assert [words.split()[0] for words in asked[first + 1 :]] == [str(number) for number in range(2, 12)]


@pytest.mark.parametrize("title", [*LISTS, "## Great Britain", "## United Kingdom"])
def test_each_item_says_who_meets_it(title: str) -> None:
    assert rows(title)
    for asked, met, yours, *more in rows(title):
        assert not more, asked
        assert met or yours, asked
