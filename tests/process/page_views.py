"""The page's views in a browser, of a station that is played: for journeys, accessibility and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chargepoint.security import setupcode
from chargepoint.security.pagepassword import page_password
from chargepoint.web.listening import Door, open_port
from chargepoint.web.server import serving
from tests.process.browser import Browser, Page, attached
from tests.web.fake_station import FakeControls, play

CODE = setupcode.new_code(lambda most: 7)
CARD = "04A1B2C3D4E5F6"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody's browser, and the station it looks at."""

    controls: FakeControls
    address: str
    browser: Browser
    screen: dict[str, Any]

    async def open(self, path: str = "/", language: str = "en") -> Page:
        """A tab of its own; `language`: what its browser asks for."""
        page = await self.browser.open(self.address + path, language=language, **self.screen)
        await page.until(f"document.documentElement.lang === {language!r}")
        return page


def door_for_others(folder: Path, *, code: str = CODE) -> Door:
    """A page that asks for the code, then for a password, although only this machine reaches it."""
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "setup-code").write_text(setupcode.hashed_code(code))
    return replace(open_port("127.0.0.1:0"), keys=page_password(None, folder, "0.0.0.0:80"))


@asynccontextmanager
async def visit(
    screen: str, door: Door | None = None, controls: FakeControls | None = None, **size: Any
) -> AsyncIterator[Visit]:
    """`screen`: where the browser listens; `size`: as `Page.look` takes it."""
    door, controls = door or open_port("127.0.0.1:0"), controls or FakeControls(1)
    async with asyncio.TaskGroup() as tasks, serving(controls, door), attached(screen) as browser:
        living = tasks.create_task(play(controls, every_s=0.2))
        yield Visit(controls, door.address, browser, size)
        living.cancel()
