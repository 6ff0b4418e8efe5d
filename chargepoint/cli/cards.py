"""`chargepoint cards`: who may charge without asking a back office."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import NOTHING, as_json, local_time, table

SOURCES = {"local": "added here", "csms": "back office's list", "cache": "remembered answer"}


def show(args: Namespace) -> int:
    cards = Api(args.state, args.config).get("cards")
    if args.json:
        print(as_json(cards))
    elif not cards:
        print("No cards are known here. Add one: chargepoint cards add CARD")
    else:
        print(table(("card", "status", "group", "expires", "from"), [_row(card) for card in cards]))
    return DONE


def add(args: Namespace) -> int:
    body = {"id": args.id}
    body |= {"group": args.group} if args.group else {}
    body |= {"expires_at": args.expires} if args.expires else {}
    card = Api(args.state, args.config).post("cards", body=body)
    print(as_json(card) if args.json else f"{card['id']} may charge here.")
    return DONE


def remove(args: Namespace) -> int:
    Api(args.state, args.config).delete("cards", args.id)
    print(as_json({"removed": args.id}) if args.json else f"{args.id} is forgotten.")
    return DONE


def _row(card: dict[str, Any]) -> tuple[str, ...]:
    return (
        card["id"],
        card["status"],
        card["group"] or NOTHING,
        local_time(card["expires_at"]),
        SOURCES.get(card["source"], card["source"]),
    )
