"""One EVSE and its driver: who may start, when power is permitted, how the bill is written."""

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Card, Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    ChargingState,
    Deauthorized,
    MetersSampled,
    PlugInTimedOut,
    SessionEnded,
    SessionStarted,
    Status,
    StopReason,
    Token,
    TokenAccepted,
    TokenRefused,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.wishes import BeginMetering, EndMetering, ReleaseCable
from tests.core.site import Site


def set_(site: Site, setting: known.Setting[object], text: str) -> None:
    assert site.settings.change(setting, text, "local").accepted


# --- starting ---------------------------------------------------------------------------------------------------------


def test_plug_then_card_permits_what_cable_and_evse_can_carry() -> None:
    site = Site(EvseSpec(1, max_current_a=32))
    site.plug(cable_a=20.0)
    assert (site.status(), site.permit_a(), site.why()) == (Status.PREPARING, 0.0, ["no session"])
    site.card("CARD1")
    assert (site.permit_a(), site.why()) == (20.0, [])
    [start] = site.told(TransactionStarted)
    assert (start.trigger, start.token, start.meter_wh, start.seq_no) == (
        Trigger.AUTHORIZED, Token("CARD1"), 5000.0, 0,
    )  # fmt: skip


def test_card_then_plug_starts_when_the_car_is_there() -> None:
    site = Site()
    site.card("CARD1")
    assert (site.status(), site.permit_a(), site.told(TransactionStarted)) == (Status.PREPARING, 0.0, [])
    site.plug()
    assert site.permit_a() == 16.0
    assert site.told(TransactionStarted)[0].trigger is Trigger.CABLE_PLUGGED_IN


def test_a_card_without_a_car_is_forgotten_after_the_time_out() -> None:
    site = Site()
    site.card("CARD1")
    site.wait(60)
    assert site.status() is Status.AVAILABLE
    assert site.told(PlugInTimedOut)
    assert site.told(SessionEnded)
    site.plug()
    assert site.permit_a() == 0.0


def test_a_plug_without_a_card_shows_finishing_after_the_time_out_and_a_card_still_starts() -> None:
    site = Site()
    site.plug()
    site.wait(59)
    assert site.status() is Status.PREPARING
    site.wait(1)
    assert site.status() is Status.FINISHING
    site.card("CARD1")
    assert site.permit_a() == 16.0
    assert len(site.told(SessionStarted)) == 1


def test_no_power_before_the_start_is_in_the_journal() -> None:
    site = Site()
    site.journal_works = False
    site.charge()
    assert (site.permit_a(), site.why(), site.status()) == (0.0, ["journal"], Status.CHARGING)
    site.station.recorded(site.told(TransactionStarted)[0].transaction, site.now)
    assert site.permit_a() == 16.0


def test_no_power_before_the_meter_has_given_its_begin_value() -> None:
    site = Site()
    site.meter_works = False
    site.plug()
    site.card("CARD1")
    assert (site.permit_a(), site.why()) == (0.0, ["meter begin value"])
    assert site.told(TransactionStarted) == []
    site.meter_works = True
    site.station.meter_lost(1, "gone", site.now)
    site.read()
    assert site.permit_a() == 16.0
    assert len(site.wished(BeginMetering)) == 2


def test_a_station_that_shall_go_on_without_meter_starts_without_it() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    site.meter_works = False
    site.plug()
    site.card("CARD1")
    assert site.permit_a() == 16.0
    assert site.told(TransactionStarted)[0].meter_wh == 5000.0


def test_a_refused_card_starts_nothing() -> None:
    site = Site()
    site.verdicts["BAD"] = Verdict("Blocked")
    site.plug()
    site.card("BAD")
    assert (site.permit_a(), site.status()) == (0.0, Status.PREPARING)
    assert site.told(TokenRefused)[0].why == "Blocked"


def test_the_same_card_within_two_seconds_is_one_tap() -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    site.card("CARD1", after_s=1.0)
    assert site.permit_a() == 16.0
    site.card("CARD1", after_s=3.0)
    assert site.permit_a() == 0.0


def test_nobody_starts_while_nothing_can_be_recorded() -> None:
    site = Site()
    site.station.journal_failed("disk full", site.now)
    site.plug()
    site.card("CARD1")
    assert site.permit_a() == 0.0
    assert "nothing can be recorded" in site.told(TokenRefused)[0].why


@pytest.mark.parametrize("severity", ["high", "medium"])
def test_nobody_starts_at_a_faulted_evse(severity: str) -> None:
    site = Site()
    site.fault("MREC14PilotFault", severity)
    assert site.status() is Status.FAULTED
    site.card("CARD1")
    assert site.told(TokenAccepted) == []
    assert "MREC14PilotFault" in site.told(TokenRefused)[0].why


def test_a_warning_hinders_nobody() -> None:
    site = Site()
    site.fault("VendorWarning", "warning")
    site.charge()
    assert site.permit_a() == 16.0


def test_before_the_first_acceptance_the_settings_decide() -> None:
    site = Site()
    set_(site, known.TX_BEFORE_ACCEPTED_ENABLED, "false")
    site.around.unaccepted = True
    site.plug()
    site.card("CARD1")
    assert (site.permit_a(), "not accepted" in site.told(TokenRefused)[0].why) == (0.0, True)
    site.station.went_online("2.0.1", site.now)
    site.card("CARD1")
    assert site.permit_a() == 16.0


def test_free_for_all_starts_with_the_plug() -> None:
    site = Site(mode="free")
    site.plug()
    assert site.permit_a() == 16.0
    assert site.told(TokenAccepted)[0].by == "free"


def test_local_mode_knows_the_cards_added_on_site() -> None:
    site = Site(mode="local")
    site.cards.add_local(Card(Token("MINE")))
    site.plug()
    site.card("OTHER")
    assert site.permit_a() == 0.0
    site.card("mine")
    assert site.permit_a() == 16.0


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_the_same_card_stops_and_the_bill_waits_for_the_contactor() -> None:
    site = Site()
    site.charge()
    site.read(wh=700.0)
    site.card("CARD1")
    assert (site.permit_a(), site.status()) == (0.0, Status.FINISHING)
    assert site.told(TransactionEnded) == []
    site.register_wh[1] += 3.0
    site.opened()
    [end] = site.told(TransactionEnded)
    assert (end.reason, end.trigger, end.token) == (StopReason.LOCAL, Trigger.STOP_AUTHORIZED, Token("CARD1"))
    assert end.meter_wh == 5703.0
    assert (end.energy_wh, site.status()) == (703.0, Status.FINISHING)


def test_a_contactor_that_never_proves_open_does_not_hold_up_the_bill_for_ever() -> None:
    site = Site()
    site.charge()
    site.card("CARD1")
    site.wait(9.5, step_s=0.5)
    assert site.told(TransactionEnded) == []
    site.wait(1.0)
    assert len(site.told(TransactionEnded)) == 1


def test_a_meter_that_does_not_give_its_end_value_is_billed_by_its_last_reading() -> None:
    site = Site()
    site.charge()
    site.read(wh=500.0)
    site.meter_works = False
    site.card("CARD1")
    site.opened()
    assert site.told(TransactionEnded)[0].meter_wh == 5500.0


def test_an_end_while_the_meter_is_lost_carries_the_last_good_register() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    site.charge()
    site.read(wh=500.0)
    site.station.meter_lost(1, "no answer", site.now)
    site.meter_works = False
    site.unplug()
    [end] = site.told(TransactionEnded)
    assert end.samples[-1].context == "Transaction.End"
    assert [quantity.value for quantity in end.samples[-1].quantities] == [5500.0]


def test_unplugging_the_car_ends_the_transaction_and_the_visit() -> None:
    site = Site()
    site.charge()
    site.unplug()
    [end] = site.told(TransactionEnded)
    assert (end.reason, end.trigger) == (StopReason.EV_DISCONNECTED, Trigger.EV_COMMUNICATION_LOST)
    assert site.status() is Status.AVAILABLE
    assert site.evse().session is None


def test_a_cable_left_in_the_socket_is_freed_when_the_settings_say_so() -> None:
    site = Site()
    site.charge()
    site.leave_cable()
    assert site.status() is Status.FINISHING
    assert site.evse().session is not None
    assert not site.evse().session.locked
    site.unplug()
    assert site.status() is Status.AVAILABLE


def test_a_cable_left_in_the_socket_waits_for_its_owner_when_the_settings_say_so() -> None:
    site = Site()
    set_(site, known.UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, "false")
    site.charge()
    site.leave_cable()
    session = site.evse().session
    assert session is not None
    assert session.locked
    site.card("OTHER")
    assert session.locked
    site.card("CARD1")
    assert not session.locked
    assert site.wished(ReleaseCable)


def test_an_interruption_at_the_car_is_forgiven_when_the_settings_say_so() -> None:
    site = Site()
    set_(site, known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT, "false")
    site.charge()
    site.leave_cable()
    assert (site.status(), site.permit_a(), site.why()) == (Status.SUSPENDED_EV, 0.0, ["no vehicle"])
    site.plug()
    site.draw()
    assert (site.status(), site.told(TransactionEnded)) == (Status.CHARGING, [])
    site.card("CARD1")
    site.opened()
    assert len(site.told(TransactionEnded)) == 1


def test_two_transactions_fit_into_one_visit() -> None:
    site = Site()
    site.charge()
    site.card("CARD1")
    site.opened()
    site.card("CARD2")
    assert [start.token for start in site.told(TransactionStarted)] == [Token("CARD1"), Token("CARD2")]
    assert len({start.transaction for start in site.told(TransactionStarted)}) == 2
    assert len({start.session for start in site.told(TransactionStarted)}) == 1


def test_a_new_driver_waits_for_the_bill_before_his() -> None:
    site = Site()
    site.charge()
    site.see(1, pilot="A", ev_connected=False, cable_present=False, contactor="closed")  # feedback is late
    site.plug(contactor="closed")
    site.card("CARD2")
    assert "in use" in site.told(TokenRefused)[0].why
    site.opened()
    site.card("CARD2")
    assert [start.token for start in site.told(TransactionStarted)] == [Token("CARD1"), Token("CARD2")]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("MREC8EmergencyStop", StopReason.EMERGENCY_STOP), ("MREC2GroundFailure", StopReason.GROUND_FAULT)],
)
def test_a_dangerous_fault_ends_the_transaction(fault: str, reason: StopReason) -> None:
    site = Site()
    site.charge()
    site.fault(fault, contactor="open")
    assert site.told(TransactionEnded)[0].reason is reason
    assert site.status() is Status.FAULTED


def test_another_fault_suspends_and_charging_goes_on_after_it() -> None:
    site = Site()
    site.charge()
    site.fault("MREC3HighTemperature", "medium", contactor="open")
    assert (site.permit_a(), site.told(TransactionEnded)) == (0.0, [])
    site.see(1, faults=())
    assert site.permit_a() == 16.0


def test_a_second_card_stops_nothing() -> None:
    site = Site()
    site.charge("CARD1")
    site.card("CARD2")
    assert site.permit_a() == 16.0
    assert site.told(TokenRefused)[0].token == Token("CARD2")


def test_a_card_of_the_same_group_stops() -> None:
    site = Site()
    site.verdicts = {uid: Verdict("Accepted", group=Token("FAMILY")) for uid in ("HIS", "HERS")}
    site.charge("HIS")
    site.card("HERS")
    site.opened()
    assert site.told(TransactionEnded)[0].token == Token("HERS")


def test_a_master_pass_stops_and_starts_nothing() -> None:
    site = Site()
    set_(site, known.MASTER_PASS_GROUP_ID, "MASTER")
    site.verdicts["POLICE"] = Verdict("Accepted", group=Token("master"))
    site.plug()
    site.card("POLICE")
    assert site.permit_a() == 0.0
    site.card("CARD1")
    site.draw()
    site.card("POLICE")
    assert site.permit_a() == 0.0


# --- the back office changes its mind ---------------------------------------------------------------------------------


def refuse_afterwards(site: Site, status: str = "Invalid") -> None:
    tx = site.evse().transaction
    assert tx is not None
    site.station.transaction_answered(tx.id, tx.token, Verdict(status), 17, site.now)
    site.settle()


def test_a_card_refused_after_the_start_ends_the_transaction_and_keeps_the_plug() -> None:
    site = Site()
    site.charge()
    refuse_afterwards(site)
    site.opened()
    [end] = site.told(TransactionEnded)
    assert (end.reason, end.trigger) == (StopReason.DEAUTHORIZED, Trigger.DEAUTHORIZED)
    assert site.told(Deauthorized)[0].why == "Invalid"
    session = site.evse().session
    assert session is not None
    assert session.locked
    site.card("CARD1")
    assert not session.locked


def test_without_stop_on_invalid_id_only_the_supply_ends_after_the_energy_allowed() -> None:
    site = Site()
    set_(site, known.STOP_TRANSACTION_ON_INVALID_ID, "false")
    set_(site, known.MAX_ENERGY_ON_INVALID_ID, "500")
    site.charge()
    refuse_afterwards(site)
    site.wait(10)
    site.read(wh=20.0)
    assert site.permit_a() == 16.0
    site.wait(300)
    site.read(wh=480.0)
    assert (site.permit_a(), site.why(), site.told(TransactionEnded)) == (0.0, ["back office"], [])


def test_an_accepted_start_teaches_the_number_of_the_back_office() -> None:
    site = Site()
    site.charge()
    tx = site.evse().transaction
    assert tx is not None
    site.station.transaction_answered(tx.id, tx.token, Verdict("Accepted"), 17, site.now)
    assert site.station.find_transaction(17) is tx
    assert site.station.find_transaction(tx.id) is tx
    assert site.station.find_transaction(18) is None


def test_without_an_answer_our_own_rules_decide_and_the_late_answer_counts() -> None:
    site = Site()
    set_(site, known.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true")
    site.csms_answers = False
    site.plug()
    site.card("CARD1")
    assert site.permit_a() == 0.0
    site.station.authorization_answered(1, None, site.now)
    site.settle()
    assert site.permit_a() == 16.0
    site.station.authorization_answered(1, Verdict("Blocked"), site.now)
    site.settle()
    assert site.permit_a() == 0.0


def test_a_late_yes_lets_in_whom_our_own_rules_refused() -> None:
    site = Site()
    site.csms_answers = False
    site.plug()
    site.card("CARD1")
    site.station.authorization_answered(1, None, site.now)
    assert site.permit_a() == 0.0
    site.station.authorization_answered(1, Verdict("Accepted"), site.now)
    site.settle()
    assert site.permit_a() == 16.0


def test_an_authorization_does_not_outlive_the_plug_it_was_for() -> None:
    site = Site()
    site.csms_answers = False
    site.plug()
    site.card("CARD1")
    site.unplug()
    site.plug()
    site.station.authorization_answered(1, Verdict("Accepted"), site.now)
    site.settle()
    assert site.permit_a() == 0.0
    assert site.told(TokenRefused)[0].why == "unplugged meanwhile"


def test_one_question_has_one_answer() -> None:
    site = Site()
    site.csms_answers = False
    site.plug()
    site.card("CARD1")
    site.station.authorization_answered(1, Verdict("Accepted"), site.now)
    site.settle()
    site.card("CARD1")
    site.station.authorization_answered(1, Verdict("Accepted"), site.now)
    site.settle()
    assert site.permit_a() == 0.0


# --- what is told on the way ------------------------------------------------------------------------------------------


def test_the_states_of_a_session_are_told_one_after_the_other() -> None:
    site = Site()
    site.charge()
    site.pause()
    site.draw()
    assert [update.state for update in site.told(TransactionUpdated)] == [
        ChargingState.CHARGING,
        ChargingState.SUSPENDED_EV,
        ChargingState.CHARGING,
    ]
    site.station.limit(1, 5.0, site.now)
    site.see(1, pilot="C1", contactor="open", offered_a=0.0)
    assert site.status() is Status.SUSPENDED_EVSE
    assert site.told(TransactionUpdated)[-1].state is ChargingState.SUSPENDED_EVSE
    assert [u.seq_no for u in site.told(TransactionUpdated)] == [1, 2, 3, 4]


def test_a_car_that_does_not_ask_for_power_has_paused_after_half_a_minute() -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    site.see(1, pilot="B2", offered_a=16.0)
    site.wait(29)
    assert site.status() is Status.PREPARING
    site.wait(2)
    assert site.status() is Status.SUSPENDED_EV


def test_samples_come_at_the_interval_from_the_start() -> None:
    site = Site()
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "30")
    site.charge()
    site.wait(95)
    samples = [u for u in site.told(TransactionUpdated) if u.trigger is Trigger.METER_VALUE_PERIODIC]
    assert [(s.samples[0].at - samples[0].samples[0].at).total_seconds() for s in samples] == [0, 30, 60]
    assert {q.measurand for q in samples[0].samples[0].quantities} == {
        "Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage",
    }  # fmt: skip


def test_no_samples_when_the_interval_is_zero() -> None:
    site = Site()
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "0")
    site.charge()
    site.wait(200)
    assert not [u for u in site.told(TransactionUpdated) if u.trigger is Trigger.METER_VALUE_PERIODIC]


def test_clock_aligned_values_go_with_the_transaction_or_by_themselves() -> None:
    site = Site()
    set_(site, known.CLOCK_ALIGNED_DATA_INTERVAL, "60")
    site.wait(65)
    [idle] = site.told(MetersSampled)
    assert (idle.samples[0].context, idle.samples[0].at.second) == ("Sample.Clock", 0)
    site.charge()
    site.wait(60)
    clock = [u for u in site.told(TransactionUpdated) if u.trigger is Trigger.METER_VALUE_CLOCK]
    assert len(clock) == 1
    assert len(site.told(MetersSampled)) == 1


def test_the_end_carries_first_and_last_value() -> None:
    site = Site()
    site.charge()
    site.wait(100)
    site.read(wh=90.0)
    site.card("CARD1")
    site.opened()
    [end] = site.told(TransactionEnded)
    assert [(s.context, s.quantities[0].value) for s in end.samples] == [
        ("Transaction.Begin", 5000.0),
        ("Transaction.End", 5090.0),
    ]


def test_a_trigger_samples_now() -> None:
    site = Site()
    site.station.sample_now(1, site.now)
    site.settle()
    assert site.told(MetersSampled)[0].samples[0].context == "Trigger"


def test_a_lost_meter_stops_and_is_a_fault_and_invents_nothing() -> None:
    site = Site()
    site.charge()
    site.station.meter_lost(1, "no answer", site.now)
    site.settle()
    assert (site.status(), site.permit_a()) == (Status.FAULTED, 0.0)
    site.wait(120)
    assert not [u for u in site.told(TransactionUpdated) if u.trigger is Trigger.METER_VALUE_PERIODIC]
    site.read()
    assert site.permit_a() == 16.0


# --- start and stop points --------------------------------------------------------------------------------------------


def test_a_transaction_may_begin_with_the_plug_and_hear_of_the_card_later() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    site.plug()
    [start] = site.told(TransactionStarted)
    assert (start.token, start.trigger, site.permit_a()) == (None, Trigger.CABLE_PLUGGED_IN, 0.0)
    site.card("CARD1")
    assert site.permit_a() == 16.0
    assert site.told(TransactionUpdated)[0].token == Token("CARD1")
    assert site.told(TransactionUpdated)[0].trigger is Trigger.AUTHORIZED


def test_a_transaction_may_begin_with_the_card() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "Authorized")
    site.card("CARD1")
    assert site.told(TransactionStarted)[0].state is ChargingState.IDLE
    site.plug()
    assert site.told(TransactionUpdated)[0].trigger is Trigger.CABLE_PLUGGED_IN


def test_a_transaction_that_began_with_the_card_ends_when_no_car_comes() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "Authorized")
    site.card("CARD1")
    site.wait(61)
    [end] = site.told(TransactionEnded)
    assert (end.trigger, end.reason) == (Trigger.EV_CONNECT_TIMEOUT, StopReason.TIMEOUT)


def test_a_transaction_may_wait_for_energy() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EnergyTransfer")
    set_(site, known.TX_STOP_POINT, "EVConnected")
    site.plug()
    site.card("CARD1")
    assert (site.told(TransactionStarted), site.permit_a()) == ([], 16.0)
    site.draw()
    assert site.told(TransactionStarted)[0].trigger is Trigger.CHARGING_STATE_CHANGED
    site.card("CARD1")
    site.opened()
    assert site.told(TransactionEnded) == []
    assert site.told(TransactionUpdated)[-1].trigger is Trigger.STOP_AUTHORIZED
    site.unplug()
    assert len(site.told(TransactionEnded)) == 1


def test_a_start_that_never_got_its_begin_value_leaves_no_trace() -> None:
    site = Site()
    site.meter_works = False
    site.plug()
    site.card("CARD1")
    site.unplug()
    assert (site.told(TransactionStarted), site.told(TransactionEnded), site.wished(EndMetering)) == ([], [], [])
    assert site.evse().transaction is None
