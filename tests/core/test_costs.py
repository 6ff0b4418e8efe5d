"""Price and cost as a driver is told them: carried on with the meter, asked for anew, and never a bill."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core import catalogue as known
from chargepoint.core.account import Account
from chargepoint.core.costs import name_price
from chargepoint.core.facts import ConnectorUnplugged, CostTold, PriceTold, Status, Token, TransactionUpdated
from chargepoint.core.keptaccount import dump, load
from chargepoint.core.tariffs import (
    MOST_OFFERS,
    OFFERED_S,
    Final,
    Prices,
    Running,
    Texts,
    Triggers,
    amount,
    json_object,
    read_default_price,
)
from tests.core.site import NOON, Site

CARD = Token("CARD1", "ISO14443")
PRICES = Prices(per_kwh=Decimal("0.30"), per_hour=Decimal("1.20"))


def a_cost(cost: str = "1.00", at: datetime = NOON, meter_wh: float = 5000.0, prices: Prices = PRICES, **more: Any
           ) -> Running:  # fmt: skip
    return Running(Decimal(cost), at, meter_wh, prices, **more)


# --- arithmetic -------------------------------------------------------------------------------------------------------


def test_energy_and_time_since_the_back_office_spoke_are_added() -> None:
    assert a_cost().cost_at(7000.0, NOON + timedelta(minutes=30)) == Decimal("1.00") + Decimal("0.60") + Decimal("0.60")


def test_neither_an_older_register_nor_an_older_time_takes_anything_off() -> None:
    assert a_cost().cost_at(4000.0, NOON - timedelta(hours=1)) == Decimal("1.00")


def test_idling_costs_by_the_hour_once_its_grace_is_over_and_no_energy() -> None:
    prices = Prices(per_kwh=Decimal(1), idle_per_hour=Decimal(6), idle_grace_s=1800)
    idle = a_cost(prices=prices, idle=True, idle_since=NOON)
    assert idle.cost_at(9000.0, NOON + timedelta(minutes=30)) == Decimal("1.00")
    assert idle.cost_at(9000.0, NOON + timedelta(minutes=40)) == Decimal("2.00")


def test_what_is_at_rest_costs_nothing_more() -> None:
    assert a_cost(halted=True).cost_at(99_000.0, NOON + timedelta(days=1)) == Decimal("1.00")


# --- one driver -------------------------------------------------------------------------------------------------------


class Shop(Site):
    """With a back office that names prices."""

    @property
    def account(self) -> Account:
        return self.evse().account

    def costs(self, told: Running, triggers: Triggers | None = None) -> None:
        self.account.told_running(told, triggers or Triggers(), self.now)
        self.settle()

    def figure(self) -> str:
        return self.account.figure(self.now)

    def words(self) -> str:
        return self.account.words(self.now)

    def set(self, name: str, value: str) -> None:
        setting = self.settings.find(name)
        assert setting is not None
        assert self.settings.change(setting, value, "csms").accepted

    def extra(self) -> int:
        """Values told for another reason than their time."""
        samples = [sample for update in self.told(TransactionUpdated) for sample in update.samples]
        return sum(sample.context == "Other" for sample in samples)


def test_a_price_named_before_the_plug_is_that_of_the_driver_who_comes() -> None:
    shop = Shop()
    name_price(shop.station, Token("card1"), Texts("0.30 a kWh", {"de": "0,30 je kWh"}), shop.now)
    name_price(shop.station, Token("CARD2"), Texts("another's"), shop.now)
    assert shop.words() == ""
    shop.charge()
    assert shop.words() == "0.30 a kWh"
    assert shop.told(PriceTold) == [PriceTold(1, "0.30 a kWh")]
    shop.set("Language", "de")
    assert shop.words() == "0,30 je kWh"


def test_a_price_named_while_he_charges_counts_at_once_and_ends_with_him() -> None:
    shop = Shop()
    shop.charge()
    name_price(shop.station, CARD, Texts("0.30 a kWh"), shop.now)
    assert shop.words() == "0.30 a kWh"
    shop.card("CARD1")
    shop.opened()
    shop.unplug()
    assert shop.words() == ""
    shop.charge("CARD2")
    assert shop.words() == ""


def test_only_the_latest_prices_of_absent_drivers_are_kept() -> None:
    shop = Shop()
    for number in range(MOST_OFFERS + 1):
        name_price(shop.station, Token(f"C{number}"), Texts("x"), shop.now)
    assert shop.around.prices.take(Token("C0"), shop.now) is None
    assert shop.around.prices.take(Token("C1"), shop.now) == Texts("x")
    assert shop.around.prices.take(Token("C1"), shop.now) is None


def test_a_price_whose_driver_does_not_come_is_forgotten() -> None:
    shop = Shop()
    name_price(shop.station, CARD, Texts("yesterday's"), shop.now)
    shop.wait(OFFERED_S, step_s=10.0)
    shop.charge()
    assert shop.words() == ""


def test_what_is_said_of_the_driver_before_is_not_for_the_next() -> None:
    shop = Shop()
    shop.charge()
    before = shop.account.transaction
    shop.card("CARD1")
    shop.opened()
    shop.unplug()
    shop.plug()
    shop.card("CARD2")
    assert shop.account.transaction not in ("", before)  # it runs, and a word about the one before finds nobody


def test_the_cost_runs_on_with_meter_and_clock() -> None:
    shop = Shop()
    shop.set("TariffCostCtrlr.Currency", "EUR")
    shop.charge()
    assert shop.figure() == ""
    shop.costs(a_cost("0.50", shop.now.at, shop.register_wh[1]))
    assert shop.figure() == "0.50 EUR"
    assert [(fact.cost, fact.final) for fact in shop.told(CostTold)] == [("0.50", False)]
    shop.read(wh=7000.0)  # an hour at 7 kW
    assert shop.figure() == "3.80 EUR"  # 0.50 + 7 * 0.30 + 1.20
    shop.costs(a_cost("3.70", shop.now.at, shop.register_wh[1]))  # whose word counts
    assert shop.figure() == "3.70 EUR"


def test_the_next_period_begins_by_itself() -> None:
    shop = Shop()
    shop.charge()
    later = shop.now.at + timedelta(hours=1, seconds=1)
    then = (later, Prices(per_kwh=Decimal(1), flat=Decimal("0.25")))
    shop.costs(a_cost("0", shop.now.at, shop.register_wh[1], Prices(per_kwh=Decimal("0.10")), then=then))
    shop.read(wh=7000.0)
    shop.wait(2)
    assert shop.figure() == "0.95"  # 7 * 0.10, and 0.25 for the new period
    shop.read(wh=1000.0)
    assert shop.figure() == "1.95"


def test_at_the_end_the_figure_stands_still_until_the_bill_comes_and_lingers_for_the_driver() -> None:
    shop = Shop()
    shop.charge()
    shop.costs(a_cost("0.50", shop.now.at, shop.register_wh[1]))
    shop.read(wh=1000.0)
    shop.card("CARD1")
    shop.opened()
    shown = shop.figure()
    shop.wait(3600)
    assert shop.figure() == shown
    shop.account.told_final(Final(Decimal("1.01"), Texts("1.01 for 1 kWh"), "https://bill"), shop.now)
    assert (shop.figure(), shop.words(), shop.account.link(shop.now)) == ("1.01", "1.01 for 1 kWh", "https://bill")
    shop.unplug()
    assert shop.figure() == "1.01"
    shop.wait(61)
    assert (shop.figure(), shop.words(), shop.account.link(shop.now)) == ("", "", "")


def test_the_grace_of_an_idle_fee_counts_from_the_first_word_of_it() -> None:
    shop = Shop()
    shop.charge()
    prices = Prices(idle_per_hour=Decimal(6), idle_grace_s=1800)
    shop.costs(a_cost("2", shop.now.at, shop.register_wh[1], prices, idle=True))
    shop.wait(1200)
    shop.costs(a_cost("2", shop.now.at, shop.register_wh[1], prices, idle=True))
    shop.wait(1200)
    assert shop.figure() == "3.00"  # 10 minutes beyond the grace


def test_a_fee_for_the_plug_that_stays_in_ends_when_it_is_pulled() -> None:
    shop = Shop()
    shop.charge()
    shop.card("CARD1")
    shop.opened()
    shop.costs(a_cost("2", shop.now.at, shop.register_wh[1], Prices(idle_per_hour=Decimal(6)), idle=True))
    shop.wait(1800)
    assert shop.figure() == "5.00"
    shop.unplug()
    assert shop.account.running is not None
    assert shop.account.running.cost_at(0.0, shop.now.at + timedelta(hours=9)) == pytest.approx(
        Decimal(5), abs=Decimal("0.01")
    )


# --- the price for everybody ------------------------------------------------------------------------------------------

DEFAULT = {"priceText": "0.40 a kWh", "priceTextOffline": "0.50 while offline", "chargingPrice": {"kWhPrice": 0.5}}


def test_who_has_no_price_of_his_own_reads_that_for_everybody_in_his_language() -> None:
    shop = Shop()
    shop.set("DefaultPrice", json.dumps(DEFAULT))
    assert shop.words() == "0.40 a kWh"
    shop.around.online = False
    assert shop.words() == "0.50 while offline"
    shop.set("DefaultPriceText,de", '{"priceText":"0,40 je kWh"}')
    shop.set("Language", "de")
    assert shop.words() == "0,40 je kWh"


def test_without_a_back_office_the_price_for_everybody_is_counted() -> None:
    shop = Shop()
    shop.set("DefaultPrice", json.dumps(DEFAULT | {"chargingPrice": {"kWhPrice": 0.5, "flatFee": 1}}))
    shop.set("AllowOfflineTxForUnknownId", "true")
    shop.around.online = False
    shop.charge()
    shop.read(wh=2000.0)
    assert shop.figure() == "2.00"


def test_with_a_back_office_nothing_is_counted_before_it_has_spoken() -> None:
    shop = Shop()
    shop.set("DefaultPrice", json.dumps(DEFAULT))
    shop.charge()
    shop.read(wh=2000.0)
    assert shop.figure() == ""


@pytest.mark.parametrize(
    "text",
    ["0.40", "[]", "{}", '{"priceText":""}', '{"priceText":7}', '{"priceText":"x","chargingPrice":4}', "{" * 5000,
     '{"priceText":"x","chargingPrice":{"kWhPrice":"dear"}}', '{"priceText":"x","chargingPrice":{"kWhPrice":-1}}',
     '{"priceText":"x","priceTextOffline":""}', '{"priceText":"x","chargingPrice":{"kWhPrice":NaN}}'],
)  # fmt: skip
def test_a_default_price_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must (have|be)"):
        read_default_price(text)
    assert not Site().settings.change(known.DEFAULT_PRICE, text, "csms").accepted


def test_an_empty_default_price_is_none() -> None:
    assert read_default_price("").text == ""


# --- triggers ---------------------------------------------------------------------------------------------------------


def test_a_value_is_told_at_the_time_asked_for_and_once() -> None:
    shop = Shop()
    shop.charge()
    shop.costs(a_cost(at=shop.now.at), Triggers(at=shop.now.at + timedelta(seconds=30)))
    shop.wait(29)
    assert shop.extra() == 0
    shop.wait(60)
    assert shop.extra() == 1


def test_a_value_is_told_at_the_energy_asked_for() -> None:
    shop = Shop()
    shop.charge()
    shop.costs(a_cost(at=shop.now.at), Triggers(energy_wh=1000.0))
    shop.read(wh=999.0)
    shop.wait(2)
    assert shop.extra() == 0
    shop.read(wh=1.0)
    shop.wait(2)
    assert shop.extra() == 1


def test_a_power_threshold_is_crossed_both_ways_and_trembling_crosses_nothing() -> None:
    shop = Shop()
    shop.charge()
    shop.read()

    def power(watts: float) -> int:
        reading = replace(shop.reading(1), power_w=watts)
        shop.station.meter_read(1, reading, shop.now)
        shop.wait(1)
        return shop.extra()

    shop.costs(a_cost(at=shop.now.at), Triggers(power_w=5000.0))
    assert [power(watts) for watts in (7000, 4900, 5200, 4600, 4400, 100, 5400, 5600)] == [0, 0, 0, 0, 1, 1, 1, 2]
    shop.costs(a_cost(at=shop.now.at), Triggers(power_w=5000.0))  # the answer to the value asks for the same again
    assert [power(watts) for watts in (4900, 5600, 4000)] == [2, 2, 3]


def test_a_status_asked_for_brings_a_value_each_time_it_is_shown() -> None:
    shop = Shop()
    shop.charge()
    shop.read()
    shop.costs(a_cost(at=shop.now.at), Triggers(statuses=frozenset({Status.SUSPENDED_EV})))
    for round_ in (1, 2):
        shop.see(1, replace(shop.evse().seen, pilot="B2", contactor="open"))
        shop.wait(40)
        assert shop.status() is Status.SUSPENDED_EV
        assert shop.extra() == round_
        shop.draw()


# --- the plug is out --------------------------------------------------------------------------------------------------


def left(shop: Shop) -> list[tuple[str, datetime]]:
    return [(item.transaction, at.at) for item, at in shop.dated if isinstance(item, ConnectorUnplugged)]


def test_who_leaves_after_the_end_is_told_to_have_left() -> None:
    shop = Shop()
    shop.set("CustomIdleFeeAfterStop", "true")
    shop.charge()
    transaction = shop.evse().transaction
    shop.card("CARD1")
    shop.opened()
    shop.wait(600)
    assert left(shop) == []
    shop.unplug()
    assert transaction is not None
    assert left(shop) == [(transaction.id, shop.now.at)]


def test_who_ends_by_leaving_is_told_to_have_left_after_the_end() -> None:
    shop = Shop()
    shop.set("CustomIdleFeeAfterStop", "true")
    shop.charge()
    at = shop.now.at
    shop.unplug()
    shop.opened()
    assert [moment for _, moment in left(shop)] == [at]
    names = [type(fact).__name__ for fact in shop.facts]
    assert names.index("TransactionEnded") < names.index("ConnectorUnplugged")


def test_nobody_is_told_where_nobody_has_asked() -> None:
    shop = Shop()
    shop.charge()
    shop.unplug()
    shop.opened()
    assert left(shop) == []


# --- kept over a restart ----------------------------------------------------------------------------------------------


def test_an_account_is_kept_whole() -> None:
    shop, other = Shop(), Shop()
    shop.charge()
    then = (NOON + timedelta(hours=1), Prices(per_kwh=Decimal(1)))
    shop.costs(
        a_cost("0.5", NOON, 5000.0, idle=True, then=then),
        Triggers(NOON, 1000.0, 5000.0, frozenset({Status.SUSPENDED_EV, Status.CHARGING})),
    )
    shop.account.told_price(Texts("a", {"de": "b"}))
    shop.account.told_final(Final(Decimal("3.10"), Texts("c"), "https://bill"), shop.now)
    shop.account.leaves = True
    load(other.account, json.loads(json.dumps(dump(shop.account))))
    for name in ("transaction", "price", "running", "final", "triggers", "leaves"):
        assert getattr(other.account, name) == getattr(shop.account, name), name


def test_an_account_of_another_transaction_is_forgotten() -> None:
    shop = Shop()
    shop.charge()
    shop.costs(a_cost())
    shop.account.taken_up("another")
    assert (shop.account.running, shop.account.transaction) == (None, "another")


@pytest.mark.parametrize("kept", [{}, [], {"transaction": 7}, {"running": {"cost": "x"}}])
def test_nonsense_is_no_account(kept: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, ArithmeticError)):
        load(Shop().account, kept)


# --- what arrives -----------------------------------------------------------------------------------------------------


@given(st.text() | st.builds(json.dumps, st.integers() | st.lists(st.text()) | st.text()))
def test_text_that_is_no_json_object_is_told_so(text: str) -> None:
    with pytest.raises(ValueError, match="must be a JSON object"):
        json_object(text)


@pytest.mark.parametrize("value", [-1, "1", None, True, [], {}, Decimal("1e10"), float("inf"), 10**10])
def test_an_amount_is_a_number_that_a_price_can_have(value: Any) -> None:
    with pytest.raises(ValueError, match="must have a number"):
        amount({"cost": value}, "cost")


def test_amounts_are_exact() -> None:
    assert amount(json_object('{"cost": 0.1}'), "cost") * 3 == Decimal("0.3")
    assert amount(json_object('{"cost": 1e-400}'), "cost") == 0
