"""What whoever looks after security is told, and what only the security log keeps."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.core.facts import SecurityNoted
from chargepoint.demo.authority import Authority
from chargepoint.ocpp.transport import LinkRefused
from tests.scenarios.conftest import MakeWorld
from tests.world import NOON, World, a_world

LOGS = "https://logs.example.com/up"


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path)


def told(w: World) -> list[str]:
    return [payload["type"] for payload in w.said("SecurityEventNotification")]


def noted(w: World) -> list[str]:
    return [str(fact.event) for fact in w.happened(SecurityNoted)]


async def the_log(w: World) -> str:
    w.servers.files.pop(LOGS, None)
    await w.ask("GetLog", logType="SecurityLog", requestId=7, log={"remoteLocation": LOGS})
    await w.wait(10)
    content = w.servers.files[LOGS]
    assert content is not None
    return content.decode()


async def test_power_reset_and_crash_are_told_apart(world: MakeWorld) -> None:
    async with world() as w:
        assert told(w) == ["StartupOfTheDevice"]
        await w.ask("Reset", type="Hard")
        await w.until(lambda: w.ending is not None)
        await w.start_program()
        assert told(w)[1:] == ["ResetOrReboot"]
        assert w.said("SecurityEventNotification")[-1]["techInfo"] == "RemoteReset"
        await w.restart_program()
        assert told(w)[2:] == ["ResetOrReboot"]
        await w.power_cut()
        await w.power_back()
        assert told(w)[3:] == ["StartupOfTheDevice"]


async def test_events_of_an_outage_are_delivered_after_it_with_their_times(world: MakeWorld) -> None:
    async with world() as w:
        w.link.cut()
        await w.wait(minutes=10)
        await w.power_cut()
        await w.power_back()
        before = w.true_time()
        await w.wait(hours=2)
        assert told(w) == ["StartupOfTheDevice"]
        w.link.restore()
        await w.until(lambda: len(told(w)) == 2, within_s=1200)
        assert w.said("SecurityEventNotification")[-1]["timestamp"] <= before.isoformat().replace("+00:00", "Z")


async def test_an_open_enclosure_is_tampering(world: MakeWorld) -> None:
    async with world(evses=2) as w:
        for evse in (1, 2):
            await w.fault("enclosure_open", evse=evse)
        assert w.alarms() == ["TamperDetectionActivated"]


async def test_a_server_that_shows_a_wrong_certificate_is_told_when_the_right_one_is_back(world: MakeWorld) -> None:
    async with world() as w:
        w.link.refusal = LinkRefused("expired", event="InvalidCsmsCertificate", ours=True)
        w.link.drop()
        await w.wait(minutes=20)
        w.link.restore()
        await w.until(lambda: len(w.alarms()) > 0, within_s=1200)
        await w.wait(30)
        assert w.alarms() == ["InvalidCentralSystemCertificate"]
        assert noted(w) == ["CsmsFailedToAuthenticate"]


@pytest.mark.parametrize(
    "frame",
    [
        "no JSON",
        "[2]",
        '[2, "ID", "Reset", {}]',
        '[2, "ID", "Reset", {"type": "Firm"}]',
        '[2, "ID", "Reset", {"typo": 1}]',
    ],
)
async def test_messages_against_the_standard_are_kept_and_not_told(world: MakeWorld, frame: str) -> None:
    async with world() as w:
        for number in range(50):
            await w.csms.csms.send(frame.replace("ID", str(number)))
        await w.wait(10)
        assert noted(w) == ["InvalidMessages"]
        assert w.alarms() == []
        assert (await the_log(w)).count("InvalidMessages") == 1


@pytest.mark.parametrize("frame", ['[2, "x", "Unheard", {}]', '[2, "x", "Authorize", {}]'])
async def test_what_the_station_merely_does_not_know_is_no_event(world: MakeWorld, frame: str) -> None:
    async with world() as w:
        await w.csms.csms.send(frame)
        await w.wait(10)
        assert noted(w) == []


async def test_an_id_that_comes_twice_may_be_a_replay(world: MakeWorld) -> None:
    async with world() as w:
        request: list[Any] = [2, "same", "GetConfiguration", {"key": ["HeartbeatInterval"]}]
        for _ in range(3):
            assert (await w.csms.csms.exchange(request, "same"))[0] == 3
        await w.wait(1)
        assert noted(w) == ["AttemptedReplayAttacks"]
        w.link.drop()
        await w.wait(60)
        await w.csms.csms.exchange([2, "same2", "GetConfiguration", {}], "same2")
        assert noted(w) == ["AttemptedReplayAttacks"]


async def test_the_log_keeps_what_is_told_and_what_is_not_through_a_power_cut(world: MakeWorld) -> None:
    async with world() as w:
        await w.ask("ChangeConfiguration", key="AuthorizationKey", value="ab" * 16)
        await w.csms.csms.send("no JSON")
        await w.wait(5)
        await w.power_cut()
        await w.power_back()
        log = await the_log(w)
        for event in ("ReconfigurationOfSecurityParameters", "InvalidMessages"):
            assert log.count(event) == 1
        assert log.count("StartupOfTheDevice") == 2
        assert "ab" * 16 not in log


async def test_what_changes_the_stations_security_is_kept(world: MakeWorld, tmp_path: Path) -> None:
    async with world() as w:
        root = Authority(tmp_path, "new")
        await w.ask("InstallCertificate", certificateType="CentralSystemRootCertificate", certificate=root.pem)
        listed = await w.ask("GetInstalledCertificateIds", certificateType="CentralSystemRootCertificate")
        await w.ask("DeleteCertificate", certificateHashData=listed["certificateHashData"][0])
        await w.ask("ChangeConfiguration", key="CpoName", value="Acme Charging")
        await w.ask("ChangeConfiguration", key="HeartbeatInterval", value="60")
        await w.wait(1)
        assert noted(w) == ["ReconfigurationOfSecurityParameters"] * 3
        assert w.alarms() == []


async def test_a_security_log_that_somebody_deletes_is_told(world: MakeWorld) -> None:
    async with world() as w:
        await w.restart_program()
        assert w.alarms() == []
        await w.kill_program()
        for file in (w.state / "logs").glob("security-*"):
            file.unlink()
        await w.start_program()
        assert w.alarms() == ["SecurityLogWasCleared"]
        await w.restart_program()
        assert w.alarms() == ["SecurityLogWasCleared"]


async def test_a_clock_that_the_back_office_corrects_by_an_hour_is_told(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, ntp=False, starts_in=NOON - timedelta(hours=1)) as w:
        await w.wait(5)
        assert w.alarms() == ["SettingSystemTime"]
        assert w.said("SecurityEventNotification")[-1]["techInfo"] == "by +3600 s"
