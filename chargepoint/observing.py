"""Guard reports in the core's words."""

from __future__ import annotations

from chargepoint.core.observation import Fault, Observation
from hw.api import Report


def observation(report: Report) -> Observation:
    return Observation(
        pilot=report.pilot,
        ev_connected=report.ev_connected,
        cable_present=report.cable_present,
        cable_a=report.cable_a,
        contactor=report.contactor,
        locked=report.locked,
        offered_a=report.offered_a,
        faults=tuple(Fault(f.name, f.severity, f.remedy, f.latched, f.since_s) for f in report.faults),
        epoch=report.epoch,
        phases=report.phases,
        key_locked=report.key_locked is True,
        grid_limited=report.limit_contact is True,
        held=report.held,
        sighted=report.sighted,
    )
