"""The mobile modem, as ModemManager knows it: its card (ICCID, IMSI) for the back office, its signal for whoever looks.

Asked through ModemManager's own program, `mmcli -J`, whose JSON is kept stable for scripts. Where that is not installed
there is no modem to ask about, and nothing of this runs.
"""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

PROGRAM = "mmcli"
ANSWERS_WITHIN_S = 5.0  # each time; a modem that is being reset lets it wait
LOOK_EVERY_S = 600.0
FIRST_LOOK_S = 10.0
"""What the very first BootNotification waits for the card's number; later ones know it."""

SPACE, KEY = "modem", "sim"
NOTHING = ("", "--")  # mmcli's words for it
LONGEST = 20  # characters of ICCID and IMSI in BootNotification

log = logging.getLogger(__name__)


class NoModem(Exception):
    """ModemManager does not run, does not answer, or knows no modem; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Sim:
    """A card in the modem."""

    iccid: str = ""
    imsi: str = ""


@dataclass(frozen=True, slots=True)
class Modem:
    """One look at it."""

    state: str  # of ModemManager: connected, registered, searching, locked, failed ...
    signal: float | None = None  # 0.0 to 1.0
    operator: str = ""
    technology: str = ""  # lte, umts ...
    why: str = ""  # why it has failed
    sim: Sim | None = None


Ask = Callable[[Sequence[str]], Awaitable[Any]]
"""Arguments of mmcli -> the JSON it answers. Raises NoModem."""


class Memory(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


async def mmcli(arguments: Sequence[str]) -> Any:
    """Ask ModemManager. Raises NoModem."""
    try:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "-J", *arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as error:
        raise NoModem(f"{PROGRAM} cannot be started: {error.strerror}") from None
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            said, _ = await process.communicate()
        return json.loads(said)
    except TimeoutError:
        raise NoModem("ModemManager does not answer") from None
    except ValueError:
        raise NoModem("ModemManager does not run") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def look(ask: Ask = mmcli) -> Modem:
    """The first modem. Raises NoModem."""
    paths = _within(await ask(["-L"]), "modem-list")
    if not isinstance(paths, list) or not paths:
        raise NoModem("ModemManager knows no modem")
    told = await ask(["-m", str(paths[0])])
    card = _text(told, "modem", "generic", "sim")
    sim = _sim(await ask(["-i", card])) if card.startswith("/org/") else None
    return _modem(told, sim)


def _modem(told: Any, sim: Sim | None) -> Modem:
    percent = _text(told, "modem", "generic", "signal-quality", "value")
    technologies = _within(told, "modem", "generic", "access-technologies")
    return Modem(
        state=_text(told, "modem", "generic", "state") or "unknown",
        signal=min(int(percent), 100) / 100 if percent.isdecimal() else None,
        operator=_text(told, "modem", "3gpp", "operator-name"),
        technology=", ".join(map(str, technologies)) if isinstance(technologies, list) else "",
        why=_text(told, "modem", "generic", "state-failed-reason"),
        sim=sim,
    )


def _sim(told: Any) -> Sim:
    return Sim(_number(told, "iccid"), _number(told, "imsi"))


def _number(told: Any, key: str) -> str:
    """Digits, and in some ICCIDs hexadecimal ones at the end (ITU-T E.118)."""
    text = _text(told, "sim", "properties", key)
    return text if text.isascii() and text.isalnum() and len(text) <= LONGEST else ""


def _text(told: Any, *keys: str) -> str:
    found = _within(told, *keys)
    return found if isinstance(found, str) and found not in NOTHING else ""


def _within(told: Any, *keys: str) -> Any:
    for key in keys:
        told = told.get(key) if isinstance(told, dict) else None
    return told


class ModemKeeper:
    """Knows the card from the last time, and looks again now and then. A modem that goes away is no loss of the card:
    what BootNotification says must not change with it, or the station would boot anew each time.
    """

    def __init__(self, memory: Memory, ask: Ask = mmcli) -> None:
        self._memory, self._ask = memory, ask
        self._looked = asyncio.Event()
        self._complaint = ""
        self.seen: Modem | None = None
        kept = memory.get(SPACE, KEY)
        self.sim = Sim(*kept) if kept else None

    async def run(self) -> None:
        while True:
            await self._look()
            self._looked.set()
            await asyncio.sleep(LOOK_EVERY_S)

    async def introduced(self) -> None:
        """Until the card is known; not for long, and not where it was known already."""
        if self.sim is not None:
            return
        try:
            async with asyncio.timeout(FIRST_LOOK_S):
                await self._looked.wait()
        except TimeoutError:
            return

    async def _look(self) -> None:
        try:
            self.seen = await look(self._ask)
        except NoModem as gone:
            self.seen = None
            self._complain(str(gone))
            return
        self._complaint = ""
        if (sim := self.seen.sim) is not None and (sim.iccid or sim.imsi) and sim != self.sim:
            self.sim = sim
            self._memory.put(SPACE, KEY, [sim.iccid, sim.imsi])

    def _complain(self, why: str) -> None:
        if why != self._complaint:
            log.info("no mobile modem: %s", why)
            self._complaint = why
