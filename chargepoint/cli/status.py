"""`chargepoint status`: the whole station on one screen."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import NOTHING, amps, as_json, coloured, energy, local_time, power, table

Json = Mapping[str, Any]

HEADS = ("EVSE", "status", "cable", "may draw", "because of", "contactor", "draws", "session", "card")

LINK_WORDS = {
    "none": "none: this station needs no back office",
    "offline": "no connection",
    "connecting": "connecting",
    "pending": "connected; the back office has not accepted this station yet",
    "rejected": "connected; the back office does not know this station",
    "accepted": "connected",
}


WHO = {"ntp": "NTP", "csms": "the back office"}
"""Who vouches for the clock."""

WHY = {
    "configuration": "max_current_a",
    "local": "a limit set here",
    "building": "what the building leaves of its fuse",
    "phase balance": "the balance of the phases",
    "random delay": "a random delay",
}
"""Limits whose names say little."""


def status(args: Namespace) -> int:
    told = Api(args.state, args.config).get("status")
    print(as_json(told) if args.json else "\n".join(screen(told)))
    return DONE


def screen(told: Json) -> Iterator[str]:
    yield from station_lines(told)
    yield ""
    yield table(HEADS, [evse_row(evse) for evse in told["evses"]])
    for evse in told["evses"]:
        yield from remarks(evse)


def station_lines(told: Json) -> Iterator[str]:
    plate = told["station"]
    yield f"station      {plate['vendor']} {plate['model']}, {plate['serial_number']}, firmware {plate['firmware']}"
    yield f"back office  {link(told['csms'], plate.get('identity'))}"
    yield from undelivered(told["csms"])
    if data := told["csms"].get("data"):
        yield f"data use     {data_use(data)}"
    if told["supply"]["max_current_a"] or told["supply"]["measured_a"]:
        yield f"supply       {supply(told['supply'])}"
    yield f"clock        {clock(told['clock'])}"


def data_use(data: Json) -> str:
    today, month = (sum(data[span].values()) / 1e6 for span in ("day", "month"))
    return f"{today:.1f} MB today, {month:.1f} MB this month"


def link(csms: Json, identity: str | None) -> str:
    state = str(csms["state"])
    words = LINK_WORDS.get(state, state)
    if state == "none":
        return words
    ocpp = f", OCPP {csms['ocpp']}" if csms["ocpp"] else ""
    return f"{coloured(words, 'green' if state == 'accepted' else 'yellow')}{ocpp}, {csms['url']} as {identity}"


def undelivered(csms: Json) -> Iterator[str]:
    if csms["undelivered"]:
        yield f"             messages waiting to be sent: {csms['undelivered']}"
    if csms["dead_letters"]:
        yield coloured(f"             messages given up, refused by the back office: {csms['dead_letters']}", "red")


def supply(told: Json) -> str:
    measured, fuse_a = told["measured_a"], told["max_current_a"]
    if not fuse_a:
        return f"{max(measured):.1f} A drawn by the building and all EVSEs"
    now = f"{max(measured):.1f} A drawn of " if measured else ""
    return f"{now}{fuse_a:g} A per phase"


def clock(told: Json) -> str:
    if not told["trusted"]:
        return coloured("not known to be right: neither NTP nor a back office has set it", "yellow")
    offset = f", {told['offset_s']:+.1f} s from this machine's" if abs(told["offset_s"]) >= 0.1 else ""
    return f"right, by {WHO.get(told['source'], told['source'])}{offset}"


def evse_row(evse: Json) -> tuple[str, ...]:
    session, reading = evse["session"], evse["reading"]
    return (
        str(evse["id"]),
        evse["status"].replace("_", " "),
        cable(evse),
        amps(evse["permit_a"]) if evse["permit_a"] else "nothing",
        because(evse),
        (evse["contactor"] or NOTHING).replace("_", " "),
        power(reading["power_w"]) if reading else NOTHING,
        energy(session["energy_wh"]) if session else NOTHING,
        (session["token"] if session else None) or NOTHING,
    )


def cable(evse: Json) -> str:
    """Captive cables are always there; a socket tells what is in it."""
    if evse["cable_present"] is None:
        return "fixed"
    if not evse["cable_present"]:
        return NOTHING
    return (amps(evse["cable_a"]) if evse["cable_a"] else "yes") + (", locked" if evse["locked"] else "")


def because(evse: Json) -> str:
    """Which limit decides."""
    lowest = min(evse["limits"], key=lambda limit: limit["amps"], default=None)
    return NOTHING if lowest is None else reason(lowest)


def reason(limit: Json) -> str:
    source = str(limit["source"])
    return WHY.get(source, source.replace("_", " "))


def remarks(evse: Json) -> Iterator[str]:
    """Faults with their remedies, and how long a limit lasts."""
    for fault in evse["faults"]:
        colour = "yellow" if fault["severity"] == "warning" else "red"
        yield ""
        yield coloured(f"EVSE {evse['id']}: {fault['name']} since {local_time(fault['since'])}", colour)
        yield f"        {fault['remedy']}"
    for limit in evse["limits"]:
        if limit["until"] and limit["source"] == "random delay":
            skip = f"`chargepoint skip-delay {evse['id']}` ends it"
            yield f"EVSE {evse['id']}: a random delay, {left(limit['until'])}; {skip}"
        elif limit["until"] and limit["amps"] == evse["permit_a"]:
            yield f"EVSE {evse['id']}: {amps(limit['amps'])} by {reason(limit)} until {local_time(limit['until'])}"


def left(until: str, now: datetime | None = None) -> str:
    """Of a time that is near."""
    seconds = max(int((datetime.fromisoformat(until) - (now or datetime.now(UTC))).total_seconds()), 0)
    return f"{seconds // 60} min {seconds % 60} s left"
