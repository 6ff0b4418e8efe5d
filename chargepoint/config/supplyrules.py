"""What must fit together in [supply]: fuses, the main meter, the grid operator's contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hw.discovery import Mistake

if TYPE_CHECKING:
    from chargepoint.config import EvseConfig, SupplyConfig
    from chargepoint.config.rules import Draft

LEAST_A = 6.0
"""The least a control pilot can offer (IEC 61851-1 annex A): less is nothing."""
NOMINAL_V = 230.0

USELESS = {
    "max_current_a": "Allowed: 6 or more, or 0 for no limit in front of the EVSEs.",
    "building_max_current_a": "Allowed: 6 or more, or 0 where the building is not looked at.",
    "building_fallback_a": "Allowed: 6 or more, or 0 to pause while the main meter is silent.",
    "max_phase_difference_a": "Allowed: 6 or more, or 0 for no limit.",
}


def supply(draft: Draft) -> Iterator[Mistake]:
    if draft.supply is None:
        return
    for key, fix in USELESS.items():
        if 0 < getattr(draft.supply, key) < LEAST_A:
            yield Mistake("supply", f"{key} = {getattr(draft.supply, key):g} lets no car charge", fix, key)
    least_w = LEAST_A * NOMINAL_V
    if 0 < draft.supply.external_limit_w < least_w:
        what = f"external_limit_w = {draft.supply.external_limit_w:g} lets no car charge"
        fix = f"Allowed: {least_w:g} (6 A on one phase) or more, or 0 to pause on purpose."
        yield Mistake("supply", what, fix, "external_limit_w")
    if draft.supply.phases == 1 and draft.supply.max_phase_difference_a:
        fix = "Take it away, or correct phases."
        yield Mistake("supply", "max_phase_difference_a makes no sense with one phase", fix, "max_phase_difference_a")


def building(draft: Draft) -> Iterator[Mistake]:
    """The building's own load is what its meter shows less what the EVSEs draw: all of it has to be measured."""
    if draft.supply is None or not draft.supply.building_max_current_a:
        return
    key = "building_max_current_a"
    if not draft.has_main_meter:
        fix = 'Add [[meter]] with role = "main" and its driver.'
        yield Mistake("supply", f"{key} needs a meter of the building", fix, key)
    if draft.supply.building_fallback_a > draft.supply.building_max_current_a:
        what = f"building_fallback_a = {draft.supply.building_fallback_a:g} is more than the building's fuse"
        fix = f"Write {draft.supply.building_max_current_a:g} or less: what is surely left while nobody measures."
        yield Mistake("supply", what, fix, "building_fallback_a")
    for evse in filter(None, draft.evses):
        if evse.meter is None:
            fix = "Add meter = { driver = … }: without it the car's current passes for the building's."
            yield Mistake(f"evse.{evse.id}", f"has no meter, and {key} in [supply] needs one", fix)


def unusable_while_dimmed(draft: Draft) -> Iterator[Mistake]:
    """A remark: it works."""
    if draft.supply is None:
        return
    for evse in filter(None, draft.evses):
        if least_w := _paused_below_w(evse, draft.supply):
            what = f"pauses while the grid operator asks for less: three phases at 6 A are {least_w:g} W"
            fix = f"Write external_limit_w = {least_w:g} or more if he allows it, or add phase_switching."
            yield Mistake(f"evse.{evse.id}", what, fix)


def _paused_below_w(evse: EvseConfig, supply: SupplyConfig) -> float:
    least_w = LEAST_A * NOMINAL_V * evse.phases
    dimmed = 0 < supply.external_limit_w < least_w and not evse.phase_switching
    return least_w if dimmed and evse.phases > 1 else 0.0
