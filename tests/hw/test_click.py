"""The proving click: only with nothing plugged in, nothing permitted and nothing wrong, and never long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hw.api import Sensors
from hw.guard.rules import Rules
from tests.hw.stand import CAPTIVE, SOCKET, Stand


def prove(stand: Stand) -> str:
    return stand.rules.prove(stand.lease.allowance(stand.now_s), stand.now_s)


def closed_for_s(stand: Stand, within_s: float = 3.0) -> float:
    """How long the coil is fed, all in all."""
    return sum(stand.tick().closed for _ in range(round(within_s * 100))) * 0.01


def test_a_click_closes_for_a_moment_and_says_how_long_each_way_took() -> None:
    stand = Stand().permit(0.0).run(1.0)

    assert prove(stand) == ""

    assert 0.0 < closed_for_s(stand) <= 0.2
    click = stand.rules.click
    assert (click.running, click.failure) == (False, "")
    assert click.told() == {"closes_ms": "20", "opens_ms": "10"}
    assert stand.names() == []


def test_a_contactor_that_does_not_close_is_given_200_ms() -> None:
    stand = Stand().permit(0.0).run(1.0)
    stand.feedback = False

    prove(stand)

    assert closed_for_s(stand) == pytest.approx(0.2, abs=0.011)
    assert stand.rules.click.failure == "the mirror contact did not move when the contactor was to close"
    assert stand.names() == []


def test_a_contactor_that_does_not_open_again_is_welded() -> None:
    stand = Stand().permit(0.0).run(1.0)
    prove(stand)
    stand.feedback = True

    stand.run(1.0)

    assert stand.rules.click.failure == "the mirror contact did not move when the contactor was to open"
    assert stand.names() == ["MREC17EVSEContactorFault"]


def test_without_a_mirror_contact_it_can_only_be_heard() -> None:
    stand = Stand().permit(0.0).run(1.0)
    stand.mirror = False
    stand.run(0.5)

    prove(stand)

    assert closed_for_s(stand) == pytest.approx(0.1, abs=0.011)
    assert (stand.rules.click.failure, stand.rules.click.told()) == ("", {})


@pytest.mark.parametrize(
    "given",
    [
        lambda: Stand().permit(16.0).run(1.0),
        lambda: Stand().permit(0.0).plug("B").run(1.0),
        lambda: Stand(SOCKET).permit(0.0).plug("A").run(1.0),  # a cable without a car
        lambda: _with(Stand().permit(0.0), emergency_stop=True),
        lambda: _with(Stand().permit(0.0), residual_current=True),
        lambda: Stand(start_up=True),
        lambda: _stopping(Stand().permit(0.0).run(1.0)),
    ],
)
def test_there_is_no_click_unless_the_outlet_is_empty_and_well_and_nothing_is_permitted(
    given: Callable[[], Stand],
) -> None:
    stand = given()

    assert prove(stand) == "it is done only with nothing plugged in, nothing permitted and no fault"
    assert closed_for_s(stand) == 0.0


def _with(stand: Stand, **sensors: bool) -> Stand:
    stand.sensors = Sensors(**sensors)
    return stand.run(1.0)


def _stopping(stand: Stand) -> Stand:
    stand.rules.stop(stand.now_s)
    return stand


def test_two_clicks_have_the_contactors_rest_between_them() -> None:
    stand = Stand().permit(0.0).run(1.0)
    prove(stand)
    stand.run(1.0)

    assert prove(stand) == "the contactor has just been closed: try again in some seconds"
    stand.run(5.0)
    assert prove(stand) == ""


@pytest.mark.parametrize("letter", ["B", "C", "E"])
def test_a_car_that_comes_in_that_moment_ends_it_at_once(letter: str) -> None:
    stand = Stand().permit(0.0).run(1.0)
    stand.feedback = False  # so that it would last 200 ms
    prove(stand)
    stand.run(0.05)
    stand.letter = letter

    assert stand.seconds_until(lambda out: not out.closed) == 0.01
    stand.run(1.0)
    assert stand.rules.click.failure == "something has changed meanwhile"


def test_a_permit_that_comes_in_that_moment_ends_it() -> None:
    stand = Stand().permit(0.0).run(1.0)
    stand.feedback = False
    prove(stand)
    stand.run(0.05)

    stand.permit(16.0)

    assert stand.seconds_until(lambda out: not out.closed) == 0.01


def test_a_click_does_not_lock_an_empty_socket() -> None:
    stand = Stand(SOCKET).permit(0.0).run(1.0)
    prove(stand)

    for _ in range(100):
        assert stand.tick().locked is False


def test_nothing_else_closes_a_contactor_with_nothing_plugged_in() -> None:
    rules = Rules(replace(CAPTIVE, self_switching=False), 0.0)

    assert not rules.click.running
