"""Commands that act on one EVSE of a running station."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import amps, as_json, energy


def start(args: Namespace) -> int:
    return _do(args, "start", {"token": args.token})


def stop(args: Namespace) -> int:
    return _do(args, "stop", {})


def limit(args: Namespace) -> int:
    return _do(args, "limit", {"amps": args.amps})


def skip_delay(args: Namespace) -> int:
    return _do(args, "skip-delay", {})


def unlock(args: Namespace) -> int:
    return _do(args, "unlock", {})


def availability(args: Namespace) -> int:
    return _do(args, "availability", {"available": args.available})


def clear(args: Namespace) -> int:
    return _do(args, "clear", {"fault": args.fault})


def mains(args: Namespace) -> int:
    told = Api(args.state, args.config).post("mains", body={"present": args.present == "back"})
    print("New sessions may begin." if told["present"] else "Every session ends, and nobody new begins.")
    return DONE


def _do(args: Namespace, action: str, body: dict[str, Any]) -> int:
    evse = Api(args.state, args.config).post("evse", str(args.evse), action, body=body)
    print(as_json(evse) if args.json else sentence(evse))
    return DONE


def sentence(evse: dict[str, Any]) -> str:
    """The EVSE as it is after the command, in one line."""
    parts = [f"EVSE {evse['id']}: {evse['status'].replace('_', ' ')}"]
    session = evse["session"]
    if session:
        parts.append(f"may draw {amps(evse['permit_a'])}" if evse["permit_a"] else "may draw nothing")
        parts.append(f"{energy(session['energy_wh'])} so far")
    parts += [fault["name"] for fault in evse["faults"]]
    return ", ".join(parts)
