"""The package's documentation: every link in it leads somewhere inside it, and every picture and example is there."""

import re
from pathlib import PurePosixPath
from posixpath import normpath

import pytest

from deploy.debian.documents import examples, pages
from deploy.debian.layout import DOC, SITE
from deploy.debian.wheels import ROOT

PAGES = dict(pages())
LINK = re.compile(r"\]\(((?!\w+:|#)[^)#\s]+)|(?:src|href)=\"((?!\w+:|#)[^\"#]+)")
UNITS = "usr/lib/systemd/system"


def links(text: str) -> list[str]:
    return [markdown or html for markdown, html in LINK.findall(text)]


def is_inside(path: str) -> bool:
    """Is this path, from the package's root, one of its files? Modules and units come from this tree as they are."""
    inside = PurePosixPath(path)
    if inside.is_relative_to(SITE):
        return (ROOT / inside.relative_to(SITE)).exists()
    if inside.is_relative_to(UNITS):
        return (ROOT / "deploy" / inside.name).exists()
    documents = {f"docs/{name}" for name in PAGES} | {f"examples/{name}" for name, _ in examples()}
    return path in {f"{DOC}/{name}" for name in documents | {"CHANGELOG.md", "SECURITY.md"}}


@pytest.mark.parametrize("page", [name for name in PAGES if name.endswith(".md")])
def test_every_link_of_a_page_leads_to_a_file_of_the_package(page: str) -> None:
    found = links(PAGES[page].decode())
    assert [link for link in found if not is_inside(normpath(f"{DOC}/docs/{link}"))] == []


@pytest.mark.parametrize("name", ["CHANGELOG.md", "SECURITY.md"])
def test_so_does_every_link_beside_them(name: str) -> None:
    found = links((ROOT / name).read_text())
    assert [link for link in found if not is_inside(normpath(f"{DOC}/{link}"))] == []


def test_links_of_each_kind_are_turned() -> None:
    found = {link for name, content in PAGES.items() if name.endswith(".md") for link in links(content.decode())}
    up = "../../../../lib"
    assert {
        "../examples/chargepoint-alerts.yml",
        "../examples/chargepoint.json",
        "../examples/config.txt",
        f"{up}/chargepoint/site-packages/hw/api.py",
        f"{up}/systemd/system/chargepoint.service",
        "page.md",
    } <= found


def test_what_the_package_lacks_is_named_without_a_link() -> None:
    drivers = PAGES["drivers.md"].decode()
    assert "tests/example_driver" in drivers
    assert "](../tests" not in drivers


def test_nothing_but_links_is_changed() -> None:
    for name, content in PAGES.items():
        whole = (ROOT / "docs" / name).read_bytes()
        if name.endswith(".md"):
            plain, asked = (re.sub(r"\]\([^)]*\)|[\[\]]", "", each.decode()) for each in (content, whole))
            assert plain == asked, name
        else:
            assert content == whole


def test_what_watches_many_stations_is_among_the_examples() -> None:
    found = dict(examples())
    assert {
        "chargepoint.json",
        "chargepoint-alerts.yml",
        "chargepoint-alerts.test.yml",
        "chargepoint.toml",
    } <= found.keys()
    assert all(found.values())
