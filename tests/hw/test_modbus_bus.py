"""Several devices on one line: what each is told, and how little a dead one costs the others. In virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hw.errors import DeviceLost, OptionsWrong
from hw.modbus.bus import ANSWER_S, Absent, Bus, Line, SerialLine, TcpLine
from hw.modbus.wire import Broken, Denied, Garbled, Request, Words

LINE = SerialLine("/dev/ttyUSB0")
HOST = TcpLine("192.0.2.7")
ANSWERING_S = 0.05


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def ones(request: Request) -> Words:
    await asyncio.sleep(ANSWERING_S)
    return [1] * request.count


async def silence(request: Request) -> Words:
    await asyncio.Event().wait()
    return []


def denies(code: int) -> Callable[[Request], object]:
    async def device(request: Request) -> Words:
        raise Denied(code)

    return device


@dataclass
class FakeWire:
    """Units on a line, each a coroutine function from request to answer; what nobody plays is silent."""

    units: dict[int, Callable[[Request], object]] = field(default_factory=dict)
    up: bool = False
    heard: bool = False
    missing: str = ""  # why it does not open
    opened: int = 0
    asked: list[tuple[float, int]] = field(default_factory=list)
    busy: bool = False

    async def open(self) -> None:
        self.opened += 1
        if self.missing:
            raise Broken(self.missing, "Plug it in.")
        self.up = True

    async def ask(self, request: Request) -> Words:
        assert not self.busy, "two requests at once"
        self.asked.append((now_s(), request.unit))
        self.busy = True
        try:
            return await self.units.get(request.unit, silence)(request)  # type: ignore[misc,no-any-return]
        finally:
            self.busy = False

    def close(self) -> None:
        self.up = False

    def times_of(self, unit: int) -> list[float]:
        return [at for at, asked in self.asked if asked == unit]


@asynccontextmanager
async def on(wire: FakeWire, *, line: Line = LINE, pause_s: float = 0.0, where: str = "[meter]") -> AsyncIterator[Bus]:
    async with Bus(line, where=where, pause_s=pause_s, make=lambda line: wire) as bus:
        yield bus


async def test_two_devices_on_one_port_share_the_line_and_take_turns() -> None:
    wire = FakeWire({1: ones, 2: ones})
    async with on(wire) as one, on(FakeWire()) as other:
        answers = await asyncio.gather(one.read(1, "input", 0, 2), other.read(2, "input", 0, 3))
    assert answers == [[1, 1], [1, 1, 1]]
    assert wire.opened == 1


async def test_two_names_of_one_port_are_one_line(tmp_path: Path) -> None:
    port, link = tmp_path / "ttyUSB0", tmp_path / "meter"
    port.touch()
    link.symlink_to(port)
    wire = FakeWire({1: ones, 2: ones})
    async with on(wire, line=SerialLine(str(port))) as one, on(FakeWire(), line=SerialLine(str(link))) as other:
        await one.read(1, "input", 0, 1)
        await other.read(2, "input", 0, 1)
    assert [unit for _, unit in wire.asked] == [1, 2]


async def test_a_line_is_closed_with_its_last_device_and_opened_again_by_the_next() -> None:
    wire, later = FakeWire({1: ones}), FakeWire({1: ones})
    async with on(wire) as one:
        async with on(FakeWire()):
            pass
        assert await one.read(1, "input", 0, 1) == [1]
        assert wire.up
    assert not wire.up
    async with on(later) as one:
        await one.read(1, "input", 0, 1)
    assert (wire.opened, later.opened) == (1, 1)


async def test_one_port_with_two_speeds_is_a_mistake_that_names_both() -> None:
    async with on(FakeWire(), where="[evse.1.meter]"):
        with pytest.raises(OptionsWrong, match=r"\[evse.2.meter\]: .*19200 8E1 here and 9600 8N1 in \[evse.1.meter\]"):
            async with on(FakeWire(), line=SerialLine("/dev/ttyUSB0", 19200, "E"), where="[evse.2.meter]"):
                pass


async def test_a_lost_frame_is_asked_for_once_more() -> None:
    tries = 0

    async def hard_of_hearing(request: Request) -> Words:
        nonlocal tries
        tries += 1
        return await (silence if tries == 1 else ones)(request)

    async with on(FakeWire({1: hard_of_hearing})) as bus:
        assert await bus.read(1, "input", 0, 1) == [1]


async def test_after_an_answer_to_a_second_try_the_first_one_may_still_come_and_must_not_pass_for_the_next() -> None:
    tries = 0

    async def slow(request: Request) -> Words:
        nonlocal tries
        tries += 1
        return await (silence if tries == 1 else ones)(request)

    wire = FakeWire({1: slow})
    async with on(wire) as bus:
        await bus.read(1, "input", 0, 1)
        await bus.read(1, "input", 10, 1)
    _first, second, third = wire.times_of(1)
    assert third - second >= ANSWER_S


async def test_silence_is_told_with_unit_line_and_what_to_try() -> None:
    async with on(FakeWire()) as bus:
        with pytest.raises(DeviceLost) as lost:
            await bus.read(7, "input", 0, 1)
    assert str(lost.value) == (
        "[meter]: no answer from Modbus unit 7 on /dev/ttyUSB0. Check its power, that A and B are not swapped, "
        "the unit number on its display, and that it speaks 9600 8N1."
    )


async def test_noise_points_to_speed_and_parity() -> None:
    async with on(FakeWire(heard=True)) as bus:
        with pytest.raises(DeviceLost, match=r"what comes over /dev/ttyUSB0 is no answer.*Check speed and parity"):
            await bus.read(7, "input", 0, 1)


async def test_an_answer_to_something_else_is_nonsense() -> None:
    async def confused(request: Request) -> Words:
        raise Garbled("an answer of 4 registers")

    async with on(FakeWire({1: confused})) as bus:
        with pytest.raises(DeviceLost, match="is no answer of Modbus unit 1"):
            await bus.read(1, "input", 0, 2)


async def test_a_missing_register_is_absent_and_no_reason_to_give_the_device_up() -> None:
    wire = FakeWire({1: denies(2)})
    async with on(wire) as bus:
        for _ in range(5):
            with pytest.raises(Absent, match=r"Modbus unit 1 on /dev/ttyUSB0 does not answer register 92 .2 of them."):
                await bus.read(1, "input", 92, 2)
    assert len(wire.asked) == 5


@pytest.mark.parametrize(("code", "said"), [(1, "illegal function"), (6, "busy"), (99, "99")])
async def test_other_refusals_are_told_by_their_code(code: int, said: str) -> None:
    async with on(FakeWire({1: denies(code)})) as bus:
        with pytest.raises(DeviceLost, match=said) as refusal:
            await bus.read(1, "input", 0, 2)
    assert not isinstance(refusal.value, Absent)


async def test_a_line_that_is_gone_is_opened_again_with_every_request() -> None:
    wire = FakeWire({1: ones}, missing="/dev/ttyUSB0 is not there")
    async with on(wire) as bus:
        with pytest.raises(DeviceLost, match=r"\[meter\]: /dev/ttyUSB0 is not there. Plug it in."):
            await bus.read(1, "input", 0, 1)
        wire.missing = ""
        assert await bus.read(1, "input", 0, 1) == [1]
        wire.up = False  # pulled between two requests
        assert await bus.read(1, "input", 0, 1) == [1]


async def test_a_line_on_which_nobody_answers_is_opened_afresh() -> None:
    wire = FakeWire({1: ones})
    async with on(wire, line=HOST) as bus:
        await bus.read(1, "input", 0, 1)
        wire.units.clear()
        for _ in range(2):
            with pytest.raises(DeviceLost):
                await bus.read(1, "input", 0, 1)
        assert not wire.up
        await asyncio.sleep(1.0)
        wire.units[1] = ones
        await bus.read(1, "input", 0, 1)
    assert wire.opened == 2


async def test_one_device_that_is_dead_does_not_close_the_line_of_another() -> None:
    wire = FakeWire({1: ones})
    async with on(wire) as one, on(wire) as dead:
        for _ in range(8):
            await one.read(1, "input", 0, 1)
            with pytest.raises(DeviceLost):
                await dead.read(2, "input", 0, 1)
            await asyncio.sleep(5)
    assert wire.opened == 1


async def test_a_slow_device_is_left_its_pause() -> None:
    wire = FakeWire({1: ones})
    async with on(wire, pause_s=0.1) as bus:
        for _ in range(3):
            await bus.read(1, "input", 0, 1)
    first, second, third = wire.times_of(1)
    assert second - first >= ANSWERING_S + 0.099
    assert third - second >= ANSWERING_S + 0.099


async def test_long_blocks_at_a_low_speed_get_the_time_they_need() -> None:
    async def at_2400_baud(request: Request) -> Words:
        await asyncio.sleep(0.75)
        return [1] * request.count

    async with on(FakeWire({1: at_2400_baud}), line=SerialLine("/dev/ttyUSB0", 2400)) as bus:
        assert len(await bus.read(1, "input", 0, 80)) == 80


# --- a dead device never delays another -------------------------------------------------------------------------------


async def poll(bus: Bus, unit: int, for_s: float, period_s: float = 1.0) -> tuple[list[float], list[float]]:
    """As the daemon does: a reading, then a pause. When readings came, and when failures were told."""
    good, bad = [], []
    end_s = now_s() + for_s
    while now_s() < end_s:
        try:
            await bus.read(unit, "input", 0, 2)
            good.append(now_s())
        except DeviceLost:
            bad.append(now_s())
        await asyncio.sleep(period_s)
    return good, bad


async def test_a_dead_device_costs_the_other_one_wait_now_and_then() -> None:
    wire = FakeWire({1: ones})
    async with on(wire) as one, on(wire) as dead:
        (good, bad), _ = await asyncio.gather(poll(one, 1, 60), poll(dead, 2, 60))
    distances = [later - earlier for earlier, later in itertools.pairwise(good)]
    assert not bad
    assert max(distances) < 1.0 + ANSWERING_S + 2 * (ANSWER_S + 0.1)  # the very first try is repeated
    assert sorted(distances)[-4] < 1.0 + ANSWERING_S + ANSWER_S + 0.1
    assert len(wire.times_of(2)) <= 3 + 60 / 4 + 2


async def test_a_dead_device_is_known_within_five_seconds_even_beside_five_others() -> None:
    wire = FakeWire(dict.fromkeys(range(1, 7), ones))
    async with on(wire) as bus:
        polls = [asyncio.create_task(poll(bus, unit, 30)) for unit in range(1, 7)]
        await asyncio.sleep(10)
        died_s = now_s()
        wire.units.clear()
        for _, bad in await asyncio.gather(*polls):
            assert [at for at in bad if at - died_s > 3.0][0] - died_s <= 5.0  # noqa: RUF015 - the sampling task's rule


async def test_a_device_that_comes_back_is_heard_within_five_seconds() -> None:
    wire = FakeWire()
    async with on(wire) as bus:
        polling = asyncio.create_task(poll(bus, 1, 60))
        await asyncio.sleep(30)
        wire.units[1] = ones
        back_s = now_s()
        good, _ = await polling
    assert good[0] - back_s <= 5.0
    assert len(good) > 20


async def test_a_gateway_that_hears_nothing_from_a_unit_is_not_asked_all_the_time_either() -> None:
    wire = FakeWire({1: denies(11)})
    async with on(wire, line=HOST) as bus:
        await poll(bus, 1, 60)
    assert len(wire.asked) <= 20


async def test_a_second_try_is_for_noise_and_not_for_a_line_on_which_others_fail_too() -> None:
    wire = FakeWire()
    async with on(wire) as bus:
        await asyncio.gather(*(bus.read(unit, "input", 0, 1) for unit in (1, 2, 3)), return_exceptions=True)
    assert [unit for _, unit in wire.asked] == [1, 2, 3]
