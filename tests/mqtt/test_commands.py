"""Commands from the broker: strictly read, and done by the local API's own handlers."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.config import AccessConfig
from chargepoint.mqtt.commands import COMMANDS, LONGEST, Order, Orders, Refused, order
from chargepoint.web.api import routes
from tests.web.fake_station import FakeControls

ROOT = "chargepoint/CP001"
CARD = "04A1B2C3D4E5F6"


def read(name: str, payload: bytes | str = "", evse: object = 1) -> Order:
    return order(ROOT, f"{ROOT}/evse/{evse}/{name}", payload.encode() if isinstance(payload, str) else payload)


@pytest.mark.parametrize(
    ("name", "payload", "value"),
    [
        ("limit/set", "10", 10.0), ("limit/set", "13.5", 13.5), ("limit/set", " 16.0\n", 16.0),
        ("limit/set", "none", None), ("limit/set", "", None), ("limit/set", "0", 0.0),
        ("enabled/set", "ON", True), ("enabled/set", "true", True), ("enabled/set", "0", False),
        ("enabled/set", "False", False), ("available/set", "OFF", False),
        ("start", CARD, CARD), ("stop", "PRESS", "PRESS"), ("clear", "MREC8EmergencyStop", "MREC8EmergencyStop"),
    ],
)  # fmt: skip
def test_a_command_is_understood(name: str, payload: str, value: object) -> None:
    assert read(name, payload) == Order(1, name, value)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("limit/set", "ten"), ("limit/set", "-1"), ("limit/set", "nan"), ("limit/set", "inf"), ("limit/set", "1e999"),
        ("limit/set", "[16]"), ("limit/set", '{"amps":16}'), ("enabled/set", ""), ("enabled/set", "maybe"),
        ("enabled/set", "2"), ("limit", "16"), ("limit/set/set", "16"), ("reboot", ""), ("", ""),
        ("start", b"\xff\xfe"), ("start", "a\nb"), ("start", "\x00"), ("stop", "x" * (LONGEST + 1)),
    ],
)  # fmt: skip
def test_nonsense_is_refused(name: str, payload: bytes | str) -> None:
    with pytest.raises(Refused):
        read(name, payload)


@pytest.mark.parametrize("evse", ["", "0x1", "-1", "1.0", "one", "9999", "１"])
def test_an_evse_is_a_number(evse: str) -> None:
    with pytest.raises(Refused):
        read("stop", "", evse)


def test_a_command_that_the_broker_keeps_is_refused() -> None:
    with pytest.raises(Refused, match="retained"):
        order(ROOT, f"{ROOT}/evse/1/start", CARD.encode(), retained=True)


@given(st.text(max_size=60), st.binary(max_size=400))
def test_whatever_comes_is_an_order_or_refused(topic: str, payload: bytes) -> None:
    for place in (topic, f"{ROOT}/evse/{topic}", f"{ROOT}/evse/1/{topic}"):
        with suppress(Refused):
            assert order(ROOT, place, payload).name in COMMANDS


@given(st.sampled_from(sorted(COMMANDS)), st.text(max_size=300))
def test_any_payload_of_any_command_is_an_order_or_refused(name: str, payload: str) -> None:
    with suppress(Refused):
        assert read(name, payload.encode("utf-8", "replace")).name == name


# --- carried out ------------------------------------------------------------------------------------------------------


class House:
    """A station with a car, and what a home says to it."""

    def __init__(self) -> None:
        self.controls = FakeControls()
        self.orders = Orders(self.controls, routes(self.controls))

    async def say(self, name: str, payload: str = "", evse: int = 1) -> None:
        await self.orders.carry_out(read(name, payload, evse))
        self.controls.flow()

    async def charging(self) -> None:
        assert self.controls.simulator is not None
        await self.controls.simulator.plug(1)
        await self.say("start", CARD)

    @property
    def permit_a(self) -> float:
        return self.controls.station.evses[1].permit_a()


async def test_a_session_is_started_and_stopped() -> None:
    house = House()
    await house.charging()
    assert house.controls.station.evses[1].status == "charging"
    await house.say("stop", "PRESS")
    assert house.controls.station.evses[1].status == "finishing"


async def test_a_limit_lowers_and_is_lifted() -> None:
    house = House()
    await house.charging()
    await house.say("limit/set", "10")
    assert (house.permit_a, house.orders.limit_of(1)) == (10.0, 10.0)
    await house.say("limit/set", "none")
    assert (house.permit_a, house.orders.limit_of(1)) == (16.0, 16.0)


async def test_no_limit_raises_what_may_be_supplied() -> None:
    house = House()
    await house.charging()
    await house.say("limit/set", "80")
    assert (house.permit_a, house.orders.limit_of(1)) == (16.0, 16.0)
    with pytest.raises(Refused):
        await house.say("limit/set", "1001")
    assert house.permit_a == 16.0


async def test_a_pause_remembers_the_limit_it_interrupts() -> None:
    house = House()
    await house.charging()
    await house.say("limit/set", "10")
    await house.say("enabled/set", "OFF")
    assert (house.permit_a, house.orders.limit_of(1)) == (0.0, 10.0)
    await house.say("enabled/set", "OFF")
    await house.say("enabled/set", "ON")
    assert house.permit_a == 10.0


async def test_an_energy_manager_sets_the_current_of_a_pause_before_it_ends_it() -> None:
    house = House()
    await house.charging()
    await house.say("enabled/set", "false")
    await house.say("limit/set", "8")
    assert (house.permit_a, house.orders.limit_of(1)) == (0.0, 8.0)
    with pytest.raises(Refused):
        await house.say("limit/set", "100000")
    await house.say("enabled/set", "true")
    assert house.permit_a == 8.0


async def test_less_than_the_pilot_can_say_is_a_pause() -> None:
    house = House()
    await house.charging()
    await house.say("limit/set", "5.9")
    assert (house.permit_a, house.orders.limit_of(1)) == (0.0, 16.0)
    await house.say("enabled/set", "1")
    assert house.permit_a == 16.0


async def test_out_of_service_and_back() -> None:
    house = House()
    await house.say("available/set", "OFF", evse=2)
    assert house.controls.station.evses[2].status == "unavailable"
    await house.say("available/set", "ON", evse=2)
    assert house.controls.station.evses[2].status == "available"


@pytest.mark.parametrize("payload", ["", "PRESS"])
async def test_a_start_without_a_card_needs_free_access(payload: str) -> None:
    house = House()
    assert house.controls.simulator is not None
    await house.controls.simulator.plug(1)
    with pytest.raises(Refused, match="card"):
        await house.say("start", payload)
    object.__setattr__(house.controls.config, "access", AccessConfig(mode="free"))
    await house.say("start", payload)
    assert house.controls.station.evses[1].status == "charging"


async def test_what_the_api_refuses_is_refused_here_in_its_words() -> None:
    house = House()
    with pytest.raises(Refused, match="nobody is charging at EVSE 1"):
        await house.say("stop")
    with pytest.raises(Refused, match="on site only"):
        await house.say("clear", "MREC17EVSEContactorFault")
    with pytest.raises(Refused, match="there is no EVSE 3"):
        await house.say("stop", evse=3)


async def test_a_handler_that_breaks_refuses_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    house = House()

    def broken(*_: object) -> None:
        raise KeyError("a bug")

    house.controls.act = broken  # type: ignore[assignment, method-assign]
    with pytest.raises(Refused, match="it failed"):
        await house.orders.carry_out(read("stop"))
    assert "the handler of stop failed" in caplog.text
