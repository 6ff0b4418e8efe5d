"""Whatever the back office sends, a request of 1.6 is refused by the right word, and the station is as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.core.authorization import SOURCES
from chargepoint.ocpp.v16 import DIALECT
from tests.ocpp.bent import bent, inlined, right
from tests.ocpp.rig import request_schema
from tests.virtual_time import VirtualTimeLoop
from tests.world import World, a_world

ACTIONS = sorted(DIALECT.requests)

CODES = {  # OCPP-J 4.2.3; of several that may be meant the first of the notes on timing, section 4.1
    "missing": "ProtocolError",
    "extra": "FormationViolation",
    "null": "TypeConstraintViolation",
    "mistyped": "TypeConstraintViolation",
    "too long": "TypeConstraintViolation",
    "unknown word": "PropertyConstraintViolation",
    "out of range": "PropertyConstraintViolation",
    "no date": "PropertyConstraintViolation",
    "no address": "PropertyConstraintViolation",
}


class Busy:
    """A station in the middle of its work: somebody charges, something is reserved, lists and profiles are there."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        self.runner, self.world = runner, world

    def ask(self, action: str, payload: Any) -> list[Any]:
        """The station's whole frame."""
        frame: list[Any] = self.runner.run(self._ask(action, payload))
        return frame

    async def _ask(self, action: str, payload: Any) -> Any:
        frame = await self.world.csms.csms.call(action, payload)
        await asyncio.sleep(0.1)
        return frame

    def state(self) -> dict[str, Any]:
        """All that a request could change, and all that it could cause."""
        world, station = self.world, self.world.daemon.built.station
        return {
            "settings": self.world.daemon.built.settings.stored(),
            "profiles": station.steering.shelf.dump(),
            "cards": [self.world.daemon.built.cards.dump(source) for source in SOURCES],
            "reservations": station.reception.reservations.dump(),
            "operative": [station.operative, *((e.operative, e.operative_later) for e in station.evses.values())],
            "sessions": [(e.status, e.session, e.transaction) for e in station.evses.values()],
            "waiting": (list(station.reception.waiting), dict(station.resets.waiting)),
            "files": [keeper.status for keeper in (world.daemon.maintenance.uploads, world.daemon.services.firmware)
                      if keeper is not None],
            "facts": len(world.facts),
            "said": len(world.csms.csms.told),
        }  # fmt: skip


async def is_busy(world: World) -> None:
    await world.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="0")
    await world.ask("SendLocalList", listVersion=3, updateType="Full",
                    localAuthorizationList=[{"idTag": "FRIEND", "idTagInfo": {"status": "Accepted"}}])  # fmt: skip
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
                "startSchedule": "2026-11-22T00:00:00Z"}  # fmt: skip
    profile = {"chargingProfileId": 7, "stackLevel": 1, "chargingProfilePurpose": "TxDefaultProfile",
               "chargingProfileKind": "Absolute", "chargingSchedule": schedule}  # fmt: skip
    await world.ask("SetChargingProfile", connectorId=0, csChargingProfiles=profile)
    await world.ask("ReserveNow", connectorId=2, expiryDate="2026-11-23T00:00:00Z", idTag="FRIEND", reservationId=5)
    await world.charge(minutes=2)


@contextmanager
def a_busy_station(folder: Path) -> Iterator[Busy]:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(a_world("1.6", folder, evses=2)))
        try:
            runner.run(is_busy(world))
            yield Busy(runner, world)
        finally:
            runner.run(stack.aclose())


@pytest.mark.parametrize("action", ACTIONS)
def test_a_payload_that_is_wrong_in_one_place_is_refused_by_the_right_code(action: str, tmp_path: Path) -> None:
    schema = inlined(request_schema(action))
    jsonschema.validate(right(schema), schema)
    with a_busy_station(tmp_path) as station:
        before, wrong = station.state(), []
        for each in bent(schema):
            kind, _, *rest = station.ask(action, each.payload)
            if kind != 4 or rest[0] != CODES[each.how]:
                wrong.append((str(each), rest[:2]))
        assert wrong == []
        assert station.state() == before


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_payload_of_anything_is_refused_unless_the_schema_allows_it(action: str, tmp_path: Path) -> None:
    schema = inlined(request_schema(action))
    fields = sorted(schema["properties"]) or ["id"]
    payloads = st.dictionaries(st.sampled_from(fields), ANYTHING, max_size=len(fields)) | st.dictionaries(
        st.text(max_size=10) | st.sampled_from(fields), ANYTHING, max_size=3
    )
    checker = jsonschema.Draft6Validator(schema)
    with a_busy_station(tmp_path) as station:
        before = station.state()

        @given(payloads.filter(lambda payload: not checker.is_valid(payload)))
        @settings(max_examples=60)
        def refused(payload: dict[str, Any]) -> None:
            kind, _, code, why, details = station.ask(action, payload)
            assert (kind, code in set(CODES.values()), details) == (4, True, {})
            assert len(why) <= 255

        refused()
        assert station.state() == before
