"""Core: configuration keys (TC_019, TC_021, TC_040)."""

import pytest

from tests.conformance.cases import Key, keys
from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import answers
from tests.conformance.v16.words import accepted, rejected

Entries = dict[str, dict[str, object]]


async def read(s: Stage, *names: str) -> Entries:
    """The entries that GetConfiguration brings, all of them where none is named."""
    answer = await s.asks("GetConfiguration", **({"key": list(names)} if names else {}))
    assert "unknownKey" not in answer
    await s.expect(answers("GetConfiguration"), quiet_s=0)
    entries = answer["configurationKey"]
    assert len({entry["key"] for entry in entries}) == len(entries)
    return {entry["key"]: entry for entry in entries}


READS = {
    "boolean": lambda text: text in ("true", "false"),
    "integer": lambda text: text.lstrip("-").isdigit(),
    "CSL": lambda text: text == "" or "" not in [member.strip() for member in text.split(",")],
    "string": lambda text: True,
}


def right(key: Key, entry: dict[str, object]) -> bool:
    """Does the station tell it as the standard has it?"""
    if key.access == "W":
        return "value" not in entry and entry["readonly"] is False
    access = {"R": (True,), "RW": (False,), "R/RW": (True, False)}[key.access]
    return entry["readonly"] in access and "value" in entry and READS[key.type](entry["value"])


@pytest.mark.case("TC_019_CS")
@pytest.mark.parametrize("outlet", ["socket", "cable"])
async def test_tc_019_retrieve_configuration(stage: MakeStage, outlet: str) -> None:
    async with stage(outlet=outlet) as s:
        [declared] = (await read(s, "SupportedFeatureProfiles")).values()
        profiles = str(declared["value"]).split(",")
        known = keys("1.6")
        everything = await read(s)
        required = {name for name, key in known.items() if key.need == "required" and key.profile in profiles}
        assert required - everything.keys() == set()
        assert [name for name, key in known.items() if name in everything and not right(key, everything[name])] == []
        assert [name for name, key in known.items() if key.access == "W" and name in everything] == []
        [most] = (await read(s, "GetConfigurationMaxKeys")).values()
        asked = sorted(required)[: int(str(most["value"]))]
        assert await read(s, *asked) == {name: everything[name] for name in asked}


@pytest.mark.case("TC_021_CS")
async def test_tc_021_change_configuration(stage: MakeStage) -> None:
    async with stage() as s:
        await s.asks("ChangeConfiguration", key="MeterValueSampleInterval", value="75")
        await s.expect(accepted("ChangeConfiguration"))
        assert (await read(s, "MeterValueSampleInterval"))["MeterValueSampleInterval"]["value"] == "75"


@pytest.mark.case("TC_040_1_CS")
async def test_tc_040_1_unknown_key(stage: MakeStage) -> None:
    async with stage() as s:
        await s.asks("ChangeConfiguration", key="NoSuchKey", value="1")
        await s.expect(answers("ChangeConfiguration", status="NotSupported"))


@pytest.mark.case("TC_040_2_CS")
async def test_tc_040_2_bad_value(stage: MakeStage) -> None:
    async with stage() as s:
        await s.asks("ChangeConfiguration", key="MeterValueSampleInterval", value="-1")
        await s.expect(rejected("ChangeConfiguration"))
        assert (await read(s, "MeterValueSampleInterval"))["MeterValueSampleInterval"]["value"] == "0"
