"""A station from the image, as its installer set it up: back office, page, simulated car and card."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.image.machine import BOOT_S, Machine
from tests.process.strict import StrictCsms

T = TypeVar("T")

HOST = "10.0.2.2"  # this machine, seen from inside
PASSWORD = "a page password"
CARD = "04A1B2C3D4E5F6"

CONFIG = """\
[station]
vendor = "Acme"
model = "Wall 11"
serial_number = "{serial}"

[csms]
url = "{url}"
identity = "{identity}"
versions = ["1.6"]
security_profile = 0

[[evse]]
max_current_a = 16

[[card_reader]]
driver = "mock"

[settings]
MeterValueSampleInterval = 2

[web]
listen = "0.0.0.0:8080"
password_file = "/var/lib/chargepoint/secrets/web-password"
"""


class Station:
    """One machine with a configuration; its back office is the strict one."""

    def __init__(self, machine: Machine, csms: StrictCsms, identity: str, serial: str = "A-000123") -> None:
        self.machine, self.csms, self.identity = machine, csms, identity
        self.config = CONFIG.format(serial=serial, url=csms.url.replace("127.0.0.1", HOST), identity=identity)

    def set_up(self) -> None:
        """What an installer puts on the card."""
        self.machine.put("chargepoint.toml", self.config.replace("\n", "\r\n"))
        self.machine.put("web-password", PASSWORD)

    # --- its back office ------------------------------------------------------------------------------------------

    def heard(self, action: str) -> list[dict[str, Any]]:
        """Every call of that action so far."""
        return [payload for said, payload in _run(self.csms.calls(self.identity)) if said == action]

    def says(self, action: str, nth: int = 1, timeout_s: float = BOOT_S, **wanted: Any) -> dict[str, Any]:
        """Wait for the n-th call of that action with those fields."""

        def look() -> list[dict[str, Any]] | None:
            found = [each for each in self.heard(action) if wanted.items() <= each.items()]
            return found if len(found) >= nth else None

        return self.machine.until(look, f"the back office never heard {action} {wanted}", timeout_s)[nth - 1]

    def violations(self) -> list[dict[str, Any]]:
        return _run(self.csms.violations(self.identity))

    def online(self, nth: int = 1) -> None:
        """It was started for the n-th time and has told what it is ready for."""
        self.says("BootNotification", nth)
        self.machine.until(lambda: self._is("available"), "its outlet never became available")

    # --- its front ------------------------------------------------------------------------------------------------

    def charge(self) -> None:
        """A car, a card, and energy flows."""
        self.ask("POST", "/api/v1/sim/evse/1/plug", {"draw_a": 16})
        self.ask("POST", "/api/v1/sim/card", {"uid": CARD})
        self.machine.until(lambda: self._is("charging"), "nothing was charged", 120)

    def leave(self) -> None:
        self.ask("POST", "/api/v1/sim/card", {"uid": CARD})
        self.ask("POST", "/api/v1/sim/evse/1/unplug", {"side": "both"})

    def _is(self, status: str) -> bool:
        with suppress(OSError, http.client.HTTPException, ValueError):
            found: bool = self.ask("GET", "/api/v1/status")["evses"][0]["status"] == status
            return found
        return False

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The local API, from the station's network."""
        key = base64.b64encode(f"x:{PASSWORD}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {key}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.machine.page_port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        assert response.status < http.client.BAD_REQUEST, f"{method} {path}: {answer}"
        return answer


def _run(asked: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asked)


def port_of(csms: StrictCsms) -> int:
    return urlsplit(csms.url).port or 0
