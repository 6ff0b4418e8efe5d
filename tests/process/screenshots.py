"""Takes the pictures of the page that the documentation shows: `python -m tests.process.screenshots [FOLDER]`.

The station is the real one with everything around it played, and its time flies, so that a picture shows a session of
an hour. Needs chromium; the letters are the machine's own (fonts-roboto makes them look like a phone's).
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chargepoint.web import events
from chargepoint.web.listening import open_port
from chargepoint.web.server import serving
from tests.process import screenshots_setup
from tests.process.browser import Browser, Page, attached, chromium, running
from tests.web.fake_station import FakeControls, play

SPEED = 240.0
"""Seconds of the station in one of ours."""

LOOK_S = 0.05
"""The page is told of new readings more often, as time flies."""

LARGEST = 200 * 1024
"""Bytes of one picture: they live in the repository."""

SCREENS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844, "phone": True, "scale": 2}}


BEGAN_S = time.monotonic()


def flying() -> float:
    """The monotonic clock, only faster."""
    return BEGAN_S + (time.monotonic() - BEGAN_S) * SPEED


class Gallery:
    """Every screen in both colours, looking at the same station."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages: dict[str, Page] = {}

    async def open(self, browser: Browser, address: str) -> None:
        for name, screen in SCREENS.items():
            for dark in (False, True):
                page = await browser.open(address, dark=dark, **screen)
                self._pages[f"{name}-{{}}{'-dark' if dark else ''}"] = page
                await page.until("document.querySelector('.evse')")

    async def take(self, moment: str) -> None:
        for name, page in self._pages.items():
            picture = await page.screenshot()
            self.keep(f"page-{name.format(moment)}", picture)

    def keep(self, name: str, picture: bytes) -> None:
        file = self._folder / f"{name}.png"
        if len(picture) > LARGEST:
            raise SystemExit(f"{file} has {len(picture)} bytes, more than {LARGEST}")
        file.write_bytes(picture)
        print(f"{file}  {len(picture) // 1024} KiB")

    async def until(self, condition: str) -> None:
        for page in self._pages.values():
            await page.until(condition)


async def pose(controls: FakeControls, gallery: Gallery) -> None:
    """Before, during and after a session; for half of it another car shares the supply."""
    assert controls.simulator is not None
    await asyncio.sleep(1.0)
    await gallery.take("before")
    await controls.simulator.plug(1)
    await controls.simulator.card("04A1B2C3D4E5F6")
    await asyncio.sleep(4.0)
    await controls.simulator.plug(2, draw_a=16.0)
    await controls.simulator.card("04D7E8F9A0B1C2")
    await asyncio.sleep(6.0)
    await gallery.take("during")
    controls.act(lambda station, now: station.stop(1, now))
    controls.flow()
    await gallery.until("document.querySelector('[data-part=state]').innerText === 'Finished'")
    await asyncio.sleep(1.5)
    await gallery.take("after")


@contextmanager
def in_a_hurry() -> Iterator[None]:
    before, events.LOOK_S = events.LOOK_S, LOOK_S
    try:
        yield
    finally:
        events.LOOK_S = before


async def main(folder: Path, browser_address: str) -> None:
    controls = FakeControls(2, monotonic=flying)
    controls.remember_sessions(5)
    door, gallery = open_port("127.0.0.1:0"), Gallery(folder)
    async with (
        asyncio.TaskGroup() as tasks,
        serving(controls, door, controls.frames),
        attached(browser_address) as browser,
    ):
        living = tasks.create_task(play(controls, every_s=0.1))
        await gallery.open(browser, door.address)
        await pose(controls, gallery)
        living.cancel()
    await screenshots_setup.take(browser_address, gallery.keep)


if __name__ == "__main__":
    if chromium() is None:
        raise SystemExit("chromium is not installed: apt-get install chromium")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "docs"
    with in_a_hurry(), running() as where:
        asyncio.run(main(target, where))
