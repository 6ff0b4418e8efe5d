"""What an installer does at a running station, as `web.workshop.Workshop` asks for it. Loaded when somebody asks."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chargepoint.config.told import told
from chargepoint.masking import HIDDEN
from chargepoint.version import VERSION
from chargepoint.web import exposition
from chargepoint.web.devices import devices
from chargepoint.web.metrics import all_of
from chargepoint.web.status import document, rfc3339
from hw.discovery import command_of
from hw.errors import Fixable

if TYPE_CHECKING:
    from chargepoint.core.maintenance import Kind
    from chargepoint.localcontrols import LocalControls

log = logging.getLogger(__name__)

SPACE, KEY = "workshop", "examined"
KINDS: Mapping[str, Kind] = {"log": "DiagnosticsLog", "security": "SecurityLog"}
PART_BYTES = 65_536

PROVEN_WITHIN_S, PACKED_WITHIN_S = 12.0, 60.0
"""What a support bundle waits for: the doctor, and the program that packs it."""


@dataclass(slots=True)
class LocalWorkshop:
    controls: LocalControls

    async def examine(self, part: str) -> AsyncGenerator[Mapping[str, Any]]:
        from chargepoint.doctor.computer import Surroundings
        from chargepoint.doctor.running import document as shown
        from chargepoint.doctor.running import examine_running
        from chargepoint.doctor.station import Station
        from hw.doctor import guard_pid

        config, state = self.controls.config, self.controls.daemon.folder.parent
        status = document(self.controls)
        station = Station(config, config.path or Path(), state, status, guard_pid(state))
        async with aclosing(examine_running(station, part, Surroundings())) as findings:
            async for finding in findings:
                yield shown(finding)

    def examined(self) -> Mapping[str, Any] | None:
        kept: Mapping[str, Any] | None = self.controls.daemon.memory.get(SPACE, KEY)
        return kept

    def keep_examined(self, at: str, findings: Sequence[Mapping[str, Any]]) -> None:
        self.controls.daemon.memory.put(SPACE, KEY, {"at": at, "findings": list(findings)})

    def configuration(self) -> Mapping[str, Any]:
        return told(self.controls.config)

    async def support(self, oldest: datetime | None, latest: datetime | None) -> bytes:
        """Made by a program of its own: it takes a second of the processor and some memory."""
        daemon = self.controls.daemon
        told = {
            "live": {**live(self.controls), "doctor.json": await self._proven()},
            "frames": [(rfc3339(at), direction, text) for at, direction, text in daemon.frames or ()],
            "since": oldest and oldest.isoformat(),
            "until": latest and latest.isoformat(),
        }
        config = self.controls.config.path or Path("/nonexistent")
        command = [*command_of("chargepoint.records.support"), str(config), str(daemon.folder.parent)]
        making = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        try:
            async with asyncio.timeout(PACKED_WITHIN_S):
                bundle, said = await making.communicate(json.dumps(told).encode())
        except BaseException as why:
            making.kill()
            await making.wait()
            if isinstance(why, TimeoutError):
                raise OSError(f"it is not done within {PACKED_WITHIN_S:.0f} s") from None
            raise
        if making.returncode:
            raise OSError(said.decode(errors="replace").strip().rpartition("\n")[2] or f"status {making.returncode}")
        return bundle

    async def _proven(self) -> list[Mapping[str, Any]]:
        """The doctor's steps, as far as they are done in time."""
        steps, found = self.examine("all"), list[Mapping[str, Any]]()
        try:
            async with asyncio.timeout(PROVEN_WITHIN_S), aclosing(steps):
                async for step in steps:
                    found.append(step)
        except TimeoutError:
            found.append({"step": "rest", "outcome": "skipped", "found": f"not done within {PROVEN_WITHIN_S:.0f} s"})
        return found

    async def software(self) -> Mapping[str, Any]:
        return {"version": self.controls.firmware, "program": VERSION, "system": await self._system()}

    async def _system(self) -> Mapping[str, Any] | None:
        machine = self.controls.daemon.machine
        if machine is None:
            return None
        try:
            slots = await machine.slots()
        except Fixable as trouble:
            log.warning("%s", trouble)
            return None
        running = slots.booted
        return {"slot": running.name, "version": running.version, "standing": slots.standing.value, "next": slots.next}

    async def log(self, kind: str, oldest: datetime | None, latest: datetime | None) -> AsyncGenerator[bytes]:
        daemon = self.controls.daemon
        daemon.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=daemon.folder, prefix="log-") as folder:
            file = Path(folder) / "log"
            await daemon.maintenance.logbook.gather(KINDS[kind], oldest, latest, file)
            with file.open("rb") as source:
                while part := await asyncio.to_thread(source.read, PART_BYTES):
                    yield part


def live(controls: LocalControls) -> dict[str, Any]:
    """How the station is at this moment, for a support bundle."""
    told = all_of(document(controls), devices(controls), controls.tally, controls.vitals(), controls.tally.clock())
    settings = {
        setting.name: controls.settings.text(setting) if setting.readable else HIDDEN for setting in controls.settings
    }
    return {"status.json": document(controls), "settings.json": settings, "metrics.txt": exposition.text(told)}
