"""Every contactor driver, simulated or on a line, does the same."""

from __future__ import annotations

import pytest

from hw.api import Contactor
from tests.hw.rigs import Rig


@pytest.fixture(params=["contactor", "phase_contactor"])
def contactor(rig: Rig, request: pytest.FixtureRequest) -> Contactor:
    found: Contactor = getattr(rig, request.param)
    return found


def test_it_is_open_when_it_has_just_been_claimed(rig: Rig, contactor: Contactor) -> None:
    rig.run(0.1)
    assert contactor.feedback() is False


def test_it_closes_and_opens_and_the_mirror_contact_says_so(rig: Rig, contactor: Contactor) -> None:
    contactor.switch(True)
    rig.run(0.05)
    assert contactor.feedback() is True

    contactor.switch(False)
    rig.run(0.05)
    assert contactor.feedback() is False


def test_the_same_order_twice_changes_nothing(rig: Rig, contactor: Contactor) -> None:
    for order in (True, True, False, False):
        contactor.switch(order)
        rig.run(0.2)
        assert contactor.feedback() is order


def test_one_of_two_contactors_moves_alone(rig: Rig) -> None:
    rig.contactor.switch(True)
    rig.run(0.05)
    assert (rig.contactor.feedback(), rig.phase_contactor.feedback()) == (True, False)


def test_a_welded_contactor_is_seen(rig: Rig) -> None:
    rig.contactor.switch(True)
    rig.run(0.05)
    rig.fault("contactor_welded")
    rig.contactor.switch(False)
    rig.run(0.5)
    assert rig.contactor.feedback() is True


def test_one_that_does_not_close_is_seen(rig: Rig) -> None:
    rig.fault("contactor_stuck_open")
    rig.contactor.switch(True)
    rig.run(0.5)
    assert rig.contactor.feedback() is False
