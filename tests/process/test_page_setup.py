"""An installer's way through the page, in a real browser: from the label's code to the log that is sent in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from chargepoint.config import AccessConfig
from chargepoint.core.facts import Token
from chargepoint.security import setupcode
from chargepoint.texts import LANGUAGES, catalogue
from tests.process.browser import Page, chromium, running
from tests.process.page_views import CARD, CODE, door_for_others, visit
from tests.web.fake_station import FakeControls

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="chromium is not installed: apt-get install chromium"),
]

PASSWORD = "correct horse"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740, "phone": True}


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    with running() as address:
        yield address


def local_station() -> FakeControls:
    """Where the cards that are known here may charge, and a reader hangs on it."""
    controls = FakeControls(1)
    object.__setattr__(controls.config, "access", AccessConfig(mode="local"))
    object.__setattr__(controls.config, "card_readers", ({"driver": "mock"},))
    return controls


async def says(page: Page, words: str, selector: str = "body") -> None:
    await page.until(f"document.querySelector({selector!r})?.innerText.includes({words!r})")


async def write(page: Page, selector: str, text: str) -> None:
    await page.until(f"document.querySelector({selector!r})?.offsetParent")
    await page.type(selector, text)


async def is_ready(page: Page) -> None:
    """The installer's view knows what it shows."""
    await page.until("document.querySelector('#steps li') && document.querySelector('.setting')")


async def first_use(page: Page, language: str) -> None:
    """The label's code, and the password that is chosen with it."""
    texts = catalogue(language)["page"]["entry"]
    await says(page, texts["new"], "h1")
    await write(page, "#code", CODE.lower())
    await write(page, "#password", PASSWORD)
    await write(page, "#again", PASSWORD)
    await page.click("#first button")


@pytest.mark.parametrize(
    ("language", "size"),
    [("en", DESK), ("en", PHONE), ("ja", DESK), ("ja", PHONE)],
    ids=["desk", "phone", "desk in Japanese", "phone in Japanese"],
)
async def test_from_the_label_to_the_first_car_and_the_log(
    screen: str, language: str, size: dict[str, object], tmp_path: Path
) -> None:
    controls, told = local_station(), catalogue(language)["page"]
    setup = told["setup"]
    async with visit(screen, door_for_others(tmp_path), controls, **size) as at:
        page = await at.open("/setup", language)
        assert "Acme" not in await page.eval("document.documentElement.innerText")
        await first_use(page, language)
        await says(page, setup["steps"]["wiringNone"], "#steps")
        await says(page, setup["steps"]["cardsNone"], "#steps")

        await page.click("#logout")
        await says(page, told["entry"]["back"], "h1")
        await write(page, "#pass", "not this one")
        await page.click("#back button")
        await says(page, told["entry"]["wrong"], "#trouble")
        await write(page, "#pass", PASSWORD)
        await page.click("#back button")
        page.errors.clear()  # the browser notes the 403
        await is_ready(page)

        await page.click("#check")
        await page.until("document.querySelectorAll('#findings [data-outcome=ok]').length >= 12")
        await page.until("document.querySelector('#steps li').dataset.state === 'proven'")

        await page.click("#add-card")
        await says(page, setup["cards"]["hold"], "#hold")
        controls.act(lambda station, now: station.card_presented(Token(CARD, "ISO14443"), now))
        await page.until("document.querySelector('#card-id').value === '04A1B2C3D4E5F6'")
        await write(page, "#card-name", "Ada")
        await page.click("#card-form button:not([type])")
        await says(page, "Ada", "#known")
        await page.until("document.querySelectorAll('#steps li')[2].dataset.state === 'proven'")

        await page.click("#test")
        await page.until("document.querySelectorAll('#office-findings [data-outcome=ok]').length === 4")
        await says(page, "OCPP 2.0.1", "#office-facts")

        await write(page, "#find", "heartbeat")
        row = "#setting-rows .setting:not([hidden])"
        await write(page, f"{row} input", "77")
        await page.click(f"{row} form button")
        await says(page, setup["settings"]["saved"], "#notice")
        await says(page, setup["settings"]["origins"]["local"], row)

        await page.eval(
            "const at = document.getElementById('log-from'); at.value = '2026-11-22T14:00';"
            "at.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        log = "fetch(document.getElementById('log-download').href).then(answer => answer.text())"
        assert "the first part" in await page.eval(log)
        assert controls.bench.asked_log is not None
        assert controls.bench.asked_log[1] is not None
        assert await page.eval("document.documentElement.scrollWidth") == size["width"]
        assert page.errors == []
    settings = {setting.name: controls.settings.text(setting) for setting in controls.settings}
    assert settings["OCPPCommCtrlr.HeartbeatInterval"] == "77"


async def test_a_step_that_fails_says_what_to_do_and_the_way_forward_stays_open(screen: str) -> None:
    controls = local_station()
    controls.bench.broken = True
    async with visit(screen, None, controls) as at:
        page = await at.open("/setup")
        await is_ready(page)
        await page.click("#check")
        await says(page, "Check the wiring of the pilot.", "#findings [data-outcome=failed]")
        await says(page, "1 step has failed.", "#check-verdict")
        await page.until("document.querySelector('#steps li').dataset.state === 'failed'")
        controls.bench.broken = False
        await page.click("#check")
        await says(page, "14 steps, none failed", "#steps")
        assert page.errors == []


async def test_a_new_card_can_be_typed_cancelled_named_anew_and_taken_away(screen: str) -> None:
    controls = local_station()
    async with visit(screen, None, controls) as at:
        page = await at.open("/setup")
        await is_ready(page)
        await page.click("#add-card")
        await page.click("#hold-type")
        await write(page, "#card-id", "AABBCCDD")
        await page.click("#card-form button:not([type])")
        await says(page, "no name", "#known")
        await page.click("#add-card")
        await says(page, "seconds left", "#hold")
        await page.click("#hold-cancel")
        await page.until("document.getElementById('hold').hidden")
        while controls.station.learner is not None:  # noqa: ASYNC110 - the browser's request sets no Event
            await asyncio.sleep(0.02)
        await page.click("#known button")
        await says(page, "Really remove?", "#known button")
        await page.click("#known button")
        await says(page, "No card is known here.", "#known")
        assert page.errors == []


async def test_a_value_that_is_refused_says_why_and_bounds_stand_beside(screen: str) -> None:
    async with visit(screen) as at:
        page = await at.open("/setup")
        await is_ready(page)
        await write(page, "#find", "MessageAttempts[TransactionEvent]")
        row = "#setting-rows .setting:not([hidden])"
        await says(page, "1 to 100", row)
        await page.eval(f"document.querySelector('{row} input').removeAttribute('max')")
        await write(page, f"{row} input", "101")
        await page.click(f"{row} form button")
        await says(page, "Not possible", "#notice")
        assert page.errors == []


async def test_what_is_wrong_with_code_and_password_is_said_before_anything_is_set(screen: str, tmp_path: Path) -> None:
    async with visit(screen, door_for_others(tmp_path), **PHONE) as at:
        page = await at.open("/")
        await write(page, "#password", PASSWORD)
        await write(page, "#again", "another horse")
        await write(page, "#code", CODE[:-1] + "0")
        await page.click("#first button")
        await says(page, "not the same", "#trouble")
        await write(page, "#again", PASSWORD)
        await page.click("#first button")
        await says(page, "compare it with the label", "#trouble")
        await write(page, "#code", setupcode.new_code(lambda most: 9))
        await page.click("#first button")
        await says(page, "not the setup code of this station", "#trouble")
        assert not (tmp_path / "secrets" / "web-password").exists()
        page.errors.clear()  # the browser notes each 400


async def test_another_password_sends_every_other_browser_out_at_once(screen: str, tmp_path: Path) -> None:
    async with visit(screen, door_for_others(tmp_path)) as at:
        mine = await at.open("/setup")
        await first_use(mine, "en")
        await is_ready(mine)
        other = await at.open("/")
        await write(other, "#pass", PASSWORD)
        await other.click("#back button")
        await says(other, "Available", ".evse")
        await write(mine, "#current", PASSWORD)
        await write(mine, "#next", "another horse")
        await mine.click("#password-form button")
        await says(mine, "The password is changed.", "#notice")
        await says(other, "Log in", "h1")
        assert mine.errors == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_follows_the_browser_and_a_choice_is_kept(screen: str, language: str) -> None:
    chosen = "fr" if language != "fr" else "de"
    async with visit(screen) as at:
        page = await at.open("/", language)
        await says(page, catalogue(language)["page"]["states"]["available"], ".evse")
        await page.eval(
            f"const list = document.getElementById('language'); list.value = {chosen!r};"
            "list.dispatchEvent(new Event('change'))"
        )
        await says(page, catalogue(chosen)["page"]["states"]["available"], ".evse")
        await page.click("[data-view=setup]")
        await says(page, catalogue(chosen)["page"]["setup"]["steps"]["title"], "#steps-title")
        assert await page.eval("document.documentElement.lang") == chosen
        assert page.errors == []


async def test_a_fault_and_its_remedy_are_told_in_the_browsers_language(screen: str) -> None:
    controls = FakeControls(1)
    async with visit(screen, None, controls) as at:
        page = await at.open("/", "de")
        from hw.guard.faults import FAULTS  # the guard's own words
        from tests.web import fake_station

        name = "MREC20PartialInsertion"
        fake_station.MENDING["half"] = (name, FAULTS[name].remedy)
        assert controls.simulator is not None
        await controls.simulator.fault(1, "half")
        await says(page, "Der Stecker steckt nicht ganz in der Dose", ".faults")
        assert page.errors == []


OFF_PEAK = """
const original = window.fetch;
window.put = [];
let hours = {asks: true, peak_hours: [{days: ["mon", "fri"], from: "08:00", to: "11:00"}], random_delay_s: 600};
window.fetch = async (url, options) => {
  if (String(url).endsWith("off-peak")) {
    if (options?.method === "PUT") window.put.push(JSON.parse(options.body));
    if (options?.method === "PUT") hours = {...hours, asks: false, ...window.put.at(-1)};
    return new Response(JSON.stringify(hours));
  }
  const answer = await original(url, options);
  if (!String(url).endsWith("configuration")) return answer;
  const told = await answer.json();
  told.tables.find(each => each.table === "[supply]").rows.find(row => row.key === "off_peak").value = '"uk"';
  return new Response(JSON.stringify(told));
};
"""  # fmt: skip


async def test_charging_hours_that_the_law_wants_are_shown_changed_and_accepted(screen: str) -> None:
    async with visit(screen) as at:
        page = await at.open("/setup")
        await is_ready(page)
        assert await page.eval("document.getElementById('hours').hidden")
        await page.do("Page.addScriptToEvaluateOnNewDocument", source=OFF_PEAK)
        await page.do("Page.reload")
        await says(page, "Not decided yet", "#hours-state")
        await says(page, "Mon, Fri", "#hours-windows")
        await page.eval("document.querySelector('#hours-windows [name=from]').value = '07:30'")
        await page.click("#hours-form button:not([type])")
        await says(page, "Decided.", "#hours-state")
        wanted = {"peak_hours": [{"days": ["mon", "fri"], "from": "07:30", "to": "11:00"}], "random_delay_s": 600}
        assert await page.eval("window.put") == [wanted]
        await page.click("#hours-windows button")
        await page.click("#hours-form button:not([type])")
        await says(page, "put off at no hour", "#hours-windows")
        assert page.errors == []
