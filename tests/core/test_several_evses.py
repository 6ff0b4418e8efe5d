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
    ChargingState,
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
from chargepoint.core.wishes import AskAuthorization, Restart
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
    site.plug(2)
    site.card("CARD2")
    assert (site.permit_a(1), site.permit_a(2)) == (10.0, 0.0)  # the first car has 5 s to follow
    site.see(1, offered_a=10.0)
    site.wait(6)
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


# --- what only shows when things come together ------------------------------------------------------------------------


def answer(site: Site, verdict: Verdict | None, nth: int = 0) -> None:
    wish = site.wished(AskAuthorization)[nth]
    assert isinstance(wish, AskAuthorization)
    site.station.authorization_answered(wish.question, verdict, site.now)
    site.settle()


def test_a_slow_answer_starts_the_car_it_was_asked_for_and_not_the_one_plugged_in_meanwhile() -> None:
    site = two()
    site.csms_answers = False
    site.plug(1)
    site.card("A")
    site.wait(1)
    site.plug(2)
    answer(site, Verdict("Accepted"))
    assert (site.permit_a(1), site.permit_a(2)) == (16.0, 0.0)


def test_a_slow_answer_for_a_car_that_has_left_starts_nobody_else() -> None:
    site = two()
    site.csms_answers = False
    site.plug(2)
    site.wait(2)
    site.plug(1)
    site.card("A")
    site.unplug(1)
    answer(site, Verdict("Accepted"))
    assert (site.permit_a(1), site.permit_a(2)) == (0.0, 0.0)


def test_a_card_shown_again_while_the_answer_is_awaited_is_asked_about_once() -> None:
    site = Site()
    site.csms_answers = False
    site.plug()
    site.card("A")
    site.card("A")
    assert len(site.wished(AskAuthorization)) == 1
    answer(site, Verdict("Accepted", Token("GROUP")))
    assert site.permit_a() == 16.0


def test_a_late_yes_does_not_revive_what_the_driver_has_ended() -> None:
    site = Site()
    site.csms_answers = False
    site.settings.change(known.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true", "csms")
    site.plug()
    site.card("A")
    answer(site, None)
    assert site.permit_a() == 16.0
    site.card("A")
    site.opened()
    site.wait(3)
    answer(site, Verdict("Accepted"))
    assert site.permit_a() == 0.0


def test_a_late_yes_does_not_wait_for_the_next_visitor() -> None:
    site = Site()
    site.csms_answers = False
    site.card("A")
    answer(site, None)
    site.wait(120)
    answer(site, Verdict("Accepted"))
    site.plug()
    assert site.permit_a() == 0.0


def test_a_question_is_forgotten_in_the_end() -> None:
    site = Site()
    site.csms_answers = False
    site.plug()
    site.card("A")
    site.wait(700, step_s=10)
    answer(site, Verdict("Accepted"))
    assert site.permit_a() == 0.0


def test_cards_wait_for_plugs_in_the_order_in_which_they_were_shown() -> None:
    site = two()
    site.card("A")
    site.card("B")
    site.plug(2)
    site.plug(1)
    assert [(start.evse, start.token) for start in site.told(TransactionStarted)] == [(2, Token("A")), (1, Token("B"))]


def test_a_card_beside_a_car_that_has_finished_means_the_free_evse() -> None:
    site = two()
    site.charge("A", 1)
    site.card("A")
    site.opened(1)
    site.wait(120)
    site.card("B")
    assert site.permit_a(1) == 0.0
    site.plug(2)
    assert site.permit_a(2) == 16.0


def test_a_remote_start_on_a_cable_left_in_the_socket_is_forgotten_too() -> None:
    site = Site()
    site.charge("A")
    site.leave_cable()
    assert site.status() is Status.FINISHING
    assert site.station.remote_start(1, Token("R"), 1, site.now).accepted
    assert site.status() is Status.PREPARING
    site.wait(61)
    site.plug()
    assert site.permit_a() == 0.0


def test_who_has_stopped_a_free_charge_is_not_overruled() -> None:
    site = Site(mode="free")
    site.plug()
    site.draw()
    assert site.station.stop(1, site.now) is None
    site.opened()
    site.wait(120)
    site.see(1)
    assert (site.permit_a(), len(site.told(TransactionStarted))) == (0.0, 1)
    site.unplug()
    site.plug()
    assert site.permit_a() == 16.0


def test_a_free_charge_does_not_go_on_by_itself_after_an_emergency_stop() -> None:
    site = Site(mode="free")
    site.plug()
    site.draw()
    site.fault("MREC8EmergencyStop", contactor="open")
    site.wait(2)
    site.see(1, faults=())
    site.wait(60)
    assert site.permit_a() == 0.0


def test_a_car_that_came_while_the_free_station_was_out_of_service_is_charged_once_it_is_back() -> None:
    site = Site(mode="free")
    site.station.change_availability(1, False, site.now)
    site.plug()
    site.wait(120)
    site.station.change_availability(1, True, site.now)
    site.wait(1)
    assert site.permit_a() == 16.0


def test_two_evses_can_wait_for_their_reset() -> None:
    site = two()
    site.charge("A", 1)
    site.charge("B", 2)
    for evse in (1, 2):
        assert site.station.request_reset(evse, "on_idle", site.now) == "Scheduled"
    site.unplug(1)
    site.unplug(2)
    assert site.wished(Restart) == [Restart(1, hard=False, scheduled=True), Restart(2, hard=False, scheduled=True)]
    assert (site.evse(1).unfit(), site.evse(2).unfit()) == ("", "")


def test_the_reset_of_one_evse_does_not_make_that_of_the_station_forgotten() -> None:
    site = two()
    site.charge("A", 1)
    site.station.request_reset(0, "on_idle", site.now)
    site.station.request_reset(2, "on_idle", site.now)
    site.settle()
    site.card("B")
    site.unplug(1)
    assert Restart(0, hard=False, scheduled=True) in site.wished(Restart)
    assert site.evse(2).unfit()


def test_the_fuse_counts_a_car_whose_contactor_has_not_opened_yet() -> None:
    site = two(supply_a=20)
    site.charge("A", 1)
    site.station.stop(1, site.now)
    site.plug(2)
    site.card("B")
    assert site.permit_a(2) == 0.0
    site.opened(1)
    site.wait(1)
    assert site.permit_a(2) == 16.0


def test_the_fuse_counts_an_evse_that_the_guard_has_not_reported_yet() -> None:
    site = two(supply_a=20)
    site.evse(1).known = False
    site.charge("B", 2)
    assert site.permit_a(2) == 0.0


def test_a_verdict_on_the_card_that_stopped_does_not_touch_the_one_that_charges() -> None:
    site = Site()
    site.charge("A")
    tx = site.evse().transaction
    assert tx is not None
    site.station.transaction_answered(tx.id, Token("B"), Verdict("Blocked"), None, site.now)
    assert site.permit_a() == 16.0
    assert site.cards.find(Token("B")) is not None


def test_energy_counted_while_the_program_was_away_is_billed_although_the_last_fact_had_no_meter_value() -> None:
    site = restarted(Site(), same_boot=True, resume=False)
    recovery = site.station._recoveries[1]
    paused = TransactionUpdated(1, "id-2", 9, Trigger.CHARGING_STATE_CHANGED, ChargingState.CHARGING)
    recovery.records.append(Record(paused, site.now.at, site.now.mono_s - 1, "boot-1"))
    site.see(1, replace(PLUGGED, pilot="C2", contactor="closed", locked=True, offered_a=16.0))
    site.register_wh[1] += 150.0
    site.read()
    site.card("CARD1")
    site.opened()
    assert site.told(TransactionEnded)[0].energy_wh == 150.0
