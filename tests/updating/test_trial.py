"""When a new system is kept, and when the station goes back to the old one."""

from __future__ import annotations

import pytest

from chargepoint.updating.trial import SETTLE_S, Evidence, Verdict, judge

WITHIN_S = 600.0
WELL = Evidence(accepted=True)


def verdict(seen: Evidence, runs_s: float, *before: str) -> tuple[Verdict, str]:
    return judge(seen, frozenset(before), runs_s, WITHIN_S)


def test_one_that_works_and_is_accepted_is_kept() -> None:
    assert verdict(WELL, SETTLE_S) == (Verdict.KEEP, "")


def test_but_not_in_its_first_seconds() -> None:
    assert verdict(WELL, SETTLE_S - 0.1)[0] is Verdict.WAIT


def test_a_station_without_a_back_office_proves_itself_by_its_self_test_alone() -> None:
    assert verdict(Evidence(accepted=None), SETTLE_S)[0] is Verdict.KEEP


def test_one_that_is_not_accepted_has_its_time_and_no_more() -> None:
    seen = Evidence(accepted=False)
    assert verdict(seen, WITHIN_S - 1)[0] is Verdict.WAIT
    assert verdict(seen, WITHIN_S) == (Verdict.GO_BACK, "the back office has not accepted the station")


def test_a_part_that_does_not_work_is_named() -> None:
    seen = Evidence({"evse.1.meter": "the meter of EVSE 1 does not answer"}, accepted=True)
    assert verdict(seen, 60)[0] is Verdict.WAIT
    assert verdict(seen, WITHIN_S) == (Verdict.GO_BACK, "the meter of EVSE 1 does not answer")


def test_a_part_that_was_broken_before_is_not_held_against_it() -> None:
    seen = Evidence({"evse.1.meter": "the meter of EVSE 1 does not answer"}, accepted=True)
    assert verdict(seen, SETTLE_S, "evse.1.meter")[0] is Verdict.KEEP
    assert verdict(seen, WITHIN_S, "evse.2.meter")[0] is Verdict.GO_BACK


def test_a_database_that_takes_nothing_is() -> None:
    assert verdict(Evidence(accepted=True, writes=False), WITHIN_S, "writes")[0] is Verdict.GO_BACK


def test_everything_that_is_missing_is_told() -> None:
    seen = Evidence({"guard": "the guard does not answer"}, accepted=False, writes=False)
    assert verdict(seen, WITHIN_S)[1] == (
        "the guard does not answer; the station's database cannot be written; "
        "the back office has not accepted the station"
    )


@pytest.mark.parametrize("runs_s", [WITHIN_S, 10 * WITHIN_S])
def test_who_works_in_the_last_moment_is_kept(runs_s: float) -> None:
    assert verdict(WELL, runs_s)[0] is Verdict.KEEP
