"""Commands that drive simulated hardware: what a driver, a car or bad luck would do."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import as_json


def plug(args: Namespace) -> int:
    done = "a plug is half in" if args.inserted == "half" else "a car is plugged in"
    return _evse(args, "plug", _given(args, "cable_a", "draw_a", "phases", "asks_power", "inserted"), done)


def unplug(args: Namespace) -> int:
    done = "the car is unplugged" + (", its cable stays" if args.side == "ev" else "")
    return _evse(args, "unplug", _given(args, "side"), done)


def car(args: Namespace) -> int:
    wishes = ("draw_a", "asks_power", "ventilation", "reaction_s", "ignores_offer", "sleeps", "diode")
    return _evse(args, "car", _given(args, *wishes), "the car does so from now on")


def fault(args: Namespace) -> int:
    done = f"{args.kind} {'is mended' if args.off else 'is there'}"
    return _evse(args, "fault", {"kind": args.kind, "active": not args.off}, done)


def house(args: Namespace) -> int:
    body: dict[str, Any] = {}
    if args.current_a:
        body["current_a"] = args.current_a * (3 if len(args.current_a) == 1 else 1)
    if args.silent or args.speaks:
        body["silent"] = args.silent
    told = Api(args.state, args.config).post("sim", "house", body=body)
    print(as_json(told) if args.json else "The house does so from now on.")
    return DONE


def card(args: Namespace) -> int:
    told = Api(args.state, args.config).post("sim", "card", body=_given(args, "uid", "reader"))
    print(as_json(told) if args.json else f"Card {args.uid} was held to the reader.")
    return DONE


def link(args: Namespace) -> int:
    told = Api(args.state, args.config).post("sim", "link", body={"up": args.up == "up"})
    print(as_json(told) if args.json else f"The line to the back office is {'mended' if args.up == 'up' else 'cut'}.")
    return DONE


def _evse(args: Namespace, action: str, body: dict[str, Any], done: str) -> int:
    """What follows takes the guard a moment: the answer is from before, and only programs may like it."""
    evse = Api(args.state, args.config).post("sim", "evse", str(args.evse), action, body=body)
    print(as_json(evse) if args.json else f"EVSE {args.evse}: {done}.")
    return DONE


def _given(args: Namespace, *names: str) -> dict[str, Any]:
    """The options that were given; the daemon knows the defaults of the others."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}
