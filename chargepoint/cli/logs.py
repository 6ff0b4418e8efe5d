"""`chargepoint logs`: what happens at a running station, a line each, as it happens."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE, NO_DAEMON
from chargepoint.cli.paint import coloured
from chargepoint.cli.sayings import saying

ARROWS = {"in": "<-", "out": "->"}
EARLIER = "From now on; what was before is in the journal: journalctl --unit chargepoint. Ctrl-C ends."


def logs(args: Namespace) -> int:
    try:
        return _follow(args)
    except KeyboardInterrupt:  # the way to end it
        return DONE


def _follow(args: Namespace) -> int:
    events = Api(args.state, args.config).events()
    wanted = {"fact", "frame"} if args.frames else {"fact"}
    _, status = next(events, ("", None))  # what comes first
    alone = status is not None and status["csms"]["state"] == "none"
    print(EARLIER, file=sys.stderr)
    for event, data in events:
        if event in wanted:
            told = _json(event, data) if args.json else lines(event, {**data, "offline": False} if alone else data)
            print("\n".join(told), flush=True)
    print("chargepoint: the daemon has stopped.", file=sys.stderr)
    return NO_DAEMON


def lines(event: str, data: dict[str, Any]) -> Iterator[str]:
    """One event in plain words."""
    at = datetime.fromisoformat(data["at"]).astimezone().strftime("%H:%M:%S")
    if event == "frame":
        frame = data["message"] if isinstance(data["message"], str) else json.dumps(data["message"], ensure_ascii=False)
        yield coloured(f"{at}  {ARROWS.get(data['direction'], '?')} {frame}", "dim")
        return
    text, colour = saying(data)
    place = f"EVSE {data['evse']}" if data["evse"] else "station"
    yield f"{at}  {place:8} {coloured(text, colour) if colour else text}"


def _json(event: str, data: dict[str, Any]) -> Iterator[str]:
    yield json.dumps({"event": event, **data}, ensure_ascii=False)
