"""What was: `sessions` that charged, and `grid-limits` that the grid operator asked for. Newest first."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from chargepoint.cli.api import Api, Refused
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import NOTHING, as_json, energy, local_time, power, table
from chargepoint.timewindow import time_window

HEADS = ("began", "ended", "EVSE", "card", "energy", "cost", "ended by", "back office")
COST, OFFICE = HEADS.index("cost"), HEADS.index("back office")


DEFAULT_LAST = 20


def sessions(args: Namespace) -> int:
    query = _query(args)
    api = Api(args.state, args.config)
    if args.csv:
        print(api.text("sessions", query=f"?{urlencode({**query, 'format': 'csv'})}"), end="")
        return DONE
    windowed = "since" in query or "until" in query
    found = api.get("sessions", query=f"?{urlencode(query)}" if query else "")
    told = found[: args.last or (None if windowed else DEFAULT_LAST)]
    if args.json:
        print(as_json(told))
    elif not told:
        print("No session began in that time." if windowed else "No session yet.")
    else:
        alone = api.get("status")["csms"]["state"] == "none"  # nobody else has to know of them
        idle = {COST} if not any(session.get("cost") for session in told) else set()
        columns = [place for place in range(len(HEADS)) if place not in idle | ({OFFICE} if alone else set())]
        rows = [_row(session) for session in told]
        print(table([HEADS[n] for n in columns], [[row[n] for n in columns] for row in rows]))
    return DONE


def _query(args: Namespace) -> dict[str, str]:
    """Raises Refused: a time that is none."""
    now = datetime.now(UTC)
    try:
        window = time_window(args.since, args.until, now)
    except ValueError as mistake:
        raise Refused(str(mistake)) from None
    query = {name: at.isoformat() for name, at in (("since", window.since), ("until", window.until)) if at is not None}
    return query | ({"cards": "masked"} if args.mask_cards else {}) | ({"signed": "true"} if args.signed else {})


def _row(session: dict[str, Any]) -> tuple[str, ...]:
    return (
        local_time(session["started_at"]),
        local_time(session["ended_at"]) if session["ended_at"] else "goes on",
        str(session["evse"]),
        session["token"] or NOTHING,
        energy(session["energy_wh"]),
        session.get("cost") or NOTHING,
        session["reason"] or NOTHING,
        "knows it" if session["delivered"] else "waits",
    )


GRID_HEADS = ("began", "ended", "EVSE", "limit", "clock")


def grid_limits(args: Namespace) -> int:
    api = Api(args.state, args.config)
    if args.csv:
        print(api.text("grid-limits", query="?format=csv"), end="")
        return DONE
    told = api.get("grid-limits")
    if args.json:
        print(as_json(told))
    elif not told:
        print("The grid operator has not asked for less.")
    else:
        print(table(GRID_HEADS, [_grid_row(entry) for entry in told]))
    return DONE


def _grid_row(entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        local_time(entry["from"]),
        local_time(entry["until"]) if entry["until"] else "goes on",
        str(entry["evse"]),
        power(entry["watts"]),
        "right" if entry["clock_trusted"] else "not known to be right",
    )
