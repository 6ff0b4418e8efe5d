"""Card readers: what kind of card it was, cards that are no use, and readers that go and come back."""

from __future__ import annotations

import logging

import pytest

from chargepoint.core.facts import TokenRefused
from tests.scenarios.conftest import MakeWorld


async def test_the_back_office_hears_what_kind_of_card_it_was(world: MakeWorld) -> None:
    """125 kHz cards have no word of their own in OCPP 2.x; 1.6 has none at all."""
    async with world() as w:
        await w.card("04A1B2C3D4E5F6")
        await w.card("100086F444", kind="EM4100")
        told = [asked["idToken"]["type"] for asked in w.said("Authorize") if isinstance(asked.get("idToken"), dict)]
        assert told == ([] if w.version == "1.6" else ["ISO14443", "Local"])
        assert len(w.said("Authorize")) == 2


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
