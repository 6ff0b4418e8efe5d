"""What the owner finds of his sessions afterwards, over power cuts and without a clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.scenarios.conftest import MakeWorld
from tests.world import NOON, World, a_world

COSTS = "org.openchargealliance.costmsg"
EUR = {"TariffCostCtrlr.Currency": "EUR"}
TOLD = json.dumps({"priceText": "0.50/kWh", "chargingPrice": {"kWhPrice": 0.5}})


async def test_a_session_is_in_the_history_with_all_that_a_bill_needs(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("CARD1", hours=1)
        await w.unplug()
        await w.wait(5)
        await w.power_cut()
        await w.power_back()
        (session,) = w.journal.sessions(10)
    assert session["token"].value == "CARD1"
    assert session["energy_wh"] == pytest.approx(11_040, rel=0.01)
    assert session["end_wh"] - session["begin_wh"] == pytest.approx(session["energy_wh"])
    assert timedelta(minutes=59) < session["ended_at"] - session["started_at"] < timedelta(minutes=62)
    assert (session["evse"], session["reason"], session["clock"]) == (1, "EVDisconnected", "right")
    assert (session["cost"], session["signed"], session["delivered"]) == (None, False, True)


async def test_a_session_that_a_power_cut_ended_is_in_it_too(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("CARD1", minutes=30)
        await w.power_cut()
        await w.power_back()
        await w.wait(10)
        (session,) = w.journal.sessions(10)
    assert session["reason"] == "PowerLoss"
    assert session["energy_wh"] == pytest.approx(5520, rel=0.02)


async def test_a_session_in_1970_gets_its_date_when_the_time_is_known(world: MakeWorld) -> None:
    def no_line(w: World) -> None:
        w.link.up = False

    async with world(ntp=False, starts_in=datetime(1970, 1, 1, tzinfo=UTC), before=no_line) as w:
        w.given("AllowOfflineTxForUnknownId", "true")
        await w.charge(minutes=2)
        await w.unplug()
        (session,) = w.journal.sessions(10)
        assert (session["clock"], session["started_at"].year) == ("unknown", 1970)
        w.link.restore()
        await w.wait(minutes=15)
        (session,) = w.journal.sessions(10, 0, NOON, NOON + timedelta(minutes=1))
        assert session["clock"] == "corrected"


async def test_the_final_cost_is_kept_with_its_session(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, display=True, settings=EUR) as w:
        await w.charge("CARD1", minutes=30)
        number = w.csms.open_transactions()[0]
        await w.card("CARD1")
        bill = json.dumps({"transactionId": number, "cost": 3.31, "priceText": "Paid"})
        await w.ask("DataTransfer", vendorId=COSTS, messageId="FinalCost", data=bill)
        await w.wait(1)
        (session,) = w.journal.sessions(10)
    assert (session["cost"], session["cost_final"], session["csms_id"]) == ("3.31 EUR", True, number)


async def test_what_the_station_reckoned_without_a_line_is_kept_as_such(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, display=True, settings=EUR) as w:
        w.given("DefaultPrice", TOLD)
        w.given_local_list("CARD1")
        w.link.cut()
        await w.wait(5)
        await w.charge("CARD1", hours=1)
        await w.unplug()
        await w.wait(5)
        (session,) = w.journal.sessions(10)
    assert session["cost_final"] is False
    figure, currency = session["cost"].split()
    assert (float(figure), currency) == (pytest.approx(5.52, rel=0.02), "EUR")


async def test_the_history_keeps_what_the_meter_signed(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, evse={"meter": {"driver": "mock", "signs": True}}) as w:
        await w.charge("CARD1", minutes=30)
        await w.unplug()
        await w.wait(5)
        (session,) = w.journal.sessions(10)
        signed = w.journal.signed_values(session["id"])
    assert session["signed"]
    assert {value[:5] for value, _ in signed.values()} == {"OCMF|"}
    assert "Transaction.End" in signed
