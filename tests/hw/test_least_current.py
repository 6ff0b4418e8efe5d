"""Six amperes are the least a pilot can say (IEC 61851-1 table A.7): with six cars charge, with less nobody does."""

from __future__ import annotations

import pytest

from tests.hw.stand import CAPTIVE, SOCKET, Stand


def test_with_six_amperes_a_car_charges() -> None:
    stand = Stand(SOCKET).charging(6.0)

    assert (stand.out.offered_a, stand.out.duty, stand.out.locked) == (6.0, pytest.approx(0.1), True)


def test_with_less_it_is_offered_nothing_and_its_plug_is_not_taken() -> None:
    stand = Stand(SOCKET).permit(5.9).plug("C").run(10.0)

    assert (stand.out.offered_a, stand.out.duty, stand.out.closed, stand.out.locked) == (0.0, 1.0, False, False)


@pytest.mark.parametrize(("limit_a", "proves"), [(5.9, True), (6.0, False)])
def test_a_permit_that_offers_nothing_leaves_room_for_a_click(limit_a: float, proves: bool) -> None:
    stand = Stand(CAPTIVE).permit(limit_a).run(1.0)

    assert (stand.rules.prove(stand.lease.allowance(stand.now_s), stand.now_s) == "") is proves


def test_a_permit_for_less_than_six_is_not_told_as_held_back() -> None:
    """Nobody holds back what nobody could have had."""
    stand = Stand(CAPTIVE).permit(16.0).plug("B").run(1.0).permit(0.0).run(1.0)

    assert (stand.out.offered_a, stand.out.held) == (0.0, "")
