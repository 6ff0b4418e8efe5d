"""The bridge before a scripted broker, in virtual time: what is said when, and what a bad broker cannot do."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from chargepoint.config import MqttConfig
from chargepoint.mqtt.bridge import BIRTH_S, FLOW_S, RESTING_FLOW_S, waits_s
from chargepoint.mqtt.pace import BURST, TOLD, Bucket, Complaints
from chargepoint.mqtt.task import bridge_of, topics_of
from tests.mqtt.scripted_broker import ScriptedBroker
from tests.web.fake_station import FakeControls, play

CARD = "04A1B2C3D4E5F6"
EVSE, STATION, HERE = "chargepoint/CP001/evse/1", "chargepoint/CP001/station", "chargepoint/CP001/availability"
CONFIG = "homeassistant/device/chargepoint_CP001/config"


class Home:
    """A station, a broker, and a hand on both."""

    def __init__(self, **mqtt: Any) -> None:
        loop = asyncio.get_running_loop()
        self.controls = FakeControls(monotonic=loop.time)
        self.broker = ScriptedBroker()
        self.bridge = bridge_of(self.controls, MqttConfig(**{"url": "mqtt://broker", "control": True, **mqtt}))

    async def settle(self, seconds: float = 2.0) -> None:
        await asyncio.sleep(seconds)

    async def say(self, name: str, payload: bytes | str = "", evse: int = 1) -> None:
        self.broker.say(f"chargepoint/CP001/evse/{evse}/{name}", payload)
        await self.settle(0.5)

    async def plugged(self) -> None:
        assert self.controls.simulator is not None
        await self.controls.simulator.plug(1)

    @property
    def evse(self) -> dict[str, Any]:
        state: dict[str, Any] = self.broker.state(EVSE)
        return state


@asynccontextmanager
async def at_home(**mqtt: Any) -> AsyncIterator[Home]:
    home = Home(**mqtt)
    async with asyncio.TaskGroup() as tasks:
        jobs = [tasks.create_task(play(home.controls)), tasks.create_task(home.bridge.run(home.broker.connect))]
        await home.settle()
        yield home
        for job in jobs:
            job.cancel()


async def test_whoever_connects_hears_what_is_the_case() -> None:
    async with at_home() as home:
        assert home.broker.retained[HERE] == b"online"
        assert home.evse["status"] == "available"
        assert home.broker.state(STATION)["csms"] == "accepted"
        assert home.broker.state(CONFIG)["device"]["model"] == "Wall 22"
        assert home.controls.tally.broker is True
    assert home.broker.retained[HERE] == b"offline"


async def test_a_session_by_mqtt_from_start_to_stop() -> None:
    async with at_home() as home:
        await home.plugged()
        await home.say("start", CARD)
        await home.settle()
        assert (home.evse["status"], home.evse["card"], home.evse["pilot"]) == ("charging", "…E5F6", "C")
        assert home.evse["vehicle_connected"] is True
        await home.say("limit/set", "8")
        assert (home.evse["limit_a"], home.evse["permit_a"], home.evse["limited_by"]) == (8.0, 8.0, "local")
        await home.say("enabled/set", "OFF")
        await home.settle(2.0)
        assert (home.evse["enabled"], home.evse["permit_a"], home.evse["limit_a"]) == (False, 0.0, 8.0)
        assert home.evse["status"] == "suspended_evse"
        await home.say("enabled/set", "ON")
        await home.say("stop")
        assert home.evse["status"] == "finishing"


async def test_a_card_number_is_never_told_whole() -> None:
    async with at_home() as home:
        await home.plugged()
        await home.say("start", CARD)
        assert all(CARD.encode() not in payload for _, _, payload in home.broker.heard)


async def test_what_changes_is_told_at_once_and_what_flows_now_and_then() -> None:
    async with at_home() as home:
        await home.settle(300.0)
        resting = home.broker.times(EVSE)
        assert len(resting) <= 302 / RESTING_FLOW_S + 2
        await home.plugged()
        began_s = asyncio.get_running_loop().time()
        await home.say("start", CARD)
        assert min(at_s for at_s in home.broker.times(EVSE) if at_s >= began_s) - began_s < 0.5
        before = len(home.broker.times(EVSE))
        await home.settle(300.0)
        assert 300 / FLOW_S - 5 <= len(home.broker.times(EVSE)) - before <= 300 / FLOW_S + 5


async def test_a_fault_is_told_with_its_remedy() -> None:
    async with at_home() as home:
        assert home.controls.simulator is not None
        await home.controls.simulator.fault(1, "overtemperature")
        await home.settle()
        assert (home.evse["fault"], home.evse["faults"]) == (True, ["MREC19CableOverTempStop"])
        assert "cool down" in home.evse["remedies"][0]


async def test_without_control_nobody_is_listened_to() -> None:
    async with at_home(control=False) as home:
        assert home.broker.subscribed == ["homeassistant/status"]
        await home.plugged()
        await home.say("start", CARD)
        assert home.evse["status"] == "preparing"


async def test_without_a_prefix_home_assistant_is_told_nothing() -> None:
    async with at_home(discovery_prefix="", control=False) as home:
        assert home.broker.subscribed == []
        assert set(home.broker.retained) == {HERE, EVSE, EVSE.replace("/1", "/2"), STATION}


async def test_home_assistant_comes_back_and_is_told_everything_again_once() -> None:
    async with at_home() as home:
        before = len(home.broker.times(CONFIG))
        for _ in range(5):
            home.broker.say("homeassistant/status", "online")
        home.broker.say("homeassistant/status", "offline")
        await home.settle(BIRTH_S + 1.0)
        assert len(home.broker.times(CONFIG)) == before + 1


# --- bad brokers ------------------------------------------------------------------------------------------------------


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "MQTT" in record.getMessage()]


async def test_a_broker_that_is_lost_is_told_once_and_found_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chargepoint")
    async with at_home() as home:
        await home.settle(100.0)
        home.broker.cut()
        await home.settle(600.0)
        assert home.controls.tally.broker is False
        await home.plugged()
        home.broker.retained.clear()
        home.broker.mend()
        await home.settle(80.0)
        assert home.broker.connections == 2
        assert home.evse["vehicle_connected"] is True
        assert home.broker.retained[HERE] == b"online"
        assert CONFIG in home.broker.retained
    assert [line.split(":")[0] for line in lines(caplog)] == [
        "connected to the MQTT broker", "MQTT broker", "connected to the MQTT broker",
    ]  # fmt: skip


async def test_a_short_outage_is_told_at_both_ends(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chargepoint")
    async with at_home() as home:
        home.broker.cut()
        await home.settle(30.0)
        home.broker.mend()
        await home.settle(30.0)
        assert home.broker.connections == 2
    assert [line.split(":")[0] for line in lines(caplog)] == [
        "connected to the MQTT broker", "MQTT broker", "connected to the MQTT broker",
    ]  # fmt: skip


async def test_a_broker_that_comes_and_goes_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chargepoint")
    async with at_home() as home:
        for _ in range(60):
            home.broker.cut("")
            await home.settle(30.0)
        assert home.broker.connections > 10
    assert len(lines(caplog)) <= 4


async def test_tries_come_ever_more_seldom_and_never_end() -> None:
    async with at_home() as home:
        home.broker.cut()
        await home.settle(3600.0)
        tries = home.broker.attempts[1:]
        gaps = [b - a for a, b in pairwise(tries)]
        assert 55 <= len(tries) <= 100
        assert max(gaps) <= 75.0
        assert gaps[0] < 6.0


def test_stations_that_lose_their_broker_together_do_not_come_back_together() -> None:
    firsts = {next(waits_s()) for _ in range(20)}
    assert len(firsts) > 15
    assert all(1.5 <= wait_s <= 2.5 for wait_s in firsts)


async def test_a_slow_broker_gets_the_latest_and_nothing_piles_up() -> None:
    async with at_home() as home:
        home.broker.ack_s = 30.0
        await home.plugged()
        await home.say("start", CARD)
        await home.settle(3600.0)
        heard = len(home.broker.heard)
        assert heard < 3600 / 30 + 20
        assert len(home.bridge._wanted) == 5
        home.broker.ack_s = 0.0
        await home.settle(40.0)
        assert home.evse["status"] == "charging"


async def test_a_flood_of_commands_is_cut_to_a_pace_and_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with at_home() as home:
        await home.plugged()
        for n in range(200):
            home.broker.say(f"{EVSE}/limit/set", str(6 + n % 10))
            home.broker.say(f"{EVSE}/nonsense", "x")
            await asyncio.sleep(0.01)
        await home.settle(1.0)
        warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(warnings) <= TOLD
        done = [record for record in home.controls.facts if type(record).__name__ == "LocalLimitSet"]
        assert len(done) <= BURST + 2.0 * 2 + 2
        await home.settle(30.0)
        await home.say("limit/set", "9")
        assert home.evse["limit_a"] == 9.0


async def test_a_flood_that_does_not_end_is_left_for_a_while() -> None:
    async with at_home() as home:
        for _ in range(3000):
            home.broker.say(f"{EVSE}/limit/set", "8")
            home.broker.say(f"{EVSE}/limit/set", "9")
            await asyncio.sleep(0.01)
        assert 2 <= home.broker.connections <= 6
        await home.settle(120.0)
        assert home.broker.retained[HERE] == b"online"


@pytest.mark.parametrize("payload", [b"", b"\xff" * 300, b"{}", b"16" * 5000, b"\x00\x01"])
async def test_odd_payloads_change_nothing(payload: bytes) -> None:
    async with at_home() as home:
        await home.plugged()
        await home.say("start", CARD)
        for name in ("enabled/set", "available/set", "clear", "limit/set/x", "reset"):
            await home.say(name, payload)
        assert (home.evse["status"], home.evse["permit_a"]) == ("charging", 16.0)


def test_what_was_refused_and_not_told_is_counted() -> None:
    complaints = Complaints()
    told = [complaints.line("refused", 100.0 + n / 10) for n in range(50)]
    assert [line for line in told if line] == ["refused"] * TOLD
    assert complaints.line("refused", 200.0) == f"refused ({50 - TOLD} more were refused before that)"


def test_the_bucket_fills_again() -> None:
    bucket = Bucket()
    assert [bucket.takes(10.0) for _ in range(BURST + 1)] == [True] * BURST + [False]
    assert bucket.takes(10.6)
    assert not bucket.takes(10.6)


def test_a_station_without_a_back_office_goes_by_its_serial_number() -> None:
    controls = FakeControls.__new__(FakeControls)
    from chargepoint.config import Config, EvseConfig, StationConfig

    plate = StationConfig(vendor="Acme", model="Wall 22", serial_number="A 000/123")
    controls.config = Config(station=plate, evses=(EvseConfig(id=1),))
    assert topics_of(controls.config, MqttConfig(url="mqtt://b")).root == "chargepoint/A-000-123"
    assert topics_of(controls.config, MqttConfig(url="mqtt://b", identity="garage")).root == "chargepoint/garage"


async def test_states_are_valid_json_without_numbers_that_json_does_not_know() -> None:
    async with at_home() as home:
        payloads = [payload for _, topic, payload in home.broker.heard if topic != HERE]
    assert payloads
    for payload in payloads:
        json.loads(payload, parse_constant=lambda word: pytest.fail(f"there is a {word} in it"))
