"""Proofs on devices: `chargepoint doctor` is built of these. Nothing here is imported by daemon or guard."""

from hw.doctor.click import click_steps
from hw.doctor.findings import Checkable, Finding, Outcome, failed, ok, skipped, verdict
from hw.doctor.machine import Ask, answer_of, machine_steps
from hw.doctor.meter import meter_steps
from hw.doctor.outlets import holding_guards_place, outlet_steps
from hw.doctor.permissions import User, device_files, permission_steps
from hw.doctor.proving import Findings, at
from hw.doctor.readers import display_steps, reader_steps
from hw.doctor.reports import guard_pid, guard_steps
from hw.doctor.spare import spare_step

__all__ = [
    "Ask",
    "Checkable",
    "Finding",
    "Findings",
    "Outcome",
    "User",
    "answer_of",
    "at",
    "click_steps",
    "device_files",
    "display_steps",
    "failed",
    "guard_pid",
    "guard_steps",
    "holding_guards_place",
    "machine_steps",
    "meter_steps",
    "ok",
    "outlet_steps",
    "permission_steps",
    "reader_steps",
    "skipped",
    "spare_step",
    "verdict",
]
