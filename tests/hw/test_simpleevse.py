"""A SimpleEVSE board on a Modbus bus in virtual time: what it is told, what it is asked, and what a bad line may do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.api import Contactor, PilotLevels, SelfSwitching
from hw.discovery import Place
from hw.errors import DeviceLost
from hw.guard.pilot import duty_for
from hw.modbus.bus import Bus, SerialLine
from hw.modbus.wire import Broken, Denied, Request, Words
from hw.serial.evse_din import Board, Live
from hw.serial.simpleevse import SimpleEvse, SimpleEvseOptions
from tests.peers.simpleevse import EvseDin

X1, F = 1.0, 0.0
ANSWERING_S = 0.06  # 30 ms on the wire at 9600 baud, and as long to think
PORT = "/dev/ttyUSB0"


def now_s() -> float:
    return asyncio.get_running_loop().time()


class Here:
    """The background is the test's own loop."""

    def start(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Here:
        self.task = asyncio.get_running_loop().create_task(job())
        return self

    def call(self, tell: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_soon(tell)

    def end(self) -> None:
        self.task.cancel()


@dataclass
class Wire:
    """The bus with its units; `loses` says of each request whether it is lost."""

    units: dict[int, EvseDin]
    loses: Callable[[Request], bool] = lambda request: False
    up: bool = False
    heard: bool = False
    gone: bool = False
    asked: list[tuple[float, Request]] = field(default_factory=list)

    async def open(self) -> None:
        if self.gone:
            raise Broken("there is no port", "Plug it in.")
        self.up = True

    async def ask(self, request: Request) -> Words:
        self.asked.append((now_s(), request))
        unit = self.units.get(request.unit)
        if self.gone:
            self.up = False
            raise Broken("the port has gone", "Plug it in.")
        if unit is None or self.loses(request):
            await asyncio.Event().wait()
        assert unit is not None
        await asyncio.sleep(ANSWERING_S)
        unit.tick()
        if request.values:
            unit._write(request.address, list(request.values))
            unit.tick()
            return []
        wanted = range(request.address, request.address + request.count)
        if not all(register in unit.holding for register in wanted):
            raise Denied(2)
        return [unit.holding[register] for register in wanted]

    def close(self) -> None:
        self.up = False

    def writes(self) -> list[tuple[int, list[int]]]:
        return [(request.address, list(request.values)) for _, request in self.asked if request.values]


@dataclass
class Bench:
    board: EvseDin
    wire: Wire
    pilot: SimpleEvse

    async def run(self, seconds: float) -> Bench:
        until_s = now_s() + seconds
        while now_s() < until_s:
            await asyncio.sleep(0.01)
            self.board.tick()
        return self

    async def until(self, condition: Callable[[], bool], within_s: float = 60.0) -> float:
        began_s = now_s()
        while not condition():
            assert now_s() - began_s < within_s, self.wire.asked[-10:]
            await self.run(0.01)
        return now_s() - began_s

    def offer(self, amps: float) -> None:
        self.pilot.switch(True)
        self.pilot.offer(duty_for(amps))

    def forbid(self) -> None:
        self.pilot.switch(False)
        self.pilot.offer(X1)

    async def charging(self, amps: float = 16, **car: Any) -> Bench:
        await self.until(self.answers)
        self.board.bay.plug({"reaction_s": 0.2, "phases": 3, **car}, now_s())
        await self.until(lambda: self.pilot.levels().high_v == 9.0)
        self.offer(amps)
        await self.until(lambda: self.pilot.feedback() is True)
        return await self.run(1.0)

    def answers(self) -> bool:
        try:
            self.pilot.levels()
        except DeviceLost:
            return False
        return True

    @property
    def levels(self) -> tuple[float, float | None]:
        levels = self.pilot.levels()
        return levels.high_v, levels.low_v

    def complaint(self) -> str:
        with pytest.raises(DeviceLost) as lost:
            self.pilot.levels()
        return str(lost.value)


@asynccontextmanager
async def bench(*, rcd: bool = False, **board: Any) -> AsyncIterator[Bench]:
    unit = EvseDin(clock=asyncio.get_running_loop().time, **board)
    wire = Wire({1: unit})
    pilot = SimpleEvse(
        SimpleEvseOptions(port=PORT, rcd=rcd), Place("evse.1.pilot", Path(), 1), background=Here(),
        make=lambda line: wire,
    )  # fmt: skip
    try:
        yield Bench(unit, wire, pilot)
    finally:
        pilot._job.end()  # close() would wait for another thread
        await asyncio.sleep(0)


async def test_it_has_the_roles_of_its_board() -> None:
    async with bench() as b:
        assert isinstance(b.pilot, Contactor)
        assert isinstance(b.pilot, SelfSwitching)


async def test_a_board_that_offers_by_itself_is_silenced_and_set_up_once() -> None:
    async with bench() as b:
        b.board.bay.plug({"reaction_s": 0.2}, now_s())
        await b.run(3.0)
        assert (b.board.relay, b.board.holding[1000]) == (False, 0)
        assert b.board.holding[2000] == 0  # nor after a power cut
        assert b.board.holding[2005] == 521 & ~0x0008  # state D: only where somebody has thought of ventilation
        assert b.board.eeprom_writes == 2

        await b.run(10.0)
        assert b.board.eeprom_writes == 2
        assert b.levels == (9.0, None)


async def test_a_bus_that_was_switched_on_by_hand_stays_on() -> None:
    async with bench() as b:
        b.board.holding[2001] = 0
        await b.run(3.0)
        assert b.board.holding[2001] == 1


async def test_settings_that_fit_are_left_alone() -> None:
    async with bench() as b:
        b.board.holding |= {2000: 0, 2005: 0x0201}
        await b.run(5.0)
        assert b.board.eeprom_writes == 0


async def test_a_board_that_forgets_its_settings_is_refused_before_its_memory_is_worn_out() -> None:
    async with bench() as b:
        b.board.on_write = lambda address, values: b.board.holding.update({2000: 16})
        await b.run(60.0)
        assert "register 2000 does not keep" in b.complaint()
        assert b.wire.writes().count((2000, [0])) == 3


async def test_a_car_is_charged_with_whole_amperes_rounded_down() -> None:
    async with bench() as b:
        await b.charging(16.9)
        assert b.levels == (6.0, -12.0)
        assert b.board.holding[1000] == 16
        assert b.board.bay.reading().current_a == pytest.approx((16.0,) * 3, abs=0.001)


async def test_hundredths_of_an_ampere_where_board_and_firmware_have_them() -> None:
    async with bench() as b:
        b.board.holding[2005] |= 0x80
        await b.charging(10.55)
        assert b.board.holding[1000] in (1054, 1055)
    async with bench(firmware=16) as b:
        b.board.holding[2005] |= 0x80
        await b.charging(10.55)
        assert b.board.holding[1000] == 10


async def test_the_bootloader_bit_is_never_written() -> None:
    async with bench() as b:
        b.board.holding[2005] = 0x8000 | 0x4000 | 0x2000 | 0x0008
        await b.run(3.0)
        assert b.board.holding[2005] == 0


async def test_x1_lets_the_car_stop_before_the_relay_opens() -> None:
    async with bench() as b:
        await b.charging(reaction_s=1.0)
        b.pilot.offer(X1)
        await b.until(lambda: b.board.holding[1000] == 0, within_s=0.5)
        assert b.board.relay
        await b.until(lambda: b.pilot.feedback() is False, within_s=3.0)
        assert (1004, [1]) not in b.wire.writes()


async def test_forbidden_the_relay_opens_at_once_and_nothing_is_offered() -> None:
    async with bench() as b:
        await b.charging()
        b.forbid()
        assert await b.until(lambda: not b.board.relay) <= 0.35
        await b.until(lambda: b.board.holding[1000] == 0, within_s=0.5)
        assert b.wire.writes()[-2:] == [(1004, [1]), (1000, [0])]


async def test_a_lost_request_delays_an_opening_by_little_more_than_a_second() -> None:
    async with bench() as b:
        await b.charging()
        losing = True
        b.wire.loses = lambda request: losing
        await b.run(0.3)
        losing = False
        b.forbid()
        assert await b.until(lambda: not b.board.relay) <= 1.3


async def test_it_has_no_state_f() -> None:
    async with bench() as b:
        await b.run(2.0)
        b.pilot.offer(F)
        await b.run(1.0)
        assert b.levels == (12.0, None)


async def test_a_power_cut_of_the_board_is_noticed_and_the_offer_made_again() -> None:
    async with bench() as b:
        await b.charging()
        b.board.power_cut()
        assert not b.board.relay
        await b.until(lambda: b.board.relay)
        assert b.board.holding[1000] == 16


async def test_requests_leave_the_board_its_time() -> None:
    async with bench() as b:
        await b.charging()
        b.forbid()
        await b.run(2.0)
        times = [at for at, _ in b.wire.asked]
        assert min(later - sooner for sooner, later in pairwise(times)) >= 0.12 + ANSWERING_S - 1e-6


async def test_values_are_less_than_half_a_second_old() -> None:
    async with bench() as b:
        await b.charging()
        oldest_s = 0.0
        for _ in range(500):
            await b.run(0.02)
            oldest_s = max(oldest_s, now_s() - b.pilot.levels().taken_s)
        assert 0.2 < oldest_s <= 0.45


# --- faults -----------------------------------------------------------------------------------------------------------


async def test_a_missing_diode_is_told_and_the_car_is_not_forgotten() -> None:
    async with bench() as b:
        await b.charging()
        b.board.diode = False
        await b.run(1.0)
        assert b.pilot.sensors().reported_faults == ("DiodeFault",)
        assert b.levels == (6.0, None)


@pytest.mark.parametrize(
    ("status", "faults"),
    [(0x00, ("VendorError",)), (0x02, ("DiodeFault",)), (0x04, ("VentilationNotAvailable",)), (0x20, ()), (0x10, ())],
)
def test_failures_by_their_bits(status: int, faults: tuple[str, ...]) -> None:
    board = Board(rcd=True)
    board.see([0, 0, 5, 32, 0, 18, 1, status], 0.0)
    assert board.sensors.reported_faults == faults
    assert board.sensors.residual_current is bool(status & 0x20)


def test_without_a_device_nothing_is_said_about_residual_current() -> None:
    board = Board(rcd=False)
    board.see([0, 0, 1, 32, 0, 18, 1, 0], 0.0)
    assert (board.sensors.residual_current, board.sensors.rcd_selftest_fitted) == (None, False)


async def test_the_residual_current_input_is_switched_on_and_does_not_clear_itself() -> None:
    async with bench(rcd=True) as b:
        b.board.holding[2005] |= 0x20
        await b.run(3.0)
        assert b.board.holding[2005] & 0x30 == 0x10


@pytest.mark.parametrize("works", [True, False])
async def test_the_self_test_tells_how_it_ended(works: bool) -> None:
    async with bench(rcd=True, rcd_works=works) as b:
        await b.run(3.0)
        assert b.pilot.sensors().rcd_selftest_ok is None
        b.pilot.test_residual_current()
        await b.run(10.0)
        assert b.pilot.sensors().rcd_selftest_ok is None
        await b.run(15.0)
        assert b.pilot.sensors().rcd_selftest_ok is works


async def test_a_board_that_never_tests_has_failed_its_test() -> None:
    async with bench(rcd=True) as b:
        await b.run(3.0)
        b.board._command = lambda bits: None  # type: ignore[method-assign]
        b.pilot.test_residual_current()
        await b.run(40.0)
        assert b.pilot.sensors().rcd_selftest_ok is False


async def test_a_residual_current_is_cleared_on_the_board_after_a_while() -> None:
    async with bench(rcd=True) as b:
        await b.charging()
        b.board.rcd_trips = True
        await b.run(1.0)
        assert b.pilot.sensors().residual_current
        assert not b.board.relay
        b.forbid()
        b.board.rcd_trips = False
        await b.run(35.0)
        assert b.pilot.sensors().residual_current is False  # the guard's latch stays


def test_the_cables_rating_is_a_resistor_while_a_car_is_there() -> None:
    def ohm(state: int, cable_a: int) -> float | None:
        board = Board(rcd=False)
        board.see([0, 0, state, cable_a, 0, 18, 1, 0], 0.0)
        assert board.levels is not None
        return board.levels.proximity_ohm

    assert [ohm(2, amps) for amps in (13, 20, 32, 63, 80)] == [1500.0, 680.0, 220.0, 100.0, 100.0]
    assert (ohm(2, 0), ohm(2, 6), ohm(1, 32)) == (None, None, None)


# --- what should not be -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("firmware", [7, 9])
async def test_firmware_that_is_too_old_or_known_to_be_bad_is_refused(firmware: int) -> None:
    async with bench(firmware=firmware) as b:
        await b.run(3.0)
        assert f"firmware {firmware}" in b.complaint()
        assert b.wire.writes() == []


async def test_silence_is_told_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    async with bench() as b:
        await b.charging()
        b.wire.loses = lambda request: True
        assert await b.until(lambda: not b.answers()) <= 4.0
        await b.run(30.0)
        assert "no answer from Modbus unit 1" in b.complaint()
        assert "9600 8N1" in b.complaint()
        b.forbid()
        b.wire.loses = lambda request: False
        await b.until(b.answers, within_s=6.0)
        await b.until(lambda: not b.board.relay)
        told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(told) == 2
        assert told[-1] == "[evse.1.pilot]: it answers again"


async def test_an_adapter_that_is_pulled_is_found_again() -> None:
    async with bench() as b:
        await b.charging()
        b.wire.gone = True
        await b.until(lambda: not b.answers(), within_s=4.0)
        b.wire.gone = False
        await b.until(b.answers, within_s=6.0)


async def test_another_device_at_its_address_is_told() -> None:
    async with bench() as b:
        b.board.tick = lambda: None  # type: ignore[method-assign]
        b.board.holding[1002] = 9
        await asyncio.sleep(5.0)
        assert "no SimpleEVSE says" in b.complaint()


@given(st.lists(st.integers(0, 0xFFFF), min_size=8, max_size=8))
def test_whatever_the_registers_hold_is_a_state_or_no_answer(words: list[int]) -> None:
    board = Board(rcd=True)
    try:
        board.see(words, 1.0)
    except ValueError:
        assert board.levels is None
        return
    assert board.levels is not None
    assert board.levels.high_v in (12.0, 9.0, 6.0, 3.0)
    order = board.order(1.0)
    assert order is None or order in [(1004, [1]), (1000, [0])]  # nothing but off, before anybody wants anything


def test_the_vector_of_a_charging_board() -> None:
    words = [16, 16, 3, 32, 0, 17, 2]
    live = Live.read([*words, 1])
    assert (live.limit, live.state, live.cable_a, live.firmware, live.pilot) == (16, 3, 32, 17, 2)
    board = Board(rcd=False)
    board.see([*words, 1], 5.0)
    assert board.levels == PilotLevels(6.0, -12.0, 220.0, 5.0)


async def test_a_dead_meter_on_the_bus_delays_the_board_for_a_moment_only() -> None:
    async with bench() as b:
        await b.charging()
        oldest_s = 0.0

        async def read_meter() -> None:
            async with Bus(SerialLine(PORT), where="[evse.1.meter]", make=lambda line: b.wire) as bus:
                while True:
                    try:
                        await bus.read(7, "input", 0, 2)
                    except DeviceLost:
                        await asyncio.sleep(1.0)

        meter = asyncio.get_running_loop().create_task(read_meter())
        for _ in range(1000):
            await b.run(0.02)
            oldest_s = max(oldest_s, now_s() - b.pilot.levels().taken_s)
        meter.cancel()
        assert oldest_s <= 1.6
