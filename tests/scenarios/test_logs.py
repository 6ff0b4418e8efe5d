"""What a support engineer gets, and who looks after security: logs of our own, over restarts and power cuts."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.ocpp.instants import time_text
from tests.manufacturer import Manufacturer
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.updates import LOGS, diagnostics, signed_update, trusting
from tests.world import NOON, World, a_world


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path)


@pytest.fixture(autouse=True)
def as_in_the_program(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


async def diagnosed(w: World, **window: str) -> str:
    """The content of the file that GetDiagnostics brings."""
    await w.ask("GetDiagnostics", location=LOGS, **window)
    await w.wait(5)
    content = w.servers.files[LOGS]
    assert content is not None
    return content.decode()


async def security_log(w: World, **window: str) -> str:
    await w.ask("GetLog", logType="SecurityLog", requestId=9, log={"remoteLocation": LOGS, **window})
    await w.wait(5)
    content = w.servers.files[LOGS]
    assert content is not None
    return content.decode()


async def test_diagnostics_tell_who_and_how_the_station_is(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("04A1B2C3D4", minutes=1)
        told = await diagnosed(w)
        for expected in (
            "Acme Wall 22 A-1", "firmware 0.1.0", "Python 3.", "MiB free", '"status": "charging"', "undelivered",
            "HeartbeatInterval = 300", "AuthorizationKey = ***", "0 messages were given up",
            "contactor closed", "StartTransaction",
        ):  # fmt: skip
            assert expected in told, expected
        assert "04A1B2C3D4" not in told


async def test_nothing_secret_is_in_them(world: MakeWorld, tmp_path: Path) -> None:
    file = tmp_path / "chargepoint.toml"
    file.write_text(
        """
[csms]
url = "wss://anna:hunter2@csms.example.com/ocpp"
password_file = "/etc/chargepoint/password"
[settings]
AuthorizationKey = "hunter2 hunter2 hunter2"
"SecurityCtrlr.BasicAuthPassword" = 'hunter2hunter2hunter2'
HeartbeatInterval = 300
meter = { driver = "x", api_token = "hunter2", unit = 1 }
"""
    )
    async with world() as w:
        object.__setattr__(w.daemon.config, "path", file)
        await w.ask("ChangeConfiguration", key="AuthorizationKey", value="68756e7465723200112233445566778899")
        told = await diagnosed(w)
        assert 'AuthorizationKey = "***"' in told
        assert 'password_file = "/etc/chargepoint/password"' in told
        assert 'api_token = "***", unit = 1' in told
        assert "csms.example.com/ocpp" in told
        assert "hunter2" not in told
        assert "68756e74657232" not in told


async def test_the_log_of_the_run_before_is_there_too(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.power_cut()
        await w.power_back()
        told = await diagnosed(w)
        assert told.count("contactor closed") >= 1
        assert told.count("started (") == 2


async def test_only_what_was_asked_for_is_sent(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug()
        await w.wait(minutes=30)
        since = w.true_time()
        await w.unplug()
        await w.wait(minutes=30)
        until = w.true_time() - timedelta(minutes=10)
        await w.plug()
        told = await diagnosed(w, startTime=time_text(since), stopTime=time_text(until))
        log = told.partition("== Log ==")[2]
        assert "vehicle disconnected" in log
        assert "vehicle connected" not in log


async def test_the_security_log_is_apart_and_survives_a_power_cut(world: MakeWorld, tmp_path: Path) -> None:
    maker = Manufacturer(tmp_path, "EC", NOON)
    async with trusting(world, maker) as w:
        (tmp_path / "stranger").mkdir()
        await signed_update(w, Manufacturer(tmp_path / "stranger", "EC", NOON))
        await w.wait(5)
        await w.power_cut()
        await w.power_back()
        told = await security_log(w)
        events = [line.split()[1].rstrip(":") for line in told.splitlines()]
        assert events.count("InvalidFirmwareSigningCertificate") == 1
        assert "StartupOfTheDevice" in events
        assert "contactor" not in told


async def test_many_events_do_not_fill_the_disk(world: MakeWorld) -> None:
    async with world() as w:
        logbook = w.daemon.maintenance.logbook
        for n in range(20_000):
            logbook.security.append(NOON, f"InvalidMessages: {n}")
        size = sum(file.stat().st_size for file in (w.state / "logs").glob("security-*.log"))
        assert size <= 4 * 65_536
        assert "InvalidMessages: 19999" in await security_log(w)


async def test_a_log_that_cannot_be_written_costs_no_session(world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*arguments: Any) -> int:
        raise OSError(28, "No space left on device")

    async with world() as w:
        monkeypatch.setattr("chargepoint.store.ring.os.write", no_room)
        await w.charge(minutes=1)
        assert w.closed()
        monkeypatch.undo()
        await w.unplug()
        assert "lines could not be written" in await diagnosed(w)
        assert diagnostics(w)[-1] == "Uploaded"


async def test_who_the_server_does_not_let_in_is_told_so(world: MakeWorld) -> None:
    from chargepoint.transfer import NotAllowed

    async with world() as w:

        async def no(*arguments: Any) -> None:
            raise NotAllowed("530 who are you?")

        w.daemon.maintenance.uploads.send = no
        await w.ask("GetLog", logType="DiagnosticsLog", requestId=3, log={"remoteLocation": LOGS})
        await w.wait(5)
        assert [each["status"] for each in w.said("LogStatusNotification")] == ["Uploading", "PermissionDenied"]
        await w.ask("GetDiagnostics", location=LOGS)
        await w.wait(5)
        assert diagnostics(w) == ["Uploading", "UploadFailed"]


async def test_a_log_line_that_cannot_be_put_together_ends_nothing(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    async with world() as w:
        logging.getLogger("chargepoint").handle(
            logging.LogRecord("chargepoint", logging.INFO, "", 0, "%s and %s", ("one",), None)
        )
        assert "== Log ==" in await diagnosed(w)


async def test_a_machine_that_tells_odd_things_of_itself_is_described_as_far_as_it_can_be(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargepoint.records.diagnostics._first_line", lambda path: "hot")
    async with world() as w:
        told = await diagnosed(w)
        assert "could not be read" in told
        assert '"status": "available"' in told
