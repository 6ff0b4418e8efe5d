"""What the station does at once when it is told something, and what it says of it."""

from dataclasses import replace

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Card, Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    AvailabilityChanged,
    AvailabilityScheduled,
    CablePlugged,
    CableUnplugged,
    CardPresented,
    CardReaderBack,
    CardReaderLost,
    CsmsConnected,
    CsmsLost,
    FaultCleared,
    FaultRaised,
    JournalDamaged,
    LimitChanged,
    LocalLimitSet,
    MetersSampled,
    PlugInTimedOut,
    SessionNoted,
    SessionStarted,
    StationStarted,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TokenRefused,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.observation import Fault
from chargepoint.core.recovery import Recovery
from chargepoint.core.wishes import ReleaseCable, Restart
from tests.core.site import EMPTY, PLUGGED, Site

CARD = Token("CARD1", "ISO14443")


def two(**options: object) -> Site:
    return Site(EvseSpec(1), EvseSpec(2), **options)  # type: ignore[arg-type]


def set_(site: Site, setting: known.Setting[object], text: str) -> None:
    assert site.settings.change(setting, text, "local").accepted


def said(site: Site) -> list[object]:
    """What was said since the last look, and only by what has just happened."""
    site.facts.clear()
    site.settle()
    return list(site.facts)


# --- the program and the back office ----------------------------------------------------------------------------------


def test_a_start_is_told_and_a_journal_that_was_damaged_too() -> None:
    site = Site()
    site.station.started("PowerUp", None, site.now)
    assert said(site) == [StationStarted(0, "PowerUp")]
    site.station.started("PowerUp", "/var/lib/x.bad", site.now)
    assert said(site) == [StationStarted(0, "PowerUp"), JournalDamaged(0, "/var/lib/x.bad")]


def test_the_line_to_the_back_office_comes_and_goes() -> None:
    site = Site(online=False)
    site.station.went_online("2.0.1", site.now)
    assert (said(site), site.station.online) == ([CsmsConnected(0, "2.0.1")], True)
    site.station.went_offline(site.now)
    assert (said(site), site.station.online) == ([CsmsLost(0)], False)


def test_a_card_that_could_not_be_read_is_told() -> None:
    site = Site()
    site.station.card_unusable(CARD, "its number changes each time", site.now)
    assert said(site) == [TokenRefused(0, CARD, "its number changes each time")]


def test_a_card_held_to_a_reader_is_told_with_the_reader() -> None:
    site = Site()
    site.station.card_held(CARD, 1, site.now)
    assert said(site) == [CardPresented(0, 1, CARD)]


def test_a_reader_is_lost_once_and_back_once() -> None:
    site = Site()
    site.station.reader_works(1, site.now)
    site.station.reader_lost(1, "no answer", site.now)
    site.station.reader_lost(1, "no answer", site.now)
    site.station.reader_lost(0, "unplugged", site.now)
    assert said(site) == [CardReaderLost(0, 1, "no answer"), CardReaderLost(0, 0, "unplugged")]
    site.station.reader_works(1, site.now)
    site.station.reader_works(1, site.now)
    assert said(site) == [CardReaderBack(0, 1)]
    assert site.station.lost_readers == {0}


@pytest.mark.parametrize(
    ("faults", "remedy"),
    [
        ((), "Check the pilot's wires."),
        ((Fault("CommunicationFault", "high", "Look at the port."),), "Look at the port."),
    ],
)
def test_a_guard_that_sees_nothing_after_its_restart_is_a_fault_at_once(faults: tuple[Fault, ...], remedy: str) -> None:
    site = Site()
    site.charge()
    blind = replace(EMPTY, sighted=False, faults=(Fault("Other", "warning", "Not this."), *faults))
    site.station.guard_reported(1, blind, site.now)
    assert FaultRaised(1, "CommunicationFault", "high", remedy) in (facts := said(site))
    assert LimitChanged(1, 0.0, "fault CommunicationFault") in facts
    assert not site.station.knows(1, site.evse().seen)
    site.draw()
    assert FaultCleared(1, "CommunicationFault") in site.facts


def test_a_guard_that_was_blind_before_and_after_has_one_fault() -> None:
    site = Site()
    site.fault("CommunicationFault")
    site.station.guard_reported(1, replace(EMPTY, sighted=False), site.now)
    assert said(site) == []


@pytest.mark.parametrize("enabled", ["true", "false"])
def test_a_cache_that_is_switched_off_cannot_be_cleared(enabled: str) -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    set_(site, known.AUTHORIZATION_CACHE_ENABLED, enabled)
    assert site.station.clear_authorization_cache(site.now) is (enabled == "true")
    assert (site.cards.find(CARD) is None) is (enabled == "true")


# --- the guard --------------------------------------------------------------------------------------------------------


def test_a_report_that_says_nothing_new_is_known() -> None:
    site = Site()
    assert site.station.knows(1, EMPTY)
    assert not site.station.knows(1, PLUGGED)
    site.station.guard_lost(site.now)
    assert not site.station.knows(1, EMPTY)
    site.see(1, EMPTY)
    assert site.station.knows(1, EMPTY)
    site.evse().known = False
    assert not site.station.knows(1, EMPTY)


def test_a_lost_guard_shows_at_once() -> None:
    site = Site()
    site.station.guard_lost(site.now)
    assert StatusChanged(1, Status.FAULTED, "BoardCommunicationFault") in said(site)


def test_a_lost_meter_stops_at_once_and_one_that_is_back_supplies_with_the_next_tick() -> None:
    site = Site()
    site.charge()
    site.station.meter_lost(1, "no answer", site.now)
    assert LimitChanged(1, 0.0, "fault PowermeterCommunicationFault") in said(site)
    site.station.meter_read(1, site.reading(1), site.now)
    site.wait(1)
    assert LimitChanged(1, 16.0, "configuration") in site.facts


def test_a_car_that_is_there_when_the_guard_speaks_first_is_plugged_in() -> None:
    site = Site()
    site.evse().known = False
    site.see(1, PLUGGED)
    assert CablePlugged(1, 32.0) in site.facts
    site.unplug()
    assert CableUnplugged(1) in site.facts


# --- meters -----------------------------------------------------------------------------------------------------------


def test_the_meter_is_read_where_it_is_asked() -> None:
    site = two()
    assert site.station.sample_now(2, site.now)
    assert [fact.evse for fact in said(site) if isinstance(fact, MetersSampled)] == [2]
    assert site.station.meter_now(2, site.now)
    assert [fact.evse for fact in said(site) if isinstance(fact, MetersSampled)] == [2]
    assert site.station.meter_now(0, site.now)
    assert [fact.evse for fact in said(site) if isinstance(fact, MetersSampled)] == [1, 2]


def test_a_transaction_is_told_where_it_is_asked_for() -> None:
    site = two()
    site.charge("A", 1)
    assert not site.station.tell_transaction(2, site.now)
    assert site.station.tell_transaction(0, site.now)
    assert [fact.evse for fact in said(site) if isinstance(fact, TransactionUpdated)] == [1]


def test_begin_and_end_value_are_the_meters_own() -> None:
    site = Site()
    site.plug()
    site.register_wh[1] += 7.0
    site.card("CARD1")
    assert site.told(TransactionStarted)[0].meter_wh == 5007.0


def test_a_value_for_another_transaction_is_nobodys() -> None:
    site = Site()
    site.grant = lambda wish: None  # type: ignore[method-assign]
    site.cards.replace_list(1, [Card(CARD)])
    site.around.online = False
    site.plug()
    site.card("CARD1")
    site.station.metering_began(1, "another", site.reading(1), site.now)
    assert said(site) == []
    tx = site.evse().transaction
    assert tx is not None
    site.station.metering_began(1, tx.id, site.reading(1), site.now)
    assert len([fact for fact in said(site) if isinstance(fact, TransactionStarted)]) == 1
    site.station.stop(1, site.now)
    site.station.metering_ended(1, "another", site.reading(1), site.now)
    assert not [fact for fact in said(site) if isinstance(fact, TransactionEnded)]


# --- the journal ------------------------------------------------------------------------------------------------------


def test_power_flows_as_soon_as_the_start_is_recorded() -> None:
    site = Site()
    site.journal_works = False
    site.charge()
    site.station.recorded(site.told(TransactionStarted)[0].transaction, site.now)
    assert LimitChanged(1, 16.0, "configuration") in said(site)


def test_a_journal_that_fails_lets_nobody_new_in() -> None:
    site = Site()
    site.station.journal_failed("disk full", site.now)
    site.fault("MREC14PilotFault")
    site.see(1, faults=())
    assert site.evse().unfit() == "nothing can be recorded: disk full"
    site.station.journal_failed("", site.now)
    assert site.evse().unfit() == ""


def test_what_was_open_at_an_evse_that_is_no_more_is_left_alone() -> None:
    site = Site()
    site.charge()
    gone = replace(site.told(TransactionStarted)[0], evse=9)
    records = [replace(record, fact=gone) for record in site.records()[:1]]
    site.station.recover([Recovery(records, same_boot=True, resume_after_power_loss=False)])
    assert site.station._recoveries == {}


# --- the back office's answers ----------------------------------------------------------------------------------------


def running(site: Site) -> str:
    tx = site.evse().transaction
    assert tx is not None
    return tx.id


def test_a_number_of_the_back_office_is_kept_when_a_later_answer_has_none() -> None:
    site = Site()
    site.charge()
    site.station.transaction_answered(running(site), None, None, 17, site.now)
    site.station.transaction_answered(running(site), CARD, None, None, site.now)
    site.station.transaction_answered(running(site), None, Verdict("Invalid"), None, site.now)
    assert site.station.find_transaction(17) is site.evse().transaction
    assert site.permit_a() == 16.0


def test_a_refusal_shows_at_once() -> None:
    site = Site()
    site.charge()
    site.station.transaction_answered(running(site), CARD, Verdict("Invalid"), None, site.now)
    assert LimitChanged(1, 0.0, "no session") in said(site)


@pytest.mark.parametrize(("before", "after"), [(None, "CLUB"), ("FAMILY", "FAMILY")])
def test_an_answer_to_the_start_adds_the_group_where_there_was_none(before: str | None, after: str) -> None:
    site = Site()
    site.verdicts["CARD1"] = Verdict("Accepted", group=Token(before) if before else None)
    site.charge()
    site.station.transaction_answered(running(site), CARD, Verdict("Accepted", group=Token("CLUB")), 17, site.now)
    session = site.evse().session
    assert session is not None
    assert session.group == Token(after)


def test_a_refusal_that_comes_after_the_visit_does_not_touch_the_next() -> None:
    site = Site()
    site.charge()
    first = running(site)
    site.see(1, pilot="A", ev_connected=False, cable_present=False, contactor="closed")  # feedback is late
    site.station.transaction_answered(first, CARD, Verdict("Invalid"), None, site.now)
    site.plug(contactor="closed")
    site.station.transaction_answered(first, CARD, Verdict("Invalid"), None, site.now)
    session = site.evse().session
    assert session is not None
    assert (session.hold_lock, site.told(TransactionEnded)) == (False, [])


def test_a_transaction_is_found_by_either_number() -> None:
    site = two()
    assert site.station.find_transaction("id-9") is None
    site.charge("A", 2)
    tx = site.evse(2).transaction
    assert tx is not None
    tx.csms_id = 5
    assert site.station.find_transaction(tx.id) is site.station.find_transaction(5) is tx
    assert site.station.find_transaction("5") is None


def test_a_remote_stop_is_one_and_shows_at_once() -> None:
    site = two()
    site.charge("A", 2)
    tx = site.evse(2).transaction
    assert tx is not None
    assert site.station.remote_stop(tx.id, site.now)
    assert LimitChanged(2, 0.0, "no session") in said(site)
    assert not site.station.remote_stop(tx.id, site.now)
    site.opened(2)
    [end] = site.told(TransactionEnded)
    assert (end.trigger, end.reason) == (Trigger.REMOTE_STOP, StopReason.REMOTE)


# --- on site ----------------------------------------------------------------------------------------------------------


def test_a_start_by_hand_is_an_authorization_and_shows_at_once() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "Authorized")
    assert site.station.start(1, CARD, site.now) is None
    site.settle()
    [start] = site.told(TransactionStarted)
    assert (start.trigger, start.token, site.status()) == (Trigger.AUTHORIZED, CARD, Status.PREPARING)


def test_the_token_of_a_start_by_hand_is_told_to_a_transaction_that_runs() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    site.plug()
    site.station.start(1, CARD, site.now)
    site.settle()
    [update] = site.told(TransactionUpdated)
    assert (update.trigger, update.token) == (Trigger.AUTHORIZED, CARD)


def test_a_stop_by_hand_is_local_and_shows_at_once() -> None:
    site = Site()
    assert site.station.stop(1, site.now) == "nobody is charging at EVSE 1"
    site.charge()
    assert site.station.stop(1, site.now) is None
    assert LimitChanged(1, 0.0, "no session") in said(site)
    site.opened()
    [end] = site.told(TransactionEnded)
    assert (end.trigger, end.reason, end.token) == (Trigger.STOP_AUTHORIZED, StopReason.LOCAL, None)


def test_a_limit_set_on_site_is_told_and_holds_at_once() -> None:
    site = Site()
    site.charge()
    site.station.limit(1, 10.0, site.now)
    assert said(site) == [LocalLimitSet(1, 10.0), LimitChanged(1, 10.0, "local")]
    site.station.limit(1, None, site.now)
    assert said(site) == [LocalLimitSet(1, None), LimitChanged(1, 16.0, "configuration")]


# --- availability -----------------------------------------------------------------------------------------------------


def test_the_station_and_its_evses_go_out_of_service_and_say_so_once() -> None:
    site = two()
    assert site.station.change_availability(0, False, site.now) == "Accepted"
    assert said(site) == [
        AvailabilityChanged(0, False),
        AvailabilityChanged(1, False),
        AvailabilityChanged(2, False),
        StatusChanged(1, Status.UNAVAILABLE),
        StatusChanged(2, Status.UNAVAILABLE),
        StatusChanged(0, Status.UNAVAILABLE),
    ]
    assert site.station.change_availability(0, False, site.now) == "Accepted"
    assert said(site) == []


def test_one_evse_does_not_take_the_station_along() -> None:
    site = two()
    site.station.change_availability(2, False, site.now)
    assert said(site) == [AvailabilityChanged(2, False), StatusChanged(2, Status.UNAVAILABLE)]
    assert site.station.status is Status.AVAILABLE


def test_a_busy_evse_is_scheduled_and_says_so_when_it_comes_to_pass() -> None:
    site = Site()
    site.charge()
    site.station.change_availability(1, False, site.now)
    assert said(site) == [AvailabilityScheduled(1, False)]
    site.unplug()
    assert site.told(AvailabilityChanged) == [AvailabilityChanged(1, False)]


def test_a_busy_evse_that_shall_be_in_service_is_so_already() -> None:
    site = Site()
    site.charge()
    assert site.station.change_availability(1, True, site.now) == "Accepted"
    assert said(site) == []


# --- unlocking --------------------------------------------------------------------------------------------------------


def test_an_unlock_ends_the_transaction_and_frees_the_cable_at_once() -> None:
    site = two()
    site.charge("A", 2)
    site.station.unlock_requested(2, site.now)
    assert LimitChanged(2, 0.0, "no session") in said(site)
    assert site.wished(ReleaseCable) == [ReleaseCable(2)]
    site.opened(2)
    [end] = site.told(TransactionEnded)
    assert (end.trigger, end.reason) == (Trigger.UNLOCK_COMMAND, StopReason.UNLOCK_COMMAND)


def test_an_unlock_frees_a_cable_that_waits_for_its_owner() -> None:
    site = Site()
    set_(site, known.UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, "false")
    site.charge()
    site.leave_cable()
    site.station.unlock_requested(1, site.now)
    session = site.evse().session
    assert session is not None
    assert not session.locked


# --- resets -----------------------------------------------------------------------------------------------------------


def test_a_reset_of_an_idle_station_happens_at_once_and_once() -> None:
    site = Site()
    assert site.station.request_reset(0, "on_idle", site.now) == "Accepted"
    site.settle()
    assert site.wished(Restart) == [Restart(0, hard=False, scheduled=True)]
    site.wait(2)
    assert len(site.wished(Restart)) == 1


def test_a_reset_of_one_evse_asks_only_whether_that_one_is_busy() -> None:
    site = two()
    site.charge("A", 1)
    assert site.station.request_reset(2, "on_idle", site.now) == "Accepted"
    site.settle()
    assert site.wished(Restart) == [Restart(2, hard=False, scheduled=True)]


def test_a_reset_that_ends_a_transaction_is_accepted_and_not_scheduled() -> None:
    site = Site()
    site.charge()
    assert site.station.request_reset(0, "soft", site.now) == "Accepted"


def test_an_evse_that_is_busy_does_not_hold_up_the_reset_of_another() -> None:
    site = two()
    site.charge("A", 1)
    site.station.request_reset(1, "on_idle", site.now)
    site.station.request_reset(2, "on_idle", site.now)
    site.settle()
    assert site.wished(Restart) == [Restart(2, hard=False, scheduled=True)]


def test_the_reset_of_the_station_takes_those_of_its_evses_along() -> None:
    site = two()
    site.charge("A", 1)
    site.station.request_reset(0, "on_idle", site.now)
    site.station.request_reset(1, "on_idle", site.now)
    site.settle()
    site.unplug(1)
    assert site.wished(Restart) == [Restart(0, hard=False, scheduled=True)]
    assert site.evse(1).blocked


# --- the visit --------------------------------------------------------------------------------------------------------


def test_a_captive_cable_is_never_gone() -> None:
    """A car unplugged from it ends the visit; one that may come back keeps it."""
    site = Site(EvseSpec(1, outlet="cable"))
    set_(site, known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT, "false")
    site.see(1, pilot="B1", ev_connected=True)
    site.card("CARD1")
    site.see(1, pilot="A", ev_connected=False)
    assert (site.status(), site.told(TransactionEnded)) == (Status.SUSPENDED_EV, [])
    site.see(1, pilot="B1", ev_connected=True)
    assert site.permit_a() == 16.0


def test_a_socket_whose_cable_has_gone_keeps_no_visit_whatever_the_settings_say() -> None:
    site = Site()
    set_(site, known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT, "false")
    site.charge()
    site.unplug()
    assert (site.evse().session, site.told(TransactionEnded)[0].reason) == (None, StopReason.EV_DISCONNECTED)
    site.plug()
    site.card("CARD2")
    site.draw()
    site.leave_cable()
    site.see(1, EMPTY)
    assert (site.evse().session, len(site.told(TransactionEnded))) == (None, 2)


def test_a_card_that_waits_for_its_car_is_not_over_because_nothing_is_plugged() -> None:
    site = Site()
    site.card("CARD1")
    site.see(1, EMPTY, locked=False)
    assert site.evse().taken


def test_a_car_that_leaves_after_its_driver_has_stopped_holds_no_lock() -> None:
    site = Site()
    set_(site, known.UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, "false")
    site.charge()
    site.card("CARD1")
    site.opened()
    site.leave_cable()
    session = site.evse().session
    assert session is not None
    assert not session.locked


def test_an_interruption_holds_the_plug_by_itself_and_no_longer() -> None:
    site = Site()
    set_(site, known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT, "false")
    set_(site, known.UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, "false")
    site.charge()
    site.leave_cable()
    session = site.evse().session
    assert session is not None
    assert (session.locked, session.hold_lock) == (True, False)


def test_energy_flows_only_while_the_car_asks_and_the_contactor_is_closed() -> None:
    for seen in ({"pilot": "C2", "contactor": "open"}, {"pilot": "B2", "contactor": "closed"}):
        site = Site()
        set_(site, known.TX_START_POINT, "EnergyTransfer")
        site.plug()
        site.card("CARD1")
        site.see(1, offered_a=16.0, **seen)
        assert site.told(TransactionStarted) == []


def test_a_transaction_that_began_with_the_plug_ends_with_an_unlock_although_nobody_came() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    site.plug()
    site.station.unlock_requested(1, site.now)
    site.settle()
    [end] = site.told(TransactionEnded)
    assert (end.trigger, end.reason) == (Trigger.UNLOCK_COMMAND, StopReason.UNLOCK_COMMAND)
    site.station.unlock_requested(1, site.now)
    site.settle()
    assert len(site.told(TransactionEnded)) == 1


def test_a_card_that_came_first_begins_the_visit_and_its_time_out_names_it() -> None:
    site = Site()
    site.card("CARD1")
    assert SessionStarted(1, "id-1", "Authorized") in site.facts
    site.wait(60)
    assert site.told(PlugInTimedOut) == [PlugInTimedOut(1, "id-1")]


def test_why_a_visit_ended_is_known_as_long_as_the_cable_stays() -> None:
    for leave, reason in [
        (lambda site: site.leave_cable(), StopReason.EV_DISCONNECTED),
        (lambda site: site.station.remote_stop(running(site), site.now), StopReason.REMOTE),
    ]:
        site = Site()
        site.charge()
        leave(site)
        session = site.evse().session
        assert session is not None
        assert session.stop_reason is reason


def test_the_time_out_of_a_plug_comes_once() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    site.plug()
    site.wait(120)
    session = site.evse().session
    assert session is not None
    assert session.deadline_s is None


def test_an_allowance_is_told_and_noted() -> None:
    site = Site()
    set_(site, known.STOP_TRANSACTION_ON_INVALID_ID, "false")
    set_(site, known.MAX_ENERGY_ON_INVALID_ID, "500")
    site.verdicts["CARD1"] = Verdict("Accepted", group=Token("FAMILY"))
    site.charge()
    site.station.transaction_answered(running(site), CARD, Verdict("Invalid"), None, site.now)
    facts = said(site)
    assert [(f.evse, f.session, f.why, f.allowance_wh) for f in facts if type(f).__name__ == "Deauthorized"] == [
        (1, "id-1", "Invalid", 5500.0)  # type: ignore[comparison-overlap]
    ]
    assert SessionNoted(1, "id-1", "SUPPLYING", CARD, Token("FAMILY"), allowance_wh=5500.0) in facts


def test_a_refusal_of_a_card_that_has_stopped_already_changes_nothing() -> None:
    site = Site()
    site.charge()
    site.station.stop(1, site.now)
    site.station.transaction_answered(running(site), CARD, Verdict("Invalid"), None, site.now)
    assert "Deauthorized" not in [type(fact).__name__ for fact in said(site)]


def test_nothing_is_noted_of_a_visit_that_is_not_the_transactions() -> None:
    site = Site()
    site.charge()
    site.see(1, pilot="A", ev_connected=False, cable_present=False, contactor="closed")  # feedback is late
    site.facts.clear()
    site.plug(contactor="closed")
    assert site.told(SessionNoted) == []


def test_the_wait_for_the_other_half_begins_with_the_plug() -> None:
    site = Site()
    site.settings.overlay({"TxCtrlr.EVConnectionTimeOut": "1"})
    site.plug()
    session = site.evse().session
    assert session is not None
    assert (session.deadline_s, session.started_at, session.began_s) == (site.time_s + 1, site.now.at, site.time_s)
    site.wait(1)
    assert site.status() is Status.FINISHING
