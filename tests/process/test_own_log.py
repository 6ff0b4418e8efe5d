"""The real program without systemd, killed with -9: the log of its run is there for the next one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chargepoint.store.ring import Ring

CONFIG = """
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
[[evse]]
max_current_a = 16
"""
IN_TIME_S = 30.0
RUNS = 3


@contextmanager
def a_run(state: Path, config: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "chargepoint", "run", "--config", str(config), "--state", str(state)]
    quiet = {name: value for name, value in os.environ.items() if name not in ("JOURNAL_STREAM", "NOTIFY_SOCKET")}
    daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet)
    try:
        yield daemon
    finally:
        daemon.kill()
        daemon.wait()


def lines(state: Path, ring: str) -> list[str]:
    return [line for _, line in Ring(state / "logs", ring).lines()]


async def until_said(state: Path, ring: str, words: str, times: int) -> None:
    async with asyncio.timeout(IN_TIME_S):
        while sum(words in line for line in lines(state, ring)) < times:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.05)


async def test_the_log_of_a_run_that_was_killed_is_there_for_the_next(tmp_path: Path) -> None:
    config, state = tmp_path / "chargepoint.toml", tmp_path / "state"
    config.write_text(CONFIG)
    try:
        for run in range(1, RUNS + 1):
            with a_run(state, config) as daemon:
                await until_said(state, "log", "evse=1 available", run)
                daemon.send_signal(signal.SIGKILL)
        started = [line for line in lines(state, "log") if "started (" in line]
        assert len(started) == RUNS
        assert started == sorted(started)
        events = lines(state, "security")
        assert len([line for line in events if "StartupOfTheDevice" in line or "ResetOrReboot" in line]) == RUNS
    finally:
        end_what_is_left(state)


def end_what_is_left(state: Path) -> None:
    """Guard and simulated hardware outlive a daemon that was killed."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            arguments = (process / "cmdline").read_bytes().split(b"\0")
            if str(state).encode() in arguments and int(process.name) != os.getpid():
                os.kill(int(process.name), signal.SIGKILL)
