"""Readers that type: digits of either kind, keys that are none, and devices that are no keyboards."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.errors import DeviceLost
from hw.readers.keyboard import ENTER, KEYS, Typing, id_of
from tests.hw.readers.benches import EvdevBench, listening
from tests.peers.keyboard import event, key_events


@pytest.mark.parametrize(
    ("typed", "decimal", "uid"),
    [
        ("DEADBEEF", False, "DEADBEEF"),
        ("04A1B2C3D4E5F6", False, "04A1B2C3D4E5F6"),
        ("100086F444", False, "100086F444"),
        ("3735928559", True, "DEADBEEF"),
        ("0008844356", True, "0086F444"),
        ("68728321092", True, "100086F444"),
        ("1303513814532086", True, "04A189F5DFFFF6"),
        ("", False, None),
        ("", True, None),
        ("DEADBEE", False, None),
        ("DEADBE", False, None),
        ("DEADBEEF", True, None),
        ("9" * 26, True, None),
    ],
)
def test_what_was_typed_is_an_id_or_none(typed: str, decimal: bool, uid: str | None) -> None:
    assert id_of(typed, decimal=decimal) == (None if uid is None else bytes.fromhex(uid))


@given(st.lists(st.tuples(st.integers(0, 600), st.floats(0, 5))), st.booleans())
def test_any_keys_at_all_give_an_id_or_nothing(keys: list[tuple[int, float]], decimal: bool) -> None:
    typing, now_s = Typing(decimal=decimal), 0.0
    for key, pause_s in keys:
        now_s += pause_s
        uid = typing.press(key, now_s)
        assert uid is None or len(uid) in (4, 5, 7, 8, 10)


def test_every_digit_has_its_key() -> None:
    assert set(KEYS.values()) == set("0123456789ABCDEF")
    assert not set(KEYS) & set(ENTER)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EvdevBench:
    bench = EvdevBench(tmp_path, monkeypatch)
    bench.plug()
    return bench


async def test_the_keyboard_is_ours_alone(bench: EvdevBench) -> None:
    async with listening(bench.reader()):
        assert len(bench.grabbed) == 1


async def test_digits_that_were_left_without_enter_do_not_spoil_the_next_card(bench: EvdevBench) -> None:
    async with listening(bench.reader()) as heard:
        bench.type("DEAD", enter=False)
        await asyncio.sleep(2)
        bench.type("04A1B2C3")
        await asyncio.sleep(0.1)

    assert heard.uids == ["04A1B2C3"]


async def test_other_keys_releases_and_repeats_count_for_nothing(bench: EvdevBench) -> None:
    async with listening(bench.reader()) as heard:
        bench.type("DEX", enter=False)
        os.write(bench._fd, event(1, 30, 2) + event(2, 30, 1))  # a held key, a mouse that moves
        bench.type("ADBEEF")
        await asyncio.sleep(0.1)

    assert heard.uids == ["DEADBEEF"]


async def test_an_id_of_which_keys_were_lost_is_no_id(bench: EvdevBench) -> None:
    """The kernel says so (SYN_DROPPED); what is left might be a shorter id."""
    async with listening(bench.reader()) as heard:
        bench.type("04A1", enter=False)
        os.write(bench._fd, event(0, 3, 0))
        bench.type("C3D4E5")
        bench.type("DEADBEEF")
        await asyncio.sleep(0.1)

    assert heard.uids == ["DEADBEEF"]


async def test_half_an_event_is_waited_out(bench: EvdevBench) -> None:
    async with listening(bench.reader()) as heard:
        os.write(bench._fd, key_events("1")[:13])
        await asyncio.sleep(2)

    assert (heard.uids, heard.lost) == ([], None)


async def test_a_number_is_turned_into_the_token_the_back_office_knows(bench: EvdevBench) -> None:
    async with listening(bench.reader(types="decimal", byte_order="reversed", card_kind="EM4100")) as heard:
        await bench.lay("3735928559")
        await asyncio.sleep(0.1)

    assert [(card.uid, card.kind) for card in heard.cards] == [("EFBEADDE", "EM4100")]


async def test_a_typed_id_is_never_called_random(bench: EvdevBench) -> None:
    """Who knows which of its ends is the first? One card in 256 would be refused for nothing."""
    async with listening(bench.reader()) as heard:
        await bench.lay("08A1B2C3")
        await asyncio.sleep(0.1)

    assert [card.random for card in heard.cards] == [False]


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.EBUSY, "is in use. Another program has grabbed it"),
        (errno.ENOTTY, "is no input device"),
        (errno.EACCES, "group `input`"),
    ],
)
async def test_a_device_that_cannot_be_grabbed_says_what_to_do(
    bench: EvdevBench, monkeypatch: pytest.MonkeyPatch, number: int, what: str
) -> None:
    def refused(fd: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("hw.readers.evdev.grab", refused)
    with pytest.raises(DeviceLost, match=what):
        async with bench.reader():
            pytest.fail("it opened")
