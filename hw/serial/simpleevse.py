"""The driver of SimpleEVSE-WB and EVSE DIN boards: pilot and contactor at a Modbus address."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hw.api import PilotLevels, Sensors
from hw.discovery import Place, option
from hw.errors import DeviceLost, Fixable
from hw.serial.evse_din import LIVE, LIVE_COUNT, SETTINGS, SETTINGS_COUNT, TEST_WITHIN_S, Board

if TYPE_CHECKING:
    from hw.background import Starter
    from hw.modbus.bus import Bus

log = logging.getLogger(__name__)

PAUSE_S = 0.12  # between two requests; the board's makers want 100 to 200 ms
LOOK_EVERY_S = 0.25
REST_EVERY_S = 0.5  # while nothing is offered
LOST_S = 2.0  # without a good answer
REOPEN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleEvseOptions:
    port: str = option(help="serial port of the RS-485 bus; names below /dev/serial/by-id stay the same")
    unit: int = option(1, minimum=1, maximum=247, help="Modbus address of the board (its register 2001)")
    baud: int = option(9600, choices=(9600, 19200, 38400), help="speed of the bus; the board's is 9600")
    rcd: bool = option(False, help="a residual-current device is wired to the board's input; tested before each car")

    @property
    def line_settings(self) -> str:
        return f"{self.baud} 8N1"


class SimpleEvse:
    """SimpleEVSE-WB or EVSE DIN board over Modbus: it reads the pilot and closes its relay.

    It closes and opens its relay by itself, whatever happens here. `levels()` are the nominal ones of the state it
    tells, 0.45 s old at most on a bus of its own (0.7 s while nothing is offered), 1.6 s beside a dead meter. An order
    is on the bus within 0.35 s of the guard's wish, 1.3 s after a request was lost. It has no supervision: what it was
    told last holds until it is told otherwise or loses power.
    """

    Options = SimpleEvseOptions

    def __init__(
        self, options: SimpleEvseOptions, place: Place, *, background: Starter | None = None, make: Any = None
    ) -> None:
        """`background`, and `make` of its bus, are for tests in virtual time."""
        from hw.background import Background  # who only checks the options need not load it

        self._make = {} if make is None else {"make": make}
        self._options, self._where = options, f"[{place.where}]"
        self._board = Board(rcd=options.rcd, unit=options.unit)
        self._lost: DeviceLost | None = self._trouble("it has not answered yet", "Wait a moment.")
        self._said = ""  # of the loss that was logged
        self._wanted = asyncio.Event()  # something new is wanted; the background's
        self._moved = threading.Condition()
        self._background = background or Background.of(options.port)
        self._job = self._background.start(self._run)

    @property
    def switches_itself(self) -> bool:
        return True

    @property
    def selftest_s(self) -> float:
        return TEST_WITHIN_S + 2.0

    def levels(self) -> PilotLevels:
        levels, lost = self._board.levels, self._lost
        if lost is not None or levels is None:
            lost = lost or self._trouble("it has not told its state yet", "Wait a moment.")
            raise DeviceLost(lost.what, where=lost.where, fix=lost.fix)
        return levels

    def sensors(self) -> Sensors:
        return self._board.sensors

    def offer(self, duty: float) -> None:
        """x1 and F are steady +12 V: it knows no F. Amperes are rounded down, to 0.01 A where the board does that."""
        self._board.want(duty=duty)
        self._nudge()

    def test_residual_current(self) -> None:
        self._board.test()
        self._nudge()

    def switch(self, closed: bool) -> None:
        """Forbid, or allow. Forbidden, a closed relay is opened at once, and nothing is offered."""
        self._board.want(allowed=closed)
        self._nudge()

    def feedback(self) -> bool | None:
        """What the board says of its relay, which has no mirror contact."""
        live = self._board.live
        return None if live is None else live.relay

    def settle(self, within_s: float) -> None:
        """Wait until the board was seen to do what it was told last. Raises DeviceLost when it does not."""
        with self._moved:
            if not self._moved.wait_for(lambda: self._board.obeys and self._lost is None, within_s):
                lost = self._lost or self._trouble("it does not do as it is told", "Look at its lamps.")
                raise DeviceLost(lost.what, where=lost.where, fix=lost.fix)

    def close(self) -> None:
        self._job.end()

    def _nudge(self) -> None:
        self._background.call(self._wanted.set)

    def _trouble(self, what: str, fix: str) -> DeviceLost:
        return DeviceLost(what, where=self._where, fix=fix)

    # --- in the background --------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        from hw.modbus.bus import Bus, SerialLine

        line = SerialLine(self._options.port, self._options.baud)
        while True:
            try:
                async with Bus(line, where=self._where, pause_s=PAUSE_S, **self._make) as bus:
                    await self._keep_watching(bus)
            except Fixable as trouble:  # the same port with another speed
                self._lose(DeviceLost(trouble.what, where=trouble.where, fix=trouble.fix))
            await asyncio.sleep(REOPEN_S)

    async def _keep_watching(self, bus: Bus) -> None:
        clock = asyncio.get_running_loop().time
        good_s = clock()
        self._board.met()
        while True:
            try:
                await self._turn(bus)
                good_s = clock()
                self._judge()
            except (DeviceLost, ValueError) as trouble:
                if clock() - good_s >= LOST_S:
                    self._lose(self._explained(trouble))
                    self._board.met()
                await asyncio.sleep(PAUSE_S)
            with self._moved:
                self._moved.notify_all()

    async def _turn(self, bus: Bus) -> None:
        """Write what is urgent, else look. The board's clock is ours: monotonic."""
        clock, board, unit = asyncio.get_running_loop().time, self._board, self._options.unit
        self._wanted.clear()
        write = board.order(clock())
        if write is not None:
            await bus.write(unit, *write)
            board.written(write, clock())
        words = await bus.read(unit, "holding", LIVE, LIVE_COUNT)
        board.see(words, clock())
        if not board.settings_known and not board.unfit:
            board.see_settings(await bus.read(unit, "holding", SETTINGS, SETTINGS_COUNT))
        elif write is None and board.order(clock()) is None:
            await self._rest()

    async def _rest(self) -> None:
        offers = self._board.wanted.amps > 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S if offers else REST_EVERY_S):
                await self._wanted.wait()

    def _explained(self, trouble: Exception) -> DeviceLost:
        if isinstance(trouble, DeviceLost):
            return trouble
        fix = f"Is it another device that has the unit {self._options.unit}?"
        return self._trouble(str(trouble), fix)

    def _judge(self) -> None:
        if self._board.unfit:
            fix = "Have it updated by its maker, or renew it."
            self._lose(self._trouble(self._board.unfit, fix))
        elif self._lost is not None:
            if self._said:
                log.warning("%s: it answers again", self._where)
            self._lost, self._said = None, ""

    def _lose(self, lost: DeviceLost) -> None:
        self._lost = lost
        if str(lost) != self._said:
            self._said = str(lost)
            log.warning("%s", lost)
