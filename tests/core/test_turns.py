"""Several ways in, the newest first."""

from chargepoint.core.turns import Turns


def picks(turns: Turns, ways: list[str], tries: int) -> str:
    picked = ""
    for _ in range(tries):
        picked += turns.pick(ways)
        turns.failed()
    return picked


def test_each_way_has_its_tries_and_the_first_is_tried_again_after_the_last() -> None:
    assert picks(Turns(tries=3), ["n", "o"], 13) == "nnnooonnnooon"


def test_three_tries_are_usual() -> None:
    assert picks(Turns(), ["n", "o"], 4) == "nnno"


def test_one_way_is_tried_for_ever() -> None:
    assert picks(Turns(tries=3), ["o"], 7) == "ooooooo"


def test_a_new_way_has_its_tries_whatever_has_failed_before() -> None:
    turns = Turns(tries=2)
    picks(turns, ["o"], 3)
    turns.start_anew()
    assert picks(turns, ["n", "o"], 3) == "nno"
