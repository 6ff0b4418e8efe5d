"""Every lock driver, simulated or on lines, does the same."""

from __future__ import annotations

from tests.hw.rigs import Rig

MOVED_S = 0.3  # the bolt has moved by then, or it does not move
RESTED_S = 1.0


def test_it_leaves_the_bolt_alone_when_it_has_just_been_claimed(rig: Rig) -> None:
    rig.run(MOVED_S)
    assert rig.lock.sense() is False


def test_it_locks_and_unlocks_and_the_switch_says_so(rig: Rig) -> None:
    for locked in (True, False, True):
        rig.lock.drive(locked)
        rig.run(MOVED_S)
        assert rig.lock.sense() is locked
        rig.run(RESTED_S)
        assert rig.lock.sense() is locked


def test_the_plug_stays_locked_when_nobody_drives_it(rig: Rig) -> None:
    rig.lock.drive(True)
    rig.run(2.0)
    assert rig.lock.sense() is True


def test_a_jammed_bolt_is_seen_and_moves_at_a_later_try(rig: Rig) -> None:
    rig.fault("lock_jammed")
    rig.lock.drive(True)
    rig.run(MOVED_S + RESTED_S)
    assert rig.lock.sense() is False

    rig.fault("lock_jammed", False)
    rig.lock.drive(True)
    rig.run(MOVED_S)
    assert rig.lock.sense() is True
