"""What ModemManager says of a modem, and how little the station depends on it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from chargepoint.modem import FIRST_LOOK_S, LOOK_EVERY_S, Modem, ModemKeeper, NoModem, Sim, look

CARD = "/org/freedesktop/ModemManager1/SIM/0"
SIM = Sim("8988228066602306770", "901405100000001")

ANSWERS: dict[str, Any] = {
    "-L": {"modem-list": ["/org/freedesktop/ModemManager1/Modem/0"]},
    "-m": {
        "modem": {
            "3gpp": {"operator-name": "Example Mobile", "registration-state": "roaming"},
            "generic": {
                "access-technologies": ["lte"],
                "signal-quality": {"recent": "yes", "value": "67"},
                "sim": CARD,
                "state": "connected",
                "state-failed-reason": "--",
            },
        }
    },
    "-i": {"sim": {"properties": {"iccid": SIM.iccid, "imsi": SIM.imsi, "active": "yes"}}},
}


class Manager:
    """ModemManager; `answers` may be changed, `gone` makes it none, `takes_s` slow."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or dict(ANSWERS)
        self.gone = ""
        self.takes_s = 0.0
        self.asked = 0

    async def __call__(self, arguments: Sequence[str]) -> Any:
        self.asked += 1
        await asyncio.sleep(self.takes_s)
        if self.gone:
            raise NoModem(self.gone)
        return self.answers[arguments[0]]


class Kept:
    def __init__(self) -> None:
        self.values: dict[tuple[str, str], Any] = {}

    def get(self, space: str, key: str) -> Any:
        return self.values.get((space, key))

    def put(self, space: str, key: str, value: Any) -> None:
        self.values[space, key] = value


async def run_for(keeper: ModemKeeper, seconds: float) -> None:
    task = asyncio.create_task(keeper.run())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.wait([task])


async def test_card_signal_and_operator_are_read() -> None:
    assert await look(Manager()) == Modem("connected", 0.67, "Example Mobile", "lte", "", SIM)


@pytest.mark.parametrize(
    "odd",
    [
        {"-L": {"modem-list": []}},
        {"-L": []},
        {"-L": {"modem-list": "none"}},
        {"-L": None},
    ],
)
async def test_no_modem_is_said_so(odd: dict[str, Any]) -> None:
    with pytest.raises(NoModem, match="knows no modem"):
        await look(Manager({**ANSWERS, **odd}))


@pytest.mark.parametrize("odd", [None, [], {}, {"modem": None}, {"modem": {"generic": {"sim": "--"}}}, 5, "text"])
async def test_odd_answers_about_a_modem_are_no_harm(odd: Any) -> None:
    assert await look(Manager({**ANSWERS, "-m": odd})) == Modem("unknown")


@pytest.mark.parametrize("number", ["", "--", "1" * 21, "12 34", "12\n34", None, 7, "٣٤"])
async def test_a_number_that_is_none_is_left_out(number: Any) -> None:
    odd = {"sim": {"properties": {"iccid": number, "imsi": SIM.imsi}}}
    assert (await look(Manager({**ANSWERS, "-i": odd}))).sim == Sim("", SIM.imsi)


async def test_a_card_once_seen_is_known_at_the_next_start_without_waiting() -> None:
    kept, slow = Kept(), Manager()
    await run_for(ModemKeeper(kept, Manager()), 1)
    slow.takes_s = 1000
    again = ModemKeeper(kept, slow)
    before_s = asyncio.get_running_loop().time()
    await again.introduced()
    assert (again.sim, asyncio.get_running_loop().time()) == (SIM, before_s)


async def test_the_first_boot_waits_for_a_slow_modem_but_not_for_ever() -> None:
    manager = Manager()
    manager.takes_s = 1000
    keeper = ModemKeeper(Kept(), manager)
    task = asyncio.create_task(keeper.run())
    before_s = asyncio.get_running_loop().time()
    await keeper.introduced()
    assert asyncio.get_running_loop().time() - before_s == pytest.approx(FIRST_LOOK_S)
    task.cancel()
    await asyncio.wait([task])


async def test_a_modem_that_goes_away_keeps_its_card_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    manager = Manager()
    keeper = ModemKeeper(Kept(), manager)
    task = asyncio.create_task(keeper.run())
    await asyncio.sleep(1)
    manager.gone = "ModemManager does not run"
    await asyncio.sleep(5 * LOOK_EVERY_S)
    assert (keeper.sim, keeper.seen) == (SIM, None)
    assert caplog.text.count("no mobile modem") == 1
    task.cancel()
    await asyncio.wait([task])


async def test_it_is_asked_seldom() -> None:
    manager = Manager()
    await run_for(ModemKeeper(Kept(), manager), 3600 - 1)
    assert manager.asked <= 6 * 3
