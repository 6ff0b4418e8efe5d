"""The lease: two stages of silence, and which permits count."""

from __future__ import annotations

from typing import Any

import pytest

from hw.api import Permit
from hw.guard.lease import Lease, Stage

BEGAN_S = 1000.0


def a_permit(sent_at_s: float, **fields: Any) -> Permit:
    return Permit(**{"evse": 1, "guard_epoch": 7, "limit_a": 16.0, "sent_at_s": sent_at_s} | fields)


def test_before_the_first_permit_nothing_is_allowed_and_the_lock_is_left_alone() -> None:
    allowance = Lease(7, BEGAN_S).allowance(BEGAN_S + 5)

    assert (allowance.stage, allowance.limit_a, allowance.hold_lock) == (Stage.NONE, 0.0, None)


@pytest.mark.parametrize(
    ("silent_s", "stage", "limit_a"),
    [
        (0.0, Stage.FRESH, 16.0),
        (9.99, Stage.FRESH, 16.0),
        (10.0, Stage.FALLBACK, 6.0),
        (119.99, Stage.FALLBACK, 6.0),
        (120.0, Stage.ENDED, 0.0),
        (9999.0, Stage.ENDED, 0.0),
    ],
)
def test_silence_lowers_the_offer_and_then_withdraws_it(silent_s: float, stage: Stage, limit_a: float) -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S), BEGAN_S)

    allowance = lease.allowance(BEGAN_S + silent_s)

    assert (allowance.stage, allowance.limit_a) == (stage, limit_a)


@pytest.mark.parametrize(("limit_a", "fallback_a", "left_a"), [(16.0, 0.0, 0.0), (0.0, 6.0, 0.0), (8.0, 10.0, 8.0)])
def test_the_fallback_never_allows_more_than_was_permitted(limit_a: float, fallback_a: float, left_a: float) -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S, limit_a=limit_a, fallback_a=fallback_a), BEGAN_S)

    assert lease.allowance(BEGAN_S + 10).limit_a == left_a


def test_a_fresh_permit_renews_a_lease_that_had_ended() -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S), BEGAN_S)
    assert lease.stage(BEGAN_S + 500) is Stage.ENDED

    lease.accept(a_permit(BEGAN_S + 500), BEGAN_S + 500)

    assert lease.allowance(BEGAN_S + 500).limit_a == 16.0


@pytest.mark.parametrize(
    ("permit", "why"),
    [
        (a_permit(BEGAN_S + 10, guard_epoch=6), "it is meant for another guard run"),
        (a_permit(BEGAN_S + 7.9), "it is too old"),
        (a_permit(BEGAN_S + 10.6), "it comes from the future"),
        (a_permit(BEGAN_S + 8.9), "a newer one has overtaken it"),
        (a_permit(BEGAN_S + 8.0), "a newer one has overtaken it"),
        (a_permit(BEGAN_S + 10), ""),
        (a_permit(BEGAN_S + 9), ""),
    ],
)
def test_a_permit_that_describes_another_time_or_run_is_ignored(permit: Permit, why: str) -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S + 9, limit_a=10.0), BEGAN_S + 9)

    assert lease.accept(permit, BEGAN_S + 10) == why
    assert lease.allowance(BEGAN_S + 10).limit_a == (10.0 if why else 16.0)


def test_a_permit_counts_from_when_it_was_sent() -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S - 1.5), BEGAN_S)

    assert lease.stage(BEGAN_S + 8.6) is Stage.FALLBACK


def test_the_lock_is_held_through_the_fallback_and_let_go_at_the_end() -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S, hold_lock=True), BEGAN_S)

    assert lease.allowance(BEGAN_S + 60).hold_lock is True
    assert lease.allowance(BEGAN_S + 120).hold_lock is False


def test_a_guard_that_nobody_ever_spoke_to_counts_as_forsaken_after_the_same_time() -> None:
    lease = Lease(7, BEGAN_S)

    assert lease.stage(BEGAN_S + 119.9) is Stage.NONE
    assert lease.stage(BEGAN_S + 120) is Stage.ENDED


def test_old_measurements_are_not_repeated_once_the_daemon_is_silent() -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S, measured_a=(99.0,), measured_at_s=BEGAN_S), BEGAN_S)

    assert lease.allowance(BEGAN_S + 1).measured_a == (99.0,)
    assert lease.allowance(BEGAN_S + 11).measured_a == ()


def test_the_allowance_is_the_same_object_as_long_as_nothing_changes() -> None:
    lease = Lease(7, BEGAN_S)
    lease.accept(a_permit(BEGAN_S), BEGAN_S)

    assert lease.allowance(BEGAN_S + 1) is lease.allowance(BEGAN_S + 9)
