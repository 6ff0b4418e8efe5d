"""What every card reader does, the simulated one and each real driver with a simulated device."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from hw.errors import DeviceLost
from tests.hw.readers.benches import BENCHES, NUMBER, WHERE, Bench, listening


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return BENCHES[request.param](tmp_path, monkeypatch)


async def passes(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def test_a_card_is_told_with_its_id_and_its_reader(bench: Bench) -> None:
    bench.plug()
    async with listening(bench.reader()) as heard:
        await bench.lay(bench.card)
        await passes(0.5)

    assert [(card.uid, card.reader, card.random) for card in heard.cards] == [(bench.card, NUMBER, False)]


async def test_each_tap_is_told_once(bench: Bench) -> None:
    bench.plug()
    async with listening(bench.reader()) as heard:
        await bench.lay(bench.card)
        await passes(10)
        bench.take_away()
        await passes(5)
        await bench.lay(bench.card)
        await passes(1)

    assert heard.uids == [bench.card, bench.card]


async def test_another_card_is_told_at_once(bench: Bench) -> None:
    bench.plug()
    async with listening(bench.reader()) as heard:
        await bench.lay(bench.card)
        await passes(0.6)
        bench.take_away()
        await bench.lay(bench.other)
        await passes(0.6)

    assert heard.uids == [bench.card, bench.other]


async def test_a_reader_that_is_not_there_says_so_and_what_to_do(bench: Bench) -> None:
    async with listening(bench.reader()) as heard:
        await passes(5)

    says_what_to_do(heard.lost)


async def test_a_reader_that_is_plugged_out_is_lost_while_it_waits(bench: Bench) -> None:
    bench.plug()
    async with listening(bench.reader()) as heard:
        bench.unplug()
        await passes(5)

    says_what_to_do(heard.lost)


@pytest.mark.parametrize("seed", range(20))
async def test_plugged_out_at_any_moment_and_in_again_it_reads_on(bench: Bench, seed: int) -> None:
    chance, reader = random.Random(seed), bench.reader()
    bench.plug()
    async with listening(reader) as heard:
        await passes(chance.uniform(0, 1))
        if chance.random() < 0.5:
            await bench.lay(bench.other)
        await passes(chance.choice([0, 0.001, chance.uniform(0, 1)]))
        bench.unplug()
        await passes(5)
    says_what_to_do(heard.lost)

    bench.take_away()
    bench.plug()
    async with listening(reader) as heard:
        await passes(5)
        await bench.lay(bench.card)
        await passes(1)

    assert heard.uids == [bench.card]


def says_what_to_do(lost: DeviceLost | None) -> None:
    assert lost is not None
    assert lost.where == f"[{WHERE}]"
    assert lost.fix.endswith(".")
