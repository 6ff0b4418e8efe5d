"""Charging profiles in 1.6 (sections 3.13, 5.5, 5.7 and 5.16)."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chargepoint.core.profile import Kind, Period, Profile, Purpose, Recurrence, Schedule, Unit
from chargepoint.core.shelf import Wanted
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.instants import number, optional_time, time_text
from chargepoint.ocpp.v16.transactions import transaction_numbered

if TYPE_CHECKING:
    from chargepoint.core.schedule import Segment, View
    from chargepoint.ocpp.services import Services

log = logging.getLogger(__name__)

PURPOSES = {
    "ChargePointMaxProfile": Purpose.STATION_MAX,
    "TxDefaultProfile": Purpose.TX_DEFAULT,
    "TxProfile": Purpose.TX,
}
LONGEST_S = 7 * 86_400
"""Of a composite schedule: nobody plans further ahead, and a daily profile has no end."""

UNKNOWN_TRANSACTION = ""
"""Names no transaction of ours: a profile for it is refused."""


async def set_charging_profile(services: Services, payload: Payload) -> Payload:
    try:
        profile = read_profile(services, payload["connectorId"], payload["csChargingProfiles"])
    except ValueError as error:
        log.info("a charging profile is refused: %s", error)
        return {"status": "Rejected"}
    why = services.act(lambda station, now: station.set_profile(profile, now))
    if why:
        log.info("charging profile %d is refused: %s", profile.id, why)
    return {"status": "Rejected" if why else "Accepted"}


async def clear_charging_profile(services: Services, payload: Payload) -> Payload:
    """With an id the other fields say nothing; with none of them everything goes (section 6.11)."""
    purpose = payload.get("chargingProfilePurpose")
    wanted = Wanted(
        id=payload.get("id"),
        evse=payload.get("connectorId"),
        purpose=PURPOSES[purpose] if purpose is not None else None,
        stack_level=payload.get("stackLevel"),
    )
    cleared = services.act(lambda station, now: station.clear_profiles(wanted, now))
    return {"status": "Accepted" if cleared else "Unknown"}


async def get_composite_schedule(services: Services, payload: Payload) -> Payload:
    connector, duration_s = payload["connectorId"], payload["duration"]
    known = connector == 0 or connector in services.station.evses
    if not known or not 0 < duration_s <= LONGEST_S:
        return {"status": "Rejected"}
    now = services.clock.now()
    view = services.act(lambda station, now: station.composite_schedule(connector, float(duration_s), now))
    unit = Unit(payload.get("chargingRateUnit", Unit.AMPERES))
    return {
        "status": "Accepted",
        "connectorId": connector,
        "scheduleStart": time_text(now.at),
        "chargingSchedule": _told(view, unit, time_text(now.at)),
    }


def _told(view: View, unit: Unit, start: str) -> Payload:
    """Of a schedule with too many periods the first ones; `duration` says how long they hold."""
    periods = [
        {"startPeriod": int(each.start_s), "limit": _rate(each.amps, each, unit), "numberPhases": each.phases}
        for each in view.segments
    ]
    told: Payload = {
        "duration": int(view.until_s),
        "startSchedule": start,
        "chargingRateUnit": unit.value,
        "chargingSchedulePeriod": periods,
    }
    least = next((_rate(each.min_a, each, unit) for each in view.segments if each.min_a is not None), None)
    return told if least is None else {**told, "minChargingRate": least}


def _rate(amps: float, segment: Segment, unit: Unit) -> float:
    """At most one decimal (section 7.14); rounded down, for it is a limit."""
    value = amps if unit is Unit.AMPERES else segment.watts(amps)
    return number(int(value * 10 + 1e-6) / 10)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_profile(services: Services, connector: int, told: dict[str, Any]) -> Profile:
    """The CSMS's profile for a connector.

    Raises:
        ValueError: it makes no sense.
    """
    recurrence, transaction = told.get("recurrencyKind"), told.get("transactionId")
    purpose = PURPOSES[told["chargingProfilePurpose"]]
    kind, schedule = _beginning(
        Kind(told["chargingProfileKind"]), _schedule(told["chargingSchedule"]), purpose, services
    )
    return Profile(
        id=told["chargingProfileId"],
        evse=connector,
        stack_level=told["stackLevel"],
        purpose=purpose,
        kind=kind,
        schedule=schedule,
        recurrence=Recurrence(recurrence) if recurrence is not None else None,
        valid_from=optional_time(told.get("validFrom")),
        valid_to=optional_time(told.get("validTo")),
        transaction=None if transaction is None else transaction_numbered(services, transaction) or UNKNOWN_TRANSACTION,
    )


def _beginning(kind: Kind, schedule: Schedule, purpose: Purpose, services: Services) -> tuple[Kind, Schedule]:
    """startSchedule is an absolute schedule's; without one it is relative to the start of charging (section 7.13).

    The station as a whole does not start to charge: there it begins now.
    """
    if kind is Kind.RELATIVE:
        return kind, replace(schedule, start=None)
    if kind is Kind.ABSOLUTE and schedule.start is None:
        if purpose is Purpose.STATION_MAX:
            return kind, replace(schedule, start=services.clock.now().at)
        return Kind.RELATIVE, schedule
    return kind, schedule


def _schedule(told: dict[str, Any]) -> Schedule:
    return Schedule(
        unit=Unit(told["chargingRateUnit"]),
        periods=tuple(
            Period(float(each["startPeriod"]), float(each["limit"]), each.get("numberPhases"))
            for each in told["chargingSchedulePeriod"]
        ),
        start=optional_time(told.get("startSchedule")),
        duration_s=told.get("duration"),
        min_rate=told.get("minChargingRate"),
    )
