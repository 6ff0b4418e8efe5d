"""One EVSE: what limits it, what it shows, and which faults and losses it tells of."""

from datetime import timedelta

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Verdict
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse, EvseSpec
from chargepoint.core.facts import (
    ChargingState,
    ContactorClosed,
    ContactorOpened,
    FaultCleared,
    FaultRaised,
    LimitChanged,
    MeterBack,
    MeterLost,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TokenRefused,
    TransactionEnded,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.limits import Limit, deciding, permit
from chargepoint.core.observation import Fault, Observation
from chargepoint.core.register import Reading
from chargepoint.core.settings import Settings
from tests.core.site import PLUGGED, Site


def set_(site: Site, setting: known.Setting[object], text: str) -> None:
    assert site.settings.change(setting, text, "local").accepted


# --- limits -----------------------------------------------------------------------------------------------------------


def test_every_limit_is_told_with_its_source_and_the_phases_it_is_for() -> None:
    site = Site(EvseSpec(1, max_current_a=32, phases=1), supply_a=25)
    site.plug(cable_a=20.0)
    site.station.limit(1, 10.0, site.now)
    assert site.evse().limits() == [
        Limit("configuration", 32, 1),
        Limit("cable", 20.0, 1),
        Limit("local", 10.0, 1),
        Limit("no session", 0.0, 1),
    ]
    site.card("CARD1")
    site.fault("MREC3HighTemperature", "medium")
    assert site.evse().limits() == [
        Limit("configuration", 32, 1),
        Limit("cable", 20.0, 1),
        Limit("local", 10.0, 1),
        Limit("supply", 10.0, 1),
        Limit("fault MREC3HighTemperature", 0.0, 1),
    ]


def test_a_warning_limits_nothing() -> None:
    site = Site()
    site.charge()
    site.fault("VendorWarning", "warning")
    assert "fault VendorWarning" not in [limit.source for limit in site.evse().limits()]


@pytest.mark.parametrize(("amps", "permitted_a"), [([], 0.0), ([6.0], 6.0), ([5.9], 0.0), ([16.0, 10.0, 32.0], 10.0)])
def test_the_least_limit_is_permitted_and_less_than_six_amperes_is_nothing(
    amps: list[float], permitted_a: float
) -> None:
    assert permit(Limit("any", each) for each in amps) == permitted_a


def test_the_first_of_the_least_limits_decides() -> None:
    assert deciding([Limit("a", 16.0), Limit("b", 10.0), Limit("c", 10.0)]) == Limit("b", 10.0)
    assert deciding([]) is None


def test_what_is_permitted_is_told_when_it_changes_with_what_decides() -> None:
    site = Site()
    site.charge()
    site.station.limit(1, 10.0, site.now)
    site.settle()
    site.fault("MREC3HighTemperature", "medium")
    assert site.told(LimitChanged) == [
        LimitChanged(1, 16.0, "configuration"),
        LimitChanged(1, 10.0, "local"),
        LimitChanged(1, 0.0, "fault MREC3HighTemperature"),
    ]


def test_power_waits_for_the_journal_although_the_transaction_has_ended_and_the_driver_stays() -> None:
    """The predicate PowerPathClosed: no transaction, no power."""
    site = Site()
    set_(site, known.TX_STOP_POINT, "EnergyTransfer")
    site.charge()
    site.pause()
    assert (site.evse().transaction, site.permit_a(), site.why()) == (None, 0.0, ["journal"])


# --- status -----------------------------------------------------------------------------------------------------------


def test_an_evse_that_has_heard_of_nothing_is_available() -> None:
    evse = Evse(EvseSpec(1), Circumstances(Settings()))
    assert (evse.status, evse.known, evse.meter_lost, evse.shown_permit_a) == (Status.AVAILABLE, False, False, 0.0)


@pytest.mark.parametrize("pilot", ["C1", "C2", "D1", "D2"])
def test_a_car_that_asks_with_or_without_ventilation_charges(pilot: str) -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    site.see(1, pilot=pilot, contactor="closed", locked=True, offered_a=16.0)
    assert site.status() is Status.CHARGING


def test_a_contactor_still_closed_for_a_car_that_does_not_ask_is_no_charging() -> None:
    site = Site()
    site.charge()
    site.see(1, pilot="B2")
    assert site.status() is Status.SUSPENDED_EV


def test_a_guard_that_holds_back_suspends_and_the_car_is_not_to_blame() -> None:
    site = Site()
    site.charge()
    site.see(1, pilot="B1", contactor="open", offered_a=0.0)
    assert site.status() is Status.SUSPENDED_EVSE


def test_a_limit_under_six_amperes_suspends_although_the_pilot_has_not_followed() -> None:
    site = Site()
    site.charge()
    site.station.limit(1, 5.0, site.now)
    site.see(1, pilot="B2", contactor="open")
    assert site.status() is Status.SUSPENDED_EVSE


def test_a_car_that_has_charged_and_asks_again_is_preparing_until_the_contactor_closes() -> None:
    site = Site()
    site.charge()
    site.pause()
    assert site.status() is Status.SUSPENDED_EV
    site.wait(60)
    site.see(1, pilot="C2")
    assert site.status() is Status.PREPARING


def test_a_car_that_asks_at_once_is_preparing_however_long_the_contactor_takes() -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    site.see(1, pilot="C2", offered_a=16.0)
    site.wait(31)
    assert site.status() is Status.PREPARING


def test_out_of_service_is_shown_once_the_transaction_is_over() -> None:
    site = Site()
    site.charge()
    site.evse().operative = False
    site.see(1, pilot="B2", contactor="open")
    assert site.status() is Status.SUSPENDED_EV
    site.journal_works = site.meter_works = True
    site.grant = lambda wish: None  # type: ignore[method-assign]  # the end value is long in coming
    site.station.stop(1, site.now)
    assert site.status() is Status.UNAVAILABLE


def test_what_leaves_or_enters_the_socket_is_told_although_the_status_stays() -> None:
    site = Site()
    site.fault("MREC3HighTemperature", "medium")
    site.see(1, cable_present=True)
    assert [(status.status, status.occupied) for status in site.told(StatusChanged)] == [
        (Status.FAULTED, False),
        (Status.FAULTED, True),
    ]


def test_the_blocking_fault_leads_and_a_warning_is_named_where_there_is_no_other() -> None:
    site = Site()
    warning, fault = Fault("VendorWarning", "warning", ""), Fault("MREC3HighTemperature", "medium", "")
    site.see(1, faults=(warning, fault))
    site.see(1, faults=(warning,))
    site.plug(faults=(warning,))
    assert [(status.status, status.fault) for status in site.told(StatusChanged)] == [
        (Status.FAULTED, "MREC3HighTemperature"),
        (Status.AVAILABLE, "VendorWarning"),
        (Status.PREPARING, "VendorWarning"),
    ]


def test_a_car_without_a_session_is_connected_and_one_that_is_not_there_is_idle() -> None:
    site = Site()
    assert site.evse().charging_state(site.now) is ChargingState.IDLE
    site.evse().seen = PLUGGED
    assert site.evse().charging_state(site.now) is ChargingState.EV_CONNECTED


# --- faults -----------------------------------------------------------------------------------------------------------


def test_a_fault_is_told_when_it_comes_and_when_it_goes_and_not_between() -> None:
    site = Site()
    site.fault("MREC3HighTemperature", "medium")
    site.see(1, locked=False)
    site.see(1, faults=(*site.evse().seen.faults, Fault("MREC14PilotFault", "high", "Look at it.")))
    site.see(1, faults=(Fault("MREC14PilotFault", "high", "Look at it."),))
    assert [fact for fact in site.facts if isinstance(fact, FaultRaised | FaultCleared)] == [
        FaultRaised(1, "MREC3HighTemperature", "medium", "mend it"),
        FaultRaised(1, "MREC14PilotFault", "high", "Look at it."),
        FaultCleared(1, "MREC3HighTemperature"),
    ]


@pytest.mark.parametrize("name", ["MREC8EmergencyStop", "MREC2GroundFailure", "MREC17EVSEContactorFault"])
def test_after_a_dangerous_fault_nobody_finds_the_car_charging_again(name: str) -> None:
    site = Site()
    site.charge()
    site.fault(name, contactor="open")
    site.see(1, faults=())
    assert (site.told(TransactionEnded)[0].trigger, site.permit_a()) == (Trigger.ABNORMAL_CONDITION, 0.0)


def test_a_dangerous_fault_takes_a_card_that_waits_for_its_car_back() -> None:
    site = Site()
    site.card("CARD1")
    site.fault("MREC8EmergencyStop")
    assert site.evse().session is None


def test_a_dangerous_fault_without_anybody_there_is_just_a_fault() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    site.plug()
    site.fault("MREC8EmergencyStop")
    assert (site.status(), site.told(TransactionEnded)) == (Status.FAULTED, [])


def test_a_fault_at_an_empty_evse_is_just_a_fault_too() -> None:
    site = Site()
    site.fault("MREC8EmergencyStop")
    assert (site.status(), site.evse().session) == (Status.FAULTED, None)


def test_what_was_not_plugged_in_is_not_unplugged() -> None:
    site = Site()
    site.see(1, locked=False)
    assert site.facts == []


def test_a_lost_guard_is_a_fault_until_it_reports_again() -> None:
    site = Site()
    site.charge()
    site.station.guard_lost(site.now)
    site.station.guard_lost(site.now)
    site.settle()
    [fault] = site.evse().faults
    assert (fault.name, fault.severity, fault.since_s) == ("BoardCommunicationFault", "high", site.time_s)
    assert "guard process" in fault.remedy
    assert (site.permit_a(), site.status()) == (0.0, Status.FAULTED)
    site.see(1)
    assert site.permit_a() == 16.0
    assert [fact for fact in site.facts if isinstance(fact, FaultRaised | FaultCleared)] == [
        FaultRaised(1, fault.name, "high", fault.remedy),
        FaultCleared(1, fault.name),
    ]


def test_a_contactor_is_told_when_it_moves() -> None:
    site = Site()
    site.charge()
    site.see(1, offered_a=10.0)
    site.opened()
    site.see(1, pilot="B2")
    assert [fact for fact in site.facts if isinstance(fact, ContactorClosed | ContactorOpened)] == [
        ContactorClosed(1, 16.0),
        ContactorOpened(1),
    ]


def test_a_welded_contactor_has_not_opened() -> None:
    site = Site()
    site.charge()
    site.see(1, contactor="welded")
    assert site.told(ContactorOpened) == []


# --- the meter --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on_loss", "severity", "permitted_a"), [("stop", "medium", 0.0), ("continue", "warning", 16)])
def test_a_lost_meter_is_told_once_with_its_remedy_and_when_it_is_back(
    on_loss: str, severity: str, permitted_a: float
) -> None:
    site = Site(EvseSpec(1, on_meter_loss=on_loss))
    site.charge()
    for _ in range(2):
        site.station.meter_lost(1, "no answer", site.now)
    site.settle()
    assert site.permit_a() == permitted_a
    [fault] = site.evse().faults
    assert (fault.name, fault.severity, fault.since_s) == ("PowermeterCommunicationFault", severity, site.time_s)
    site.read()
    assert [fact for fact in site.facts if isinstance(fact, MeterLost | MeterBack | FaultRaised | FaultCleared)] == [
        MeterLost(1, "no answer"),
        FaultRaised(1, "PowermeterCommunicationFault", severity, fault.remedy),
        FaultCleared(1, "PowermeterCommunicationFault"),
        MeterBack(1),
    ]


@pytest.mark.parametrize(("phases", "count_wh", "billed_wh"), [(3, 223.0, 223.0), (3, 240.0, 0.0), (1, 90.0, 0.0)])
def test_no_more_is_billed_than_the_evse_can_supply(phases: int, count_wh: float, billed_wh: float) -> None:
    """16 A at 260 V in a minute, a tenth more: 76.3 Wh on each phase."""
    site = Site(EvseSpec(1, phases=phases))
    site.station.meter_read(1, Reading(5000.0, taken_s=site.time_s), site.now)
    site.station.meter_read(1, Reading(5000.0 + count_wh, taken_s=site.time_s + 60), site.now)
    assert site.evse().register_wh == 5000.0 + billed_wh


# --- who may not ------------------------------------------------------------------------------------------------------


def test_nobody_new_while_the_evse_is_going_out_of_service() -> None:
    site = Site()
    site.charge()
    site.station.change_availability(1, False, site.now)
    site.settle()
    assert site.evse().unfit() == "EVSE 1 is out of service"


def test_an_evse_that_is_coming_back_into_service_is_fit() -> None:
    site = Site()
    site.charge()
    site.evse().operative_later = True
    assert site.evse().unfit() == ""


def test_before_the_first_acceptance_anybody_may_charge_where_the_settings_say_so() -> None:
    site = Site()
    site.around.unaccepted = True
    site.charge()
    assert site.permit_a() == 16.0


def test_a_card_that_waits_for_its_car_keeps_the_evse_busy() -> None:
    site = Site()
    assert not site.evse().busy
    site.card("CARD1")
    assert (site.evse().busy, site.evse().taken) == (True, True)
    assert site.station.change_availability(1, False, site.now) == "Scheduled"


def test_a_card_shown_again_before_the_car_came_is_taken_back() -> None:
    site = Site()
    site.card("CARD1")
    site.card("CARD1")
    assert (site.evse().session, site.status()) == (None, Status.AVAILABLE)


def test_another_card_does_not_take_the_place_of_one_that_waits_for_its_car() -> None:
    site = Site()
    site.card("CARD1")
    site.card("CARD2")
    assert site.told(TokenRefused)[0].why == "EVSE 1 is in use"
    site.plug()
    assert site.evse().session is not None
    assert site.evse().session.token == Token("CARD1")


def test_a_card_refused_afterwards_while_it_waits_for_its_car_is_forgotten() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "Authorized")
    site.card("CARD1")
    tx = site.evse().transaction
    assert tx is not None
    site.station.transaction_answered(tx.id, tx.token, Verdict("Invalid"), None, site.now)
    site.settle()
    assert site.evse().session is None
    assert site.told(TransactionEnded)[0].reason is StopReason.DEAUTHORIZED


def test_the_phases_are_named_by_what_the_back_office_knows_of_this_evse() -> None:
    site = Site(EvseSpec(1, phase_rotation="TRS"), EvseSpec(2, phase_rotation="TRS"))
    set_(site, known.CONNECTOR_PHASE_ROTATION, "1.STR")
    assert (site.evse(1).rotation, site.evse(2).rotation) == ("STR", "TRS")


def test_the_offer_on_the_pilot_can_be_sampled() -> None:
    site = Site(EvseSpec(1, phases=1))
    set_(site, known.METER_VALUES_SAMPLED_DATA, "Current.Offered,Power.Offered")
    site.charge()
    site.wait(61)
    [update] = [u for u in site.told(TransactionUpdated) if u.trigger is Trigger.METER_VALUE_PERIODIC]
    assert [(q.measurand, q.value) for q in update.samples[0].quantities] == [
        ("Current.Offered", 16.0),
        ("Power.Offered", 3680.0),
    ]
    assert update.samples[0].at == site.now.at - timedelta(seconds=1)


def test_a_socket_with_a_loose_cable_is_occupied() -> None:
    assert Observation(cable_present=True).plugged
    assert Observation(ev_connected=True).plugged
    assert not Observation(cable_present=False).plugged
