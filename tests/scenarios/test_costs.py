"""Price and cost over 1.6, from the card to the bill: what is said, what the driver reads, what is asked for."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.ocpp.instants import time_text
from hw.api import Screen
from tests.scenarios.conftest import MakeWorld
from tests.world import World, a_world

COSTS = "org.openchargealliance.costmsg"
CARD = "04A1B2C3D4E5F6"


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path, display=True, settings={"TariffCostCtrlr.Currency": "EUR"})


def screen(w: World) -> Screen:
    return w.yard.display.screens[0]


async def tell(w: World, message: str, data: Any) -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    answer = await w.ask("DataTransfer", vendorId=COSTS, messageId=message, data=text)
    return str(answer["status"])


def a_cost(w: World, **more: Any) -> dict[str, Any]:
    return {
        "transactionId": w.csms.open_transactions()[0],
        "timestamp": time_text(w.true_time()),
        "meterValue": round(w.register_wh()),
        "cost": 1.0,
        "state": "Charging",
        "chargingPrice": {"kWhPrice": 0.5},
        **more,
    }


def extra(w: World) -> list[dict[str, Any]]:
    """Meter values for another reason than their time."""
    return [
        said
        for said in w.said("MeterValues")
        if any(value["context"] == "Other" for sample in said["meterValue"] for value in sample["sampledValue"])
    ]


async def test_the_driver_reads_price_cost_and_bill(world: MakeWorld) -> None:
    async with world() as w:
        default = {"priceText": "0.60 EUR per kWh", "priceTextOffline": "0.70 EUR per kWh"}
        assert await w.ask("ChangeConfiguration", key="DefaultPrice", value=json.dumps(default)) == {
            "status": "Accepted"
        }
        await w.wait(11)
        assert screen(w).messages == ("present_card", "0.60 EUR per kWh")
        await w.plug()
        await w.card(CARD)
        own = {"idToken": CARD, "priceText": "Yours: 0.50 EUR per kWh"}
        assert await tell(w, "SetUserPrice", own) == "Accepted"
        assert await tell(w, "RunningCost", a_cost(w)) == "Accepted"
        await w.wait(1)
        assert screen(w).messages == ("Yours: 0.50 EUR per kWh",)
        assert screen(w).price == "1.00 EUR"
        began_wh = w.register_wh()
        await w.wait(minutes=30)
        cost = 1 + (w.register_wh() - began_wh) / 1000 * 0.5
        assert float(screen(w).price.split()[0]) == pytest.approx(cost, abs=0.02)
        number = w.csms.open_transactions()[0]
        await w.card(CARD)
        bill = {"transactionId": number, "cost": 3.31, "priceText": "Paid: 3.31 EUR", "qrCodeText": "https://bill/7"}
        assert await tell(w, "FinalCost", bill) == "Accepted"
        await w.wait(1)
        assert (screen(w).price, screen(w).messages) == ("3.31 EUR", ("unplug", "Paid: 3.31 EUR"))
        assert screen(w).qr == "https://bill/7"
        await w.unplug()
        await w.wait(80)
        assert (screen(w).price, screen(w).messages) == ("", ("present_card", "0.60 EUR per kWh"))


async def test_the_price_of_a_card_shown_before_the_plug_waits_for_it(world: MakeWorld) -> None:
    async with world(evses=2) as w:
        await w.card(CARD)
        assert await tell(w, "SetUserPrice", {"idToken": CARD.lower(), "priceText": "Yours"}) == "Accepted"
        await w.plug(evse=2)
        await w.wait(5)
        assert w.yard.display.screens[1].messages == ("Yours",)
        assert "Yours" not in w.yard.display.screens[0].messages


async def test_the_driver_s_language_is_chosen_among_those_that_came(world: MakeWorld) -> None:
    async with world() as w:
        await w.ask("ChangeConfiguration", key="Language", value="de")
        await w.plug()
        await w.card(CARD)
        extras = [
            {"format": "UTF8", "language": "nl", "content": "0,50 per kWh"},
            {"format": "UTF8", "language": "de", "content": "0,50 je kWh"},
            {"format": "HTML", "language": "en", "content": "<b>0.50</b>"},
        ]
        await tell(w, "SetUserPrice", {"idToken": CARD, "priceText": "0.50 a kWh", "priceTextExtra": extras})
        await w.wait(1)
        assert screen(w).messages == ("0,50 je kWh",)
        await w.ask("ChangeConfiguration", key="Language", value="en")
        await w.wait(2)
        assert screen(w).messages == ("0.50 a kWh",)


TRIGGERS = {
    "atTime": lambda w: time_text(w.true_time() + timedelta(minutes=10)),
    "atEnergykWh": lambda w: 1.5,
    "atPowerkW": lambda w: 3.0,
    "atCPStatus": lambda w: ["SuspendedEV", "Finishing"],
}


@pytest.mark.parametrize("name", TRIGGERS)
async def test_a_meter_value_comes_when_the_back_office_has_asked_for_it(world: MakeWorld, name: str) -> None:
    async with world() as w:
        await w.charge(CARD, minutes=1)
        assert await tell(w, "RunningCost", a_cost(w, triggerMeterValue={name: TRIGGERS[name](w)})) == "Accepted"
        await w.wait(30)
        assert extra(w) == []
        await w.wait(minutes=11)
        w.yard.change_car(1, draw_a=0, asks_power=False)
        await w.wait(minutes=2)
        [value] = extra(w)
        assert value["transactionId"] == w.csms.open_transactions()[0]


async def test_an_answer_that_asks_for_the_same_again_starts_no_chatter(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(CARD, minutes=1)
        for _ in range(5):
            await tell(w, "RunningCost", a_cost(w, triggerMeterValue={"atPowerkW": 3.0}))
            await w.wait(20)
        assert extra(w) == []


BAD: list[tuple[str, Any]] = [
    ("SetUserPrice", {"priceText": "no token"}),
    ("SetUserPrice", {"idToken": "X" * 21, "priceText": "x"}),
    ("SetUserPrice", {"idToken": CARD}),
    ("SetUserPrice", {"idToken": CARD, "priceText": "x" * 2001}),
    ("SetUserPrice", {"idToken": CARD, "priceText": "x", "priceTextExtra": ["y"]}),
    ("SetUserPrice", "not JSON"),
    ("SetUserPrice", ""),
    ("RunningCost", {"transactionId": True}),
    ("RunningCost", {"transactionId": 999_999}),
    ("RunningCost", {"transactionId": "1"}),
    ("RunningCost", {"timestamp": "soon"}),
    ("RunningCost", {"cost": "dear"}),
    ("RunningCost", {"cost": None}),
    ("RunningCost", {"state": "Sleeping"}),
    ("RunningCost", {"chargingPrice": None}),
    ("RunningCost", {"chargingPrice": {"kWhPrice": []}}),
    ("RunningCost", {"idlePrice": 4}),
    ("RunningCost", {"nextPeriod": {"atTime": "2026-11-22T13:00:00Z"}}),
    ("RunningCost", {"triggerMeterValue": {"atCPStatus": ["Dancing"]}}),
    ("RunningCost", {"triggerMeterValue": {"atTime": 7}}),
    ("FinalCost", {"transactionId": 999_999, "cost": 1, "priceText": "x"}),
    ("FinalCost", {"cost": 1, "priceText": "x"}),
    ("FinalCost", {"transactionId": 1001, "priceText": "x"}),
    ("FinalCost", {"transactionId": 1001, "cost": 1, "priceText": "x", "qrCodeText": 7}),
]


@pytest.mark.parametrize(("message", "data"), BAD, ids=[f"{n}-{name}" for n, (name, _) in enumerate(BAD)])
async def test_what_makes_no_sense_is_rejected_and_changes_nothing(world: MakeWorld, message: str, data: Any) -> None:
    async with world() as w:
        await w.charge(CARD, minutes=1)
        if message == "RunningCost":
            data = {name: value for name, value in {**a_cost(w), **data}.items() if value is not None}
        assert await tell(w, message, data) == "Rejected"
        account = w.evse().account
        assert (account.price, account.running, account.final) == (None, None, None)


async def test_vendors_and_messages_that_are_not_known_are_told_so(world: MakeWorld) -> None:
    async with world() as w:
        assert await w.ask("DataTransfer", vendorId="com.example") == {"status": "UnknownVendorId"}
        assert await w.ask("DataTransfer", vendorId=COSTS) == {"status": "UnknownMessageId"}
        assert await tell(w, "SetMood", {}) == "UnknownMessageId"
        answer = await w.ask("DataTransfer", vendorId=COSTS.upper(), messageId="finalcost", data="{}")
        assert answer == {"status": "Rejected"}  # names compare without case


async def test_a_station_on_which_nobody_can_read_anything_does_not_pretend(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as w:
        assert await tell(w, "SetUserPrice", {"idToken": CARD, "priceText": "x"}) == "UnknownVendorId"
        answer = await w.ask("GetConfiguration", key=["CustomDisplayCostAndPrice", "DefaultPrice", "Language"])
        assert answer == {
            "configurationKey": [{"key": "CustomDisplayCostAndPrice", "readonly": True, "value": "false"}],
            "unknownKey": ["DefaultPrice", "Language"],
        }


async def test_the_keys_tell_what_can_be_shown(world: MakeWorld) -> None:
    async with world() as w:
        names = ["CustomDisplayCostAndPrice", "SupportedLanguages", "NumberOfDecimalsForCostValues", "Language"]
        entries = (await w.ask("GetConfiguration", key=names))["configurationKey"]
        assert {entry["key"]: entry["value"] for entry in entries} == {
            "CustomDisplayCostAndPrice": "true",
            "SupportedLanguages": "en,de,fr,nl,es,it",
            "NumberOfDecimalsForCostValues": "2",
            "Language": "en",
        }
        for key, value in (("Language", "tlh"), ("DefaultPrice", "0.30"), ("DefaultPriceText,de", "{}")):
            assert (await w.ask("ChangeConfiguration", key=key, value=value))["status"] == "Rejected"
        assert (await w.ask("ChangeConfiguration", key="DefaultPriceText,xx", value="{}"))["status"] == "NotSupported"


async def test_a_restart_in_the_middle_goes_on_telling(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(CARD, minutes=1)
        await tell(w, "SetUserPrice", {"idToken": CARD, "priceText": "Yours"})
        await tell(w, "RunningCost", a_cost(w, triggerMeterValue={"atEnergykWh": 3}))
        began_wh = w.register_wh()
        await w.restart_program()
        await w.wait(minutes=10)
        assert screen(w).messages == ("Yours",)
        cost = 1 + (w.register_wh() - began_wh) / 1000 * 0.5
        assert float(screen(w).price.split()[0]) == pytest.approx(cost, abs=0.02)
        await w.wait(minutes=10)
        assert len(extra(w)) == 1


async def test_offline_the_price_for_everybody_counts(world: MakeWorld) -> None:
    async with world() as w:
        price = {"priceText": "0.60", "priceTextOffline": "0.70 offline", "chargingPrice": {"kWhPrice": 0.7}}
        await w.ask("ChangeConfiguration", key="DefaultPrice", value=json.dumps(price))
        w.given_local_list(CARD)
        w.link.cut()
        began_wh = w.register_wh()
        await w.charge(CARD, minutes=30)
        assert screen(w).messages == ("0.70 offline",)
        cost = (w.register_wh() - began_wh) / 1000 * 0.7
        assert float(screen(w).price.split()[0]) == pytest.approx(cost, abs=0.02)


# --- the plug that stays in -------------------------------------------------------------------------------------------


def told_left(w: World) -> list[dict[str, Any]]:
    said = [each for each in w.said("DataTransfer") if each.get("messageId") == "ConnectorUnplugged"]
    assert all(each["vendorId"] == COSTS for each in said)
    return [json.loads(each["data"]) for each in said]


async def test_a_fee_after_the_end_ends_with_a_word_that_is_certain_to_come(world: MakeWorld) -> None:
    async with world() as w:
        await w.ask("ChangeConfiguration", key="CustomIdleFeeAfterStop", value="true")
        await w.charge(CARD, minutes=10)
        number = w.csms.open_transactions()[0]
        await w.card(CARD)
        idle = {
            "transactionId": number, "timestamp": time_text(w.true_time()), "meterValue": 1, "cost": 2.0,
            "state": "Idle", "idlePrice": {"graceMinutes": 5, "hourPrice": 6},
        }  # fmt: skip
        assert await tell(w, "RunningCost", idle) == "Accepted"
        await w.wait(minutes=15)
        assert screen(w).price == "3.00 EUR"
        w.link.cut()
        left_at = w.true_time()
        await w.unplug()
        await w.wait(minutes=10)
        w.link.restore()
        await w.wait(minutes=5)
        [told] = told_left(w)
        assert told["transactionId"] == number
        assert told["timestamp"][:16] == time_text(left_at)[:16]


async def test_who_leaves_while_the_program_is_away_is_still_told_to_have_left(world: MakeWorld) -> None:
    async with world() as w:
        await w.ask("ChangeConfiguration", key="CustomIdleFeeAfterStop", value="true")
        await w.charge(CARD, minutes=10)
        number = w.csms.open_transactions()[0]
        await w.card(CARD)
        await w.wait(5)
        await w.kill_program()
        w.yard.unplug(1, "both")
        await w.wait(30)
        await w.start_program()
        await w.wait(minutes=2)
        assert [told["transactionId"] for told in told_left(w)] == [number]
        await w.restart_program()
        await w.wait(minutes=2)
        assert len(told_left(w)) == 1


async def test_nobody_is_told_where_nobody_has_asked(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(CARD, minutes=1)
        await w.unplug()
        await w.wait(minutes=1)
        assert told_left(w) == []
