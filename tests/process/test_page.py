"""The page in a real browser: what it says follows the station, what it offers works, on a desk and on a phone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.tariffs import Final, Prices, Running, Texts, Triggers
from chargepoint.demo.csms import BackOffice
from chargepoint.demo.plant import Plant
from chargepoint.demo.stage import CONFIG
from chargepoint.web.listening import open_port
from chargepoint.web.server import serving
from tests.process.browser import Page, attached, chromium, running
from tests.web.fake_station import FakeControls, play

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="chromium is not installed: apt-get install chromium"),
]

CARD = "04A1B2C3D4E5F6"
FIRST, SECOND = ".evse:nth-of-type(1)", ".evse:nth-of-type(2)"


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """One browser for all tests of this file; each has pages and cookies of its own."""
    with running() as address:
        yield address


@asynccontextmanager
async def looking(
    screen: str,
    controls: FakeControls,
    *,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    phone: bool = False,
) -> AsyncIterator[Page]:
    """The page of a living station. It must neither complain nor ask anybody but the station."""
    door = open_port("127.0.0.1:0")
    async with asyncio.TaskGroup() as tasks, serving(controls, door), attached(screen) as opened:
        living = tasks.create_task(play(controls, every_s=0.2))
        page = await opened.open(door.address, width=width, height=height, dark=dark, phone=phone)
        await state_is(page, "Available")
        yield page
        assert page.errors == []
        assert [url for url in page.requests if not url.startswith(door.address + "/")] == []
        living.cancel()


@asynccontextmanager
async def real_station(folder: Path, version: str) -> AsyncIterator[str]:
    """A daemon with guard, simulated hardware and a back office of its own; where its page is."""
    (folder / "password").write_text("open sesame open")
    async with BackOffice({CARD: "Ada"}, versions=(version,), password="open sesame open") as office:
        config = CONFIG.format(
            url=office.url, identity="DEMO", version=version, profile=1,
            secrets=f'password_file = "{folder / "password"}"',
        )  # fmt: skip
        plant = Plant(folder, config)
        try:
            await plant.start()
            await plant.open_panel(timeout_s=30)
            yield str(json.loads((plant.state / "run.json").read_text())["api"])
        except BaseException as error:
            error.add_note(plant.last_words())
            raise
        finally:
            await plant.stop()


async def state_is(page: Page, word: str, evse: str = FIRST) -> None:
    await page.until(f"document.querySelector('{evse} [data-part=state]')?.innerText === '{word}'")


async def says(page: Page, words: str, selector: str = "body") -> None:
    await page.until(f"document.querySelector({selector!r}).innerText.includes({words!r})")


async def charge(page: Page, evse: str = FIRST) -> None:
    await page.click(f"{evse} [data-do=plug]")
    await state_is(page, "Preparing", evse)
    await page.click("#card-form button")
    await state_is(page, "Charging", evse)


async def test_the_state_follows_a_session_worked_with_the_pages_own_buttons(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        await charge(page)
        await says(page, "16 A: what this EVSE can do", FIRST)
        await says(page, "…E5F6", f"{FIRST} [data-part=token]")
        await page.until(f"/^1[01].. kW$/.test(document.querySelector('{FIRST} [data-part=power]').innerText)")
        await page.until(f"parseInt(document.querySelector('{FIRST} [data-part=energy]').innerText) > 0")
        await page.until(f"document.querySelector('{FIRST} .plot .line')")
        await page.click(f"{FIRST} [data-do=stop]")
        await state_is(page, "Finished")
        await says(page, "card", "#past")
        await page.click(f"{FIRST} [data-do=unplug]")
        await state_is(page, "Available")
        assert await page.eval("document.title") == "Available · Acme Wall 22"


async def test_price_cost_and_bill_are_shown_and_only_a_web_address_becomes_a_link(screen: str) -> None:
    controls = FakeControls(1)
    controls.settings.change(known.CURRENCY, "EUR", "local")
    async with looking(screen, controls) as page:
        await charge(page)
        account, now = controls.station.evses[1].account, controls.clock.now
        register_wh = controls.station.evses[1].register_wh
        told = Running(Decimal("1.20"), now().at, register_wh, Prices(per_kwh=Decimal(1000)))
        controls.act(lambda station, at: account.told_price(Texts("1000 EUR <b>per</b> kWh")))
        controls.act(lambda station, at: account.told_running(told, Triggers(), at))
        await says(page, "1000 EUR <b>per</b> kWh", f"{FIRST} [data-part=price]")
        await page.until(f"/^[1-9][0-9.]* EUR$/.test(document.querySelector('{FIRST} [data-part=cost]').innerText)")
        shown = await page.eval(f"document.querySelector('{FIRST} [data-part=cost]').innerText")
        await page.until(f"document.querySelector('{FIRST} [data-part=cost]').innerText !== {shown!r}")  # it runs on
        for address, links in (("javascript:alert(1)", 0), ("https://csms.example.com/7", 1)):
            bill = Final(Decimal("3.31"), Texts(f"Paid, {links}"), address)
            controls.act(lambda station, at, bill=bill: account.told_final(bill, at))
            await says(page, f"Paid, {links}", f"{FIRST} [data-part=price]")
            assert await page.eval(f"document.querySelectorAll('{FIRST} [data-part=price] a').length") == links
        await says(page, "3.31 EUR", f"{FIRST} [data-part=cost]")


async def test_two_cars_behind_one_fuse_are_told_why_they_get_less(screen: str) -> None:
    async with looking(screen, FakeControls(2)) as page:
        await charge(page)
        await charge_second(page)
        await says(page, "10 A: supply shared with EVSE 2", FIRST)
        await says(page, "10 A: supply shared with EVSE 1", SECOND)


async def charge_second(page: Page) -> None:
    await page.click(f"{SECOND} [data-do=plug]")
    await state_is(page, "Preparing", SECOND)
    await page.type(f"{SECOND} [name=token]", "AABBCCDD")
    await page.press("Enter")
    await state_is(page, "Charging", SECOND)


async def test_a_random_delay_counts_down_and_its_button_ends_it(screen: str) -> None:
    controls = FakeControls(1)
    controls.settings.change(known.RANDOM_DELAY, "600", "local")
    controls.station.evses[1].delay.draw = lambda span_s: 300.0
    skip = f"document.querySelector('{FIRST} [data-do=skip]')"
    async with looking(screen, controls) as page:
        assert await page.eval(f"{skip}.hidden")
        await page.click(f"{FIRST} [data-do=plug]")
        await page.click("#card-form button")
        await state_is(page, "Paused by the station")
        await says(page, "waits a random time", f"{FIRST} [data-part=limits]")
        await page.until(f"/^Do not wait \\(0:0[45]:[0-9]{{2}} left\\)$/.test({skip}.innerText)")
        await page.click(f"{FIRST} [data-do=skip]")
        await state_is(page, "Charging")
        await page.until(f"{skip}.hidden")


async def test_the_limit_is_moved_by_keyboard_and_lifted_at_its_end(screen: str) -> None:
    controls = FakeControls(1)
    async with looking(screen, controls) as page:
        await charge(page)
        await page.eval(f"document.querySelector('{FIRST} [data-part=limit]').focus()")
        for _ in range(4):
            await page.press("ArrowLeft")
        await says(page, "12 A: limit set here", FIRST)
        assert controls.station.evses[1].local_a == 12.0
        for _ in range(4):
            await page.press("ArrowRight")
        await says(page, "16 A: what this EVSE can do", FIRST)
        assert controls.station.evses[1].local_a is None


async def test_what_cannot_be_done_is_said_on_the_page(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        await page.eval(f"document.querySelector('{FIRST} [data-do=unplug]').disabled = false")
        await page.click(f"{FIRST} [data-do=unplug]")
        await says(page, "Nothing is plugged in.", "#notice")
        page.errors.clear()  # the browser notes the 409


async def test_a_plug_in_use_is_unlocked_only_when_asked_twice(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        await charge(page)
        await page.click(f"{FIRST} [data-part=unlock]")
        await says(page, "Really?", f"{FIRST} [data-part=unlock]")
        await state_is(page, "Charging")
        await page.click(f"{FIRST} [data-part=unlock]")
        await state_is(page, "Finished")
        await says(page, "The plug is free.", "#notice")


async def test_an_evse_is_taken_out_of_service_now_or_after_the_session(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        await page.click(f"{FIRST} [data-part=availability]")
        await state_is(page, "Out of service")
        await page.click(f"{FIRST} [data-part=availability]")
        await state_is(page, "Available")
        await charge(page)
        await page.click(f"{FIRST} [data-part=availability]")
        await says(page, "as soon as this session is over", "#notice")
        await page.click(f"{FIRST} [data-do=stop]")
        await state_is(page, "Out of service")


async def test_a_fault_comes_with_its_remedy_and_goes_when_cleared(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        await page.eval(f"document.querySelector('{FIRST} [data-part=fault]').closest('details').open = true")
        await page.eval(f"document.querySelector('{FIRST} [data-part=fault]').value = 'emergency_stop'")
        await page.click(f"{FIRST} [data-do=fault-on]")
        await state_is(page, "Fault")
        await says(page, "Turn the red button to release it.", f"{FIRST} [data-part=faults]")
        await page.click(f"{FIRST} [data-part=faults] button")
        await state_is(page, "Available")


async def test_the_conversation_is_shown_in_rows_that_open_and_hide_the_card(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        await charge(page)
        await says(page, "Authorize", "#talk")
        titles = "[...document.querySelectorAll('#talk .title')]"
        await page.eval(f"{titles}.find(title => title.innerText === 'Authorize').click()")
        await says(page, '"idToken": "…E5F6"', "#talk details[open] pre")
        assert CARD not in await page.eval("document.documentElement.innerText")


async def test_a_car_plugged_in_with_other_habits_behaves_so(screen: str) -> None:
    controls = FakeControls(1)
    async with looking(screen, controls) as page:
        await page.eval(
            f"document.querySelector('{FIRST} [data-next=cable_a]').value = '20';"
            f"document.querySelector('{FIRST} [data-car=asks_power]').checked = false;"
            f"document.querySelector('{FIRST} [data-car=sleeps]').checked = true"
        )
        await page.click(f"{FIRST} [data-do=plug]")
        await state_is(page, "Preparing")
        await says(page, "20 A", f"{FIRST} [data-part=wires]")
    assert controls.bays[1].car == {"draw_a": 16, "phases": 3, "asks_power": False, "inserted": "full", "sleeps": True}


async def test_the_line_is_cut_and_mended_and_the_page_says_so(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        await page.click("#line")
        await says(page, "Back office not reached", "#chips")
        await says(page, "Mend the line", "#line")
        await page.click("#line")
        await says(page, "Back office connected, OCPP 2.0.1", "#chips")


async def test_a_page_opened_in_mid_session_shows_what_has_been(screen: str) -> None:
    controls = FakeControls(1)
    controls.remember_sessions(2)
    await controls.simulator.plug(1)
    await controls.simulator.card(CARD)
    door = open_port("127.0.0.1:0")
    async with serving(controls, door, controls.frames), attached(screen) as opened:
        page = await opened.open(door.address)
        await state_is(page, "Charging")
        await says(page, "Authorize", "#talk")
        await says(page, "running", "#past")
        await says(page, "unplugged", "#past")


async def test_a_station_that_goes_is_noticed_and_one_that_returns_is_followed_again(screen: str) -> None:
    controls = FakeControls(1)
    door = open_port("127.0.0.1:0")
    port = door.socket.getsockname()[1]
    async with attached(screen) as opened:
        async with serving(controls, door):
            page = await opened.open(door.address)
            await state_is(page, "Available")
        door.close()
        await says(page, "The station does not answer.", "#gone")
        assert await page.eval("document.querySelector('.control').inert") is True
        async with serving(FakeControls(1), open_port(f"127.0.0.1:{port}")):
            await page.until("document.getElementById('gone').hidden")
            await page.click(f"{FIRST} [data-do=plug]")
            await state_is(page, "Preparing")


async def test_on_real_hardware_there_is_nothing_to_play_with(screen: str) -> None:
    async with looking(screen, FakeControls(1, simulated=False)) as page:
        assert await page.eval("document.querySelectorAll('.bench:not([hidden]), .car:not([hidden])').length") == 0


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_the_page_of_a_real_daemon_plays_a_session_with_a_real_back_office(
    screen: str, version: str, tmp_path: Path
) -> None:
    async with real_station(tmp_path, version) as address, attached(screen) as opened:
        page = await opened.open(address)
        await says(page, f"Back office connected, OCPP {version}", "#chips")
        await charge(page)
        await says(page, "Wh", f"{FIRST} [data-part=energy]")
        await says(page, "Authorize", "#talk")
        await page.click(f"{FIRST} [data-do=stop]")
        await state_is(page, "Finished")
        await page.click(f"{FIRST} [data-do=unplug]")
        await state_is(page, "Available")
        await says(page, "…E5F6", "#past")
        await page.until("document.querySelector('#past .end').innerText === 'card'")
        assert page.errors == []


# --- for every hand and eye -------------------------------------------------------------------------------------------

NARROW = {"width": 360, "height": 740, "phone": True}


async def each_state(page: Page, controls: FakeControls) -> AsyncIterator[str]:
    """Before, during and after a session, and with a fault."""
    yield "before"
    await charge(page)
    yield "during"
    await controls.simulator.fault(1, "earth_leakage")
    await state_is(page, "Fault")
    yield "fault"
    await controls.simulator.fault(1, "earth_leakage", active=False)
    await state_is(page, "Finished")
    yield "after"


async def test_nothing_is_wider_than_a_small_phone(screen: str) -> None:
    controls = FakeControls(2)
    controls.remember_sessions(3)
    async with looking(screen, controls, **NARROW) as page:  # type: ignore[arg-type]
        await page.eval("document.querySelectorAll('.evse details').forEach(each => { each.open = true; })")
        async for state in each_state(page, controls):
            assert await page.eval("document.documentElement.scrollWidth") == 360, state


async def test_every_button_is_big_enough_for_a_thumb(screen: str) -> None:
    controls = FakeControls(1)
    async with looking(screen, controls, **NARROW) as page:  # type: ignore[arg-type]
        await page.eval("document.querySelectorAll('.evse details').forEach(each => { each.open = true; })")
        async for state in each_state(page, controls):
            small = await page.eval(
                "[...document.querySelectorAll('button, select, summary, a, label.check, input:not([type=checkbox])')]"
                ".filter(e => e.offsetParent).map(e => [e.innerText, e.getBoundingClientRect()])"
                ".filter(([, box]) => box.height < 43.9 || box.width < 43.9).map(([words]) => words)"
            )
            assert small == [], state


async def test_nothing_jumps_while_a_session_goes_its_way(screen: str) -> None:
    controls = FakeControls(1)
    async with looking(screen, controls) as page:
        await page.eval(
            "window.moved = 0; const see = list => list.getEntries().forEach(e => { window.moved += e.value; });"
            "new PerformanceObserver(see).observe({type: 'layout-shift'})"
        )
        await controls.simulator.plug(1)
        await state_is(page, "Preparing")
        await controls.simulator.card(CARD)
        await state_is(page, "Charging")
        await says(page, "Wh", f"{FIRST} [data-part=energy]")
        controls.act(lambda station, now: station.stop(1, now))
        await state_is(page, "Finished")
        assert await page.eval("window.moved") < 0.02


CONTRAST = """(() => {
  const rgba = (text) => {
    const n = text.match(/-?[\\d.]+/g).map(Number);
    const scale = text.startsWith('color(') ? 255 : 1;
    return [n[0] * scale, n[1] * scale, n[2] * scale, n[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (...both) => {
    const [dark, bright] = both.map(light).sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.offsetParent || e.closest(':disabled, option, .hidden')) continue;
    const ground = behind(e);
    const found = ratio(over(rgba(getComputedStyle(e).color), ground), ground);
    if (found < 4.5) poor.push([walk.currentNode.data, found.toFixed(2)]);
  }
  return poor;
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_all_words_stand_out_from_their_ground(screen: str, dark: bool) -> None:
    controls = FakeControls(1)
    controls.remember_sessions(2)
    async with looking(screen, controls, dark=dark) as page:
        async for state in each_state(page, controls):
            assert await page.eval(CONTRAST) == [], state


async def test_everything_can_be_reached_and_named_without_a_mouse(screen: str) -> None:
    async with looking(screen, FakeControls(1)) as page:
        nameless = await page.eval(
            "[...document.querySelectorAll('button, input, select, summary, a, [tabindex]')]"
            ".filter(e => e.offsetParent && !e.textContent.trim() && !e.labels?.length && !e.ariaLabel"
            " && !e.getAttribute('aria-labelledby')).map(e => e.outerHTML)"
        )
        assert nameless == []
        await page.eval("document.body.focus()")
        reached = []
        for _ in range(15):
            await page.press("Tab")
            reached.append(await page.eval("document.activeElement.innerText || document.activeElement.value"))
    assert reached[:2] == ["Charging", "Set up"]
    assert reached[3:6] == [CARD, "Show card", "Cut the line"]
    assert {"Plug in", "Start", "Take out of service"} <= set(reached)


async def test_who_wants_no_motion_gets_none(screen: str) -> None:
    controls = FakeControls(1)
    async with looking(screen, controls) as page:
        await page.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
        await charge(page)
        assert await page.eval("document.getAnimations().length") == 0
