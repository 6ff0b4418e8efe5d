"""RAUC's program, run for its answers: the only module that does. Its service does the work, as root.

The program asks that service over D-Bus; a bundle is looked at (`rauc info`) without it.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chargepoint.errors import Fixable
from chargepoint.installing import InstallFailed, InstallRefused
from chargepoint.programs import Ended, run
from chargepoint.updating.refusals import meaning
from chargepoint.updating.slots import Slots, Unreadable, read_slots

log = logging.getLogger(__name__)

OS_RELEASE = Path("/etc/os-release")

ANSWER_S = 60.0
"""A small board with a busy card; the service may have to be started for it."""

INSTALL_S = 1_800.0

STATUS_BYTES = 65_536

ABSENT = "RAUC is not installed on this machine: is the package rauc there?"

_PROGRESS = re.compile(r"^\s*(\d{1,3})%\s+(.*\S)")

Progress = Callable[[int, str], None]
"""How far an installation is, in percent, and what is being done, in RAUC's words."""


class NoSlots(Fixable):
    """RAUC does not tell how the slots stand."""


@dataclass(frozen=True, slots=True)
class Bundle:
    compatible: str
    version: str


@dataclass(frozen=True, slots=True)
class Rauc:
    """`program` is started with arguments, never by way of a shell."""

    program: str = "rauc"
    os_release: Path = OS_RELEASE

    async def slots(self) -> Slots:
        """How the slots stand. Raises NoSlots."""
        try:
            ended = await self._run("status", "--detailed", "--output-format=json", keep_bytes=STATUS_BYTES)
            if ended.status != 0:
                raise meaning(ended.complained)
            return read_slots(ended.said)
        except (InstallFailed, Unreadable) as trouble:
            raise NoSlots(
                f"the slots of this machine are not known: {trouble}",
                where="RAUC",
                fix="Ask it yourself: sudo rauc status; journalctl -u rauc.",
            ) from None

    async def bundle(self, file: Path) -> Bundle:
        """What a bundle says of itself, once its signature has been checked. Raises InstallFailed."""
        ended = await self._run("info", "--output-format=json", str(file))
        if ended.status != 0:
            raise meaning(ended.complained or ended.said)
        try:
            told = json.loads(ended.said)
            return Bundle(str(told["compatible"] or ""), str(told["version"] or ""))
        except (ValueError, KeyError, TypeError):
            raise InstallRefused("it does not say what it is for") from None

    async def install(self, file: Path, progress: Progress) -> None:
        """Write it into the other slot, which is tried at the next restart. Raises InstallFailed."""

        def heard(line: str) -> None:
            if (found := _PROGRESS.match(line)) is not None:
                progress(int(found[1]), found[2])

        ended = await self._run("install", str(file), within_s=INSTALL_S, heard=heard)
        if ended.status != 0:
            raise meaning(f"{ended.complained}\n{ended.said}")

    async def mark_good(self) -> None:
        """The slot that runs has proven itself. Raises NoSlots."""
        ended = await self._run("status", "mark-good", "booted")
        if ended.status != 0:
            raise NoSlots(
                f"the running system cannot be marked good: {meaning(ended.complained)}",
                where="RAUC",
                fix="Ask it yourself: sudo rauc status mark-good; journalctl -u rauc.",
            )

    def image_version(self) -> str:
        """Of the system that runs, as os-release(5) has it; "" where it says nothing."""
        try:
            text = self.os_release.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""
        found = re.search(r"^IMAGE_VERSION=[\"']?([^\"'\n]{1,50})", text, re.MULTILINE)
        return found[1].strip() if found else ""

    async def _run(
        self, *arguments: str, within_s: float = ANSWER_S, heard: Callable[[str], None] | None = None,
        keep_bytes: int = 4_096,
    ) -> Ended:  # fmt: skip
        bus = {name: os.environ[name] for name in ("DBUS_SYSTEM_BUS_ADDRESS",) if name in os.environ}
        try:
            return await run(
                (self.program, *arguments), within_s=within_s, environment={"LC_ALL": "C", **bus},
                heard=heard, keep_bytes=keep_bytes,
            )  # fmt: skip
        except TimeoutError:
            raise InstallFailed(f"RAUC did not answer within {within_s / 60:.0f} min") from None
        except OSError as error:
            log.debug("%s cannot be run: %s", self.program, error)
            raise InstallFailed(ABSENT) from None
