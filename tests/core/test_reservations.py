"""An EVSE kept free for one driver (OCPP 1.6 sections 3.6 and 5.13, 2.0.1 block H)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Card, Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    ReservationEnded,
    Reserved,
    Status,
    Token,
    TokenRefused,
    TransactionStarted,
)
from chargepoint.core.reservation import ANY, Reservation, Reservations
from chargepoint.core.wishes import AskAuthorization
from tests.core.site import NOON, Site

ANNA, BERT = "ANNA", "BERT"
FAMILY = Token("FAMILY")


def reserve(
    site: Site, evse: int = 1, token: str = ANNA, *, number: int = 5, group: Token | None = None, s: float = 600
) -> str:
    expires_at = site.now.at + timedelta(seconds=s)
    answer = site.station.reserve(Reservation(number, evse, Token(token), expires_at, group), site.now)
    site.settle()
    return answer


def two() -> Site:
    return Site(EvseSpec(1), EvseSpec(2))


def kept(site: Site) -> list[int]:
    """What would be there after a restart, as often as it was written."""
    written: list[int] = []
    made = site.station.reception.reservations
    made.on_change = lambda: written.append(len(made.dump()))
    return written


def told(site: Site) -> list[int | None]:
    return [fact.reservation_id for fact in site.told(TransactionStarted)]


# --- specific ---------------------------------------------------------------------------------------------------------


def test_a_reserved_evse_shows_it() -> None:
    site = two()
    assert reserve(site) == "Accepted"
    assert (site.status(1), site.status(2)) == (Status.RESERVED, Status.AVAILABLE)


def test_its_driver_charges_and_the_transaction_names_the_reservation() -> None:
    site = Site()
    reserve(site)
    site.charge(ANNA)
    assert site.status() is Status.CHARGING
    assert told(site) == [5]
    assert not site.station.cancel_reservation(5, site.now)  # it has been used


def test_somebody_else_is_refused() -> None:
    site = Site()
    reserve(site)
    site.plug()
    site.card(BERT)
    assert site.evse().transaction is None
    assert [fact.why for fact in site.told(TokenRefused)] == ["EVSE 1 is reserved"]


def test_a_cable_without_its_driver_leaves_it_reserved() -> None:
    site = Site()
    reserve(site)
    site.plug()
    assert site.status() is Status.RESERVED


def test_the_driver_may_show_the_card_before_the_plug() -> None:
    site = two()
    reserve(site, 2)
    site.card(ANNA)
    assert site.status(2) is Status.PREPARING
    site.plug(2)
    site.draw(2)
    assert told(site) == [5]


def test_a_card_that_waits_for_its_plug_is_not_taken_at_an_evse_reserved_for_another() -> None:
    site = Site(EvseSpec(1), EvseSpec(2), EvseSpec(3))
    site.card(BERT)  # two are free for him: he waits
    reserve(site, 1)
    site.plug(1)
    assert site.evse(1).transaction is None
    site.plug(2)
    assert site.evse(2).transaction is not None


def test_a_remote_start_for_another_is_refused() -> None:
    site = Site()
    reserve(site)
    assert not site.station.remote_start(1, Token(BERT), None, site.now).accepted
    assert site.station.remote_start(1, Token(ANNA), None, site.now).accepted
    site.plug()
    site.draw()
    assert told(site) == [5]


def test_a_remote_start_without_an_evse_takes_one_that_nobody_has_reserved() -> None:
    site = two()
    reserve(site, 1)
    assert site.station.remote_start(None, Token(BERT), None, site.now).accepted
    assert site.evse(2).session is not None


def test_it_expires() -> None:
    site = Site()
    reserve(site, s=60)
    site.wait(59)
    assert site.status() is Status.RESERVED
    site.wait(2)
    assert site.status() is Status.AVAILABLE
    assert [(fact.reservation, fact.why) for fact in site.told(ReservationEnded)] == [(5, "expired")]


def test_by_a_clock_that_may_be_wrong_nothing_expires() -> None:
    site = Site()
    reserve(site, s=60)
    site.station.trust_clock(False)
    site.wait(120)
    assert site.status() is Status.RESERVED


def test_it_is_cancelled() -> None:
    site = Site()
    reserve(site)
    assert site.station.cancel_reservation(5, site.now)
    assert site.status() is Status.AVAILABLE
    assert not site.station.cancel_reservation(5, site.now)


def test_the_same_id_moves_it() -> None:
    site = two()
    reserve(site, 1)
    assert reserve(site, 2) == "Accepted"
    assert (site.status(1), site.status(2)) == (Status.AVAILABLE, Status.RESERVED)


def test_the_same_id_at_the_same_evse_prolongs_it() -> None:
    site = Site()
    reserve(site, s=60)
    assert reserve(site, s=600) == "Accepted"
    site.wait(120)
    assert site.status() is Status.RESERVED


def test_it_is_not_used_up_by_a_card_whose_car_does_not_come() -> None:
    site = two()
    reserve(site)
    site.card(ANNA)
    assert site.status() is Status.PREPARING
    site.wait(61)
    assert site.status() is Status.RESERVED
    site.charge(ANNA)
    assert told(site) == [5]
    assert site.told(ReservationEnded) == []


def test_one_that_is_cancelled_while_its_driver_fetches_the_cable_is_named_no_more() -> None:
    site = two()
    reserve(site)
    site.card(ANNA)
    assert site.station.cancel_reservation(5, site.now)
    site.plug()
    site.draw()
    assert told(site) == [None]


def test_the_same_id_again_is_another_reservation() -> None:
    site = two()
    reserve(site)
    site.charge(ANNA)
    assert reserve(site, 2) == "Accepted"
    site.wait(5)
    assert site.status(2) is Status.RESERVED


def test_a_cable_without_its_driver_leaves_it_reserved_however_long() -> None:
    site = Site()
    reserve(site)
    site.plug()
    site.wait(120)
    assert site.status() is Status.RESERVED
    site.card(ANNA)
    site.draw()
    assert told(site) == [5]


def test_what_happens_to_it_is_told_and_written_once() -> None:
    site = two()
    written = kept(site)
    reserve(site, 2)
    site.station.cancel_reservation(5, site.now)
    reserve(site, 2)
    site.plug(2)
    site.card(ANNA)
    site.draw(2)
    site.wait(5)
    until = NOON + timedelta(seconds=600)
    assert [(f.evse, f.reservation, f.token, f.until) for f in site.told(Reserved)] == [(2, 5, Token(ANNA), until)] * 2
    site.settle()
    assert [(fact.evse, fact.reservation, fact.why) for fact in site.told(ReservationEnded)] == [(2, 5, "cancelled")]
    assert written == [1, 0, 1, 0]


def test_where_nothing_is_reserved_nothing_is_written() -> None:
    site = two()
    written = kept(site)
    site.charge(ANNA)
    site.wait(5)
    assert written == []


def test_one_that_is_moved_while_its_driver_fetches_the_cable_stays_where_it_is_now() -> None:
    site = two()
    reserve(site, 1)
    site.card(ANNA)
    assert reserve(site, 2) == "Accepted"
    site.plug(1)
    site.draw(1)
    assert told(site) == [None]
    assert site.status(2) is Status.RESERVED


def test_what_becomes_of_anothers_changes_nothing() -> None:
    site = two()
    reserve(site, 1)
    reserve(site, 2, BERT, number=6)
    site.card(ANNA)
    site.station.cancel_reservation(6, site.now)
    site.plug(1)
    site.draw(1)
    assert told(site) == [5]


def test_it_ends_at_its_very_second() -> None:
    site = Site()
    reserve(site, s=60)
    site.wait(60)
    assert site.status() is Status.AVAILABLE


def test_a_station_that_is_locked_by_its_key_keeps_nothing() -> None:
    site = Site()
    reserve(site)
    site.see(key_locked=True)
    assert [fact.why for fact in site.told(ReservationEnded)] == ["removed"]
    assert reserve(site) == "Unavailable"


@pytest.mark.parametrize("evse", [1, ANY])
def test_a_fault_ends_it(evse: int) -> None:
    site = Site()
    reserve(site, evse)
    site.fault("MREC14PilotFault")
    assert [(fact.reservation, fact.why) for fact in site.told(ReservationEnded)] == [(5, "removed")]
    site.see(faults=())
    assert site.status() is Status.AVAILABLE


@pytest.mark.parametrize("evse", [1, ANY])
def test_an_evse_taken_out_of_service_ends_it(evse: int) -> None:
    site = Site()
    reserve(site, evse)
    site.station.change_availability(0, False, site.now)
    site.settle()
    assert [(fact.reservation, fact.why) for fact in site.told(ReservationEnded)] == [(5, "removed")]


# --- by group ---------------------------------------------------------------------------------------------------------


def test_any_card_of_the_group_may_use_it() -> None:
    site = Site()
    site.verdicts[BERT] = Verdict("Accepted", FAMILY)
    reserve(site, group=FAMILY)
    site.charge(BERT)
    assert told(site) == [5]


def test_a_card_of_another_group_is_asked_about_and_refused() -> None:
    site = Site()
    site.verdicts[BERT] = Verdict("Accepted", Token("OTHERS"))
    reserve(site, group=FAMILY)
    site.plug()
    site.card(BERT)
    assert site.evse().transaction is None
    assert len(site.told(TokenRefused)) == 1


def test_a_remote_start_by_the_group_is_known_by_the_list() -> None:
    site = Site()
    site.cards.add_local(Card(Token(BERT), group=FAMILY, source="csms"))
    reserve(site, group=FAMILY)
    assert site.station.remote_start(1, Token(BERT), None, site.now).accepted


def test_who_belongs_to_the_group_is_asked_before_a_remote_start_too() -> None:
    site = Site()
    site.verdicts[BERT] = Verdict("Accepted", FAMILY)
    reserve(site, group=FAMILY)
    assert site.station.remote_start(1, Token(BERT), None, site.now).accepted
    site.settle()
    assert [wish.token for wish in site.wished(AskAuthorization)] == [Token(BERT)]
    site.plug()
    site.draw()
    assert told(site) == [5]


def test_a_remote_start_by_somebody_of_another_group_starts_nothing() -> None:
    site = Site()
    site.verdicts[BERT] = Verdict("Accepted", Token("OTHERS"))
    reserve(site, group=FAMILY)
    assert site.station.remote_start(1, Token(BERT), None, site.now).accepted
    site.settle()
    assert site.evse().session is None
    assert site.status() is Status.RESERVED


def test_nobody_is_asked_about_a_card_that_the_list_knows() -> None:
    site = Site()
    site.cards.add_local(Card(Token(BERT), group=Token("OTHERS"), source="csms"))
    reserve(site, group=FAMILY)
    assert not site.station.remote_start(1, Token(BERT), None, site.now).accepted
    assert site.wished(AskAuthorization) == []


def test_who_belongs_to_the_group_is_sent_where_it_is_reserved() -> None:
    site = two()
    site.verdicts[BERT] = Verdict("Accepted", FAMILY)
    reserve(site, 2, group=FAMILY)
    site.card(BERT)
    assert (site.status(1), site.status(2)) == (Status.AVAILABLE, Status.PREPARING)


def test_ones_own_comes_before_the_groups() -> None:
    site = two()
    site.verdicts[ANNA] = Verdict("Accepted", FAMILY)
    reserve(site, 1, BERT, number=6, group=FAMILY)
    reserve(site, 2)
    site.card(ANNA)
    assert (site.status(1), site.status(2)) == (Status.RESERVED, Status.PREPARING)


# --- at any EVSE ------------------------------------------------------------------------------------------------------


def test_a_reservation_of_any_evse_keeps_the_last_free_one() -> None:
    site = two()
    assert reserve(site, ANY) == "Accepted"
    assert (site.status(1), site.status(2)) == (Status.AVAILABLE, Status.AVAILABLE)
    site.charge(BERT, 1)
    assert site.status(2) is Status.RESERVED
    site.plug(2)
    site.card("CARL")
    assert site.evse(2).transaction is None
    site.card(ANNA)
    site.draw(2)
    assert told(site) == [None, 5]


def test_its_driver_takes_whichever_he_likes() -> None:
    site = two()
    reserve(site, ANY)
    site.charge(ANNA, 2)
    assert told(site) == [5]
    assert site.status(1) is Status.AVAILABLE


def test_no_more_are_promised_than_there_are() -> None:
    site = two()
    assert reserve(site, ANY, number=1) == "Accepted"
    assert reserve(site, ANY, BERT, number=2) == "Accepted"
    assert (site.status(1), site.status(2)) == (Status.RESERVED, Status.RESERVED)
    assert reserve(site, ANY, "CARL", number=3) == "Occupied"


def test_one_that_is_reserved_for_another_is_none_of_those() -> None:
    site = two()
    reserve(site, 1, BERT, number=6)
    reserve(site, ANY)
    assert (site.status(1), site.status(2)) == (Status.RESERVED, Status.RESERVED)


def test_an_evse_in_use_is_not_kept_for_anybody() -> None:
    site = two()
    reserve(site, ANY)
    site.charge(BERT, 1)
    assert [evse.reserved for evse in site.station.evses.values()] == [False, True]


def test_who_is_about_to_plug_in_with_it_is_not_waited_for_elsewhere() -> None:
    site = Site(EvseSpec(1), EvseSpec(2), EvseSpec(3))
    reserve(site, ANY)
    site.charge(BERT, 1)
    site.charge("CARL", 2)
    site.card(ANNA)
    assert site.status(3) is Status.PREPARING
    site.unplug(1)
    site.wait(1)
    assert site.status(1) is Status.AVAILABLE


def test_each_of_several_drivers_has_his_own() -> None:
    site = two()
    reserve(site, ANY, number=1)
    reserve(site, ANY, BERT, number=2)
    site.charge(ANNA, 2)
    site.charge(BERT, 1)
    assert told(site) == [1, 2]


def test_the_last_one_is_for_any_card_of_the_group_and_no_other() -> None:
    site = Site()
    site.verdicts |= {BERT: Verdict("Accepted", FAMILY), "CARL": Verdict("Accepted", Token("OTHERS"))}
    reserve(site, ANY, group=FAMILY)
    site.plug()
    site.card("CARL")
    assert [fact.why for fact in site.told(TokenRefused)] == ["the station is reserved"]
    site.card(BERT)
    site.draw()
    assert told(site) == [5]


def test_for_the_last_one_too_the_back_office_is_asked_about_the_group() -> None:
    site = Site()
    site.verdicts[BERT] = Verdict("Accepted", FAMILY)
    reserve(site, ANY, group=FAMILY)
    site.cards.add_local(Card(Token("CARL"), group=Token("OTHERS"), source="csms"))
    assert not site.station.remote_start(1, Token("CARL"), None, site.now).accepted
    assert site.station.remote_start(1, Token(BERT), None, site.now).accepted
    site.settle()
    assert site.status() is Status.PREPARING


def test_without_a_group_nobody_is_asked_about_the_last_one() -> None:
    site = Site()
    reserve(site, ANY)
    assert not site.station.remote_start(1, Token(BERT), None, site.now).accepted
    assert site.wished(AskAuthorization) == []


def test_the_same_id_again_takes_its_own_place() -> None:
    site = two()
    reserve(site, ANY, number=1)
    reserve(site, ANY, BERT, number=2)
    assert reserve(site, ANY, BERT, number=2, s=900) == "Accepted"
    alone = Site()
    reserve(alone, 1)
    assert reserve(alone, ANY) == "Accepted"


def test_as_long_as_one_is_in_order_any_of_them_can_be_kept() -> None:
    site = two()
    reserve(site, ANY)
    site.fault("MREC14PilotFault", evse=1)
    assert site.status(2) is Status.RESERVED
    assert site.told(ReservationEnded) == []


def test_who_has_come_with_it_is_not_waited_for_at_another() -> None:
    site = Site(EvseSpec(1), EvseSpec(2))
    reserve(site, ANY)
    site.charge(BERT, 1)
    assert site.status(2) is Status.RESERVED
    site.unplug(1)
    site.plug(1)
    site.card(ANNA)
    assert (site.status(1), site.status(2)) == (Status.PREPARING, Status.AVAILABLE)


def test_an_evse_with_a_cable_left_in_it_is_no_place_to_keep() -> None:
    site = two()
    reserve(site, ANY)
    site.charge(BERT, 1)
    site.card(BERT)
    site.opened(1)
    assert (site.status(1), site.status(2)) == (Status.FINISHING, Status.RESERVED)
    site.plug(2)
    site.card("CARL")
    assert site.evse(2).transaction is None


def test_the_last_one_is_kept_however_long_somebodys_cable_is_in_it() -> None:
    site = two()
    reserve(site, ANY)
    site.charge(BERT, 1)
    site.plug(2)
    site.wait(120)
    assert site.status(2) is Status.RESERVED
    site.card("DORA")
    assert [fact.why for fact in site.told(TokenRefused)] == ["the station is reserved"]


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("evse", [1, ANY])
def test_a_faulted_evse_cannot_be_reserved(evse: int) -> None:
    site = Site()
    site.fault("MREC14PilotFault")
    assert reserve(site, evse) == "Faulted"


@pytest.mark.parametrize("evse", [1, ANY])
def test_an_occupied_evse_cannot_be_reserved(evse: int) -> None:
    site = Site()
    site.plug()
    assert reserve(site, evse) == "Occupied"


@pytest.mark.parametrize("evse", [1, ANY])
def test_an_evse_out_of_service_cannot_be_reserved(evse: int) -> None:
    site = Site()
    site.station.change_availability(evse, False, site.now)
    assert reserve(site, evse) == "Unavailable"


def test_a_cable_without_a_car_occupies() -> None:
    site = Site()
    site.see(cable_present=True, cable_a=32.0)
    assert site.evse().session is None
    assert reserve(site) == "Occupied"


def test_a_driver_who_is_about_to_plug_in_occupies() -> None:
    site = Site()
    site.card(BERT)
    assert reserve(site) == "Occupied"


def test_an_evse_that_goes_out_of_service_after_its_session_cannot_be_reserved() -> None:
    site = Site()
    site.charge()
    assert reserve(site) == "Occupied"
    site.station.change_availability(1, False, site.now)
    assert reserve(site) == "Unavailable"


def test_what_is_reserved_cannot_be_reserved_for_another() -> None:
    site = Site()
    reserve(site)
    assert reserve(site, 1, BERT, number=6) == "Occupied"


def test_a_station_that_takes_no_reservations_says_so() -> None:
    site = Site()
    site.settings.change(known.RESERVATION_ENABLED, "false", "local")
    assert reserve(site) == "Rejected"


def test_a_station_that_reserves_no_unspecified_evse_says_so() -> None:
    site = two()
    site.settings.derive(known.RESERVE_CONNECTOR_ZERO_SUPPORTED, False)
    assert reserve(site, ANY) == "Rejected"
    assert reserve(site, 1) == "Accepted"


def test_nobody_reserves_the_past_or_what_is_not_there() -> None:
    site = Site()
    assert reserve(site, s=0) == "Rejected"
    assert reserve(site, 3) == "Rejected"


def test_reservations_are_kept_as_they_are() -> None:
    site = Site(EvseSpec(1), EvseSpec(2), EvseSpec(3))
    reserve(site, 1, group=FAMILY)
    reserve(site, ANY, BERT, number=6)
    wanted = Reservation(7, ANY, Token("X", "ISO14443"), NOON + timedelta(hours=1), Token("Y", "Central"))
    site.station.reserve(wanted, site.now)
    again = Reservations(site.station.evses, site.around)
    again.load(site.station.reception.reservations.dump())
    assert again.dump() == site.station.reception.reservations.dump()
    assert again.dump()[-1]["token"] + again.dump()[-1]["group"] == ["X", "ISO14443", "Y", "Central"]
    assert again.at(site.evse(1)) == Reservation(5, 1, Token(ANNA), NOON + timedelta(seconds=600), FAMILY)


def test_one_of_an_evse_that_is_gone_is_not_taken_up_again() -> None:
    site = two()
    reserve(site, 2)
    again = Site()
    again.station.reception.reservations.load(site.station.reception.reservations.dump())
    again.wait(1)
    assert again.station.reception.reservations.dump() == []
