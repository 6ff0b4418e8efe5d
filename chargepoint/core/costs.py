"""Who is meant by what the back office says of price and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargepoint.core.facts import Moment, Token
    from chargepoint.core.station import Station
    from chargepoint.core.tariffs import Texts


def name_price(station: Station, token: Token, price: Texts, now: Moment) -> None:
    """A driver's own price: he is here, or has just shown his card and has yet to plug in."""
    for evse in station.evses.values():
        if evse.session is not None and evse.session.token == token:
            evse.account.told_price(price)
            return
    station.around.prices.put(token, price, now)
