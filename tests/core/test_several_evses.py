"""Two EVSEs behind one fuse: where a card goes, who gets how much, availability, resets and restarts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Card, Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    AvailabilityChanged,
    AvailabilityScheduled,
    Record,
    SessionStarted,
    Status,
    StopReason,
    Token,
    TokenRefused,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.recovery import Recovery
from chargepoint.core.wishes import Restart
from tests.core.site import EMPTY, PLUGGED, Site


def two(**options: object) -> Site:
    return Site(EvseSpec(1), EvseSpec(2), **options)  # type: ignore[arg-type]


# --- which EVSE a card means ------------------------------------------------------------------------------------------


def test_a_card_goes_to_the_evse_that_is_plugged() -> None:
    site = two()
    site.plug(2)
    site.card("CARD1")
    assert (site.permit_a(1), site.permit_a(2)) == (0.0, 16.0)


def test_a_card_goes_to_the_one_plugged_in_last() -> None:
    site = two()
    site.plug(2)
    site.wait(5)
    site.plug(1)
    site.card("CARD1")
    assert (site.permit_a(1), site.permit_a(2)) == (16.0, 0.0)


def test_a_card_shown_first_waits_for_the_next_plug_anywhere() -> None:
    site = two()
    site.card("CARD1")
    assert (site.status(1), site.status(2)) == (Status.AVAILABLE, Status.AVAILABLE)
    site.plug(2)
    assert (site.permit_a(1), site.permit_a(2)) == (0.0, 16.0)
    site.plug(1)
    assert site.permit_a(1) == 0.0


def test_a_card_that_waits_for_no_plug_is_forgotten() -> None:
    site = two()
    site.card("CARD1")
    site.wait(61)
    site.plug(1)
    assert site.permit_a(1) == 0.0
    assert site.told(TokenRefused)[0].why == "no vehicle was plugged in"


def test_one_card_cannot_charge_twice() -> None:
    site = two()
    site.charge("CARD1", evse=1)
    site.plug(2)
    assert site.station.start(2, Token("card1"), site.now) == "this token is charging already"
    site.card("CARD1")
    assert (site.permit_a(1), site.permit_a(2)) == (0.0, 0.0)


def test_a_faulted_evse_is_passed_over() -> None:
    site = two()
    site.fault("MREC14PilotFault", evse=1)
    site.card("CARD1")
    assert site.told(SessionStarted)[0].evse == 2


# --- local and remote -------------------------------------------------------------------------------------------------


def test_a_remote_start_names_its_evse_or_takes_the_plugged_one() -> None:
    site = two()
    site.plug(2)
    assert site.station.remote_start(None, Token("R1"), 77, site.now).accepted
    site.settle()
    [start] = site.told(TransactionStarted)
    assert (start.evse, start.trigger, start.remote_start_id) == (2, Trigger.REMOTE_START, 77)
    assert not site.station.remote_start(2, Token("R2"), 78, site.now).accepted
    assert not site.station.remote_start(3, Token("R2"), 78, site.now).accepted
    assert site.station.remote_start(1, Token("R2"), 79, site.now).accepted


def test_a_remote_start_waits_for_the_car_and_is_forgotten_like_a_card() -> None:
    site = Site()
    assert site.station.remote_start(1, Token("R1"), 1, site.now).accepted
    assert site.status() is Status.PREPARING
    site.wait(61)
    assert site.status() is Status.AVAILABLE


def test_the_number_of_a_remote_start_is_told_once_and_also_when_the_car_comes_later() -> None:
    site = Site()
    site.station.remote_start(1, Token("R1"), 77, site.now)
    site.plug()
    assert site.told(TransactionStarted)[0].remote_start_id == 77
    site.draw()
    assert [update.remote_start_id for update in site.told(TransactionUpdated)] == [None]
    site.card("R1")
    site.opened()
    site.card("CARD2")
    assert site.told(TransactionStarted)[1].remote_start_id is None


def test_a_remote_start_into_a_running_transaction_tells_its_number_with_the_token() -> None:
    site = Site()
    site.settings.change(known.TX_START_POINT, "EVConnected", "csms")
    site.plug()
    site.station.remote_start(1, Token("R1"), 77, site.now)
    site.settle()
    assert [(u.remote_start_id, u.token) for u in site.told(TransactionUpdated)] == [(77, Token("R1"))]


def test_a_remote_start_may_have_to_ask_first() -> None:
    site = Site()
    site.settings.change(site.settings.find("AuthorizeRemoteTxRequests"), "true", "csms")  # type: ignore[arg-type]
    site.verdicts["R1"] = Verdict("Blocked")
    site.plug()
    assert site.station.remote_start(1, Token("R1"), 1, site.now).accepted
    site.settle()
    assert site.permit_a() == 0.0


def test_a_remote_stop_names_the_transaction() -> None:
    site = Site()
    site.charge()
    assert not site.station.remote_stop("nonsense", site.now)
    assert site.station.remote_stop(site.told(TransactionStarted)[0].transaction, site.now)
    site.opened()
    assert site.told(TransactionEnded)[0].reason is StopReason.REMOTE


def test_somebody_on_site_starts_stops_and_limits() -> None:
    site = Site()
    site.cards.add_local(Card(Token("X")))
    site.plug()
    assert site.station.start(1, Token("X"), site.now) is None
    site.settle()
    site.station.limit(1, 10.0, site.now)
    assert site.permit_a() == 10.0
    site.station.limit(1, None, site.now)
    assert site.permit_a() == 16.0
    assert site.station.stop(1, site.now) is None
    assert site.station.stop(1, site.now) == "nobody is charging at EVSE 1"


# --- one supply -------------------------------------------------------------------------------------------------------


def test_two_cars_share_the_fuse_and_the_one_left_gets_it_all() -> None:
    site = two(supply_a=20)
    site.charge("CARD1", evse=1)
    assert site.permit_a(1) == 16.0
    site.charge("CARD2", evse=2)
    assert (site.permit_a(1), site.permit_a(2)) == (10.0, 10.0)
    site.unplug(2)
    assert site.permit_a(1) == 16.0


def test_too_little_for_two_serves_one_after_the_other() -> None:
    site = two(supply_a=10)
    site.charge("CARD1", evse=1)
    site.charge("CARD2", evse=2)
    assert (site.permit_a(1), site.permit_a(2), site.why(2)) == (10.0, 0.0, ["supply"])
    site.unplug(1)
    assert site.permit_a(2) == 10.0


def test_a_card_without_a_car_takes_no_share() -> None:
    site = two(supply_a=20)
    site.charge("CARD1", evse=1)
    site.station.remote_start(2, Token("R"), 1, site.now)
    site.settle()
    assert site.permit_a(1) == 16.0


# --- availability -----------------------------------------------------------------------------------------------------


def test_an_idle_evse_goes_out_of_service_at_once() -> None:
    site = two()
    assert site.station.change_availability(1, False, site.now) == "Accepted"
    assert (site.status(1), site.status(2)) == (Status.UNAVAILABLE, Status.AVAILABLE)
    site.plug(1)
    site.card("CARD1")
    assert site.permit_a(1) == 0.0


def test_a_running_transaction_is_waited_for() -> None:
    site = Site()
    site.charge()
    assert site.station.change_availability(1, False, site.now) == "Scheduled"
    assert (site.status(), site.permit_a()) == (Status.CHARGING, 16.0)
    site.unplug()
    site.wait(1)
    assert site.status() is Status.UNAVAILABLE
    assert site.told(AvailabilityChanged) == [AvailabilityChanged(1, False)]
    assert site.station.change_availability(1, True, site.now) == "Accepted"
    assert site.status() is Status.AVAILABLE


def test_a_scheduled_change_can_be_taken_back() -> None:
    site = Site()
    site.charge()
    site.station.change_availability(1, False, site.now)
    assert site.station.change_availability(1, True, site.now) == "Accepted"
    site.settle()
    assert site.told(AvailabilityScheduled) == [AvailabilityScheduled(1, False), AvailabilityScheduled(1, True)]
    site.unplug()
    assert site.status() is Status.AVAILABLE


def test_the_whole_station_goes_out_of_service() -> None:
    site = two()
    site.charge(evse=1)
    assert site.station.change_availability(0, False, site.now) == "Scheduled"
    assert (site.status(1), site.status(2)) == (Status.CHARGING, Status.UNAVAILABLE)
    assert site.station.status is Status.UNAVAILABLE


# --- resets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reason", "hard"),
    [
        ("soft", StopReason.IMMEDIATE_RESET, False),
        ("immediate", StopReason.IMMEDIATE_RESET, False),
        ("hard", StopReason.HARD_RESET, True),
    ],
)
def test_a_reset_ends_transactions_and_then_restarts(kind: str, reason: StopReason, hard: bool) -> None:
    site = Site()
    site.charge()
    assert site.station.request_reset(0, kind, site.now) == "Accepted"  # type: ignore[arg-type]
    site.settle()
    assert site.wished(Restart) == []
    site.opened()
    [end] = site.told(TransactionEnded)
    assert (end.reason, end.trigger) == (reason, Trigger.RESET_COMMAND)
    assert site.wished(Restart) == [Restart(0, hard=hard)]


def test_a_reset_on_idle_waits_and_lets_nobody_new_in() -> None:
    site = two()
    site.charge("CARD1", evse=1)
    assert site.station.request_reset(0, "on_idle", site.now) == "Scheduled"
    assert site.permit_a(1) == 16.0
    site.plug(2)
    site.card("CARD2")
    assert site.permit_a(2) == 0.0
    site.unplug(1)
    assert site.wished(Restart) == [Restart(0, hard=False, scheduled=True)]


def test_one_evse_can_be_reset_alone() -> None:
    site = two()
    site.charge("CARD1", evse=1)
    site.charge("CARD2", evse=2)
    assert site.station.request_reset(2, "immediate", site.now) == "Accepted"
    site.opened(2)
    assert (site.permit_a(1), site.permit_a(2)) == (16.0, 0.0)
    assert site.wished(Restart) == [Restart(2, hard=False)]
    site.card("CARD3")
    assert site.permit_a(2) == 16.0


def test_an_evse_that_does_not_exist_cannot_be_reset() -> None:
    assert Site().station.request_reset(9, "soft", Site().now) == "Rejected"


# --- unlock -----------------------------------------------------------------------------------------------------------


def test_an_unlock_ends_the_transaction_first() -> None:
    site = Site()
    site.charge()
    assert not site.station.may_unlock(1)
    site.station.unlock_requested(1, site.now)
    site.opened()
    assert site.told(TransactionEnded)[0].reason is StopReason.UNLOCK_COMMAND
    assert site.station.may_unlock(1)


# --- after a restart --------------------------------------------------------------------------------------------------


def left_behind(site: Site) -> list[Record]:
    """The facts of a transaction that ran until the program died, a minute ago."""
    before = Site()
    before.charge("CARD1")
    before.wait(70)
    kept = [fact for fact in before.facts if isinstance(fact, TransactionStarted | TransactionUpdated)]
    return [Record(fact, site.now.at - timedelta(seconds=60), site.now.mono_s - 60, "boot-1") for fact in kept]


def restarted(records_of: Site, *, same_boot: bool, resume: bool, lost: int = 0) -> Site:
    site = Site()
    site.evse().known = False
    site.evse().reading = None
    site.station.recover([Recovery(left_behind(records_of), same_boot, resume, lost)])
    return site


def test_a_restarted_program_goes_on_with_the_transaction() -> None:
    site = restarted(Site(), same_boot=True, resume=False)
    site.see(1, replace(PLUGGED, pilot="C2", contactor="closed", locked=True, offered_a=16.0))
    assert (site.status(), site.permit_a(), site.facts) == (Status.CHARGING, 16.0, [*site.facts])
    assert (site.told(TransactionStarted), site.told(TransactionEnded)) == ([], [])
    tx = site.evse().transaction
    assert tx is not None
    assert (tx.seq_no, tx.token, tx.begin_wh) == (3, Token("CARD1"), 5000.0)
    site.register_wh[1] += 100.0
    site.card("CARD1")
    site.opened()
    [end] = site.told(TransactionEnded)
    assert (end.seq_no, end.energy_wh, end.reason) == (3, 100.0, StopReason.LOCAL)


def test_a_car_that_left_meanwhile_is_billed() -> None:
    site = restarted(Site(), same_boot=True, resume=False)
    site.see(1, EMPTY)
    assert site.told(TransactionEnded)[0].reason is StopReason.EV_DISCONNECTED
    assert site.status() is Status.AVAILABLE


def test_after_a_power_cut_the_transaction_ends_by_default() -> None:
    site = restarted(Site(), same_boot=False, resume=False, lost=7)
    site.see(1, PLUGGED)
    [end] = site.told(TransactionEnded)
    assert (end.reason, end.seq_no) == (StopReason.POWER_LOSS, 10)
    assert (site.status(), site.permit_a()) == (Status.FINISHING, 0.0)


def test_after_a_power_cut_the_transaction_goes_on_where_that_is_wanted() -> None:
    site = restarted(Site(), same_boot=False, resume=True)
    site.see(1, PLUGGED)
    assert (site.told(TransactionEnded), site.permit_a()) == ([], 16.0)


def test_after_a_power_cut_an_absent_car_ends_it_all_the_same() -> None:
    site = restarted(Site(), same_boot=False, resume=True)
    site.see(1, EMPTY)
    assert site.told(TransactionEnded)[0].reason is StopReason.POWER_LOSS


def test_nothing_is_said_of_an_evse_before_the_guard_has_spoken() -> None:
    site = restarted(Site(), same_boot=True, resume=False)
    site.wait(5)
    assert site.facts == []


def test_recovery_needs_the_start() -> None:
    records = left_behind(Site())[1:]
    with pytest.raises(ValueError, match="TransactionUpdated"):
        Recovery(records, True, False)
