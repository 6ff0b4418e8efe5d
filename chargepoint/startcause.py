"""Why the program starts, in OCPP's words (2.0.1 BootReasonEnumType), told from what it noted last time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

SPACE, LAST = "start", "last"


class Memory(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


@dataclass(slots=True)
class StartCause:
    """`cause` is worked out from the last run; then this run notes itself."""

    memory: Memory
    boot: str
    same_boot: bool = field(init=False)
    cause: str = field(init=False)
    rebooted_by_somebody: bool = field(init=False)  # the last run was told to end before the machine did
    orderly: bool = field(init=False)  # the last run was told to end
    asked_for: str = field(init=False)  # OCPP's word for a restart that somebody asked for, or ""

    def __post_init__(self) -> None:
        last = self.memory.get(SPACE, LAST) or {}
        self.same_boot = last.get("boot") == self.boot
        self.orderly = bool(last.get("ended"))
        self.asked_for = last.get("next") or ""
        self.rebooted_by_somebody = not self.same_boot and bool(last.get("ended"))
        otherwise = "LocalReset" if self.rebooted_by_somebody else "PowerUp"
        self.cause = last.get("next") or ("ApplicationReset" if self.same_boot else otherwise)

    def noted(self) -> None:
        """From now on this run is the last one; unless it says otherwise it will have died."""
        self.memory.put(SPACE, LAST, {"boot": self.boot})

    def ended(self, restart: bool, scheduled: bool, firmware: bool = False) -> None:
        """An orderly end: why the next run will start. `firmware`: for a new one, or the way back from it."""
        reason = "FirmwareUpdate" if firmware else "ScheduledReset" if scheduled else "RemoteReset"
        self.memory.put(SPACE, LAST, {"boot": self.boot, "ended": True} | ({"next": reason} if restart else {}))
