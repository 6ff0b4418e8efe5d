"""Settings in the file that this station's hardware does nothing about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chargepoint.config import EvseConfig
from hw.discovery import Mistake, dims

AWAY = "Take the line away."


def idle(settings: Mapping[str, str], evses: Sequence[EvseConfig]) -> Iterator[Mistake]:
    """`settings`: canonical name -> text."""
    lamps = [evse.indicator for evse in evses if evse.indicator is not None]
    if "BlinkRepeat" in settings and not lamps:
        yield _idle("BlinkRepeat", "is about lamps, and no EVSE has an indicator")
    if "LightIntensity" in settings and not any(map(dims, lamps)):
        yield _idle("LightIntensity", "is about lamps that can be dimmed, and none here can be")
    unlock = "OCPPCommCtrlr.UnlockOnEVSideDisconnect"
    if settings.get(unlock) == "true" and evses and all(evse.outlet == "cable" for evse in evses):
        yield _idle("UnlockConnectorOnEVSideDisconnect", "is false wherever cables are fixed")


def _idle(name: str, why: str) -> Mistake:
    return Mistake("settings", f"{name} {why}", AWAY, name)
