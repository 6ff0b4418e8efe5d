"""Takes the pictures of the installer's view that docs/commissioning.md shows: part of `./dev screenshots`.

Japanese ones need letters for it: sudo apt-get install fonts-noto-cjk.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from chargepoint.core.authorization import Card
from chargepoint.core.facts import Token
from tests.process.browser import Page
from tests.process.page_views import Visit, door_for_others, visit
from tests.process.test_page_setup import is_ready, local_station

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844, "phone": True, "scale": 2}

Keep = Callable[[str, bytes], None]


async def take(browser: str, keep: Keep) -> None:
    """`keep` gets each picture with its name."""
    with tempfile.TemporaryDirectory() as folder:
        async with visit(browser, door_for_others(Path(folder)), **PHONE) as at:
            keep("commissioning-first", await (await at.open("/")).screenshot())
    for language, size, name in (("en", DESK, ""), ("ja", PHONE, "-ja"), ("de", PHONE, "-de")):
        async with checked(browser, language, size) as (at, page):
            keep(f"commissioning-steps{name}", await page.screenshot())
            if not name:
                await settings(page, keep)
            if name == "-de":
                await card(at, page, keep)
            if name == "-ja":
                await page.do("Page.navigate", url=at.address)
                await page.until("document.querySelector('.evse .state')")
                keep("page-phone-ja", await page.screenshot())


@asynccontextmanager
async def checked(browser: str, language: str, size: dict[str, object]) -> AsyncIterator[tuple[Visit, Page]]:
    """The installer's view of a station that has passed its checks."""
    controls = local_station()
    controls.remember_sessions(3)
    controls.cards.add_local(Card(Token("04D7E8F9A0B1C2", "ISO14443"), name="Ada"))
    async with visit(browser, None, controls, **size) as at:
        page = await at.open("/setup", language)
        await is_ready(page)
        await page.click("#check")
        await page.until("document.querySelector('#steps li').dataset.state === 'proven'")
        await page.eval("window.scrollTo(0, 0)")
        await asyncio.sleep(0.5)
        yield at, page


async def settings(page: Page, keep: Keep) -> None:
    await page.type("#find", "authoriz")
    await page.eval("document.getElementById('settings').scrollIntoView()")
    keep("commissioning-settings", await page.screenshot())


async def card(at: Visit, page: Page, keep: Keep) -> None:
    await page.click("#add-card")
    await page.eval("document.getElementById('cards').scrollIntoView()")
    await asyncio.sleep(0.3)
    keep("commissioning-card-de", await page.screenshot())
    await page.click("#hold-cancel")
