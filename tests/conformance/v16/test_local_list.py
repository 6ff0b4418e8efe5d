"""Local authorization list management (TC_042, TC_043)."""

from typing import Any

import pytest

from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import answers
from tests.conformance.v16.words import OTHER, TAG, accepted

WITHOUT = {"LocalAuthListEnabled": "false"}
SMALL_DISK = 256 * 1024


async def send(s: Stage, version: int, *entries: dict[str, Any], full: bool = False) -> None:
    kind = "Full" if full else "Differential"
    await s.asks("SendLocalList", listVersion=version, updateType=kind, localAuthorizationList=list(entries))


def entry(tag: str, status: str = "Accepted") -> dict[str, Any]:
    return {"idTag": tag, "idTagInfo": {"status": status}}


async def has_version(s: Stage, version: int) -> None:
    await s.asks("GetLocalListVersion")
    await s.expect(answers("GetLocalListVersion", listVersion=version))


async def charges_offline(s: Stage, tag: str) -> bool:
    """May this tag start without the back office?"""
    s.link.cut()
    await s.plug()
    await s.card(tag)
    await s.wait(15)
    let_in = s.closed()
    await s.unplug()
    s.link.restore()
    await s.until(lambda: s.daemon.built.station.online, within_s=600)
    await s.wait(30)
    s.transcript.skip()
    return let_in


@pytest.mark.case("TC_042_1_CS")
async def test_tc_042_1_version_of_a_list_that_is_switched_off(stage: MakeStage) -> None:
    async with stage(settings=WITHOUT) as s:
        await has_version(s, -1)


@pytest.mark.case("TC_042_2_CS")
async def test_tc_042_2_version_of_an_empty_list(stage: MakeStage) -> None:
    async with stage() as s:
        await has_version(s, 0)
        await send(s, 3, entry(TAG), full=True)
        await s.expect(accepted("SendLocalList"))
        await has_version(s, 3)
        await send(s, 4, full=True)
        await s.expect(accepted("SendLocalList"))
        await has_version(s, 0)  # an empty list has none
        assert not await charges_offline(s, TAG)


@pytest.mark.case("TC_043_CS")
async def test_tc_043_full_and_differential_list(stage: MakeStage) -> None:
    async with stage(settings={"AuthorizationCacheEnabled": "false"}) as s:
        await send(s, 1, entry(TAG), entry("BLOCKED", "Blocked"), full=True)
        await s.expect(accepted("SendLocalList"))
        await has_version(s, 1)
        assert await charges_offline(s, TAG)
        assert not await charges_offline(s, "BLOCKED")
        assert not await charges_offline(s, OTHER)
        await send(s, 2, entry(OTHER), {"idTag": TAG}, entry("BLOCKED"))
        await s.expect(accepted("SendLocalList"))
        await has_version(s, 2)
        assert not await charges_offline(s, TAG)
        assert await charges_offline(s, OTHER)
        assert await charges_offline(s, "BLOCKED")


@pytest.mark.case("TC_043_1_CS")
async def test_tc_043_1_list_that_is_switched_off(stage: MakeStage) -> None:
    async with stage(settings=WITHOUT) as s:
        await send(s, 1, entry(TAG), full=True)
        await s.expect(answers("SendLocalList", status="NotSupported"))
        await s.asks("ChangeConfiguration", key="LocalAuthListEnabled", value="true")
        await s.expect(accepted("ChangeConfiguration"))
        await has_version(s, 0)


@pytest.mark.case("TC_043_2_CS")
async def test_tc_043_2_version_mismatch(stage: MakeStage) -> None:
    async with stage(settings={"AuthorizationCacheEnabled": "false"}) as s:
        await send(s, 2, entry(TAG), full=True)
        await s.expect(accepted("SendLocalList"))
        await has_version(s, 2)
        await send(s, 5, entry(TAG))
        await s.expect(accepted("SendLocalList"))
        await has_version(s, 5)
        await send(s, 4, entry(OTHER))
        await s.expect(answers("SendLocalList", status="VersionMismatch"))
        await has_version(s, 5)
        assert not await charges_offline(s, OTHER)


@pytest.mark.case("TC_043_3_CS")
@pytest.mark.parametrize("why", ["too many in one message", "too many altogether", "no room on the disk"])
async def test_tc_043_3_list_that_cannot_be_stored(stage: MakeStage, why: str) -> None:
    async with stage(boot=False) as s:
        s.room_bytes = SMALL_DISK if why == "no room on the disk" else s.room_bytes
        await s.switch_on()
        [told] = (await s.asks("GetConfiguration", key=["SendLocalListMaxLength"]))["configurationKey"]
        tags = [entry(f"TAG-NUMBER-{number:05}") for number in range(int(told["value"]) + 1)]
        s.transcript.skip()
        known = [entry(TAG)] if why == "no room on the disk" else tags[1:]
        await send(s, 1, *known, full=True)
        await s.expect(accepted("SendLocalList"))
        match why:
            case "too many in one message":
                await send(s, 2, *tags, full=True)
            case "too many altogether":
                await send(s, 2, tags[0])
            case "no room on the disk":
                await send(s, 2, *tags[1:], full=True)
        await s.expect(answers("SendLocalList", status="Failed"))
        await has_version(s, 1)
        assert await charges_offline(s, known[0]["idTag"])
        assert not await charges_offline(s, tags[0]["idTag"])
        await s.restart_program()
        s.transcript.skip()
        await has_version(s, 1)
