"""Card readers: what kind of card it was, cards that are no use, and readers that go and come back."""

from __future__ import annotations

import logging

import pytest

from chargepoint.core.facts import CardPresented, CardReaderBack, CardReaderLost, TokenRefused
from tests.scenarios.conftest import MakeWorld


async def test_the_back_office_hears_what_kind_of_card_it_was(world: MakeWorld) -> None:
    """125 kHz cards have no word of their own in OCPP 2.x; 1.6 has none at all."""
    async with world() as w:
        await w.card("04A1B2C3D4E5F6")
        await w.card("100086F444", kind="EM4100")
        told = [asked["idToken"]["type"] for asked in w.said("Authorize") if isinstance(asked.get("idToken"), dict)]
        assert told == ([] if w.version == "1.6" else ["ISO14443", "Local"])
        assert len(w.said("Authorize")) == 2
        assert [held.token.kind for held in w.happened(CardPresented)] == ["ISO14443", "Local"]


async def test_a_card_with_a_random_number_is_refused_without_asking(
    world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with world() as w:
        await w.plug()
        await w.card("08A1B2C3", random=True)
        [refused] = w.happened(TokenRefused)
        assert "another each time" in refused.why
        assert w.said("Authorize") == []
        assert not w.closed()
        assert len([r for r in caplog.records if "may not charge" in r.message]) == 1


async def test_a_reader_that_is_lost_is_said_once_and_works_when_it_is_back(
    world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with world() as w:
        await w.plug()
        w.yard.readers[0].unplug()
        await w.wait(minutes=10)
        assert len([r for r in caplog.records if "card reader 1: " in r.message]) == 1
        assert [lost.reader for lost in w.happened(CardReaderLost)] == [0]
        w.yard.readers[0].plug()
        await w.wait(minutes=1)
        assert len([r for r in caplog.records if "card reader 1 is back" in r.message]) == 1
        assert [back.reader for back in w.happened(CardReaderBack)] == [0]
        await w.card("CARD1")
        await w.until(w.closed)


async def test_while_one_reader_is_lost_the_other_reads_on(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug()
        w.yard.readers[0].unplug()
        await w.card("CARD1", reader=1)
        await w.until(w.closed)


async def test_a_session_goes_on_while_its_reader_is_away(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=5)
        w.yard.readers[0].unplug()
        await w.wait(minutes=5)
        assert w.closed()
        w.yard.readers[0].plug()
        await w.wait(minutes=1)
        await w.card("CARD1")
        await w.until(lambda: not w.closed())
