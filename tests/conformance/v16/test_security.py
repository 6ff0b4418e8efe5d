"""Passwords, security profiles and the security log (security whitepaper edition 3)."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.ocpp.transport import LinkRefused
from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import ANY, answers, says
from tests.conformance.v16.words import accepted, boot, rejected, statuses

OLD, NEW = b"the installers password", "c0ffee" * 6
LOGS = "https://logs.example.com/up"


@pytest.fixture
def link(tmp_path: Path) -> Any:
    """Options of [csms] for a security profile; everything that a higher one needs is there."""
    for name in ("password", "ca.pem", "own.pem", "own.key"):
        (tmp_path / name).write_bytes(OLD)
    files = {"password_file": "password", "ca_file": "ca.pem", "certificate_file": "own.pem", "key_file": "own.key"}
    return partial(_options, {key: tmp_path / name for key, name in files.items()})


def _options(files: dict[str, Path], profile: int) -> dict[str, Any]:
    return {"url": f"{'wss' if profile > 1 else 'ws'}://csms/ocpp", "security_profile": profile, **files}


def profiles(s: Stage) -> list[int]:
    """By which it has tried to connect."""
    return [shown.security_profile for shown in s.link.shown]


@pytest.mark.parametrize("profile", [1, 2])
@pytest.mark.case("TC_073_CS")
async def test_tc_073_another_password(stage: MakeStage, link: Any, profile: int) -> None:
    async with stage(link=link(profile)) as s:
        assert s.link.shown[-1].password == OLD
        old_link = s.link.peer
        await s.asks("ChangeConfiguration", key="AuthorizationKey", value=NEW)
        await s.expect(accepted("ChangeConfiguration"))
        await s.until(lambda: len(s.link.shown) == 2)
        assert s.link.shown[-1].password == bytes.fromhex(NEW)
        await s.until(lambda: s.link.peer is not old_link and s.daemon.built.station.online)
        assert old_link is not None
        assert old_link.lost
        await s.asks("GetConfiguration", key=["AuthorizationKey"])
        [told] = await s.expect(answers("GetConfiguration", configurationKey=ANY))
        assert "value" not in told["configurationKey"][0]


@pytest.mark.case("TC_079_CS")
async def test_tc_079_the_security_log(stage: MakeStage) -> None:
    async with stage() as s:
        await s.asks("GetLog", logType="SecurityLog", requestId=11, log={"remoteLocation": LOGS})
        [answer, *_] = await s.expect(
            accepted("GetLog"),
            says("LogStatusNotification", status="Uploading", requestId=11),
            says("LogStatusNotification", status="Uploaded", requestId=11),
        )
        assert answer["filename"]
        log = s.servers.files[LOGS]
        assert log is not None
        assert b"StartupOfTheDevice" in log


@pytest.mark.parametrize("profile", [1, 2])
@pytest.mark.case("TC_083_CS")
async def test_tc_083_a_higher_profile(stage: MakeStage, link: Any, profile: int) -> None:
    async with stage(link=link(profile)) as s:
        await s.asks("ChangeConfiguration", key="SecurityProfile", value=str(profile + 1))
        await s.asks("Reset", type="Hard")
        await s.comes_back()
        await s.expect(accepted("ChangeConfiguration"), accepted("Reset"), boot(), *statuses())
        assert profiles(s) == [profile, profile + 1]
        s.link.admits = lambda shown: LinkRefused("not now", status=503, ours=True)
        s.link.drop()
        await s.wait(minutes=30)
        assert set(profiles(s)[1:]) == {profile + 1}, "it fell back"


@pytest.mark.parametrize("profile", [2, 3])
@pytest.mark.case("TC_084_CS")
async def test_tc_084_no_lower_profile(stage: MakeStage, link: Any, profile: int) -> None:
    async with stage(link=link(profile)) as s:
        for lower in range(profile):
            await s.asks("ChangeConfiguration", key="SecurityProfile", value=str(lower))
            await s.expect(rejected("ChangeConfiguration"))
        await s.silence(minutes=1)
        assert profiles(s) == [profile]
        await s.asks("GetConfiguration", key=["SecurityProfile"])
        [told] = await s.expect(answers("GetConfiguration", configurationKey=ANY))
        assert told["configurationKey"] == [{"key": "SecurityProfile", "readonly": False, "value": str(profile)}]
