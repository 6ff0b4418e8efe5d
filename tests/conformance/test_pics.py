"""`chargepoint pics` tells the truth: a station of the same configuration answers just so."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.pics import Key, as_markdown, statement
from tests.conformance.stage import MakeStage, Stage, a_stage
from tests.world import a_config

PLAIN: dict[str, Any] = {"evses": 2, "outlet": "cable", "access": "local"}
SIGNING: dict[str, Any] = {"evses": 2, "evse": {"meter": {"driver": "mock", "signs": True}}}

UNLIKE = {"HeartbeatInterval", "MeterValueSampleInterval", "MeterPublicKey[1]", "MeterPublicKey[2]"}
"""Changed by the boot and by the stage, and told by the meter."""


@pytest.fixture(params=[PLAIN, SIGNING], ids=["plain", "signing"])
def configured(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.fixture
def stage(tmp_path: Path, configured: dict[str, Any]) -> MakeStage:
    return partial(a_stage, "1.6", tmp_path, **configured)


@pytest.fixture
def keys(configured: dict[str, Any]) -> dict[str, Key]:
    return {key.name: key for key in statement(a_config("1.6", **configured), "1.6").keys}


async def told(s: Stage, **asked: Any) -> list[dict[str, Any]]:
    return (await s.asks("GetConfiguration", **asked))["configurationKey"]


async def test_it_names_the_keys_of_the_station_and_who_may_change_them(stage: MakeStage, keys: dict[str, Key]) -> None:
    async with stage() as s:
        printed = {name: key.access for name, key in keys.items() if key.access != "W"}
        assert printed == {entry["key"]: "R" if entry["readonly"] else "RW" for entry in await told(s)}
        for secret in (name for name, key in keys.items() if key.access == "W"):
            assert await told(s, key=[secret]) == [{"key": secret, "readonly": False}]


async def test_the_ranges_are_those_that_the_station_takes(stage: MakeStage, keys: dict[str, Key]) -> None:
    async with stage() as s:
        ranges = {name: key.allowed.split(" to ") for name, key in keys.items() if " to " in key.allowed}
        del ranges["SecurityProfile"]  # may only rise, and only to what is prepared (TC_083, TC_084)
        assert len(ranges) > 10
        for name, (low, high) in ranges.items():
            for value, status in ((low, "Accepted"), (high, "Accepted"), (str(int(high) + 1), "Rejected")):
                answer = await s.asks("ChangeConfiguration", key=name, value=value)
                assert answer == {"status": status}, (name, value)
            assert await s.asks("ChangeConfiguration", key=name, value=str(int(low) - 1)) == {"status": "Rejected"}


async def test_the_values_are_those_before_any_change(stage: MakeStage, keys: dict[str, Key]) -> None:
    async with stage() as s:
        here = {entry["key"]: entry["value"] for entry in await told(s)}
        printed = {name: key.value for name, key in keys.items() if key.access != "W"}
        assert printed.keys() == here.keys()
        assert {name for name in here if here[name] != printed[name]} <= UNLIKE


async def test_what_it_does_not_name_is_not_answered(stage: MakeStage, configured: dict[str, Any]) -> None:
    answered = statement(a_config("1.6", **configured), "1.6").answered
    async with stage() as s:
        for action in answered:
            assert (await s.asks(action)).get("code") not in ("NotImplemented", "NotSupported"), action
        assert (await s.asks("Overwrite"))["code"] == "NotImplemented"
        s.transcript.complaints.clear()  # about these very requests, which say nothing


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_on_paper_it_has_every_key_and_the_product(version: str) -> None:
    told = statement(a_config(version, **PLAIN), version)
    paper = as_markdown(told)
    assert "| connector 2 | fixed cable, three phases, 16 A, metered |" in paper
    assert all(f"| {key.name} | {key.access} |" in paper for key in told.keys)
