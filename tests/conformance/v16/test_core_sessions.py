"""Core: charging sessions, begun and ended in every way (TC_003 to TC_012)."""

import pytest

from tests.conformance.stage import MakeStage
from tests.conformance.v16.words import TAG, authorize, start, status


@pytest.mark.case("TC_003_CS")
async def test_tc_003_regular_session_plug_in_first(stage: MakeStage) -> None:
    async with stage() as s:
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.card(TAG)
        await s.expect(authorize(), start(), status(1, "Charging"))
        assert s.closed()


@pytest.mark.case("TC_004_1_CS")
async def test_tc_004_1_regular_session_identification_first(stage: MakeStage) -> None:
    async with stage() as s:
        await s.card(TAG)
        await s.expect(authorize(), status(1, "Preparing"))
        await s.plug()
        await s.expect(start(), status(1, "Charging"))
        assert s.closed()
