"""From the label to the page: a phone scans the code, its owner sets a password, and no server hears of the code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chargepoint.cli import main
from chargepoint.web.listening import open_port
from chargepoint.web.server import serving
from tests.process.browser import Page, attached, chromium, running
from tests.web.fake_station import FakeControls

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="chromium is not installed: apt-get install chromium"),
]

PASSWORD = "a password of its owner"


def label(folder: Path, page: str) -> dict[str, str]:
    (folder / "model.toml").write_text(f'[station]\nvendor = "A"\nmodel = "B"\n[maker]\npage = "{page}"\n')
    words = ["provision", folder / "model.toml", "--serial", "A-7", "--label", folder / "a.json"]
    assert main([*map(str, words), "--state", str(folder)]) == 0
    told: dict[str, str] = json.loads((folder / "a.json").read_text())
    return told


@pytest.fixture
def screen() -> Iterator[str]:
    with running() as address:
        yield address


async def test_scan_type_a_password_and_be_in(screen: str, tmp_path: Path) -> None:
    told = label(tmp_path, "http://station.local/")
    door = open_port("0.0.0.0:0", None, tmp_path)
    address = f"http://127.0.0.1:{door.socket.getsockname()[1]}/"
    scanned = told["qr"].replace("http://station.local/", address)
    async with serving(FakeControls(1), door), attached(screen) as opened:
        page = await opened.open(scanned, width=390, height=844, phone=True)
        await page.until("document.querySelector('#code').value !== ''")
        assert await page.eval("document.querySelector('#code').value") == told["setup_code"]
        assert await page.eval("location.href") == address
        assert await page.eval("document.activeElement.name") == "password"
        await page.type("#first [name=password]", PASSWORD)
        await page.type("#first [name=again]", PASSWORD)
        await page.click("#first button")
        await let_in(page)
        assert [url for url in page.requests if told["setup_code"] in url.partition("#")[0]] == []
    kept = (tmp_path / "secrets" / "web-password").read_text()
    assert kept.startswith("$scrypt$")
    assert PASSWORD not in kept


async def let_in(page: Page) -> None:
    """The page loads itself anew, and what is asked meanwhile gets no answer."""
    try:
        await page.until("document.querySelector('.evse')")
    except AssertionError as error:
        if "navigated" not in str(error):
            raise
        await page.until("document.querySelector('.evse')")
