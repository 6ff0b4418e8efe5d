"""Routes of the sessions, finished and open: JSON, CSV for a spreadsheet, and a statement to print."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chargepoint.core.terms import Token
from chargepoint.timewindow import TimeWindow, time_window
from chargepoint.web.controls import Controls
from chargepoint.web.http import Answer, Handler, Malformed, Missing, Request, told
from chargepoint.web.status import rfc3339

SHOWN = 1000
"""Sessions told at most as JSON, newest first. A spreadsheet gets all that its window holds."""
ALL = 1_000_000

COLUMNS = (
    "id", "evse", "token", "started_at", "ended_at", "energy_wh", "begin_wh", "end_wh", "reason", "delivered",
    "csms_id", "duration_s", "clock", "cost", "cost_final",
)  # fmt: skip
"""New ones at the end: spreadsheets count."""
SIGNED = {"Transaction.Begin": "signed_begin", "Transaction.End": "signed_end"}
KEY = "public_key"
MARK = {True: "true", False: "false"}


class SessionRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/sessions"): self._sessions,
            ("GET", "/api/v1/sessions/{id}"): self._session,
            ("GET", "/sessions/print"): self._print,
        }

    async def _sessions(self, request: Request) -> Answer:
        masked, window = _masked(request, "whole"), self._window(request, "since", "until")
        proofs = request.query.get("signed", "false") == "true"
        match request.query.get("format", "json"):
            case "json":
                return told([self._document(each, masked, proofs) for each in self._found(window, SHOWN)])
            case "csv":
                documents = (self._document(each, masked, proofs) for each in self._found(window, ALL))
                name = {"Content-Disposition": 'attachment; filename="sessions.csv"'}
                columns = (*COLUMNS, *SIGNED.values(), KEY) if proofs else COLUMNS
                text = csv_text(documents, columns)
                return Answer(text.encode(), content_type="text/csv; charset=utf-8", headers=name)
        raise Malformed('"format" must be json or csv')

    async def _session(self, request: Request) -> Answer:
        found = self._controls.journal.session(request.parts["id"])
        if found is None:
            raise Missing("there is no such session (any more)")
        return told(self._document(found, _masked(request, "whole"), True))

    async def _print(self, request: Request) -> Answer:
        from chargepoint.web.statement import asked, statement

        window, masked = self._window(request, "from", "to"), _masked(request, "masked")
        try:
            order = asked(request.query)
        except ValueError as mistake:
            raise Malformed(str(mistake)) from None
        found = list(reversed(self._found(window, ALL)))
        proofs = {each["id"]: self._controls.journal.signed_values(each["id"]) for each in found if each.get("signed")}
        text = statement(self._controls, window, found, proofs, order, masked=masked)
        return Answer(text.encode(), content_type="text/html; charset=utf-8")

    def _window(self, request: Request, first: str, last: str) -> TimeWindow:
        try:
            return time_window(request.query.get(first), request.query.get(last), self._controls.clock.now().at)
        except ValueError as mistake:
            raise Malformed(str(mistake)) from None

    def _found(self, window: TimeWindow, limit: int) -> Sequence[Mapping[str, Any]]:
        return self._controls.journal.sessions(limit, 0, window.since, window.until)

    def _document(self, session: Mapping[str, Any], masked: bool, proofs: bool) -> dict[str, Any]:
        document = session_document(session, masked=masked)
        if proofs and session.get("signed"):
            signed = self._controls.journal.signed_values(session["id"])
            document |= {SIGNED[context]: value for context, (value, _) in signed.items()}
            document[KEY] = next((key for _, key in signed.values() if key), None)
        return document


def _masked(request: Request, otherwise: str) -> bool:
    """The card whole, or its end only: whoever asks here is the owner; where it goes from here is his to say."""
    asked = request.query.get("cards", otherwise)
    if asked not in ("whole", "masked"):
        raise Malformed('"cards" must be whole or masked')
    return asked == "masked"


def session_document(session: Mapping[str, Any], *, masked: bool = False) -> dict[str, Any]:
    """A transaction as the journal tells it. The card is whole: whoever bills without a back office needs it."""
    token, started_at, ended_at = session["token"], session["started_at"], session["ended_at"]
    return {
        **session,
        "token": shown(token, masked),
        "started_at": rfc3339(started_at),
        "ended_at": ended_at and rfc3339(ended_at),
        "duration_s": duration_s(started_at, ended_at),
    }


def shown(token: Token | None, masked: bool) -> str | None:
    return None if token is None else token.masked if masked else token.value


def duration_s(began: datetime, ended: datetime | None) -> int | None:
    """Never less than nothing: a clock may have been wrong at one end."""
    return None if ended is None else max(round((ended - began).total_seconds()), 0)


def csv_text(sessions: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> str:
    """Comma separated, one line a session (RFC 4180); decimal points, times in UTC."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([harmless(session.get(column)) for column in columns] for session in sessions)
    return file.getvalue()


def harmless(value: Any) -> Any:
    """A text that a spreadsheet will not take for a formula: a card's id may be anything (OWASP, CSV injection)."""
    if isinstance(value, bool):
        return MARK[value]
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
        return "'" + value
    return value
