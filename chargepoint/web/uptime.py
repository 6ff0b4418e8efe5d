"""Routes of the uptime ledger: outages with their causes, and what they come to in a month or any other time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chargepoint.core.uptime import EXCLUDED, Cause, Outage, PortFigures, figures, seconds_of
from chargepoint.timewindow import TimeWindow, time_window
from chargepoint.web.controls import Controls
from chargepoint.web.http import Answer, Handler, Malformed, Request, told
from chargepoint.web.sessions import harmless
from chargepoint.web.status import rfc3339

COLUMNS = ("place", "cause", "detail", "began", "ended", "minutes", "excluded", "clock")


class UptimeRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {("GET", "/api/v1/uptime"): self._uptime}

    async def _uptime(self, request: Request) -> Answer:
        now = self._controls.clock.now().at
        try:
            window = asked_window(request.query, now)
        except ValueError as mistake:
            raise Malformed(str(mistake)) from None
        report = uptime_document(self._controls.outages(), self._controls.station.evses, window, now)
        match request.query.get("format", "json"):
            case "json":
                return told(report)
            case "csv":
                name = {"Content-Disposition": 'attachment; filename="outages.csv"'}
                text = csv_text(report["outages"])
                return Answer(text.encode(), content_type="text/csv; charset=utf-8", headers=name)
        raise Malformed('"format" must be json or csv')


def asked_window(query: Mapping[str, str], now: datetime) -> TimeWindow:
    """`month` is one; else `since` and `until`; else this month."""
    since, until = query.get("since"), query.get("until")
    month = query.get("month") or (f"{now.astimezone():%Y-%m}" if since is None and until is None else None)
    return time_window(month or since, month or until, now)


def uptime_document(
    outages: Sequence[Outage], evses: Iterable[int], window: TimeWindow, now: datetime
) -> dict[str, Any]:
    """Shares are 0.0 to 1.0, None where nothing was observed."""
    since = window.since or min((each.began for each in outages), default=now)
    until = min(window.until or now, now)
    spent = [(each, seconds_of(each, since, until, now)) for each in outages if each.cause is not Cause.INSTALLED]
    shown = [(each, seconds) for each, seconds in spent if seconds > 0]
    return {
        "since": rfc3339(since),
        "until": rfc3339(until),
        "ports": [_port(figures(outages, evse, since, until, now)) for evse in evses],
        "outages": [_outage(each, seconds) for each, seconds in shown],
    }


def _port(port: PortFigures) -> dict[str, Any]:
    return {
        "evse": port.evse,
        "observed_min": _minutes(port.observed_s),
        "outage_min": _minutes(port.outage_s),
        "excluded_min": _minutes(port.excluded_s),
        "availability": _share(port.availability),
        "nevi_uptime": _share(port.nevi),
        "uk_reliability": _share(port.uk_reliability),
    }


def _outage(outage: Outage, seconds: float) -> dict[str, Any]:
    return {
        "place": outage.place if not outage.place.isdecimal() else f"evse {outage.place}",
        "cause": outage.cause.value,
        "detail": outage.detail or None,
        "began": rfc3339(outage.began),
        "ended": outage.ended and rfc3339(max(outage.ended, outage.began)),
        "minutes": _minutes(seconds),
        "excluded": outage.cause in EXCLUDED,
        "clock": outage.clock,
    }


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 1)


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 5)


def csv_text(outages: Iterable[Mapping[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(each[column]) for column in COLUMNS] for each in outages)
    return file.getvalue()
