"""Headless Chromium over the DevTools protocol: as much of it as the page's tests need, and nothing installed."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # the tests' own page on the tests' own server, often as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--remote-debugging-port=0",
)

START_S = 30.0
"""A cold start on a slow machine."""

WAIT_S = 30.0
"""What the page may take to show something."""


def chromium() -> str | None:
    """Where the browser is, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.errors: list[str] = []  # uncaught exceptions, console errors, refused by the policy
        self.requests: list[str] = []

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        return await self._browser.do(method, parameters, self._session)

    async def eval(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        answer = await self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']['exception'].get('description')}")
        return answer["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait until a JavaScript condition holds, on this document or on the one that it makes way for."""
        holds = f"(() => {{ try {{ return Boolean({condition}); }} catch {{ return false; }} }})()"
        look = f"new Promise(done => {{ const look = () => {holds} ? done(1) : setTimeout(look, 30); look(); }})"
        try:
            async with asyncio.timeout(WAIT_S):
                while not await self._unless_gone(look):  # noqa: ASYNC110 - the browser sets no Event
                    await asyncio.sleep(0.03)
        except TimeoutError:
            shown = await self.eval("document.body.innerText")
            raise AssertionError(f"never true: {condition}\n{shown}\n{self.errors}") from None

    async def _unless_gone(self, look: str) -> Any:
        try:
            return await self.eval(look)
        except AssertionError as error:
            if "navigated" not in str(error) and "context" not in str(error):
                raise
            return None

    async def text(self, selector: str) -> str:
        return str(await self.eval(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    async def click(self, selector: str) -> None:
        """Press the left button in the middle of an element, as a hand would."""
        await self.until(f"document.querySelector({json.dumps(selector)})?.offsetParent")
        where = await self.eval(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.do("Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button="left", clickCount=1)

    async def press(self, key: str) -> None:
        codes = {"Enter": 13, "Tab": 9, " ": 32, "ArrowLeft": 37, "ArrowRight": 39}
        words = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        await self.do("Input.dispatchKeyEvent", type="keyDown", text="\r" if key == "Enter" else "", **words)
        await self.do("Input.dispatchKeyEvent", type="keyUp", **words)

    async def type(self, selector: str, text: str) -> None:
        found = f"document.querySelector({json.dumps(selector)})"
        await self.eval(f"{found}.focus(), {found}.select()")
        await self.do("Input.insertText", text=text)

    async def look(
        self, *, width: int = 1280, height: int = 900, scale: int = 1, dark: bool = False, phone: bool = False
    ) -> None:
        """Choose the screen and its colours. `scale`: its pixels for one of ours."""
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=phone
        )
        scheme = "dark" if dark else "light"
        await self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def screenshot(self, *, whole: bool = False) -> bytes:
        """What is shown now, as PNG; `whole`: with what lies below the fold."""
        await self.eval("document.activeElement.blur()")
        await self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        shot = await self.do("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def heard(self, method: str, parameters: dict[str, Any]) -> None:
        match method:
            case "Runtime.exceptionThrown":
                self.errors.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.errors.append(str(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.errors.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])


class Browser:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}
        self._contexts: list[dict[str, Any]] = []

    async def do(self, method: str, parameters: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps(message))
        return await answer

    async def listen(self) -> None:
        async for text in self._connection:
            message = json.loads(text)
            if "id" in message:
                self._settle(self._answers.pop(message["id"]), message)
            elif page := self._pages.get(message.get("sessionId", "")):
                page.heard(message["method"], message["params"])

    def _settle(self, answer: asyncio.Future[dict[str, Any]], message: dict[str, Any]) -> None:
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(AssertionError(str(message["error"])))
        else:
            answer.set_result(message["result"])

    async def open(self, url: str, *, language: str = "en-US", **screen: Any) -> Page:
        """A new tab, loaded, on a screen as `Page.look` takes it. `language`: what the browser asks for."""
        context = await self.do("Target.createBrowserContext", {})
        self._contexts.append(context)
        target = await self.do("Target.createTarget", {"url": "about:blank", **context})
        attached = await self.do("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.do(f"{domain}.enable")
        await page.look(**screen)
        agent = await page.eval("navigator.userAgent")
        await page.do("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        await page.do("Page.navigate", url=url)
        await page.until("document.readyState === 'complete'")
        return page

    async def close(self) -> None:
        """Close every page that was opened here."""
        for context in self._contexts:
            await self.do("Target.disposeBrowserContext", context)


@contextmanager
def running() -> Iterator[str]:
    """A browser with an empty profile, and where it listens; gone with everything it wrote when the block ends."""
    program = chromium()
    assert program is not None, "chromium is not installed"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield asyncio.run(_address(Path(profile) / "DevToolsActivePort"))
            finally:
                process.kill()


async def _address(told: Path) -> str:
    """The browser writes into its profile where it listens; nothing else says when."""
    async with asyncio.timeout(START_S):
        while len(lines := _lines(told)) < 2:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
    return f"ws://127.0.0.1:{lines[0]}{lines[1]}"


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


@asynccontextmanager
async def attached(address: str) -> AsyncIterator[Browser]:
    """A hand on a running browser; its pages are closed when the block ends."""
    async with connect(address, max_size=None, compression=None) as connection:
        browser = Browser(connection)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(browser.listen())
            yield browser
            await browser.close()
            listening.cancel()
