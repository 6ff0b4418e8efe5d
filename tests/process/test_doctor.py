"""`chargepoint doctor` as a real program: on simulated hardware good and broken, alone and beside a running station."""

import asyncio
import json
import re
import ssl
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import serve

from chargepoint.demo.authority import DAY, Authority, Signed
from chargepoint.demo.plant import sweep
from chargepoint.demo.stage import Stage
from hw.discovery import ensure_simulator, simulator
from hw.doctor.findings import Outcome
from hw.doctor.spare import spare_step
from hw.mock.wires import open_wires, stamps
from hw.processes import living

PATIENCE_S = 60.0

STATION = '[station]\nvendor = "Acme"\nmodel = "Wall 22"\nserial_number = "A-1"\n'
EVSE = "\n[[evse]]\n"


class Site:
    """A state directory and a configuration, without a daemon."""

    def __init__(self, folder: Path, config: str = STATION + EVSE) -> None:
        self.state, self.config = folder / "state", folder / "chargepoint.toml"
        self.state.mkdir()
        self.config.write_text(config)

    async def simulate(self, *faults: str) -> None:
        ensure_simulator(self.config, self.state)
        async with asyncio.timeout(PATIENCE_S):
            while not (self.state / "mock.sock").exists():  # noqa: ASYNC110 - another process sets no Event
                await asyncio.sleep(0.05)
        for fault in faults:
            await simulator(self.state).fault(1, fault)

    async def doctor(self, *words: str, state: Path | None = None) -> tuple[int, str]:
        command = ["-m", "chargepoint", "doctor", "--config", str(self.config), "--state", str(state or self.state)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        async with asyncio.timeout(PATIENCE_S):
            out, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode()

    async def findings(self, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
        status, out = await self.doctor("--json", *words)
        told = json.loads(out)
        steps = {finding["step"]: finding for finding in told}
        assert len(steps) == len(told), "a step was told twice"
        return status, steps


@asynccontextmanager
async def a_site(folder: Path, config: str = STATION + EVSE) -> AsyncIterator[Site]:
    site = Site(folder, config)
    try:
        yield site
    finally:
        await sweep(site.state)


def failed(steps: dict[str, dict[str, Any]]) -> list[str]:
    return [step for step, finding in steps.items() if finding["outcome"] == "failed"]


# --- alone ------------------------------------------------------------------------------------------------------------


async def test_a_good_station_passes_and_is_left_as_it_was(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        status, steps = await site.findings()
        assert (status, failed(steps)) == (0, [])
        assert {"evse.1.pilot.level", "evse.1.contactor.open", "evse.1.lock.moves", "evse.1.meter.register"} <= set(
            steps
        )
        assert all(set(finding) == {"step", "proves", "outcome", "seen", "remedy"} for finding in steps.values())
        assert living("guard", site.state) is None
        assert (await site.findings())[0] == 0  # and once more


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        ("contactor_welded", ["evse.1.contactor.open"]),
        ("lock_jammed", ["evse.1.lock.moves"]),
        ("emergency_stop", ["evse.1.pilot.sensors.emergency_stop"]),
        ("pilot_shorted", ["evse.1.pilot.level"]),
        ("rcd_selftest", ["evse.1.pilot.sensors.selftest"]),
        ("meter_lost", ["evse.1.meter.answers"]),
        ("undervoltage", ["evse.1.meter.voltage"]),
    ],
)
async def test_each_simulated_fault_is_found_and_nothing_else(tmp_path: Path, fault: str, steps: list[str]) -> None:
    async with a_site(tmp_path) as site:
        await site.simulate(fault)
        status, found = await site.findings()
        assert (status, failed(found)) == (4, steps)
        assert all(found[step]["remedy"] for step in steps)


async def test_an_installer_reads_one_line_a_step_and_the_summary_last(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        await site.simulate("contactor_welded")
        status, out = await site.doctor()
        assert status == 4
        assert "\n  FAIL  mirror contact says open" in out
        assert out.endswith(" FAILED:\n  evse.1.contactor.open\n")
        assert "\033[" not in out
        assert max(map(len, out.splitlines())) <= 80


async def test_a_car_that_is_plugged_in_is_left_alone(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        await site.simulate()
        await simulator(site.state).plug(1)
        status, found = await site.findings()
        assert (status, failed(found)) == (0, [])
        assert "a car is plugged in" in found["evse.1.pilot.level"]["seen"]
        assert "evse.1.pilot.pwm" not in found


async def test_mistakes_in_the_file_come_first_and_nothing_is_touched(tmp_path: Path) -> None:
    async with a_site(tmp_path, STATION + EVSE + "phases = 2\n") as site:
        status, out = await site.doctor()
        assert status == 1
        assert "phases = 2 is not one of the choices" in out
        assert list(site.state.iterdir()) == []


async def test_a_state_directory_that_is_not_there_is_made(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        site.state.rmdir()
        status, out = await site.doctor()
        assert status == 0, out


# --- beside a running station -----------------------------------------------------------------------------------------


async def test_while_a_station_runs_it_is_asked_and_nothing_of_it_is_touched() -> None:
    async with Stage("2.0.1", {}) as stage:
        await stage.plant.start()
        await stage.office.until(lambda: stage.office.accepted("DEMO"), "the station was not accepted", PATIENCE_S)
        await stage.plant.open_panel(20)
        site = object.__new__(Site)
        site.state, site.config = stage.plant.state, stage.plant.state.parent / "chargepoint.toml"
        guard = living("guard", site.state)
        status, found = await site.findings()
        assert (status, failed(found)) == (0, [])
        assert found["program.guard"]["seen"] == f"process {guard}; its devices were not touched"
        assert found["evse.1.report"]["seen"] == "pilot A, contactor open, unlocked"
        assert found["evse.1.selftest"]["seen"] == "passed"
        assert found["card_reader.1.answers"]["seen"] == "the daemon has it"
        assert found["csms.login"]["seen"] == "the daemon is connected and accepted"
        assert living("guard", site.state) == guard

        await simulator(site.state).fault(1, "emergency_stop")
        status, found = await site.findings()
        assert status == 4
        assert failed(found) == ["evse.1.fault_MREC8EmergencyStop"]


async def test_a_daemon_without_a_guard_is_a_failure_and_the_devices_are_not_taken(tmp_path: Path) -> None:
    from chargepoint.config.file import load
    from chargepoint.doctor.devices import device_steps
    from chargepoint.doctor.station import Station

    async with a_site(tmp_path) as site:
        status = {"evses": [{"id": 1, "reading": None}], "csms": {"state": "none"}}
        station = Station(load(site.config), site.config, site.state, status, None)
        told = [finding async for finding in device_steps(station)]
    assert [finding.step for finding in told if finding.outcome is Outcome.FAILED] == [
        "program.guard",
        "evse.1.meter.answers",
    ]


# --- an output whose process is killed --------------------------------------------------------------------------------


async def test_a_simulated_line_keeps_its_level_when_its_process_is_killed_and_is_put_back(tmp_path: Path) -> None:
    async with a_site(tmp_path, STATION + "[doctor]\nspare_line = 26\n" + EVSE) as site:
        status, found = await site.findings()
        assert status == 4
        told = found["computer.spare_line"]
        assert told["seen"] == "high 1 s after kill -9"
        assert told["remedy"].startswith(
            "Add dtparam=strict_gpiod to config.txt and restart the machine; better, wire a"
        )


async def test_where_a_watchdog_relay_opens_a_line_may_stay_high(tmp_path: Path) -> None:
    told = await spare_step({"driver": "mock"}, tmp_path, has_pulse=True)
    assert (told.outcome, told.seen) == (Outcome.OK, "it stays high; the watchdog relay opens instead")


async def test_a_spare_line_that_cannot_be_claimed_is_told_with_its_remedy(tmp_path: Path) -> None:
    told = await spare_step({"driver": "mock"}, tmp_path / "no such folder", has_pulse=False)
    assert told.outcome is Outcome.FAILED


# --- the back office --------------------------------------------------------------------------------------------------


async def nothing(socket: Any) -> None:
    await socket.wait_closed()


@asynccontextmanager
async def an_office(signed: Signed | None = None, **options: Any) -> AsyncIterator[int]:
    context = None
    if signed is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(signed.certificate, signed.key)
    given = {"subprotocols": ["ocpp2.0.1"], "close_timeout": 0.1} | options
    async with serve(nothing, "127.0.0.1", 0, ssl=context, **given) as server:
        yield next(iter(server.sockets)).getsockname()[1]


def with_office(url: str, folder: Path, ca: Path | None = None, profile: int = 2) -> str:
    (folder / "password").write_text("0123456789abcdef\n")
    lines = [f'url = "{url}"', 'identity = "CP1"', f"security_profile = {profile}", 'password_file = "password"']
    lines += [f'ca_file = "{ca}"'] if ca else []
    return STATION + "[csms]\n" + "\n".join(lines) + "\n" + EVSE


async def way(folder: Path, config: str) -> dict[str, dict[str, Any]]:
    """What is found on the way to the back office."""
    from chargepoint.config.file import load
    from chargepoint.doctor.start import opened_office
    from chargepoint.doctor.station import Station

    path = folder / "chargepoint.toml"
    path.write_text(config)
    office = opened_office(Station(load(path), path, folder))
    assert office is not None
    return {
        finding.step.removeprefix("csms."): {
            "outcome": finding.outcome.value,
            "seen": finding.seen,
            "remedy": finding.remedy,
        }
        async for finding in office.steps()
    }


async def test_a_good_back_office_is_proven_to_the_login(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    seen: list[str] = []

    async def look(socket: Any) -> None:
        seen.append(socket.request.path)
        await socket.wait_closed()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signed = authority.sign("localhost")
    context.load_cert_chain(signed.certificate, signed.key)
    async with serve(look, "127.0.0.1", 0, ssl=context, subprotocols=["ocpp1.6"], close_timeout=0.1) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        found = await way(tmp_path, with_office(f"wss://localhost:{port}/ocpp", tmp_path, authority.file))
    assert [step["outcome"] for step in found.values()] == ["ok"] * 4
    assert "127.0.0.1" in found["name"]["seen"]
    assert found["reach"]["seen"].startswith(f"port {port} answers in ")
    assert found["tls"]["seen"].startswith("TLSv1.3, by root, until ")
    assert found["login"]["seen"] == "as CP1, ocpp1.6"
    assert seen == ["/ocpp/CP1"]


CERTIFICATES = [
    ({"name": "csms.example.com"}, "the server's certificate is for another name", "Check the host in url."),
    (
        {"name": "localhost", "since": -5 * DAY, "days": 3},
        "the server's certificate has expired",
        "Check the station's",
    ),
]


@pytest.mark.parametrize(("made", "what", "remedy"), CERTIFICATES)
async def test_each_fault_of_a_certificate_has_its_own_sentence(
    tmp_path: Path, made: dict[str, Any], what: str, remedy: str
) -> None:
    authority = Authority(tmp_path)
    async with an_office(authority.sign(**made)) as port:
        found = await way(tmp_path, with_office(f"wss://localhost:{port}/ocpp", tmp_path, authority.file))
    assert list(found) == ["name", "reach", "tls"]
    assert found["tls"]["seen"] == what
    assert found["tls"]["remedy"].startswith(remedy)


async def test_an_issuer_that_nobody_trusts_is_told_as_such(tmp_path: Path) -> None:
    signed, other = Authority(tmp_path, "one").sign("localhost"), Authority(tmp_path, "other")
    async with an_office(signed) as port:
        found = await way(tmp_path, with_office(f"wss://localhost:{port}/ocpp", tmp_path, other.file))
    assert found["tls"]["seen"] == "the server's certificate is from an issuer that is not trusted"
    assert found["tls"]["remedy"] == "Check ca_file."


async def test_a_server_without_tls_behind_wss_is_told_as_such(tmp_path: Path) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await way(tmp_path, with_office(f"wss://localhost:{port}/ocpp", tmp_path, Authority(tmp_path).file))
    assert found["tls"]["seen"] == f"localhost:{port} does not speak TLS on this port"


async def test_a_port_on_which_nobody_listens_is_told_as_such(tmp_path: Path) -> None:
    async with an_office() as port:
        pass
    found = await way(tmp_path, with_office(f"ws://127.0.0.1:{port}/ocpp", tmp_path, profile=1))
    assert list(found) == ["name", "reach"]
    assert found["reach"]["seen"] == f"nothing listens at 127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (401, "the back office refuses the password (401)"),
        (404, "the back office does not know this station (404)"),
    ],
)
async def test_a_login_that_is_refused_says_why(tmp_path: Path, status: int, what: str) -> None:
    def refuse(connection: Any, request: Any) -> Any:
        return connection.respond(status, "no")

    async with an_office(process_request=refuse) as port:
        found = await way(tmp_path, with_office(f"ws://127.0.0.1:{port}/ocpp", tmp_path, profile=1))
    assert (found["tls"]["outcome"], found["login"]["seen"]) == ("skipped", what)
    assert found["login"]["remedy"]


async def test_a_back_office_that_speaks_no_common_version_is_told_as_such(tmp_path: Path) -> None:
    def none(connection: Any, offered: Sequence[str]) -> None:
        return None

    async with an_office(select_subprotocol=none) as port:
        found = await way(tmp_path, with_office(f"ws://127.0.0.1:{port}/ocpp", tmp_path, profile=1))
    assert found["login"]["seen"] == "the back office picked none of ocpp2.0.1, ocpp1.6"


async def test_the_password_that_the_back_office_set_last_is_the_one_that_is_tried(tmp_path: Path) -> None:
    """The stage's station is told a new one, ends, and the doctor logs in with it."""
    from chargepoint.store.journal import Journal
    from chargepoint.store.memory import Memory

    journal = Journal.open(tmp_path / "chargepoint.db", boot="b", has_csms=True)
    memory = Memory(journal.database)
    memory.put("settings", "stored", {})
    await memory.flushed()
    await journal.close()
    before = (tmp_path / "chargepoint.db").read_bytes()
    async with an_office() as port:
        found = await way(tmp_path, with_office(f"ws://127.0.0.1:{port}/ocpp", tmp_path, profile=1))
    assert found["login"]["outcome"] == "ok"
    assert (tmp_path / "chargepoint.db").read_bytes() == before


# --- the click --------------------------------------------------------------------------------------------------------


async def test_a_click_closes_the_contactor_for_a_moment_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        status, found = await site.findings("--click")
        assert (status, failed(found)) == (0, [])
        told = found["evse.1.contactor.click"]
        assert re.fullmatch(r"closes in \d+ ms, opens in \d+ ms", told["seen"])
        with open_wires(site.state) as wires:
            seen = stamps(wires, 1)
        assert seen.coil_ns > 0
        assert not seen.coil
        assert living("guard", site.state) is None


async def test_a_contactor_that_does_not_move_fails_the_click(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        await site.simulate("contactor_stuck_open")
        status, found = await site.findings("--click")
        assert (status, failed(found)) == (4, ["evse.1.contactor.click"])
        assert (
            found["evse.1.contactor.click"]["seen"] == "the mirror contact did not move when the contactor was to close"
        )


async def test_nothing_is_clicked_where_a_car_is_plugged_in_or_something_has_failed(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        await site.simulate("emergency_stop")
        _, found = await site.findings("--click")
        assert found["evse.1.contactor.click"]["seen"] == "not before everything else at this EVSE is in order"

        await simulator(site.state).fault(1, "emergency_stop", active=False)
        await simulator(site.state).plug(1)
        status, found = await site.findings("--click")
        assert (status, found["evse.1.contactor.click"]["outcome"]) == (0, "skipped")
        with open_wires(site.state) as wires:
            assert stamps(wires, 1).coil_ns == 0 or not stamps(wires, 1).coil


async def test_a_guard_that_runs_does_the_click_and_goes_on() -> None:
    async with Stage("2.0.1", {}) as stage:
        await stage.plant.start()
        await stage.office.until(lambda: stage.office.accepted("DEMO"), "the station was not accepted", PATIENCE_S)
        await stage.plant.open_panel(20)
        site = object.__new__(Site)
        site.state, site.config = stage.plant.state, stage.plant.state.parent / "chargepoint.toml"
        guard = living("guard", site.state)
        status, found = await site.findings("--click")
        assert (status, failed(found)) == (0, [])
        assert found["evse.1.contactor.click"]["seen"].startswith("closes in ")
        assert living("guard", site.state) == guard
