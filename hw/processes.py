"""Processes that outlive the one that started them: the guard and the simulated hardware.

Each holds a lock on DIR/<name>.pid for as long as it lives, with its process number inside. So it is found again by the
next daemon, and a second one of its kind refuses to start. Few imports: the daemon starts them first of all.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from pathlib import Path

LOG_LIMIT_BYTES = 1_000_000  # of what a process of ours may have said on stderr before its log starts anew


class AlreadyRunning(Exception):
    """Another process of this kind owns the state directory."""

    def __init__(self, name: str, state_dir: Path, pid: int | None) -> None:
        super().__init__(f"{state_dir}: a {name} runs here already, process {pid or '?'}")


def claim(name: str, state_dir: Path) -> int:
    """Become the one `name` process of a state directory. The returned descriptor holds the claim; keep it open.

    Raises:
        AlreadyRunning: somebody else is.
    """
    handle = os.open(_pid_file(name, state_dir), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise AlreadyRunning(name, state_dir, living(name, state_dir)) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def living(name: str, state_dir: Path) -> int | None:
    """Process number of the living `name` process of a state directory."""
    try:
        handle = os.open(_pid_file(name, state_dir), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.read(handle, 32).strip()
        return int(text) if text.isdigit() else None  # empty: it claims this very moment
    finally:
        os.close(handle)
    return None


def ensure_guard(config: Path, state_dir: Path) -> int:
    """The guard of a state directory: the living one, else a child that outlives us. Its process number."""
    return living("guard", state_dir) or spawn("guard", "run", config, state_dir, "--child")


def ensure_simulator(config: Path, state_dir: Path) -> int:
    """The simulated hardware of a state directory, found or started in the same way."""
    return living("mock", state_dir) or spawn("mock", "", config, state_dir)


def spawn(name: str, verb: str, config: Path, state_dir: Path, *more: str) -> int:
    """Start `python -m hw.<name>` in a session of its own, saying what it has to say to DIR/<name>.log."""
    command = [sys.executable, "-m", f"hw.{name}", *filter(None, [verb])]
    command += ["--config", os.path.abspath(config), "--state", os.path.abspath(state_dir), *more]
    log = state_dir / f"{name}.log"
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.unlink()
    return os.posix_spawn(
        sys.executable,
        command,
        os.environ,
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def reap(pid: int) -> int | None:
    """Exit status of a child that has ended; None where it still runs, or is not our child."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    return os.waitstatus_to_exitcode(status) if ended else None


def _pid_file(name: str, state_dir: Path) -> Path:
    return state_dir / f"{name}.pid"
