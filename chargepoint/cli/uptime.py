"""`chargepoint uptime`: how much of a month the station could be used, and what it was when it could not."""

from __future__ import annotations

from argparse import Namespace
from typing import Any
from urllib.parse import urlencode

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import NOTHING, as_json, local_time, table

PORT_HEADS = ("EVSE", "observed", "outage", "excluded", "usable", "NEVI uptime", "UK reliability")
OUTAGE_HEADS = ("began", "ended", "minutes", "where", "cause", "clock")


def uptime(args: Namespace) -> int:
    asked = {"month": args.month, "since": args.since, "until": args.until}
    query = {name: value for name, value in asked.items() if value is not None}
    api = Api(args.state, args.config)
    if args.csv:
        print(api.text("uptime", query=f"?{urlencode({**query, 'format': 'csv'})}"), end="")
        return DONE
    report = api.get("uptime", query=f"?{urlencode(query)}" if query else "")
    if args.json:
        print(as_json(report))
        return DONE
    print(f"{local_time(report['since'])} to {local_time(report['until'])}")
    print(table(PORT_HEADS, [_port(port) for port in report["ports"]]))
    print()
    outages = report["outages"]
    print(table(OUTAGE_HEADS, [_outage(each) for each in outages]) if outages else "No outage.")
    return DONE


def _port(port: dict[str, Any]) -> tuple[str, ...]:
    minutes = (f"{port[name]:.0f} min" for name in ("observed_min", "outage_min", "excluded_min"))
    shares = (_percent(port[name]) for name in ("availability", "nevi_uptime", "uk_reliability"))
    return (str(port["evse"]), *minutes, *shares)


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share * 100:.2f} %"


def _outage(outage: dict[str, Any]) -> tuple[str, ...]:
    cause = outage["cause"] + (f": {outage['detail']}" if outage["detail"] else "")
    return (
        local_time(outage["began"]),
        local_time(outage["ended"]) if outage["ended"] else "goes on",
        f"{outage['minutes']:.1f}",
        outage["place"],
        cause,
        outage["clock"],
    )
