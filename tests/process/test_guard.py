"""The guard and the simulated hardware as real processes: started, killed, stopped, found again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hw.api import Permit, Report
from hw.discovery import Place, load, simulator
from hw.errors import DeviceLost, Refused
from hw.guard.client import GuardClient, ensure_guard, ensure_simulator, keep_guard
from hw.guard.hardware import Hardware
from hw.guard.latches import Latches
from hw.guard.loop import Loop
from hw.guard.signals import Spec
from hw.guard.socket import Post
from hw.guard.station import Guard
from hw.mock.wires import offset_of, open_wires, stamps
from hw.processes import living

SOON_S = 10.0
READY_S = 20.0  # a guard offers nothing for 5 s after its start


@dataclass
class Site:
    """A state directory with its processes, and a daemon's end of the line."""

    state: Path
    config: Path
    client: GuardClient | None = None
    reports: list[Report] = field(default_factory=list)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    amps: float | None = None

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """`python -m module arguments --config ... --state ...`, killed at the end of the test."""
        command = [sys.executable, "-m", module, *arguments, "--config", str(self.config), "--state", str(self.state)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def complaint(self, module: str, *arguments: str) -> tuple[int, str]:
        """Exit status and last words of a process that does not run."""
        process = self.start(module, *arguments)
        _, said = process.communicate(timeout=SOON_S)
        return process.returncode, said.decode()

    @property
    def last(self) -> Report:
        return self.reports[-1]

    @property
    def coil(self) -> bool:
        return stamps(open_wires(self.state), 1).coil

    async def until(self, condition: Callable[[], bool], within_s: float = SOON_S) -> None:
        async with asyncio.timeout(within_s):
            while not condition():  # noqa: ASYNC110 - other processes set no Event
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[GuardClient]:
        """Listens, and sends permits for `amps` twice a second."""
        async with GuardClient(self.state / "guard.sock") as client, asyncio.TaskGroup() as tasks:
            self.client = client
            client.on_report = self.reports.append
            permits = tasks.create_task(self._permit(client))
            yield client
            permits.cancel()

    async def charging(self) -> None:
        """A car that draws 16 A."""
        await self.until(lambda: bool(self.reports))
        self.amps = 16.0
        await simulator(self.state).plug(1)
        await self.until(lambda: self.last.contactor == "closed", READY_S)

    async def _permit(self, client: GuardClient) -> None:
        while True:
            if self.amps is not None:
                client.permit(Permit(1, client.epoch, self.amps, sent_at_s=time.monotonic()))
            await asyncio.sleep(0.1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    config = tmp_path / "chargepoint.toml"
    config.write_text("[[evse]]\n")
    state = tmp_path / ("a state directory whose name is longer than the address of a socket may be " * 2).strip()
    state.mkdir()
    site = Site(state, config)
    yield site
    for process in site.started:
        process.kill()
        process.communicate()
    for name in ("guard", "mock"):
        pid = living(name, state)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


async def test_a_car_is_charged_and_counted_through_real_processes(site: Site) -> None:
    site.start("hw.mock")
    site.start("hw.guard", "run")
    async with site.daemon(), load("meter", {"driver": "mock"}, Place("evse.1.meter", site.state, 1)) as meter:
        before = await meter.read()
        await site.charging()
        await site.until(lambda: site.last.locked is True and site.last.offered_a == 16.0)
        during = await meter.read()
        assert during.current_a == pytest.approx((16.0, 16.0, 16.0), abs=0.01)

        await simulator(site.state).unplug(1)
        await site.until(lambda: site.last.cable_present is False)
        after = await meter.read()

    assert before.energy_wh < after.energy_wh
    assert (site.last.pilot, site.last.contactor, site.last.locked) == ("A", "open", False)
    assert site.last.faults == ()


async def test_pins_keep_their_level_when_the_guard_is_killed_and_release_opens_them(site: Site) -> None:
    site.start("hw.mock")
    guard = site.start("hw.guard", "run")
    async with site.daemon() as client:
        await site.charging()
        lost: list[bool] = []
        client.on_lost = lambda: lost.append(True)

        guard.kill()
        guard.wait()
        await site.until(lambda: bool(lost), 2.0)
        assert site.coil

        assert site.complaint("hw.guard", "release") == (0, "")
        assert not site.coil


async def test_a_guard_that_never_comes_is_missed_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw.guard.client.MISSING_S", 0.5)
    async with site.daemon() as client:
        lost: list[bool] = []
        client.on_lost = lambda: lost.append(True)
        await site.until(lambda: bool(lost), 3.0)
        await asyncio.sleep(1.0)
    assert lost == [True]


async def test_a_guard_that_is_told_to_end_opens_everything_and_ends(site: Site) -> None:
    site.start("hw.mock")
    guard = site.start("hw.guard", "run")
    async with site.daemon():
        await site.charging()

        guard.terminate()
        await site.until(lambda: guard.poll() is not None)

    assert guard.returncode == 0
    assert not site.coil
    assert not (site.state / "guard.sock").exists()


async def test_a_second_guard_and_a_second_simulation_are_refused(site: Site) -> None:
    site.start("hw.mock")
    site.start("hw.guard", "run")
    await site.until(lambda: living("guard", site.state) is not None and living("mock", site.state) is not None)

    status, said = site.complaint("hw.guard", "run")
    assert (status, "a guard runs here already" in said) == (5, True)
    status, said = site.complaint("hw.mock")
    assert (status, "a mock runs here already" in said) == (5, True)


@pytest.mark.parametrize("process", [["hw.guard", "run"], ["hw.mock"]])
async def test_a_state_directory_that_is_not_there_is_named(site: Site, process: list[str]) -> None:
    site.state = site.state / "nowhere"

    assert site.complaint(*process) == (
        1,
        f"{site.state}: No such file or directory. Make it, or name another with --state.\n",
    )


async def test_a_wrong_configuration_starts_nothing(site: Site) -> None:
    site.config.write_text("[[evse]]\nmax_current_a = 3\nphases = 2\n")

    status, said = site.complaint("hw.guard", "run")

    assert status == 1
    assert said.splitlines() == [
        "[evse.1] max_current_a = 3 is out of range. Allowed: 6 to 80.",
        "[evse.1] phases = 2 is not one of the choices. Allowed: 1, 3.",
    ]
    assert living("guard", site.state) is None


async def test_a_guard_started_by_a_daemon_switches_no_real_contactor(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "acme-1.0.dist-info"
    folder.mkdir()
    (folder / "entry_points.txt").write_text("[chargepoint.contactor]\nacme = hw.mock.drivers:MockContactor\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    site.config.write_text("[[evse]]\ncontactor = { driver = 'acme' }\n")

    status, said = site.complaint("hw.guard", "run", "--child")

    assert status == 1
    assert said.startswith("A guard that was started by the daemon switches no real contactor")


async def test_latches_survive_a_kill(site: Site) -> None:
    site.start("hw.mock")
    guard = site.start("hw.guard", "run")
    async with site.daemon() as client:
        await site.until(lambda: bool(site.reports))
        await simulator(site.state).fault(1, "earth_leakage")
        await site.until(lambda: (site.state / "guard-latches.json").exists())
        await simulator(site.state).fault(1, "earth_leakage", active=False)
        guard.kill()
        guard.wait()

        site.reports.clear()
        site.start("hw.guard", "run")
        await site.until(lambda: bool(site.reports))
        assert [fault.name for fault in site.last.faults] == ["MREC2GroundFailure"]

        result = await client.command(1, "clear_fault", "MREC2GroundFailure")
        assert (result.ok, result.detail) == (True, "")
        await site.until(lambda: site.last.faults == () and json.loads(saved(site)) == {})


async def test_a_latch_that_could_not_be_saved_is_saved_as_soon_as_it_can_be(site: Site) -> None:
    obstacle = site.state / "guard-latches.new"
    obstacle.mkdir()
    site.start("hw.mock")
    guard = site.start("hw.guard", "run")
    async with site.daemon():
        await site.until(lambda: bool(site.reports))
        await simulator(site.state).fault(1, "earth_leakage")
        await site.until(lambda: bool(site.last.faults))
        assert guard.stderr is not None
        said = await asyncio.to_thread(guard.stderr.readline)
        assert b"faults that stand cannot be saved" in said

        obstacle.rmdir()
        await site.until(lambda: (site.state / "guard-latches.json").exists())
        assert json.loads(saved(site)) == {"1": ["MREC2GroundFailure"]}


async def test_a_damaged_record_of_latches_stops_everything_until_it_is_cleared_on_site(site: Site) -> None:
    (site.state / "guard-latches.json").write_bytes(b"\0" * 40)
    site.start("hw.mock")
    site.start("hw.guard", "run")
    async with site.daemon() as client:
        await site.until(lambda: bool(site.reports))
        assert [(fault.name, fault.latched) for fault in site.last.faults] == [("PermanentFault", True)]
        await site.until(lambda: (site.state / "guard-latches.damaged").exists() and "Permanent" in saved(site))

        assert (await client.command(1, "clear_fault", "PermanentFault")).ok
        await site.until(lambda: site.last.faults == () and json.loads(saved(site)) == {})


def saved(site: Site) -> str:
    return (site.state / "guard-latches.json").read_text()


async def test_the_daemon_adopts_a_living_guard_and_replaces_a_dead_one_within_two_seconds(site: Site) -> None:
    ensure_simulator(site.config, site.state)
    first = ensure_guard(site.config, site.state)
    async with site.daemon() as client, asyncio.TaskGroup() as tasks:
        await site.until(lambda: client.alive)
        keeping = tasks.create_task(keep_guard(client, site.config, site.state))
        await site.charging()
        assert living("guard", site.state) == first
        epoch = client.epoch

        os.kill(first, signal.SIGKILL)
        died_s = time.monotonic()
        await site.until(lambda: client.epoch not in (0, epoch))
        assert time.monotonic() - died_s < 4.0  # 2 s on a machine that has nothing else to do
        assert not site.coil
        await site.until(lambda: site.last.contactor == "closed", READY_S)  # resumed, with permits of the new epoch
        keeping.cancel()
    assert living("guard", site.state) not in (None, first)


async def test_a_guard_that_hangs_is_killed_and_replaced(site: Site) -> None:
    ensure_simulator(site.config, site.state)
    hung = ensure_guard(site.config, site.state)
    async with site.daemon() as client, asyncio.TaskGroup() as tasks:
        await site.until(lambda: client.alive)
        keeping = tasks.create_task(keep_guard(client, site.config, site.state))
        epoch = client.epoch

        os.kill(hung, signal.SIGSTOP)
        await site.until(lambda: client.epoch != epoch, 15.0)

        keeping.cancel()
    assert living("guard", site.state) not in (None, hung)


async def test_a_guard_that_is_still_starting_is_not_started_twice(site: Site) -> None:
    pids = {ensure_guard(site.config, site.state) for _ in range(20)}

    assert len(pids) == 1
    async with site.daemon() as client:
        await site.until(lambda: client.alive)
    assert {living("guard", site.state)} == pids


async def test_a_guard_outlives_the_process_that_started_it(site: Site) -> None:
    script = "import sys, pathlib, hw.discovery; hw.discovery.ensure_guard(*map(pathlib.Path, sys.argv[1:]))"
    daemon = await asyncio.create_subprocess_exec(sys.executable, "-c", script, site.config, site.state)
    assert await daemon.wait() == 0

    async with site.daemon() as client:
        await site.until(lambda: client.alive)

    assert living("guard", site.state) is not None


@pytest.mark.parametrize("parent_lives", [True, False])
async def test_a_child_ends_once_its_lease_has_ended_and_its_parent_is_gone(tmp_path: Path, parent_lives: bool) -> None:
    def place(part: str) -> Place:
        return Place(f"evse.1.{part}", tmp_path, 1)

    wires = Hardware(
        Spec(1, socket=False, lock=False),
        load("pilot", {"driver": "mock"}, place("pilot")),
        load("contactor", {"driver": "mock"}, place("contactor")),
    )
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    guard = Guard([wires], epoch=1, now_s=time.monotonic() - 121.0)
    post = Post(tmp_path, "guard.sock")
    loop = Loop(guard, post, Latches(tmp_path, [1]), parent=os.getpid() if parent_lives else gone.pid)

    loop.tick(time.monotonic())

    assert loop.ending is not parent_lives
    post.close()


async def test_a_flood_of_permits_and_garbage_delays_no_opening(site: Site) -> None:
    """EV leaves C -> opening commanded: every sample under 50 ms."""
    site.start("hw.mock")
    site.start("hw.guard", "run")
    memory = open_wires(site.state)
    async with site.daemon() as client:
        await site.charging()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.setblocking(False)
            folder = os.open(site.state, os.O_RDONLY)
            stranger.connect(f"/proc/self/fd/{folder}/guard.sock")
            await simulator(site.state).car(1, asks_power=False)
            while stamps(memory, 1).coil:
                with suppress(BlockingIOError):
                    stranger.send(b"\0" * 5000)
                client.permit(Permit(1, client.epoch, 16.0, sent_at_s=time.monotonic()))
                await asyncio.sleep(0)
            os.close(folder)

    seen = stamps(memory, 1)
    assert 0 < seen.coil_ns - seen.levels_ns < 50_000_000


async def test_a_command_without_a_guard_says_so(site: Site) -> None:
    async with GuardClient(site.state / "guard.sock") as client:
        result = await client.command(1, "unlock")

    assert (result.ok, result.detail, client.alive) == (False, "the guard is not there", False)


async def test_the_socket_of_a_daemon_that_was_killed_is_taken_away_by_the_next(site: Site) -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    left_over, living_one = (site.state / f"guard-client-{pid}-7f.sock" for pid in (gone.pid, os.getpid()))
    left_over.touch()
    living_one.touch()

    async with GuardClient(site.state / "guard.sock"):
        assert (left_over.exists(), living_one.exists()) == (False, True)


async def test_a_command_is_answered_by_its_result(site: Site) -> None:
    site.start("hw.mock")
    site.start("hw.guard", "run")
    async with site.daemon() as client:
        await site.until(lambda: client.alive)

        answers = await asyncio.gather(client.command(1, "unlock"), client.command(4, "unlock"))

    assert [(answer.ok, answer.detail) for answer in answers] == [(True, ""), (False, "there is no such EVSE")]


# --- simulated hardware -----------------------------------------------------------------------------------------------


async def test_what_simulated_hardware_cannot_do_is_refused_with_a_sentence(site: Site) -> None:
    site.start("hw.mock")
    hand = simulator(site.state)
    await hand.plug(1)

    for order, sentence in [
        (hand.plug(1), "A car is plugged in already."),
        (hand.plug(3), "There is no simulated EVSE 3."),
        (hand.car(1, colour="red"), '"colour" is not an option here'),
        (hand.card("04A1B2C3"), "Nobody listens at card reader 0."),
    ]:
        with pytest.raises(Refused) as refusal:
            await order
        assert str(refusal.value).startswith(sentence)


async def test_a_card_held_to_a_reader_is_read_once(site: Site) -> None:
    site.start("hw.mock")
    async with load("card_reader", {"driver": "mock"}, Place("card_reader.1", site.state)) as reader:
        cards = reader.cards()
        await simulator(site.state).card("04A1B2C3")
        await simulator(site.state).card("04A1B2C4")

        seen = [(await anext(cards)).uid, (await anext(cards)).uid]

    assert seen == ["04A1B2C3", "04A1B2C4"]


async def test_a_meter_that_is_switched_off_is_lost_and_comes_back(site: Site) -> None:
    site.start("hw.mock")
    async with load("meter", {"driver": "mock"}, Place("evse.1.meter", site.state, 1)) as meter:
        await simulator(site.state).fault(1, "meter_lost")
        with pytest.raises(DeviceLost, match="switched off"):
            await meter.read()

        await simulator(site.state).fault(1, "meter_lost", active=False)
        assert (await meter.read()).voltage_v == (230.0, 230.0, 230.0)


async def test_a_register_survives_the_simulation(site: Site) -> None:
    place = Place("evse.1.meter", site.state, 1)
    memory = open_wires(site.state)
    memory[offset_of(1) + 96 : offset_of(1) + 104] = bytes.fromhex("00000000004a9340")  # 1234.5 Wh
    first = site.start("hw.mock")
    async with load("meter", {"driver": "mock"}, place) as meter:
        assert (await meter.read()).energy_wh == 1234.5
    first.terminate()
    await site.until(lambda: first.poll() is not None)

    site.start("hw.mock")
    async with load("meter", {"driver": "mock"}, place) as meter:
        assert (await meter.read()).energy_wh == 1234.5
    assert first.returncode == 0


async def test_a_line_that_is_cut_is_a_lost_device(site: Site) -> None:
    process = site.start("hw.mock")
    async with load("meter", {"driver": "mock"}, Place("evse.1.meter", site.state, 1)) as meter:
        process.kill()
        process.wait()
        with pytest.raises(DeviceLost):
            await meter.read()
