"""A car that may not go on is told by a moment of state F, and by nothing else (EVerest's 0.3 s)."""

from __future__ import annotations

import pytest

from hw.api import Sensors
from hw.guard.faults import FAULTS
from hw.guard.offer import F_PULSE_S, STEADY_MINUS, STEADY_PLUS
from tests.hw.stand import CAPTIVE, Stand

TOLD = {"residual_current": "MREC2GroundFailure", "emergency_stop": "MREC8EmergencyStop"}


@pytest.mark.parametrize("sensor", TOLD)
def test_a_fault_that_ends_the_charging_shows_state_f_for_300_ms_and_then_no_offer(sensor: str) -> None:
    stand = Stand(CAPTIVE).charging()
    stand.sensors = Sensors(**{sensor: True})

    stand.seconds_until(lambda out: out.duty == STEADY_MINUS, within_s=0.05)
    assert FAULTS[TOLD[sensor]].shows_f
    assert stand.names() == [TOLD[sensor]]
    assert stand.seconds_until(lambda out: out.duty != STEADY_MINUS) == pytest.approx(F_PULSE_S)
    assert (stand.out.duty, stand.out.offered_a) == (STEADY_PLUS, 0.0)
    stand.run(10.0)
    assert stand.out.duty == STEADY_PLUS  # told once, however long it stands


def test_a_warning_leaves_the_pilot_alone() -> None:
    stand = Stand(CAPTIVE).charging()
    before = stand.out.duty

    stand.rules.late(True, stand.now_s)

    assert {stand.tick().duty for _ in range(100)} == {before}
    assert stand.names() == ["VendorWarning"]
