"""Routes of the sessions, finished and open: JSON, or CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from chargepoint.web.controls import Controls
from chargepoint.web.http import Answer, Handler, Malformed, Request, told
from chargepoint.web.status import rfc3339

SHOWN = 1000
"""Sessions told at most, newest first."""

COLUMNS = ("id", "evse", "token", "started_at", "ended_at", "energy_wh", "begin_wh", "end_wh", "reason", "delivered")


class SessionRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {("GET", "/api/v1/sessions"): self._sessions}

    async def _sessions(self, request: Request) -> Answer:
        form = request.query.get("format", "json")
        sessions = [session_document(session) for session in self._controls.journal.sessions(SHOWN)]
        match form:
            case "json":
                return told(sessions)
            case "csv":
                name = {"Content-Disposition": 'attachment; filename="sessions.csv"'}
                return Answer(csv_text(sessions).encode(), content_type="text/csv; charset=utf-8", headers=name)
        raise Malformed('"format" must be json or csv')


def session_document(session: Mapping[str, Any]) -> dict[str, Any]:
    """A transaction as the journal tells it. The card is whole: whoever bills without a back office needs it."""
    token, ended_at = session["token"], session["ended_at"]
    return {
        **session,
        "token": token and token.value,
        "started_at": rfc3339(session["started_at"]),
        "ended_at": ended_at and rfc3339(ended_at),
    }


def csv_text(sessions: Iterable[Mapping[str, Any]]) -> str:
    """Comma separated, one line a session (RFC 4180)."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(session.get(column)) for column in COLUMNS] for session in sessions)
    return file.getvalue()


def harmless(value: Any) -> Any:
    """A text that a spreadsheet will not take for a formula: a card's id may be anything (OWASP, CSV injection)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
        return "'" + value
    return value
