"""What was: `sessions` that charged, and `grid-limits` that the grid operator asked for. Newest first."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import NOTHING, as_json, energy, local_time, power, table

HEADS = ("began", "ended", "EVSE", "card", "energy", "ended by", "back office")


def sessions(args: Namespace) -> int:
    api = Api(args.state, args.config)
    if args.csv:
        print(api.text("sessions", query="?format=csv"), end="")
        return DONE
    told = api.get("sessions")[: args.last]
    if args.json:
        print(as_json(told))
    elif not told:
        print("No session yet.")
    else:
        alone = api.get("status")["csms"]["state"] == "none"
        columns = len(HEADS) - (1 if alone else 0)  # nobody else has to know of them
        print(table(HEADS[:columns], [_row(session)[:columns] for session in told]))
    return DONE


def _row(session: dict[str, Any]) -> tuple[str, ...]:
    return (
        local_time(session["started_at"]),
        local_time(session["ended_at"]) if session["ended_at"] else "goes on",
        str(session["evse"]),
        session["token"] or NOTHING,
        energy(session["energy_wh"]),
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
