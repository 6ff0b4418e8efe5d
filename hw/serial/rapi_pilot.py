"""The driver of OpenEVSE controllers: pilot, contactor and ammeter at the end of one serial line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hw.api import PilotLevels, Reading, Sensors
from hw.discovery import Place, option
from hw.errors import DeviceLost
from hw.serial import openevse
from hw.serial.dialogue import Dialogue

if TYPE_CHECKING:
    from hw.serial.talker import Talker

SILENCE = "Check that it has power, that TX and RX are crossed, and baud (115200 on OpenEVSE); then the cable."


@dataclass(frozen=True, slots=True, kw_only=True)
class RapiOptions:
    port: str = option(help="serial port of the controller; names below /dev/serial/by-id stay the same")
    baud: int = option(115200, choices=(9600, 19200, 38400, 57600, 115200), help="speed of the line")


class RapiPilot:
    """OpenEVSE controller over RAPI: it reads the pilot, closes its relay, and has an ammeter.

    It closes and opens its relay by itself, within its own limits (250 ms, 25 ms when the plug is pulled), whatever
    happens here. `levels()` are the nominal ones of the state it tells, 0.25 s old at most (0.55 s while it sleeps),
    0.5 s more after one lost answer; a converter on USB adds some 20 ms. An order is on the line within 20 ms of the
    guard's wish, or 0.5 s while an answer has been lost.
    """

    Options = RapiOptions
    sees_plug = False

    def __init__(self, options: RapiOptions, place: Place, *, talk: Callable[[Dialogue], Talker] | None = None) -> None:
        """`talk` is for tests in virtual time."""
        self._options, self._where = options, f"[{place.where}]"
        self._dialogue = Dialogue(self._where, place.phases)
        self._talker = (talk or self._talk)(self._dialogue)

    @property
    def switches_itself(self) -> bool:
        return True

    def levels(self) -> PilotLevels:
        levels, lost = self._dialogue.levels, self._talker.lost
        if lost is not None or levels is None:
            lost = lost or DeviceLost("it has not told its state yet", where=self._where, fix=SILENCE)
            raise DeviceLost(lost.what, where=lost.where, fix=lost.fix)
        return levels

    def sensors(self) -> Sensors:
        """Residual current and earth come as faults that the controller has found; it tests itself before it closes."""
        return self._dialogue.sensors

    def offer(self, duty: float) -> None:
        """x1 puts it to sleep, F disables it, anything else enables it with so many whole amperes, rounded down."""
        self._want(duty=duty)

    def test_residual_current(self) -> None:
        """Nothing to do: there is no command for it."""

    def switch(self, closed: bool) -> None:
        """Forbid, or allow. Forbidden, a closed relay is opened at once, and no PWM is shown."""
        self._want(allowed=closed)

    def feedback(self) -> bool | None:
        """What the controller says of its relay; a weld or a contact that does not close it finds by itself."""
        state = self._dialogue.state
        return None if state is None else openevse.relay_closed(state)

    def reading(self) -> Reading | None:
        """Of its own ammeter. It has one transformer: right for one phase only, and not calibrated for billing."""
        return self._dialogue.reading

    def settle(self, within_s: float) -> None:
        """Wait until the controller was seen to do what it was told last. Raises DeviceLost when it does not."""
        if not self._talker.wait(lambda: self._dialogue.settled, within_s):
            lost = self._talker.lost
            what = lost.what if lost else "it does not do as it is told"
            raise DeviceLost(what, where=self._where, fix=lost.fix if lost else SILENCE)

    def close(self) -> None:
        self._talker.close()

    def _talk(self, dialogue: Dialogue) -> Talker:
        from hw.serial.port import open_port  # who only checks the options need not load it
        from hw.serial.talker import Talker

        opener = partial(open_port, self._options.port, baudrate=self._options.baud, where=self._where)
        return Talker(dialogue, opener, self._where, SILENCE)

    def _want(self, *, duty: float | None = None, allowed: bool | None = None) -> None:
        self._dialogue.want(duty=duty, allowed=allowed)
        self._talker.nudge()
