"""Commands from the broker: read strictly, then carried out by the very handlers of the local API.

So whatever the API refuses is refused here, and no limit of the installation can be exceeded.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chargepoint.core.limits import MIN_A
from chargepoint.mqtt.states import is_enabled
from chargepoint.web.http import Failed, Request, Routes

if TYPE_CHECKING:
    from chargepoint.web.controls import Controls

log = logging.getLogger(__name__)

LONGEST = 256
"""Bytes of a payload; an honest one has fewer than 40."""

YES, NO = ("true", "on", "1", "yes"), ("false", "off", "0", "no")


class Refused(Exception):
    """A command that is not carried out; the text says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """One command, understood."""

    evse: int
    name: str
    value: Any = None


def amperes(text: str) -> float | None:
    """A number, or "none" to lift the limit."""
    if text.lower() in ("none", "null", ""):
        return None
    try:
        value = float(text)
    except ValueError:
        raise Refused("a limit is a number of amperes, or none") from None
    if not math.isfinite(value) or value < 0:
        raise Refused("a limit is a number of amperes, 0 or more")
    return value


def yes_or_no(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise Refused("ON or OFF, true or false is expected")


def word(text: str) -> str:
    return text


COMMANDS: Mapping[str, Callable[[str], Any]] = {
    "limit/set": amperes,
    "enabled/set": yes_or_no,
    "available/set": yes_or_no,
    "start": word,  # a card's number; none where everybody may charge
    "stop": word,  # whatever stands there
    "unlock": word,
    "skip-delay": word,
    "clear": word,  # a fault's name
}
"""Below an EVSE's topic, and how the payload is read."""


def order(root: str, topic: str, payload: bytes, *, retained: bool = False) -> Order:
    """What a message asks for.

    Raises:
        Refused: it is no command, or not one that a station should follow.
    """
    parts = topic.removeprefix(f"{root}/").split("/")
    name = "/".join(parts[2:])
    if not topic.startswith(f"{root}/evse/") or len(parts) < 3 or name not in COMMANDS:
        raise Refused("there is no such command")
    if not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 4):
        raise Refused("EVSEs are numbered 1, 2, ...")
    if retained:  # the broker would repeat it at every connection, for ever
        raise Refused("commands are not to be retained")
    if len(payload) > LONGEST:
        raise Refused(f"{len(payload)} bytes are too long")
    return Order(int(parts[1]), name, COMMANDS[name](_text(payload)))


def _text(payload: bytes) -> str:
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        raise Refused("the payload is no text") from None
    if not text.isprintable():
        raise Refused("the payload is no plain text")
    return text


@dataclass(slots=True)
class Orders:
    """Carries orders out. `set_a` remembers what was set last, so that a pause can be lifted again."""

    controls: Controls
    routes: Routes
    set_a: dict[int, float | None] = field(default_factory=dict)

    def limit_of(self, evse: int) -> float:
        """Amperes per phase as set from here or elsewhere, while paused those that will hold again."""
        place = self.controls.station.evses[evse]
        amps = place.local_a if is_enabled(place.local_a) else self.set_a.get(evse)
        return place.spec.max_current_a if amps is None else min(amps, place.spec.max_current_a)

    async def carry_out(self, what: Order) -> None:
        """Raises Refused."""
        if what.evse not in self.controls.station.evses:
            raise Refused(f"there is no EVSE {what.evse}")
        match what.name:
            case "limit/set":
                await self._limit(what.evse, what.value)
            case "enabled/set":
                await self._enable(what.evse, what.value)
            case "available/set":
                await self._post(what.evse, "availability", {"available": what.value})
            case "start":
                await self._post(what.evse, "start", {"token": self._token(what.value)})
            case "clear":
                await self._post(what.evse, "clear", {"fault": what.value})
            case _:
                await self._post(what.evse, what.name, {})

    async def _limit(self, evse: int, amps: float | None) -> None:
        if amps is not None and amps < MIN_A:
            await self._enable(evse, False)
            return
        paused = not is_enabled(self.controls.station.evses[evse].local_a)
        if not paused:
            await self._post(evse, "limit", {"amps": amps})
        elif amps is not None and amps > 1000:
            raise Refused("that is no current")
        self.set_a[evse] = amps

    async def _enable(self, evse: int, enabled: bool) -> None:
        place = self.controls.station.evses[evse]
        if enabled == is_enabled(place.local_a):
            return
        if not enabled:
            self.set_a[evse] = place.local_a
        await self._post(evse, "limit", {"amps": self.set_a.get(evse) if enabled else 0.0})

    def _token(self, card: str) -> str:
        """Where everybody may charge nobody needs a card."""
        if card and card != "PRESS":
            return card
        if self.controls.config.access.mode != "free":
            raise Refused("whose session would it be? The payload is a card's number")
        return "mqtt"

    async def _post(self, evse: int, action: str, body: dict[str, Any]) -> None:
        try:
            handler, parts = self.routes.find("POST", f"/api/v1/evse/{evse}/{action}")
            await handler(Request(body=json.dumps(body).encode(), parts=parts))
        except Failed as failure:
            raise Refused(str(failure)) from None
        except Exception:  # a bug in one handler must not let whoever publishes end the daemon
            log.exception("the handler of %s failed", action)
            raise Refused("it failed; see the log") from None
