"""What the driver at one EVSE is told of price and cost, from his card to the end of his visit.

Survives a restart of the program: what was told is kept, and goes on counting with the meter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.facts import ConnectorUnplugged, CostTold, Moment, PriceTold, Status
from chargepoint.core.tariffs import Final, Prices, Running, Texts, Triggers

if TYPE_CHECKING:
    from datetime import datetime

    from chargepoint.core.evse import Evse

SHOWN_S = 60.0
"""How long what a session has cost is still shown once its cable is gone."""
HYSTERESIS = 0.1
"""Of a power threshold: what lies nearer to it has crossed nothing."""

NOTHING_ASKED = Triggers()


def _nobody() -> None:
    """Nobody keeps it."""


@dataclass(slots=True)
class Account:
    """One driver after the other; `transaction` is the one that the figures are about."""

    evse: Evse
    transaction: str = ""
    price: Texts | None = None  # the driver's own
    running: Running | None = None
    final: Final | None = None
    final_since_s: float = 0.0  # monotonic
    unplugged_at: datetime | None = None  # by the car's end, while the transaction was still being closed
    leaves: bool = False  # the transaction is over, and the plug is still in
    triggers: Triggers = field(default_factory=Triggers)
    on_change: Callable[[], None] = _nobody
    _above: bool | None = None  # the power threshold
    _status: Status | None = None

    @property
    def empty(self) -> bool:
        """Is there nothing that a restart must not forget? Then nothing of it is kept: most sessions have no price."""
        said = self.price is not None or self.running is not None or self.final is not None
        return not said and self.triggers == NOTHING_ASKED and not self._fee_for_the_plug

    @property
    def _fee_for_the_plug(self) -> bool:
        return self.evse.around.settings[known.CUSTOM_IDLE_FEE_AFTER_STOP]

    # --- the visit ----------------------------------------------------------------------------------------------------

    def driver_came(self, price: Texts | None) -> None:
        """Somebody has been let in; `price` is what the back office has already said of him."""
        self.running = self.final = None
        self.transaction = self.transaction if self.leaves else ""  # what is still said of it is not for this driver
        self.triggers, self._above = Triggers(), None
        self._tell_price(price)

    def told_price(self, price: Texts) -> None:
        self._tell_price(price)

    def _tell_price(self, price: Texts | None) -> None:
        self.price = price
        if price is not None:
            self.evse.around.emit(PriceTold(self.evse.id, price.said_in(self._language)))
        self.on_change()

    def began(self, transaction: str, register_wh: float, now: Moment, online: bool) -> None:
        """Who begins without a back office pays what is said to everybody, and only that is known (section 3.7)."""
        self.transaction, self.running, self.final = transaction, None, None
        self.unplugged_at, self.leaves = None, False
        prices = None if online else self.evse.around.settings[known.DEFAULT_PRICE].prices
        if prices is not None:
            self.running = Running(prices.flat, now.at, register_wh, prices)
        self.on_change()

    def ended(self, register_wh: float, now: Moment) -> None:
        """Nothing more is supplied; what counts from here on, if anything, is the plug that is still in."""
        if self.running is not None and not self.running.idle:
            self.running = self._at_rest(register_wh, now)
        self.triggers, self.leaves = replace(self.triggers, at=None, energy_wh=None, power_w=None), True
        if self.unplugged_at is not None or not self.evse.seen.ev_connected:
            self._left(now)
        self.on_change()

    def unplugged(self, now: Moment) -> None:
        if self.leaves:
            self._left(now)
        elif self.evse.transaction is not None:
            self.unplugged_at = now.at

    def plugged(self) -> None:
        self.unplugged_at = None

    def _left(self, now: Moment) -> None:
        """The plug is out, and the bill before it in the journal (section 3.4)."""
        if self.running is not None:
            self.running = self._at_rest(self.evse.register_wh, now)
        at = Moment(now.mono_s, self.unplugged_at or now.at)
        self.leaves, self.unplugged_at = False, None
        if self._fee_for_the_plug:
            self.evse.around.emit(ConnectorUnplugged(self.evse.id, self.transaction), at)
        self.on_change()

    def _at_rest(self, register_wh: float, now: Moment) -> Running | None:
        if self.running is None:
            return None
        return replace(self.running, cost=self.running.cost_at(register_wh, now.at), at=now.at, halted=True, then=None)

    def taken_up(self, transaction: str) -> None:
        """After a restart: what was kept is of another one, or of this."""
        if self.transaction != transaction:
            self.transaction, self.price, self.running, self.final, self.leaves = transaction, None, None, None, False

    def look_again(self, now: Moment) -> None:
        """After a restart: somebody may have left meanwhile."""
        if self.leaves and not self.evse.seen.ev_connected:
            self._left(now)

    # --- from the back office -----------------------------------------------------------------------------------------

    def told_running(self, told: Running, triggers: Triggers, now: Moment) -> None:
        """The grace of an idle fee counts from the message that changed to idle."""
        before = self.running
        since = (before.idle_since if before is not None and before.idle else None) or told.at
        self.running = replace(told, idle_since=since if told.idle else None, halted=self._over and not told.idle)
        if triggers.power_w != self.triggers.power_w:
            self._above = None
        self.triggers = triggers
        self._tell_cost(told.cost, final=False)

    def told_final(self, told: Final, now: Moment) -> None:
        self.final, self.final_since_s = told, now.mono_s
        self._tell_cost(told.cost, final=True)

    def _tell_cost(self, cost: Decimal, *, final: bool) -> None:
        self.evse.around.emit(CostTold(self.evse.id, self.transaction, self._figure(cost), final))
        self.on_change()

    @property
    def _over(self) -> bool:
        tx = self.evse.transaction
        return tx is None or tx.id != self.transaction

    # --- meter values that were asked for -----------------------------------------------------------------------------

    def tick(self, now: Moment) -> None:
        running = self.running
        if running is not None and running.then is not None and now.at >= running.then[0]:
            self._next_prices(running, *running.then)
        if self._due(now):
            self.evse.books.sample_now(now, "Other")

    def _next_prices(self, running: Running, at: datetime, prices: Prices) -> None:
        cost = running.cost_at(self.evse.register_wh, at) + prices.flat
        self.running = replace(running, cost=cost, at=at, meter_wh=self.evse.register_wh, prices=prices, then=None)
        self.on_change()

    def _due(self, now: Moment) -> bool:
        """Has any of the triggers fired since the last look? Each of the first two fires once."""
        fired = self._crossed()
        wanted = self.triggers
        if wanted.at is not None and now.at >= wanted.at:
            self.triggers, fired = replace(self.triggers, at=None), True
        tx = self.evse.transaction
        drawn_wh = self.evse.register_wh - tx.begin_wh if tx is not None and tx.started_at is not None else 0.0
        if wanted.energy_wh is not None and drawn_wh >= wanted.energy_wh:
            self.triggers, fired = replace(self.triggers, energy_wh=None), True
        return fired

    def _crossed(self) -> bool:
        threshold_w, reading = self.triggers.power_w, self.evse.reading
        if threshold_w is None or reading is None or reading.power_w is None or self.evse.meter_lost:
            return False
        before, power_w = self._above, reading.power_w
        if before is None:
            self._above = power_w >= threshold_w
        elif power_w >= threshold_w * (1 + HYSTERESIS):
            self._above = True
        elif power_w <= threshold_w * (1 - HYSTERESIS):
            self._above = False
        return before is not None and before is not self._above

    def shows(self, status: Status, now: Moment) -> None:
        """The EVSE shows something else."""
        before, self._status = self._status, status
        if status is not before and status in self.triggers.statuses:
            self.evse.books.sample_now(now, "Other")

    # --- what is shown ------------------------------------------------------------------------------------------------

    def cost(self, now: Moment) -> Decimal | None:
        """So far, or in the end; None: nothing is known of it."""
        if self.final is not None:
            return self.final.cost if self._final_is_shown(now) else None
        if self.running is None or (self._over and self.evse.session is None):
            return None
        return self.running.cost_at(self.evse.register_wh, now.at)

    def figure(self, now: Moment) -> str:
        """The cost as a person reads it; "" where there is none."""
        cost = self.cost(now)
        return "" if cost is None else " ".join(filter(None, (self._figure(cost), self._currency)))

    def came_to(self, transaction: str, now: Moment) -> str:
        """What a transaction that is over has cost, as far as it is known; "" where nobody has said anything."""
        if transaction != self.transaction or (self.final is None and self.running is None):
            return ""
        cost = self.final.cost if self.final is not None else None
        if cost is None and self.running is not None:
            cost = self.running.cost_at(self.evse.register_wh, now.at)
        return "" if cost is None else " ".join(filter(None, (self._figure(cost), self._currency)))

    def words(self, now: Moment) -> str:
        """The tariff; what the bill says, once there is one. "" where nobody has said anything."""
        if self.final is not None and self._final_is_shown(now) and self.final.texts is not None:
            return self.final.texts.said_in(self._language)
        if self.price is not None and self.evse.session is not None:
            return self.price.said_in(self._language)
        return self._default()

    def link(self, now: Moment) -> str:
        return self.final.link if self.final is not None and self._final_is_shown(now) else ""

    def _final_is_shown(self, now: Moment) -> bool:
        return self.evse.session is not None or now.mono_s - self.final_since_s < SHOWN_S

    def _default(self) -> str:
        settings, online = self.evse.around.settings, self.evse.around.online
        own = settings[known.DEFAULT_PRICE_TEXTS[self._language]]
        return own.said(online) or settings[known.DEFAULT_PRICE].said(online)

    @property
    def _language(self) -> str:
        return self.evse.around.settings[known.LANGUAGE]

    @property
    def _currency(self) -> str:
        return self.evse.around.settings[known.CURRENCY]

    def _figure(self, cost: Decimal) -> str:
        digits = self.evse.around.settings[known.NUMBER_OF_DECIMALS_FOR_COST_VALUES]
        return str(cost.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
