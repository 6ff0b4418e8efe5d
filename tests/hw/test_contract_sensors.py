"""Every sensor board, simulated or on lines, does the same."""

from __future__ import annotations

import pytest

from tests.hw.rigs import Rig

SETTLED_S = 0.1
INPUTS = (
    ("earth_leakage", "residual_current"),
    ("emergency_stop", "emergency_stop"),
    ("earth_missing", "earth_missing"),
    ("pen_fault", "pen_fault"),
    ("enclosure_open", "enclosure_open"),
    ("key_locked", "key_locked"),
    ("limit_contact", "limit_contact"),
)


def test_nothing_is_wrong_at_first(rig: Rig) -> None:
    rig.run(SETTLED_S)
    assert [name for _, name in INPUTS if getattr(rig.sensors(), name)] == []


@pytest.mark.parametrize(("kind", "name"), INPUTS)
def test_an_input_tells_what_happens_and_that_it_is_over(rig: Rig, kind: str, name: str) -> None:
    rig.fault(kind)
    rig.run(SETTLED_S)
    assert getattr(rig.sensors(), name) is True
    assert [other for _, other in INPUTS if getattr(rig.sensors(), other)] == [name]

    rig.fault(kind, False)
    rig.run(SETTLED_S)
    assert getattr(rig.sensors(), name) is False


@pytest.mark.parametrize(("kind", "name"), INPUTS[:4])
def test_what_opens_the_contactor_is_told_at_the_next_tick(rig: Rig, kind: str, name: str) -> None:
    rig.fault(kind)
    assert getattr(rig.sensors(), name) is True


def test_while_nothing_changes_the_same_object_is_told(rig: Rig) -> None:
    rig.run(SETTLED_S)
    assert rig.sensors() is rig.sensors()
