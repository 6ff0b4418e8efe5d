"""Whatever people, cars and limits do: what all cars may be drawing together never exceeds the fuse."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chargepoint.core.evse import EvseSpec
from tests.core.site import Site

FOLLOW_S = 5
"""A car may draw by the duty cycle of so long ago (IEC 61851-1 table A.6); the worst one always does."""

SPECS = (
    EvseSpec(1, max_current_a=32.0),
    EvseSpec(2, max_current_a=16.0, phases=1, phase_rotation="STR"),
    EvseSpec(3, max_current_a=32.0, phases=1, phase_rotation="RST"),
)
ACTIONS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(["come", "go", "pause", "go on", "limit 6", "limit 13", "no limit"]),
        st.integers(0, 8),
    ),
    max_size=25,
)


class Worst:
    """Cars that follow a lower offer as late as they may, on every phase they have."""

    def __init__(self, fuse_a: float) -> None:
        self.site = Site(*SPECS, supply_a=fuse_a)
        self.fuse_a = fuse_a
        self.paused: set[int] = set()
        self.offered = {spec.id: deque([0.0] * (FOLLOW_S + 1), maxlen=FOLLOW_S + 1) for spec in SPECS}

    def act(self, evse: int, action: str) -> None:
        site, seen = self.site, self.site.evse(evse).seen
        match action:
            case "come" if not seen.ev_connected:
                site.plug(evse)
                site.card(f"CARD{evse}", after_s=0.0)
            case "go" if seen.ev_connected:
                site.unplug(evse)
                self.offered[evse].extend([0.0] * (FOLLOW_S + 1))
            case "pause" | "go on":
                self.paused = self.paused | {evse} if action == "pause" else self.paused - {evse}
                if seen.closed and evse in self.paused:
                    site.see(evse, pilot="B2", contactor="open")
            case "limit 6" | "limit 13" | "no limit":
                amps = {"limit 6": 6.0, "limit 13": 13.0}.get(action)
                site.station.limit(evse, amps, site.now)
                site.settle()

    def second(self) -> None:
        """The guard follows its permits; a car that has an offer draws it at once, and lets go as late as it may."""
        for spec in SPECS:
            seen = self.site.evse(spec.id).seen
            if seen.ev_connected:
                self.site.see(spec.id, offered_a=self.site.permit_a(spec.id))
            self.offered[spec.id].append(self.site.evse(spec.id).seen.offered_a)
            if seen.ev_connected and self.offered[spec.id][-1] and not seen.closed and spec.id not in self.paused:
                self.site.draw(spec.id)
            elif not any(self.offered[spec.id]) and seen.closed:
                self.site.see(spec.id, pilot="B1", contactor="open")  # the guard opens when nothing is offered any more
        self.site.wait(1)

    def check(self) -> None:
        for phase in range(3):
            drawn = sum(self.may_draw_a(spec) for spec in SPECS if phase in self.site.evse(spec.id).used_grid)
            assert drawn <= self.fuse_a + 0.001

    def may_draw_a(self, spec: EvseSpec) -> float:
        return max(self.offered[spec.id]) if self.site.evse(spec.id).seen.closed else 0.0


@pytest.mark.parametrize("fuse_a", [10.0, 16.0, 25.0, 40.0])
@given(actions=ACTIONS)
@example(actions=[(1, "come", 0), (1, "pause", 1), (1, "go on", 0), (2, "come", 1)])
def test_the_fuse_holds_while_cars_come_go_and_follow_as_late_as_they_may(
    fuse_a: float, actions: list[tuple[int, str, int]]
) -> None:
    worst = Worst(fuse_a)
    for evse, action, seconds in actions:
        worst.act(evse, action)
        for _ in range(seconds):
            worst.second()
            worst.check()
