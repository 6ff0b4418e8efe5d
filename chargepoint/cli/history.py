"""`chargepoint sessions`: what was charged, newest first."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import NOTHING, as_json, energy, local_time, table

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
