"""One tap is told once, however often the card is read."""

from __future__ import annotations

import pytest

from hw.readers.taps import Taps

ANNE, BERT = b"\x04\xa1\xb2\xc3", b"\xde\xad\xbe\xef"


def tapped(*readings: tuple[float, bytes]) -> list[tuple[float, bytes]]:
    taps = Taps()
    return [(at_s, card) for at_s, card in readings if taps.is_new(card, at_s)]


@pytest.mark.parametrize(
    ("readings_s", "new_s"),
    [
        ([0.0], [0.0]),
        ([0.0, 0.3, 0.6, 0.9], [0.0]),
        ([0.3 * n for n in range(100)], [0.0]),
        ([0.0, 0.9, 1.8, 2.7, 3.6], [0.0]),
        ([0.0, 1.5], [0.0]),
        ([0.0, 2.9], [0.0]),
        ([0.0, 3.1], [0.0, 3.1]),
        ([0.0, 0.9, 1.8, 2.7, 3.6, 4.5], [0.0]),
        ([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.6], [0.0, 4.6]),
        ([0.0, 2.9, 3.5], [0.0]),
        ([0.0, 2.9, 4.0], [0.0, 4.0]),
    ],
    ids=[
        "a short tap",
        "held there",
        "left there for half a minute",
        "read badly",
        "held there again at once",
        "held there again within three seconds",
        "held there again later",
        "left there, read badly, for longer than a tap",
        "taken away after four seconds, and back a second later",
        "twice within three seconds, then still there",
        "twice within three seconds, then away for a second",
    ],
)
def test_a_card_is_told_when_it_comes(readings_s: list[float], new_s: list[float]) -> None:
    assert tapped(*((at_s, ANNE) for at_s in readings_s)) == [(at_s, ANNE) for at_s in new_s]


def test_another_card_is_another_tap_at_once() -> None:
    assert tapped((0.0, ANNE), (0.3, BERT)) == [(0.0, ANNE), (0.3, BERT)]


def test_two_cards_in_one_wallet_are_told_once_each() -> None:
    read_in_turn = [(0.3 * n, (ANNE, BERT)[n % 2]) for n in range(40)]

    assert tapped(*read_in_turn) == [(0.0, ANNE), (0.3, BERT)]
