"""Commands that drive simulated hardware: what a driver, a car or bad luck would do."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.control import sentence
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import as_json
from chargepoint.cli.status import LINK_WORDS


def plug(args: Namespace) -> int:
    return _evse(args, "plug", _given(args, "cable_a", "draw_a", "phases", "asks_power", "inserted"))


def unplug(args: Namespace) -> int:
    return _evse(args, "unplug", _given(args, "side"))


def car(args: Namespace) -> int:
    wishes = ("draw_a", "asks_power", "ventilation", "reaction_s", "ignores_offer", "sleeps", "diode")
    return _evse(args, "car", _given(args, *wishes))


def fault(args: Namespace) -> int:
    return _evse(args, "fault", {"kind": args.kind, "active": not args.off})


def card(args: Namespace) -> int:
    told = Api(args.state, args.config).post("sim", "card", body=_given(args, "uid", "reader"))
    print(as_json(told) if args.json else "\n".join(sentence(evse) for evse in told["evses"]))
    return DONE


def link(args: Namespace) -> int:
    told = Api(args.state, args.config).post("sim", "link", body={"up": args.up == "up"})
    print(
        as_json(told) if args.json else f"back office: {LINK_WORDS.get(told['csms']['state'], told['csms']['state'])}"
    )
    return DONE


def _evse(args: Namespace, action: str, body: dict[str, Any]) -> int:
    evse = Api(args.state, args.config).post("sim", "evse", str(args.evse), action, body=body)
    print(as_json(evse) if args.json else sentence(evse))
    return DONE


def _given(args: Namespace, *names: str) -> dict[str, Any]:
    """The options that were given; the daemon knows the defaults of the others."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}
