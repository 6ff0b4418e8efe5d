"""`chargepoint settings`: the OCPP settings, under either of their names."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE, REFUSED
from chargepoint.cli.paint import NOTHING, as_json, table

LONGEST = 48  # characters of a value in a list


def show(args: Namespace) -> int:
    every = Api(args.state, args.config).get("settings")
    part = args.part.casefold()
    found = [setting for setting in every if any(part in name.casefold() for name in _names(setting))]
    if args.json:
        print(as_json(found))
    elif not found:
        print(f'No setting has "{args.part}" in its name.')
    else:
        print(table(("OCPP 2.x", "OCPP 1.6", "value", "may be"), [_row(setting) for setting in found]))
    return DONE


def get(args: Namespace) -> int:
    setting = Api(args.state, args.config).get("settings", args.name)
    if args.json:
        print(as_json(setting))
        return DONE
    for name, value in (
        ("OCPP 2.x", setting["name_2_x"]),
        ("OCPP 1.6", setting["name_1_6"]),
        ("value", _value(setting)),
        ("may be", allowed(setting)),
        ("change", _change(setting)),
    ):
        if value:
            print(f"{name:10}{value}")
    return DONE


def change(args: Namespace) -> int:
    answer = Api(args.state, args.config).put("settings", args.name, body={"value": args.value})
    if args.json:
        print(as_json(answer))
    elif answer["status"] == "Rejected":
        print(f"{args.name} was not changed: {answer.get('why') or 'the station refused'}", file=sys.stderr)
    else:
        later = " It takes effect after a restart." if answer["status"] == "RebootRequired" else ""
        print(f"{args.name} = {args.value}.{later}")
    return REFUSED if answer["status"] == "Rejected" else DONE


def allowed(setting: dict[str, Any]) -> str:
    """What it may be: kind, range, unit."""
    low, high = setting["min"], setting["max"]
    span = f" {low:g} to {high:g}" if low is not None and high is not None else ""
    span = span or (f" {low:g} or more" if low is not None else f" {high:g} or less" if high is not None else "")
    return f"{setting['type']}{span}{' ' + setting['unit'] if setting['unit'] else ''}"


def _names(setting: dict[str, Any]) -> list[str]:
    return [name for name in (setting["name_2_x"], setting["name_1_6"]) if name]


def _value(setting: dict[str, Any]) -> str:
    return "(a secret)" if setting["value"] is None else str(setting["value"])


def _change(setting: dict[str, Any]) -> str:
    if not setting["writable"]:
        return "no, the station knows it of itself, or its configuration file says it"
    return "takes effect after a restart" if setting["reboot"] else "takes effect at once"


def _row(setting: dict[str, Any]) -> tuple[str, ...]:
    value = _value(setting)
    shown = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    limits = allowed(setting) if setting["writable"] else "read only"
    return (setting["name_2_x"] or NOTHING, setting["name_1_6"] or NOTHING, shown or '""', limits)
