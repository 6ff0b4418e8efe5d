"""Whose time counts: NTP's before the back office's, and nobody's that lies before this program existed."""

from datetime import UTC, datetime, timedelta

from chargepoint.core.facts import Moment
from chargepoint.timing import Clock, boot_id, kernel_is_synchronised

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)


def a_clock(wall: datetime, ntp: bool = False) -> Clock:
    return Clock(lambda: 100.0, "boot", lambda: wall, lambda: ntp)


def test_a_clock_in_1970_is_not_believed() -> None:
    clock = a_clock(LONG_AGO)
    clock.look()
    assert (clock.trusted, clock.source) == (False, "none")


def test_a_plausible_clock_is_used_and_not_vouched_for() -> None:
    clock = a_clock(NOON)
    clock.look()
    assert (clock.trusted, clock.source, clock.now()) == (False, "system", Moment(100.0, NOON))


def test_the_back_office_puts_a_wrong_clock_right() -> None:
    clock = a_clock(LONG_AGO)
    heard: list[Moment] = []
    clock.on_trust.append(heard.append)
    clock.correct(NOON)
    assert (clock.trusted, clock.source, clock.now().at) == (True, "csms", NOON)
    assert heard == [Moment(100.0, NOON)]


def test_a_difference_of_the_network_s_making_is_not_a_correction() -> None:
    clock = a_clock(NOON)
    clock.correct(NOON + timedelta(seconds=10))
    clock.correct(NOON + timedelta(seconds=11))
    assert clock.offset_s == 10.0


def test_ntp_outranks_the_back_office() -> None:
    clock = a_clock(NOON, ntp=True)
    clock.correct(NOON + timedelta(hours=1))
    assert (clock.source, clock.offset_s, clock.trusted) == ("ntp", 0.0, True)


def test_ntp_that_comes_later_takes_over() -> None:
    ntp = False
    clock = Clock(lambda: 100.0, "boot", lambda: NOON, lambda: ntp)
    clock.correct(NOON + timedelta(seconds=30))
    ntp = True
    clock.look()
    assert (clock.source, clock.now().at) == ("ntp", NOON)


def test_a_back_office_that_lives_in_the_past_is_not_believed() -> None:
    clock = a_clock(NOON)
    clock.correct(LONG_AGO)
    assert clock.now().at == NOON


def test_a_back_office_that_is_no_time_source_is_not_heeded() -> None:
    clock = a_clock(LONG_AGO)
    clock.heeds_csms = lambda: False
    clock.correct(NOON)
    assert not clock.trusted


def test_the_kernel_can_be_asked() -> None:
    assert isinstance(kernel_is_synchronised(), bool)
    assert len(boot_id()) == 36
