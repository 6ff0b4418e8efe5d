"""What is written into the books of an EVSE: a whole session fact for fact, samples, and bills that have to wait."""

from datetime import UTC, datetime

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    CablePlugged,
    CableUnplugged,
    ChargingState,
    Closing,
    ContactorClosed,
    ContactorOpened,
    LimitChanged,
    MetersSampled,
    Quantity,
    Sample,
    SessionEnded,
    SessionNoted,
    SessionStarted,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TokenAccepted,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.wishes import AskAuthorization, BeginMetering, EndMetering
from tests.core.site import Site

CARD = Token("CARD1", "ISO14443")


def set_(site: Site, setting: known.Setting[object], text: str) -> None:
    assert site.settings.change(setting, text, "local").accepted


def at(clock: str) -> datetime:
    """Today; every test begins at noon."""
    return datetime.combine(datetime(2026, 11, 22), datetime.strptime(clock, "%H:%M:%S").time(), UTC)


def register(wh: float) -> Quantity:
    return Quantity("Energy.Active.Import.Register", wh, "Wh")


def usual(wh: float) -> tuple[Quantity, ...]:
    currents = (Quantity("Current.Import", 10.0, "A", phase) for phase in ("L1", "L2", "L3"))
    voltages = zip((230.0, 231.0, 232.0), ("L1-N", "L2-N", "L3-N"), strict=True)
    return (
        register(wh),
        Quantity("Power.Active.Import", 7000.0, "W"),
        *currents,
        *(Quantity("Voltage", volts, "V", phase) for volts, phase in voltages),
    )


def samples(site: Site, trigger: Trigger) -> list[Sample]:
    """Those that were sent for this reason while a transaction ran."""
    return [
        sample for update in site.told(TransactionUpdated) if update.trigger is trigger for sample in update.samples
    ]


# --- a whole session --------------------------------------------------------------------------------------------------


def test_a_whole_session_fact_for_fact() -> None:
    site = Site(EvseSpec(1, max_current_a=32))
    site.plug(cable_a=20.0)
    site.card("CARD1")
    site.draw()
    site.wait(60)
    site.read(wh=0.5)
    site.card("CARD1")
    site.opened()
    site.unplug()
    start = Sample(at("12:00:05"), "Transaction.Begin", (register(5000.0),))
    kept = SessionNoted(1, "id-1", "SUPPLYING", CARD)
    assert site.facts == [
        CablePlugged(1, 20.0),
        SessionStarted(1, "id-1", "EVConnected"),
        StatusChanged(1, Status.PREPARING, occupied=True),
        TokenAccepted(1, "id-1", CARD, "csms"),
        kept,
        TransactionStarted(
            1, "id-2", "id-1", 0, Trigger.AUTHORIZED, ChargingState.EV_CONNECTED, CARD, 5000.0, (start,), cable_a=20.0,
            for_end=(start,),
        ),
        LimitChanged(1, 20.0, "cable"),
        ContactorClosed(1, 20.0),
        TransactionUpdated(1, "id-2", 1, Trigger.CHARGING_STATE_CHANGED, ChargingState.CHARGING),
        StatusChanged(1, Status.CHARGING, occupied=True),
        TransactionUpdated(
            1, "id-2", 2, Trigger.METER_VALUE_PERIODIC, ChargingState.CHARGING,
            samples=(Sample(at("12:01:05"), "Sample.Periodic", usual(5000.0)),),
        ),
        StatusChanged(1, Status.FINISHING, occupied=True),
        SessionNoted(1, "id-1", "FINISHING", CARD, closing=Closing(Trigger.STOP_AUTHORIZED, StopReason.LOCAL, CARD)),
        LimitChanged(1, 0.0, "no session"),
        ContactorOpened(1),
        TransactionEnded(
            1, "id-2", "id-1", 3, Trigger.STOP_AUTHORIZED, ChargingState.EV_CONNECTED, StopReason.LOCAL, CARD, 5000.5,
            (start, Sample(site.now.at, "Transaction.End", (register(5000.5),))),
            started_at=at("12:00:05"), energy_wh=0.5,
        ),
        CableUnplugged(1),
        SessionEnded(1, "id-1"),
        StatusChanged(1, Status.AVAILABLE, occupied=False),
    ]  # fmt: skip
    assert site.wishes == [AskAuthorization(0, 1, CARD), BeginMetering(1, "id-2", CARD), EndMetering(1, "id-2")]


def test_what_happens_without_a_connection_says_so() -> None:
    site = Site(online=False)
    set_(site, known.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true")
    site.charge()
    site.unplug()
    facts = [*site.told(TransactionStarted), *site.told(TransactionUpdated), *site.told(TransactionEnded)]
    assert [fact.offline for fact in facts] == [True, True, True]


def test_both_transactions_of_a_visit_count_for_its_energy() -> None:
    site = Site()
    for wh in (500.0, 200.0):
        site.card("CARD1") if site.evse().session else site.charge("CARD1")
        site.draw()
        site.read(wh=wh)
        site.card("CARD1")
        site.opened()
    session = site.evse().session
    assert session is not None
    assert session.energy_wh == 700.0


def test_the_energy_of_a_visit_is_known_at_any_moment_of_it() -> None:
    site = Site()
    shown = [site.evse().session_energy_wh]
    site.charge("CARD1")
    site.read(wh=500.0)
    shown.append(site.evse().session_energy_wh)
    site.card("CARD1")
    site.opened()
    shown.append(site.evse().session_energy_wh)
    site.meter_works = False
    site.card("CARD1")  # the begin value is not there yet
    shown.append(site.evse().session_energy_wh)
    site.station.metering_began(1, "id-3", site.reading(1), site.now)
    site.settle()
    site.read(wh=200.0)
    shown.append(site.evse().session_energy_wh)
    site.evse().reading = None
    shown.append(site.evse().session_energy_wh)
    assert shown == [0.0, 500.0, 500.0, 500.0, 700.0, 500.0]


def test_a_bill_that_comes_after_its_visit_does_not_count_for_the_next() -> None:
    site = Site()
    site.charge()
    site.read(wh=500.0)
    site.see(1, pilot="A", ev_connected=False, cable_present=False, contactor="closed")  # feedback is late
    site.plug(contactor="closed")
    site.opened()
    session = site.evse().session
    assert session is not None
    assert (site.told(TransactionEnded)[0].energy_wh, session.energy_wh) == (500.0, 0.0)


# --- begin and end ----------------------------------------------------------------------------------------------------


def test_a_start_without_a_meter_carries_no_sample() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    site.station.meter_lost(1, "no answer", site.now)
    site.meter_works = False
    site.plug()
    site.card("CARD1")
    assert site.told(TransactionStarted)[0].samples == ()
    site.unplug()
    last = Sample(site.now.at, "Transaction.End", (register(5000.0),))
    assert site.told(TransactionEnded)[0].samples == (last,)


def test_a_meter_that_never_answered_has_no_last_good_value() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    site.evse().reading = None
    site.station.meter_lost(1, "no answer", site.now)
    site.meter_works = False
    site.plug()
    site.card("CARD1")
    site.unplug()
    assert site.told(TransactionEnded)[0].samples == ()


def test_a_begin_value_for_a_transaction_that_is_no_more_begins_nothing() -> None:
    site = Site()
    site.grant = lambda wish: None  # type: ignore[method-assign]
    site.around.online = False
    set_(site, known.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true")
    site.plug()
    site.card("CARD1")
    [begin] = site.wished(BeginMetering)
    assert isinstance(begin, BeginMetering)
    site.unplug()
    site.station.metering_began(1, begin.transaction, site.reading(1), site.now)
    site.settle()
    assert site.told(TransactionStarted) == []


def test_the_start_of_another_transaction_in_the_journal_permits_nothing_here() -> None:
    site = Site()
    site.journal_works = False
    site.charge()
    site.station.recorded("another", site.now)
    assert site.permit_a() == 0.0


def test_the_bill_waits_for_a_slow_meter_no_longer_than_ten_seconds() -> None:
    site = Site()
    site.charge()
    site.read(wh=500.0)
    site.grant = lambda wish: None  # type: ignore[method-assign]  # from now on nobody answers
    site.station.stop(1, site.now)
    site.opened()
    site.wait(9.9, step_s=0.1)
    assert site.told(TransactionEnded) == []
    site.wait(0.1, step_s=0.1)
    assert site.told(TransactionEnded)[0].meter_wh == 5500.0


def test_an_end_value_that_comes_too_late_is_not_a_second_bill() -> None:
    site = Site()
    site.charge()
    site.grant = lambda wish: None  # type: ignore[method-assign]
    site.station.stop(1, site.now)
    site.opened()
    [end] = site.wished(EndMetering)
    assert isinstance(end, EndMetering)
    site.wait(10)
    site.station.metering_ended(1, end.transaction, site.reading(1), site.now)
    site.settle()
    assert len(site.told(TransactionEnded)) == 1


def test_the_bill_waits_for_the_contactor_no_longer_than_ten_seconds() -> None:
    site = Site()
    site.charge()
    site.station.stop(1, site.now)
    site.wait(9.5, step_s=0.5)
    assert site.wished(EndMetering) == []
    site.wait(0.5, step_s=0.5)
    assert len(site.wished(EndMetering)) == 1


def test_a_meter_that_comes_back_is_asked_for_a_begin_value_only_where_one_is_missing() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    site.charge()
    site.station.meter_lost(1, "no answer", site.now)
    site.read()
    assert len(site.wished(BeginMetering)) == 1
    assert site.wished(BeginMetering) == [BeginMetering(1, "id-2", CARD)]


def test_a_begin_value_is_asked_for_again_with_the_token() -> None:
    site = Site()
    site.meter_works = False
    site.plug()
    site.card("CARD1")
    site.meter_works = True
    site.station.meter_lost(1, "no answer", site.now)
    site.read()
    assert site.wished(BeginMetering) == [BeginMetering(1, "id-2", CARD)] * 2


# --- one transaction after the other ----------------------------------------------------------------------------------


def plugged_in_again_before_the_contactor_opened() -> Site:
    """Transactions begin with the plug here, and the bill of the first is still being written."""
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    set_(site, known.TX_STOP_POINT, "EVConnected")
    site.charge()
    site.see(1, pilot="A", ev_connected=False, contactor="closed")
    site.see(1, pilot="B1", ev_connected=True)
    return site


def test_a_transaction_that_is_due_begins_after_the_bill_of_the_one_before() -> None:
    site = plugged_in_again_before_the_contactor_opened()
    assert len(site.told(TransactionStarted)) == 1
    site.opened()
    first, second = site.told(TransactionStarted)
    assert (len(site.told(TransactionEnded)), second.trigger) == (1, Trigger.CABLE_PLUGGED_IN)
    assert first.transaction != second.transaction


def test_a_transaction_that_is_due_is_forgotten_when_the_car_leaves_before_it_began() -> None:
    site = plugged_in_again_before_the_contactor_opened()
    site.see(1, pilot="A", ev_connected=False)
    site.opened()
    assert (len(site.told(TransactionEnded)), len(site.told(TransactionStarted))) == (1, 1)


def test_a_transaction_that_was_due_is_so_once() -> None:
    site = plugged_in_again_before_the_contactor_opened()
    site.opened()
    site.unplug()
    assert (len(site.told(TransactionEnded)), len(site.told(TransactionStarted))) == (2, 2)


def test_a_second_start_point_is_news_of_the_same_transaction() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected,Authorized")
    site.plug()
    site.card("CARD1")
    site.unplug()
    [update, *_] = site.told(TransactionUpdated)
    assert (update.trigger, update.token) == (Trigger.AUTHORIZED, CARD)
    assert (len(site.told(TransactionStarted)), len(site.told(TransactionEnded))) == (1, 1)


def test_a_transaction_that_was_due_is_not_so_again_when_it_ends_by_another_point() -> None:
    site = plugged_in_again_before_the_contactor_opened()
    set_(site, known.TX_STOP_POINT, "PowerPathClosed")
    site.opened()
    site.card("CARD2")
    site.card("CARD2")
    site.settle()
    assert (len(site.told(TransactionEnded)), len(site.told(TransactionStarted))) == (2, 2)


def test_the_first_reason_to_end_is_the_reason() -> None:
    site = Site()
    site.charge()
    site.station.stop(1, site.now)
    site.wait(9)
    site.see(1, pilot="A", ev_connected=False)
    site.wait(1)
    assert site.told(TransactionEnded)[0].reason is StopReason.LOCAL


def test_a_card_that_comes_to_a_running_transaction_is_the_one_the_back_office_judges() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    site.plug()
    site.card("CARD1")
    tx = site.evse().transaction
    assert tx is not None
    site.station.transaction_answered(tx.id, CARD, Verdict("Invalid"), None, site.now)
    assert site.permit_a() == 0.0


def test_the_card_that_stops_is_told_although_the_transaction_goes_on() -> None:
    site = Site()
    set_(site, known.TX_STOP_POINT, "EVConnected")
    site.charge()
    site.card("CARD1")
    last = site.told(TransactionUpdated)[-1]
    assert (last.trigger, last.token) == (Trigger.STOP_AUTHORIZED, CARD)


@pytest.mark.parametrize("start_point", ["EnergyTransfer", "EVConnected,EnergyTransfer"])
def test_the_number_of_a_remote_start_is_not_told_again_by_the_next_transaction_of_the_visit(start_point: str) -> None:
    site = Site()
    set_(site, known.TX_START_POINT, start_point)
    set_(site, known.TX_STOP_POINT, "EnergyTransfer")
    site.plug()
    site.station.remote_start(1, Token("R1"), 77, site.now)
    site.settle()
    site.draw()
    site.pause()
    site.see(1, pilot="C2", contactor="closed", offered_a=16.0)
    facts = [*site.told(TransactionStarted), *site.told(TransactionUpdated)]
    assert len(site.told(TransactionStarted)) == 2
    assert [fact.remote_start_id for fact in facts].count(77) == 1


# --- samples ----------------------------------------------------------------------------------------------------------


def test_a_sample_is_dated_by_its_slot_and_one_on_demand_by_the_demand() -> None:
    site = Site()
    set_(site, known.CLOCK_ALIGNED_DATA_INTERVAL, "60")
    site.wait(59.5, step_s=59.5)
    site.wait(1)
    site.charge()
    site.wait(60)
    assert site.station.meter_now(1, site.now)
    demanded_s = site.time_s
    site.wait(1)
    told = [(moment.mono_s, moment.at) for fact, moment in site.dated if isinstance(fact, MetersSampled)]
    assert told[0] == (1060.5, at("12:01:00"))
    assert told[1][0] == demanded_s
    [clock] = [m for f, m in site.dated if isinstance(f, TransactionUpdated) and f.trigger is Trigger.METER_VALUE_CLOCK]
    assert clock.at == at("12:02:00")


def test_samples_may_come_every_second() -> None:
    site = Site()
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "1")
    site.charge()
    site.wait(3)
    assert len(samples(site, Trigger.METER_VALUE_PERIODIC)) == 3


def test_a_sample_late_by_a_whole_interval_is_one_sample() -> None:
    site = Site()
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "30")
    site.charge()
    site.wait(60, step_s=60.0)
    site.wait(20)
    assert len(samples(site, Trigger.METER_VALUE_PERIODIC)) == 1


def test_before_its_first_reading_a_meter_has_nothing_to_tell() -> None:
    site = Site()
    site.evse().reading = None
    assert not site.station.sample_now(1, site.now)


def test_what_is_not_asked_for_is_not_sent_with_the_end() -> None:
    site = Site()
    set_(site, known.STOP_TXN_SAMPLED_DATA, "")
    site.charge()
    site.unplug()
    assert site.told(TransactionEnded)[0].samples == ()


def test_samples_for_the_end_are_collected_at_their_own_interval() -> None:
    site = Site()
    set_(site, known.TX_ENDED_INTERVAL, "20")
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "0")
    site.charge()
    site.wait(50)
    site.unplug()
    assert [(s.at, s.context, s.quantities) for s in site.told(TransactionEnded)[0].samples] == [
        (at("12:00:05"), "Transaction.Begin", (register(5000.0),)),
        (at("12:00:25"), "Sample.Periodic", (register(5000.0),)),
        (at("12:00:45"), "Sample.Periodic", (register(5000.0),)),
        (at("12:00:55"), "Transaction.End", (register(5000.0),)),
    ]


def test_nothing_is_collected_for_the_end_while_the_meter_is_lost() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    set_(site, known.TX_ENDED_INTERVAL, "20")
    set_(site, known.ALIGNED_TX_ENDED_INTERVAL, "20")
    set_(site, known.STOP_TXN_ALIGNED_DATA, "Voltage")
    site.charge()
    site.station.meter_lost(1, "no answer", site.now)
    site.wait(50)
    site.read()
    site.unplug()
    assert [s.context for s in site.told(TransactionEnded)[0].samples] == ["Transaction.Begin", "Transaction.End"]


def test_samples_at_fixed_times_are_collected_for_the_end() -> None:
    site = Site()
    set_(site, known.ALIGNED_TX_ENDED_INTERVAL, "60")
    set_(site, known.STOP_TXN_ALIGNED_DATA, "Power.Active.Import")
    site.wait(61)
    site.charge()
    site.wait(60)
    site.unplug()
    site.wait(60)
    collected = [s for s in site.told(TransactionEnded)[0].samples if s.context == "Sample.Clock"]
    assert collected == [Sample(at("12:02:00"), "Sample.Clock", (Quantity("Power.Active.Import", 7000.0, "W"),))]
    assert site.told(MetersSampled) == []


def test_nothing_is_collected_for_a_transaction_whose_end_is_decided() -> None:
    site = Site()
    set_(site, known.ALIGNED_TX_ENDED_INTERVAL, "60")
    set_(site, known.STOP_TXN_ALIGNED_DATA, "Voltage")
    site.charge()
    site.wait(50)
    site.station.stop(1, site.now)
    site.wait(6)  # over the full minute, the contactor still closed
    site.opened()
    assert "Sample.Clock" not in [s.context for s in site.told(TransactionEnded)[0].samples]


@pytest.mark.parametrize(("idle_only", "while_charging"), [("true", 0), ("false", 1)])
def test_values_at_fixed_times_may_be_left_out_while_a_transaction_runs(idle_only: str, while_charging: int) -> None:
    site = Site()
    set_(site, known.CLOCK_ALIGNED_DATA_INTERVAL, "60")
    set_(site, known.SEND_DURING_IDLE, idle_only)
    site.wait(61)
    assert site.told(MetersSampled) == [MetersSampled(1, (Sample(at("12:01:00"), "Sample.Clock", usual(5000.0)),))]
    site.charge()
    site.wait(60)
    assert len(samples(site, Trigger.METER_VALUE_CLOCK)) == while_charging


def test_samples_that_were_slept_through_are_not_made_up_for() -> None:
    site = Site()
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "30")
    site.charge()
    site.wait(95, step_s=95.0)
    site.wait(31)
    assert [s.at for s in samples(site, Trigger.METER_VALUE_PERIODIC)] == [at("12:01:40"), at("12:02:10")]


def test_a_late_tick_does_not_shift_the_samples_after_it() -> None:
    site = Site()
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "30")
    site.charge()
    site.wait(40, step_s=40.0)
    site.wait(20)
    assert [s.at for s in samples(site, Trigger.METER_VALUE_PERIODIC)] == [at("12:00:45"), at("12:01:05")]


def test_a_transaction_taken_up_after_a_restart_goes_on_with_its_samples() -> None:
    site = Site()
    set_(site, known.METER_VALUE_SAMPLE_INTERVAL, "30")
    site.charge()
    records = [record for record in site.records() if isinstance(record.fact, TransactionStarted | TransactionUpdated)]
    site.evse().books.resume(records, 0, site.now, same_boot=True)
    site.facts.clear()
    site.wait(31)
    assert len(samples(site, Trigger.METER_VALUE_PERIODIC)) == 1


# --- on demand --------------------------------------------------------------------------------------------------------


def test_a_trigger_samples_what_runs_or_the_meter_alone() -> None:
    site = Site()
    assert site.station.sample_now(1, site.now)
    site.settle()
    assert site.told(MetersSampled) == [MetersSampled(1, (Sample(at("12:00:00"), "Trigger", usual(5000.0)),))]
    site.charge()
    assert site.station.sample_now(1, site.now)
    site.settle()
    assert samples(site, Trigger.TRIGGER) == [Sample(at("12:00:05"), "Trigger", usual(5000.0))]


def test_a_trigger_for_meter_values_of_2_x_never_goes_with_the_transaction() -> None:
    site = Site()
    set_(site, known.METER_VALUES_ALIGNED_DATA, "Energy.Active.Import.Register")
    site.charge()
    assert site.station.meter_now(1, site.now)
    site.settle()
    assert site.told(MetersSampled) == [MetersSampled(1, (Sample(at("12:00:05"), "Trigger", (register(5000.0),)),))]
    assert samples(site, Trigger.TRIGGER) == []


def test_a_trigger_tells_how_the_transaction_stands() -> None:
    site = Site()
    assert not site.station.tell_transaction(1, site.now)
    site.charge()
    assert site.station.tell_transaction(1, site.now)
    site.settle()
    last = site.told(TransactionUpdated)[-1]
    assert (last.trigger, last.state) == (Trigger.TRIGGER, ChargingState.CHARGING)
    assert last.samples == (Sample(at("12:00:05"), "Trigger", usual(5000.0)),)
    site.station.stop(1, site.now)
    assert not site.station.tell_transaction(1, site.now)


def test_a_trigger_has_nothing_to_tell_of_a_lost_meter_but_of_the_transaction() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    site.charge()
    site.station.meter_lost(1, "no answer", site.now)
    assert not site.station.sample_now(1, site.now)
    assert not site.station.meter_now(1, site.now)
    assert site.station.tell_transaction(1, site.now)
    site.settle()
    assert (site.told(MetersSampled), site.told(TransactionUpdated)[-1].samples) == ([], ())


# --- the charging state -----------------------------------------------------------------------------------------------


def test_a_car_that_never_asks_for_power_is_told_to_have_paused_without_any_report_of_the_guard() -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    site.see(1, pilot="B2", offered_a=16.0)
    site.wait(31)
    assert [(u.trigger, u.state) for u in site.told(TransactionUpdated)] == [
        (Trigger.CHARGING_STATE_CHANGED, ChargingState.SUSPENDED_EV)
    ]


def test_the_half_minute_for_waking_up_counts_from_the_begin_value() -> None:
    site = Site()
    site.meter_works = False
    site.plug()
    site.card("CARD1")
    site.wait(60)
    site.meter_works = True
    site.station.meter_lost(1, "gone", site.now)
    site.read()
    site.see(1, pilot="B2", offered_a=16.0)
    site.wait(29)
    assert site.status() is Status.PREPARING
    site.wait(1)
    assert site.status() is Status.SUSPENDED_EV


def test_the_start_tells_the_state_of_the_moment_it_is_written() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "Authorized")
    site.meter_works = False
    site.card("CARD1")
    site.plug()
    site.meter_works = True
    site.station.meter_lost(1, "gone", site.now)
    site.read()
    assert site.told(TransactionStarted)[0].state is ChargingState.EV_CONNECTED


def test_the_number_of_a_remote_start_is_told_once() -> None:
    site = Site()
    site.plug()
    site.station.remote_start(1, Token("R1"), 77, site.now)
    site.settle()
    site.draw()
    site.station.stop(1, site.now)
    site.opened()
    site.station.start(1, Token("R1"), site.now)
    site.settle()
    assert [start.remote_start_id for start in site.told(TransactionStarted)] == [77, None]
