"""Lets a system that has just been installed prove itself: marks it good, or goes back to the one before.

Good is what works as well as the old one did, and has been accepted by the back office, within a time. Until then
nobody begins to charge, so that no session is cut off by the way back. What comes of it is told by whoever runs then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chargepoint.core.facts import SecurityEvent
from chargepoint.desk import Desk
from chargepoint.tasks.orders import Memory
from chargepoint.updating.installer import Machine
from chargepoint.updating.slots import Slots, Standing
from chargepoint.updating.trial import Evidence, Verdict, judge

log = logging.getLogger(__name__)

LOOK_S = 1.0

SPACE, TRIAL, FAILING, LAST = "update", "trial", "failing", "last"
"""Where the memory keeps when a trial began, what did not work before it, and how the last one ended."""

NOTE = "trial-failed.json"
"""In the state directory, which both systems share: why the other one was left. give-up-trial of deploy/rauc writes it
too."""

UNTOLD = "it never came up, or lost its power while it was tried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How things stand once they are decided."""

    slot: str  # that runs
    other_waits: bool = False  # something was installed into the other one, which has not been started yet
    why: str = UNTOLD  # the other one was left, if it was


@dataclass(slots=True)
class TrialKeeper:
    """`folder` is the state directory; `evidence` looks at the station; `stored` tells whether it can write."""

    machine: Machine
    desk: Desk
    memory: Memory
    folder: Path
    version: str  # what runs
    within_s: float
    restart: Callable[[], None]  # the machine
    evidence: Callable[[], Evidence] = Evidence
    stored: Callable[[], Awaitable[bool]] | None = None
    slots: Slots | None = None  # as they were when the program started
    missing: str = ""  # what the trial still waits for
    _decided: asyncio.Future[Outcome] = field(init=False)

    def __post_init__(self) -> None:
        self._decided = asyncio.get_running_loop().create_future()

    # --- for others ---------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Is it not known yet, or not decided, whether this system stays?"""
        return not self._decided.done()

    async def outcome(self) -> Outcome:
        """Once it is decided."""
        return await asyncio.shield(self._decided)

    def prepare(self) -> str:
        """Something is about to be installed: what does not work already is noted. Returns the slot that runs."""
        self.memory.put(SPACE, FAILING, sorted(self.evidence().failing))
        return self.slots.booted.name if self.slots is not None else ""

    def refused(self, why: str) -> None:
        """It could not be installed at all."""
        self._note_end("refused", why)

    @property
    def last(self) -> dict[str, Any] | None:
        """How the last update ended: outcome ("kept", "left", "refused"), the version it is about, why, at."""
        value: dict[str, Any] | None = self.memory.get(SPACE, LAST)
        return value

    # --- the work -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until it is decided. Raises NoSlots while RAUC does not answer."""
        self.slots = slots = await self.machine.slots()
        if slots.standing is Standing.ON_TRIAL:
            await self._stand(slots)
        elif not self._decided.done():
            waits = slots.standing is Standing.WAITING
            self._decided.set_result(Outcome(slots.booted.name, waits, self._why_left(slots) or UNTOLD))

    async def _stand(self, slots: Slots) -> None:
        name, began_s = slots.booted.name, self._began_s()
        before = frozenset(self.memory.get(SPACE, FAILING) or ())
        log.info("the system in slot %s is new: it has %.0f s to prove itself", name, self.within_s)
        self._block(True)
        while True:
            writes = self.stored is None or await self.stored()
            seen = replace(self.evidence(), writes=writes)
            verdict, self.missing = judge(seen, before, self._now_s() - began_s, self.within_s)
            if verdict is Verdict.KEEP:
                return await self._keep(name)
            if verdict is Verdict.GO_BACK:
                return self._go_back(name)
            await asyncio.sleep(LOOK_S)

    async def _keep(self, name: str) -> None:
        await self.machine.mark_good()
        log.info("the system in slot %s has proven itself: it stays", name)
        self._note_end("kept", "")
        self._block(False)
        self.desk.act(lambda station, now: station.around.emit(SecurityEvent(0, "FirmwareUpdated", self._told())))
        self._decided.set_result(Outcome(name))

    def _go_back(self, name: str) -> None:
        log.error("the system in slot %s has not proven itself: %s; going back to the other", name, self.missing)
        self._leave_word(name)
        self.restart()

    def _leave_word(self, name: str) -> None:
        """A file, not the database: whatever is wrong with the one must not silence the other."""
        fresh = self.folder / f"{NOTE}.new"
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump({"slot": name, "why": self.missing, "version": self.version}, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.folder / NOTE)
        except OSError as error:
            log.error("why it is left cannot be noted: %s", error)

    def _why_left(self, slots: Slots) -> str:
        """What the other system, or the service that has ended it, has left here."""
        note = self.folder / NOTE
        try:
            told = json.loads(note.read_text(encoding="utf-8"))
            slot, why, version = str(told["slot"]), str(told["why"])[:500], str(told.get("version", ""))[:50]
        except FileNotFoundError:
            return ""
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            slot, why, version = "", UNTOLD, ""
        note.unlink(missing_ok=True)
        if slot == slots.booted.name:  # it has been installed into once more, and stayed
            return ""
        log.error("the system in slot %s was left: %s", slot or "?", why)
        self._note_end("left", why, version)
        return why

    # --- what is kept -------------------------------------------------------------------------------------------------

    def _began_s(self) -> float:
        """A program that is restarted in the middle has no more time for it."""
        boot, known = self.desk.clock.boot, self.memory.get(SPACE, TRIAL) or {}
        if known.get("boot") != boot:
            known = {"boot": boot, "began_s": self._now_s()}
            self.memory.put(SPACE, TRIAL, known)
        return float(known["began_s"])

    def _note_end(self, outcome: str, why: str, version: str = "") -> None:
        at = self.desk.clock.now().at.isoformat(timespec="seconds")
        self.memory.put(SPACE, LAST, {"version": version or self.version, "outcome": outcome, "why": why, "at": at})
        self.memory.put(SPACE, TRIAL, None)

    def _told(self) -> str:
        return f"version {self.version}"

    def _block(self, blocked: bool) -> None:
        self.desk.act(lambda station, now: station.block(blocked, now))

    def _now_s(self) -> float:
        return self.desk.clock.now().mono_s
