"""Starts and ends the program `chargepoint run`: processes, files, sockets, signals. It knows everything, once.

Order matters for the first 150 ms: guard and simulated hardware are started before anything slow is imported.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chargepoint.config import Config
from chargepoint.errors import StateInUse
from chargepoint.factoryreset import carry_out_if_asked
from hw.discovery import command_of, ensure_guard, ensure_simulator

if TYPE_CHECKING:
    from chargepoint.core.settings import Settings
    from chargepoint.daemon import Daemon, Ending
    from chargepoint.datause import DataUse
    from chargepoint.modem import ModemKeeper
    from chargepoint.ocpp.endpoint import Access
    from chargepoint.ocpp.transport import Connector
    from chargepoint.service import Service
    from chargepoint.timing import Clock
    from chargepoint.timing import Memory as Remembered
    from chargepoint.updating.installer import Machine
    from chargepoint.web.listening import Door
    from hw.guard.client import GuardClient

log = logging.getLogger(__name__)

GUARD_WITHIN_S = 5.0
"""Both services may start at once; the guard is the quicker one."""

SLOTS_FILE = Path("/etc/rauc/system.conf")
"""Where RAUC is told which slots this machine has."""

GUARD_LINK_SILENT_S = 10.0
"""Our end of it hears the guard twice a second, or looks for it more often."""

REBOOT = ("systemctl", "reboot")
REBOOT_FILE = "reboot"
"""In the state directory: chargepoint-reboot.path looks for it, for a service that may not ask for a reboot itself."""

HEARD_WITHIN_S = 5.0
REBOOT_WITHIN_S = 60.0
"""The service manager ends this program long before."""

PAGE_AFTER_S = 1.0
"""The page waits for boot message and status reports, at most this long: its imports cost more than all the rest."""


def run(config: Config, state_dir: Path, *, alone: bool = False) -> int:
    """The daemon, until a signal or a reset ends it. Exit status 0.

    `alone`: the guard, and simulated hardware, are services of their own.

    Raises:
        StateInUse, JournalError, DriverMissing, OptionsWrong: nothing was started.
    """
    claim = hold(state_dir)
    if carry_out_if_asked(state_dir):
        log.warning("factory reset: the owner's data is erased")
    if not alone:
        ensure_processes(config, state_dir)
    ending = asyncio.run(serve(config, state_dir, alone=alone))
    if ending.restart:
        start_again(config, state_dir, hard=ending.hard, machine=ending.machine, retries=ending.retries)
    os.close(claim)
    return 0


def hold(state_dir: Path) -> int:
    """Be the only daemon of a state directory; the descriptor holds the claim."""
    state_dir.mkdir(parents=True, exist_ok=True)
    claim = os.open(state_dir / "daemon.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(claim)
        raise StateInUse(
            "another daemon runs here",
            where=str(state_dir),
            fix="Stop it first, or give this station a state directory of its own with --state.",
        ) from None
    return claim


def ensure_processes(config: Config, state_dir: Path) -> None:
    """Start what the daemon needs beside it, or find it where it runs already.

    The guard of real hardware is a service of its own: were it our child, nobody would open if both died.
    """
    if config.path is None:
        return
    if _simulates(config):
        ensure_simulator(config.path, state_dir)
    if config.mock:
        ensure_guard(config.path, state_dir)


def _simulates(config: Config) -> bool:
    tables = [t for evse in config.evses for t in (evse.pilot, evse.contactor, evse.lock, evse.meter)]
    return any(table is not None and table.get("driver") == "mock" for table in (*tables, *config.card_readers))


def start_again(config: Config, state_dir: Path, *, hard: bool, machine: bool = False, retries: int = 0) -> None:
    """Become a new run of the same program, or restart the machine where a hard reset means that.

    `machine`: nothing less will do. `retries`: of a restart of the machine that does not come (1.6 section 9.1,
    ResetRetries).
    """
    if machine or (hard and config.station.hard_reset == "reboot"):
        for _ in range(1 + retries):
            reboot(state_dir / REBOOT_FILE)
        log.error("the machine does not reboot: restarting the program instead")
    os.execv(sys.executable, [*command_of("chargepoint"), *sys.argv[1:]])


def reboot(file: Path) -> None:
    """Ask for it, and wait for the end that it brings. Who comes back has asked in vain.

    `file`: where chargepoint-reboot.path looks whether a service that may not ask wants it.
    """
    log.warning("rebooting the machine")
    try:
        asked = subprocess.run(REBOOT, check=False, capture_output=True, text=True, timeout=REBOOT_WITHIN_S)
        why = (asked.stderr.strip() or f"status {asked.returncode}") if asked.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why and not _leave_word(file):
        log.error("the machine cannot be rebooted: %s", why)
        return
    time.sleep(REBOOT_WITHIN_S)


def _leave_word(file: Path) -> bool:
    """Has anybody taken it? It is for the boot that runs: after a power cut nobody wants it any more."""
    from chargepoint.timing import boot_id

    try:
        file.write_text(f"{boot_id()}\n")
        time.sleep(HEARD_WITHIN_S)
        file.unlink()
    except FileNotFoundError:
        return True
    except OSError as error:
        log.error("%s cannot be written: %s", file, error.strerror)
    return False


async def serve(config: Config, state_dir: Path, *, alone: bool = False) -> Ending:
    """Everything from opened files to closed ones."""
    from chargepoint.building import build, recoveries
    from chargepoint.daemon import Daemon, Ending
    from chargepoint.datause import DataUse
    from chargepoint.hardware import open_hardware
    from chargepoint.records.alive import AliveFile
    from chargepoint.records.uptime import UptimeLedger, reset_by_watchdog, told_by_service
    from chargepoint.security.access import StationAccess
    from chargepoint.startcause import StartCause
    from chargepoint.store.certificates import CertificateFiles
    from chargepoint.store.journal import Journal
    from chargepoint.store.memory import Memory
    from chargepoint.timing import Clock, boot_id
    from hw.guard.client import GuardClient

    loop = asyncio.get_running_loop()
    clock = Clock(loop.time, boot_id())
    clock.look()
    async with AsyncExitStack() as stack:
        journal = Journal.open(state_dir / "chargepoint.db", boot=clock.boot, has_csms=config.csms is not None)
        stack.push_async_callback(journal.close)
        memory = Memory(journal.database)
        guard = await stack.enter_async_context(GuardClient(state_dir / "guard.sock"))
        certificates = CertificateFiles(state_dir / "certificates")
        built = build(config, memory, certificates)
        open_business = recoveries(journal, memory, config, clock.boot)
        built.station.recover(open_business)
        start = StartCause(memory, clock.boot)
        uptime = UptimeLedger(
            journal, memory, clock, start, AliveFile(state_dir / "alive"), config.csms is not None,
            told_by_service(state_dir / "service-result"), reset_by_watchdog(),
        )  # fmt: skip
        access = None
        if config.csms is not None and built.networks is not None:
            access = StationAccess(config.csms, built.networks, certificates)
        traffic = DataUse(memory, lambda: clock.now().at.date())
        daemon = Daemon(
            config, built, journal, memory, clock, open_hardware(config, guard, state_dir),
            connector(config, built.settings, clock, memory, access, traffic), cause=start.cause,
            rebooted=not (open_business and start.same_boot), folder=state_dir / "transfers", files=certificates,
            machine=slots_of(config), uptime=uptime, traffic=traffic,
            modem=modem_keeper(memory),
        )  # fmt: skip
        if access is not None and daemon.certificates is not None:
            access.worked = daemon.certificates.worked
        start.noted()
        door, beside = open_doors(config, state_dir)
        for each in filter(None, (door, beside)):
            stack.callback(each.close)
        write_run_file(config, state_dir, door, beside)
        stack.callback((state_dir / "run.json").unlink, missing_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, daemon.end, Ending())
        gc.freeze()
        gc.enable()
        daemon.beats.watch("guard link", GUARD_LINK_SILENT_S, lambda: guard.attended_s)
        service = manager(daemon)
        jobs = [service.run] if service is not None else []
        keepers = guard_jobs(config, state_dir, guard, alone=alone)
        ending = await daemon.run(lambda: show_page(daemon, door, beside), *mqtt_jobs(daemon), *keepers, *jobs)
        if service is not None:
            (service.restarting if ending.restart else service.stopping)()
        start.ended(ending.restart, ending.scheduled, ending.firmware)
        uptime.mark(ending=True)
        await memory.flushed()
        return ending


def slots_of(config: Config) -> Machine | None:
    """RAUC, where this machine has two systems. Nothing of it is loaded where it has not."""
    program = config.update.rauc_program
    if program is None and not SLOTS_FILE.exists():
        return None
    from chargepoint.updating.rauc import Rauc

    return Rauc() if program is None else Rauc(str(program))


def modem_keeper(memory: Remembered) -> ModemKeeper | None:
    """None where ModemManager is not installed: then nothing of it is loaded."""
    if shutil.which("mmcli") is None:
        return None
    from chargepoint.modem import ModemKeeper

    return ModemKeeper(memory)


def manager(daemon: Daemon) -> Service | None:
    """What the service manager is told; None where none listens."""
    from hw.notify import Mailbox, watchdog_s

    mailbox = Mailbox()
    if not mailbox.is_heard:
        return None
    import faulthandler

    from chargepoint.service import service_of

    faulthandler.enable()  # the watchdog's SIGABRT makes the log tell where every thread hung
    return service_of(daemon, mailbox, watchdog_s())


def guard_jobs(
    config: Config, state_dir: Path, guard: GuardClient, *, alone: bool
) -> list[Callable[[], Awaitable[None]]]:
    """Replacing a simulated station's guard that dies or hangs.

    Where it is a service, that is the service manager's: a release of ours would meet the guard it has just started.
    """
    from hw.guard.client import keep_guard

    path = config.path
    if path is None:
        return []
    ours = config.mock and not alone
    return [lambda: keep_guard(guard, path, state_dir)] if ours else [lambda: miss_guard(guard)]


async def miss_guard(guard: GuardClient) -> None:
    """Say so when nobody has started the guard."""
    await asyncio.sleep(GUARD_WITHIN_S)
    if not guard.alive:
        log.error(
            "no guard answers: nothing can charge. Start chargepoint-guard.service, or `python -m hw.guard run` with "
            "the same --config and --state"
        )


def connector(
    config: Config, settings: Settings, clock: Clock, memory: Remembered, access: Access | None,
    traffic: DataUse | None = None,
) -> Connector | None:  # fmt: skip
    """The way to the back office; what may change while we run is asked for at each attempt."""
    if access is None:
        return None
    from chargepoint.core import catalogue as known
    from chargepoint.ocpp.link import WebSocketConnector
    from chargepoint.proxy import proxy_of
    from chargepoint.timing import floor

    return WebSocketConnector(
        access=access,
        ping_interval_s=lambda: settings[known.WEB_SOCKET_PING_INTERVAL],
        allow_wildcards=lambda: settings[known.ALLOW_CSMS_TLS_WILDCARDS],
        now=lambda: clock.now().at,
        floor=lambda: floor(clock, memory),
        proxy=lambda: proxy_of(config.network),
        spent=traffic.spent if traffic is not None else None,
    )


def open_doors(config: Config, state_dir: Path) -> tuple[Door, Door | None]:
    """Where page and API are, and, where others have to show a password there, a socket file for our own commands."""
    from chargepoint.web.listening import open_file, open_port

    own = state_dir / "api.sock"
    if config.web is None:
        return open_file(own), None
    door = open_port(config.web.listen, config.web.password_file, state_dir)
    return door, open_file(own) if door.keys is not None else None


def write_run_file(config: Config, state_dir: Path, door: Door, beside: Door | None = None) -> None:
    """Where the other commands find this daemon, and the file that names the page's password."""
    content = {"pid": os.getpid(), "api": door.address, "guard_socket": str(state_dir / "guard.sock")}
    if beside is not None:
        content["local"] = beside.address
    if config.path is not None:
        content["config"] = str(config.path.resolve())
    fresh = state_dir / "run.json.new"
    fresh.write_text(json.dumps(content) + "\n")
    fresh.replace(state_dir / "run.json")


async def show_page(daemon: Daemon, door: Door, beside: Door | None = None) -> None:
    """Page and API, once the station has reported itself to the back office, or PAGE_AFTER_S is over."""
    from chargepoint.localcontrols import LocalControls
    from chargepoint.web import task

    controls = LocalControls(daemon)
    await _reported(daemon)
    await task.serve(controls, door, daemon.frames, beside)


def mqtt_jobs(daemon: Daemon) -> list[Callable[[], Awaitable[None]]]:
    """Nothing of it is loaded where no broker is configured."""
    mqtt = daemon.config.mqtt
    if mqtt is None:
        return []

    async def keep_told() -> None:
        await _reported(daemon)
        from chargepoint.localcontrols import LocalControls
        from chargepoint.mqtt import task

        await task.keep_told(LocalControls(daemon), mqtt)

    return [keep_told]


async def _reported(daemon: Daemon) -> None:
    if daemon.conversation is None:
        return
    told = asyncio.Event()

    def seen(direction: str, frame: Any) -> None:
        if direction == "out" and "StatusNotification" in frame:
            told.set()

    forget = daemon.conversation.on_frame(seen)
    try:
        async with asyncio.timeout(PAGE_AFTER_S):
            await told.wait()
    except TimeoutError:
        pass
    finally:
        forget()
