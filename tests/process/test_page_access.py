"""axe-core, run in a real browser over every view in every language: nobody is kept out by how the page is built."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chargepoint.core.facts import Token
from chargepoint.texts import LANGUAGES
from tests.process.browser import Page, chromium, running
from tests.process.npm import installed
from tests.process.page_views import door_for_others, visit
from tests.process.test_page_setup import DESK, PHONE, is_ready, local_station

pytestmark = [
    pytest.mark.browser,
    pytest.mark.node,
    pytest.mark.skipif(chromium() is None, reason="chromium is not installed: apt-get install chromium"),
]

SOURCE = Path(__file__).parent.parent / "axe"
BAD = ("serious", "critical")


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture(scope="module")
def axe() -> str:
    return (installed(SOURCE, "the accessibility check") / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def findings(page: Page, axe: str) -> list[str]:
    """What is serious, and where."""
    await page.eval(f"{axe}; 0")
    told: list[dict[str, Any]] = json.loads(
        await page.eval(
            "axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations))"
        )
    )
    return [
        f"{rule['id']} ({rule['impact']}): {[node['html'][:120] for node in rule['nodes'][:3]]}"
        for rule in told
        if rule["impact"] in BAD
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [DESK, PHONE, DESK | {"dark": True}], ids=["desk", "phone", "dark"])
async def test_no_view_has_a_serious_fault(
    screen: str, axe: str, language: str, size: dict[str, Any], tmp_path: Path
) -> None:
    controls = local_station()
    controls.remember_sessions(3)
    assert controls.simulator is not None
    async with visit(screen, None, controls, **size) as at:
        page = await at.open("/", language)
        await page.until("document.querySelector('.evse .state')")
        assert await findings(page, axe) == [], "idle"
        await controls.simulator.fault(1, "emergency_stop")
        await page.eval("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        await page.until("document.querySelector('.faults li')")
        assert await findings(page, axe) == [], "with a fault"

        controls.bench.broken = True
        page = await at.open("/setup", language)
        await is_ready(page)
        await page.click("#check")
        await page.until("document.querySelector('#findings [data-outcome=failed]') && !check.disabled")
        await page.eval("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        await page.click("#add-card")
        assert await findings(page, axe) == [], "an installer's view"
        controls.act(lambda station, now: station.card_presented(Token("AABBCCDD"), now))
        await page.until("!document.getElementById('card-form').hidden")
        assert await findings(page, axe) == [], "a new card"
    async with visit(screen, door_for_others(tmp_path), **size) as at:
        page = await at.open("/", language)
        await page.until("!document.getElementById('first').hidden")
        assert await findings(page, axe) == [], "the first use"
