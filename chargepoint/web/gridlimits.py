"""Routes of what the grid operator asked: a record of two years, as JSON or for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chargepoint.web.controls import Controls
from chargepoint.web.http import Answer, Handler, Malformed, Request, told
from chargepoint.web.status import rfc3339

COLUMNS = ("evse", "from", "until", "watts", "clock_trusted")


class GridLimitRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {("GET", "/api/v1/grid-limits"): self._grid_limits}

    async def _grid_limits(self, request: Request) -> Answer:
        form = request.query.get("format", "json")
        entries = [_document(entry) for entry in self._controls.grid_limits()]
        match form:
            case "json":
                return told(entries)
            case "csv":
                name = {"Content-Disposition": 'attachment; filename="grid-limits.csv"'}
                return Answer(_csv(entries).encode(), content_type="text/csv; charset=utf-8", headers=name)
        raise Malformed('"format" must be json or csv')


def _document(entry: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: entry[name] and rfc3339(datetime.fromisoformat(entry[name])) for name in ("from", "until")}
    return {**entry, **times}


def _csv(entries: Iterable[Mapping[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(entries)
    return file.getvalue()
