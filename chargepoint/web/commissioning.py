"""Routes for installers: the doctor's steps as they are done, the configuration and where it comes from, the logs."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any

from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, moment, one_of
from chargepoint.web.http import Answer, Handler, Malformed, NotNow, Request, told
from chargepoint.web.status import rfc3339

PART = {"part": Field(one_of(("all", "csms")))}
KINDS = ("log", "security")
LINES = "application/x-ndjson"
"""One JSON object a line, each as soon as it is known."""


class CommissioningRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._examining = self._packing = False
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/doctor"): self._examined,
            ("POST", "/api/v1/doctor"): self._examine,
            ("GET", "/api/v1/configuration"): self._configuration,
            ("GET", "/api/v1/software"): self._software,
            ("GET", "/api/v1/log"): self._log,
            ("GET", "/api/v1/support"): self._support,
        }

    async def _examined(self, request: Request) -> Answer:
        last = self._controls.workshop.examined() or {"at": None, "findings": []}
        return told({"running": self._examining, **last})

    async def _examine(self, request: Request) -> Answer:
        part = body(request.body, PART).get("part", "all")
        if self._examining:
            raise NotNow("the station is being checked at this moment")
        return Answer(content_type=LINES, parts=self._steps(part))

    async def _steps(self, part: str) -> AsyncGenerator[bytes]:
        """Every step, then when that was. Whoever goes away ends it."""
        if self._examining:
            return  # two have asked at the same moment
        self._examining = True
        findings = []
        steps = self._controls.workshop.examine(part)
        try:
            async for finding in steps:
                findings.append(finding)
                yield _line(finding)
            at = rfc3339(self._controls.clock.now().at)
            if part == "all":
                self._controls.workshop.keep_examined(at, findings)
            yield _line({"at": at})
        finally:
            await steps.aclose()
            self._examining = False

    async def _configuration(self, request: Request) -> Answer:
        return told(self._controls.workshop.configuration())

    async def _software(self, request: Request) -> Answer:
        return told(await self._controls.workshop.software())

    async def _log(self, request: Request) -> Answer:
        kind = request.query.get("kind", "log")
        if kind not in KINDS:
            raise Malformed(f'"kind" must be one of {", ".join(KINDS)}')
        oldest, latest = _time(request, "from"), _time(request, "to")
        headers = self._as_file(f"{kind}.txt")
        parts = self._controls.workshop.log(kind, oldest, latest)
        return Answer(content_type="text/plain; charset=utf-8", headers=headers, parts=parts)

    async def _support(self, request: Request) -> Answer:
        oldest, latest = _time(request, "from"), _time(request, "to")
        if self._packing:
            raise NotNow("a support bundle is being made at this moment")
        self._packing = True
        try:
            bundle = await self._controls.workshop.support(oldest, latest)
        except OSError as error:
            raise NotNow(f"the support bundle cannot be made: {error}") from None
        finally:
            self._packing = False
        return Answer(bundle, content_type="application/zip", headers=self._as_file("support.zip"))

    def _as_file(self, kind: str) -> Mapping[str, str]:
        plate = self._controls.config.station
        name = "".join(letter for letter in plate.serial_number if letter.isalnum()) or "station"
        return {"Content-Disposition": f'attachment; filename="{name}-{kind}"'}


def _time(request: Request, name: str) -> datetime | None:
    text = request.query.get(name, "")
    try:
        return moment(text) if text else None
    except ValueError as mistake:
        raise Malformed(f'"{name}" must be {mistake}') from None


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"
