"""`chargepoint off-peak`: hours in which a car does not charge unless somebody wants it to."""

from __future__ import annotations

import re
from argparse import Namespace
from typing import Any

from chargepoint.cli.api import Api, Refused
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import as_json, local_time

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOW = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d:\d\d)-(\d\d:\d\d)")


def off_peak(args: Namespace) -> int:
    choice = _choice(args)
    api = Api(args.state, args.config)
    told = api.put("off-peak", body=choice) if choice else api.get("off-peak")
    if args.json:
        print(as_json(told))
        return DONE
    for window in told["peak_hours"]:
        print(f"not on {', '.join(window['days'])} from {window['from']} to {window['to']}")
    if not told["peak_hours"]:
        print("A car may charge at any time.")
    if told["random_delay_s"]:
        print(f"Each start waits a random time of up to {told['random_delay_s']} s.")
    if told["peak_until"]:
        print(
            f"Now it is peak, until {local_time(told['peak_until'])}; chargepoint skip-delay EVSE charges all the same."
        )
    if told["asks"]:
        print("Nobody has chosen yet: say --accept, --none or --avoid.")
    return DONE


def _choice(args: Namespace) -> dict[str, Any]:
    if args.accept:
        return {"accept": True}
    if args.none:
        return {"peak_hours": []}
    return {"peak_hours": [_window(text) for text in args.avoid]} if args.avoid else {}


def _window(text: str) -> dict[str, Any]:
    found = WINDOW.fullmatch(text.strip().casefold())
    if found is None or found[1] not in DAYS or (found[2] or found[1]) not in DAYS:
        raise Refused(f'"{text}" is not a window such as "mon-fri 08:00-11:00"')
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    days = [DAYS[(first + n) % 7] for n in range((last - first) % 7 + 1)]
    return {"days": days, "from": found[3], "to": found[4]}
