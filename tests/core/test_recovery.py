"""What goes on after the program was restarted in the middle of a session."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    ChargingState,
    Closing,
    Quantity,
    Record,
    Sample,
    SessionEnded,
    SessionNoted,
    SessionResumed,
    Status,
    StopReason,
    Token,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.observation import Observation
from chargepoint.core.recovery import Recovery
from tests.core.site import EMPTY, NOON, PLUGGED, Site

CARD, FAMILY = Token("CARD1", "ISO14443"), Token("FAMILY")
DRAWING = replace(PLUGGED, pilot="C2", contactor="closed", locked=True, offered_a=16.0)
START = TransactionStarted(
    1, "tx-1", "visit-1", 0, Trigger.AUTHORIZED, ChargingState.EV_CONNECTED, CARD, 4000.0, remote_start_id=77
)
CHARGES = TransactionUpdated(1, "tx-1", 1, Trigger.CHARGING_STATE_CHANGED, ChargingState.CHARGING)
NOTED = SessionNoted(1, "visit-1", "SUPPLYING", CARD)


def sampled(wh: float, seq_no: int = 2) -> TransactionUpdated:
    values = (Quantity("Voltage", 230_000.0, "V", "L1-N"), Quantity("Energy.Active.Import.Register", wh, "Wh"))
    sample = Sample(NOON, "Sample.Periodic", values)
    return TransactionUpdated(
        1, "tx-1", seq_no, Trigger.METER_VALUE_PERIODIC, ChargingState.CHARGING, samples=(sample,)
    )


def restarted(
    *facts: TransactionStarted | TransactionUpdated,
    away_s: float = 60.0,
    same_boot: bool = True,
    resume: bool = False,
    noted: SessionNoted | None = NOTED,
    meter_wh: float = 4500.0,
) -> Site:
    """The program died `away_s` ago; the guard has not spoken yet. On another boot only the wall clock knows."""
    site = Site(EvseSpec(1, max_current_a=16))
    then_s = site.time_s - away_s if same_boot else 123_456.0
    records = [Record(fact, site.now.at - timedelta(seconds=away_s), then_s, "boot") for fact in (facts or (START,))]
    site.evse().known = False
    site.evse().register.at = None
    site.register_wh[1] = meter_wh
    site.station.recover([Recovery(records, same_boot, resume, 0, noted)])
    return site


def billed_wh(site: Site) -> float:
    site.read()
    site.station.stop(1, site.now)
    site.opened()
    return site.told(TransactionEnded)[0].energy_wh


# --- what was decided stays decided -----------------------------------------------------------------------------------


def test_an_end_that_was_decided_is_carried_out_with_its_reason() -> None:
    closing = Closing(Trigger.REMOTE_STOP, StopReason.REMOTE, FAMILY)
    site = restarted(START, CHARGES, noted=replace(NOTED, state="FINISHING", closing=closing))
    site.see(1, DRAWING)
    assert site.permit_a() == 0.0
    site.opened()
    [end] = site.told(TransactionEnded)
    assert (end.trigger, end.reason, end.token) == (Trigger.REMOTE_STOP, StopReason.REMOTE, FAMILY)


def test_a_session_is_taken_up_as_it_was_noted() -> None:
    noted = replace(NOTED, group=FAMILY, hold_lock=True, allowance_wh=4700.0)
    site = restarted(START, CHARGES, noted=noted)
    site.see(1, DRAWING)
    session = site.evse().session
    assert session is not None
    assert (session.id, session.token, session.group) == ("visit-1", CARD, FAMILY)
    assert (session.hold_lock, session.allowance_wh) == (True, 4700.0)
    assert (session.started_at, session.began_s) == (site.now.at - timedelta(seconds=60), site.time_s)
    assert site.told(SessionResumed) == [SessionResumed(1, "visit-1", "tx-1")]


def test_without_a_note_a_token_in_the_journal_says_that_somebody_may_charge() -> None:
    for token, permitted_a in [(CARD, 16.0), (None, 0.0)]:
        site = restarted(replace(START, token=None), replace(CHARGES, token=token), noted=None)
        site.see(1, PLUGGED)
        assert site.permit_a() == permitted_a


def test_the_token_of_a_later_message_is_the_transactions_too() -> None:
    site = restarted(replace(START, token=None), replace(CHARGES, token=CARD))
    site.see(1, DRAWING)
    tx = site.evse().transaction
    assert tx is not None
    assert (tx.token, tx.remote_start_id, tx.started_at) == (CARD, 77, site.now.at - timedelta(seconds=60))


def test_a_car_that_charged_before_the_restart_is_paused_and_not_waking_up() -> None:
    for before, status in [((START, CHARGES), Status.SUSPENDED_EV), ((START,), Status.PREPARING)]:
        site = restarted(*before)
        site.see(1, replace(PLUGGED, pilot="B2", locked=True, offered_a=16.0))
        assert site.status() is status


def test_a_car_that_does_not_wake_up_after_a_restart_has_half_a_minute_again() -> None:
    site = restarted(START, away_s=600.0)
    site.see(1, replace(PLUGGED, pilot="B2", locked=True, offered_a=16.0))
    site.wait(29)
    assert site.status() is Status.PREPARING
    site.wait(1)
    assert site.status() is Status.SUSPENDED_EV


def test_the_state_told_last_is_not_told_again() -> None:
    site = restarted(START, CHARGES)
    site.see(1, DRAWING)
    assert site.told(TransactionUpdated) == []


@pytest.mark.parametrize("state", ["INTERRUPTED", "AUTHORIZED"])
def test_a_car_that_came_back_meanwhile_goes_on(state: str) -> None:
    site = restarted(START, CHARGES, noted=replace(NOTED, state=state))
    site.see(1, PLUGGED)
    assert site.permit_a() == 16.0


def test_a_session_that_waits_for_its_car_goes_on_waiting() -> None:
    site = restarted(START, noted=replace(NOTED, state="AUTHORIZED"))
    site.see(1, EMPTY)
    assert (site.told(SessionEnded), site.told(TransactionEnded)) == ([], [])


def test_a_car_that_left_without_its_cable_meanwhile_is_billed() -> None:
    site = restarted(START, CHARGES)
    site.see(1, Observation(cable_present=True, cable_a=32.0))
    assert site.told(TransactionEnded)[0].reason is StopReason.EV_DISCONNECTED
    assert site.status() is Status.FINISHING


def test_a_power_cut_is_an_abnormal_condition() -> None:
    site = restarted(START, CHARGES, same_boot=False)
    site.see(1, PLUGGED)
    [end] = site.told(TransactionEnded)
    assert (end.trigger, end.reason) == (Trigger.ABNORMAL_CONDITION, StopReason.POWER_LOSS)


def test_nothing_is_owed_for_messages_unless_they_were_lost() -> None:
    site = restarted(START, CHARGES)
    site.see(1, DRAWING)
    site.unplug()
    assert site.told(TransactionEnded)[0].seq_no == 2


# --- energy nobody watched --------------------------------------------------------------------------------------------


def test_the_register_goes_on_from_the_highest_value_that_was_told() -> None:
    """The meter was replaced while the program was away: what it shows is not what anybody received."""
    site = restarted(START, sampled(4300.0), sampled(4200.0, 3), meter_wh=0.0)
    site.see(1, DRAWING)
    assert billed_wh(site) == 300.0


@pytest.mark.parametrize(
    ("away_s", "rise_wh", "believed_wh"),
    [(60.0, 238.0, 238.0), (60.0, 239.5, 0.0), (600.0, 2298.0, 2298.0), (600.0, 2299.0, 0.0)],
)
@pytest.mark.parametrize("same_boot", [True, False])
def test_what_the_meter_counted_meanwhile_is_believed_as_far_as_it_could_be_supplied(
    away_s: float, rise_wh: float, believed_wh: float, same_boot: bool
) -> None:
    """16 A on three phases, 260 V, a tenth more: 13.728 kW, and a step of the display."""
    site = restarted(START, away_s=away_s, same_boot=same_boot, resume=True, meter_wh=4000.0 + rise_wh)
    site.see(1, PLUGGED)
    assert billed_wh(site) == believed_wh


@pytest.mark.parametrize(("rise_wh", "believed_wh"), [(13_737.0, 13_737.0), (13_739.0, 0.0)])
def test_where_the_clock_is_no_help_an_hour_is_assumed(rise_wh: float, believed_wh: float) -> None:
    site = restarted(START, away_s=-1e6, same_boot=False, resume=True, meter_wh=4000.0 + rise_wh)
    site.see(1, PLUGGED)
    assert billed_wh(site) == believed_wh
