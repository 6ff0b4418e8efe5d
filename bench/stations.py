"""The contestants, each in a folder of its own: our daemon with guard and simulated hardware, and the bare program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.office import Heard, Link, Office
from chargepoint.demo.plant import arguments, sweep, users_of
from hw.discovery import ensure_simulator, simulator
from hw.mock.line import Line
from hw.mock.simulator import Simulator
from hw.processes import living

ROOT = Path(__file__).parent.parent
BOOT_S = 30.0  # for a slow machine; none has needed a tenth of it
SETTLE_S = 10.0

CONFIG = """\
[station]
vendor = "Bench"
model = "Bench"
serial_number = "BENCH"

[csms]
url = "{url}"
identity = "{identity}"
versions = ["{version}"]
security_profile = 0

[[evse]]
pilot = {pilot}
contactor = {{ driver = "mock" }}
lock = {{ driver = "mock" }}
meter = {{ driver = "mock" }}

[settings]
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 1
{settings}
{page}
"""

JOURNAL = "chargepoint.db"  # in the state directory
PAGE = '[web]\nlisten = "127.0.0.1:0"\n'


@dataclass(frozen=True, slots=True)
class Booted:
    """How long a start took."""

    to_boot_ms: float  # process start to BootNotification on the wire
    to_connectors_ms: float  # boot accepted to the last connector reported


@dataclass
class Process:
    """One program, in a folder that goes with it."""

    office: Office
    identity: str
    version: str
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="chargepoint-bench-")))
    started_s: float = 0.0  # time.perf_counter() right before the process was made
    started_ns: int = 0  # time.time_ns() of the same moment
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.identity} was not started")
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.folder / "program.log"

    def spawn(self, *command: str) -> None:
        with self.log.open("ab") as log:
            self.started_s, self.started_ns = time.perf_counter(), time.time_ns()
            self._process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=_environment(), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_every_core,
            )  # fmt: skip

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    async def end(self, patience_s: float = 5.0) -> None:
        """Ask it to end, then make it."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, patience_s)
        self.kill()

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])


def _environment() -> dict[str, str]:
    """What is installed is compiled once: a start that compiles everything again is no measure."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _every_core() -> None:
    """In the child: the bench itself keeps to one core, what it measures does not."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))


class Bare(Process):
    """`bench/programs/bare_ocpp.py`."""

    connectors = 1
    options: tuple[str, ...] = ()
    wrapped: tuple[str, ...] = ()  # a program that runs it

    def start(self) -> None:
        script = str(ROOT / "bench" / "programs" / "bare_ocpp.py")
        self.spawn(*self.wrapped, script, self.office.url, self.identity, self.version, *self.options)

    async def prepare(self) -> None:
        """It needs nothing."""

    async def stop(self) -> None:
        await self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Ours(Process):
    """`chargepoint run`, with what it starts."""

    page = False
    pilot = '{ driver = "mock" }'
    settings: Mapping[str, str | int] = {}  # replaced, never changed
    program: tuple[str, ...] = ("-m", "chargepoint")

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def _file(self) -> Path:
        return self.folder / "chargepoint.toml"

    @property
    def connectors(self) -> int:
        """1.6 reports connector 0, the station as a whole, as well."""
        return {"1.6": 2, "2.0.1": 1}[self.version]

    @property
    def simulator(self) -> Simulator:
        return simulator(self.state)

    async def prepare(self) -> None:
        """Hardware is there before the program starts; simulated hardware is not what is measured."""
        self.state.mkdir(exist_ok=True)
        self._file.write_text(self._config())
        ensure_simulator(self._file, self.state)
        await (await Line.open(self.state, "bench")).close()

    def start(self) -> None:
        self.spawn(*self.program, "run", "--config", str(self._file), "--state", str(self.state))

    def process_of(self, module: str) -> int:
        """The process id of the guard ("hw.guard") or the simulated hardware ("hw.mock")."""
        return next(pid for pid in users_of(self.state) if module in arguments(pid))

    async def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._process is not None:
                os.kill(self._process.pid, signal.SIGCONT)  # a bench may have stopped it
        await self.end()
        await sweep(self.state)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _config(self) -> str:
        settings = "\n".join(f'"{name}" = {value}' for name, value in self.settings.items())
        return CONFIG.format(
            pilot=self.pilot, url=self.office.url, identity=self.identity, version=self.version, settings=settings,
            page=PAGE if self.page else "",
        )  # fmt: skip


class OursOnGpio(Ours):
    """The same with the GPIO pilot's driver, on a simulated board; the guard is a process of its own, as in service."""

    pilot = '{ driver = "gpio-on-bench" }'

    async def prepare(self) -> None:
        site = self.folder / "site"
        info = site / "gpio_bench-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gpio-bench\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[chargepoint.pilot]\ngpio-on-bench = hw.mock.board:BenchPilot\n")
        os.environ["PYTHONPATH"] = os.pathsep.join((str(site), str(ROOT)))
        await super().prepare()
        self._guard = self._started_guard()
        while living("guard", self.state) is None and self._guard.poll() is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)

    def _started_guard(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "hw.guard", "run", "--config", str(self._file), "--state", str(self.state)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=_every_core,
            )  # fmt: skip

    async def stop(self) -> None:
        await super().stop()
        self._guard.kill()
        self._guard.wait()


# --- what any contestant is asked to do -------------------------------------------------------------------------------


class NeverCame(Exception):
    """A contestant did not do what was waited for; the sentence carries its last words."""


async def booted(contestant: Bare | Ours) -> Booted:
    """Start it and wait until it has reported every connector."""
    office, identity = contestant.office, contestant.identity
    await contestant.prepare()
    reported: set[int] = set()
    boot = office.expect(identity, "BootNotification")
    last = office.expect(identity, "StatusNotification", lambda p: _all(reported, p, contestant.connectors))
    contestant.start()
    first = await within(boot, BOOT_S, "BootNotification", contestant)
    done = await within(last, BOOT_S, "StatusNotification", contestant)
    return Booted((first.at_s - contestant.started_s) * 1e3, (done.at_s - office.accepted_s[identity]) * 1e3)


def _all(reported: set[int], payload: Mapping[str, int], connectors: int) -> bool:
    reported.add(payload.get("evseId", payload["connectorId"]))
    return len(reported) == connectors


async def within(waiting: asyncio.Future[Heard], seconds: float, what: str, contestant: Bare | Ours) -> Heard:
    try:
        async with asyncio.timeout(seconds):
            return await waiting
    except TimeoutError:
        raise NeverCame(f"no {what} from {contestant.identity}; its log ends:\n{contestant.last_words()}") from None


def link(contestant: Bare | Ours) -> Link:
    return contestant.office.links[contestant.identity]
