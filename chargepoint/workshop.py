"""What an installer does at a running station, as `web.workshop.Workshop` asks for it. Loaded when somebody asks."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chargepoint.config.told import told
from chargepoint.web.status import document

if TYPE_CHECKING:
    from chargepoint.core.maintenance import Kind
    from chargepoint.localcontrols import LocalControls

SPACE, KEY = "workshop", "examined"
KINDS: Mapping[str, Kind] = {"log": "DiagnosticsLog", "security": "SecurityLog"}
PART_BYTES = 65_536


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

    async def log(self, kind: str, oldest: datetime | None, latest: datetime | None) -> AsyncGenerator[bytes]:
        daemon = self.controls.daemon
        daemon.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=daemon.folder, prefix="log-") as folder:
            file = Path(folder) / "log"
            await daemon.maintenance.logbook.gather(KINDS[kind], oldest, latest, file)
            with file.open("rb") as source:
                while part := await asyncio.to_thread(source.read, PART_BYTES):
                    yield part
