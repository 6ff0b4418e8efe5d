"""Processes that outlive the one that started them: the guard and the simulated hardware.

Each holds a lock on DIR/<name>.pid for as long as it lives, with its process number inside. So it is found again by the
next daemon, and a second one of its kind refuses to start. Few imports: the daemon starts them first of all.

The locks are Linux's open-file-description locks: a starter takes one and hands the open file down to its child, so
that there is no moment in which nobody holds it; and one can look at them without taking them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import sys
from pathlib import Path

LOG_LIMIT_BYTES = 1_000_000  # of what a process of ours may have said on stderr before its log starts anew
_FLOCK = struct.Struct("hhqqi4x")  # struct flock: type, whence, start, length, process (has to be 0)


class AlreadyRunning(Exception):
    """Another process of this kind owns the state directory."""

    def __init__(self, name: str, state_dir: Path, pid: int | None) -> None:
        super().__init__(f"{state_dir}: a {name} runs here already, process {pid or '?'}")


class StateUnusable(Exception):
    """The state directory is missing, or not ours to write."""

    def __init__(self, state_dir: Path, why: str | None) -> None:
        super().__init__(f"{state_dir}: {why}. Make it, or name another with --state.")


def claim(name: str, state_dir: Path) -> int:
    """Become the one `name` process of a state directory. The returned descriptor holds the claim; keep it open.

    Raises:
        AlreadyRunning: somebody else is.
        StateUnusable: there is no place for the claim.
    """
    try:
        handle = _taken(name, state_dir)
    except OSError as error:
        raise StateUnusable(state_dir, error.strerror) from error
    if handle is None:
        raise AlreadyRunning(name, state_dir, living(name, state_dir))
    _sign(handle, os.getpid())
    return handle


def living(name: str, state_dir: Path) -> int | None:
    """Process number of the living `name` process of a state directory."""
    try:
        handle = os.open(_pid_file(name, state_dir), os.O_RDONLY | os.O_CLOEXEC)  # it may be another user's
    except FileNotFoundError:
        return None
    try:
        found = fcntl.fcntl(handle, fcntl.F_OFD_GETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        if _FLOCK.unpack(found)[0] == fcntl.F_UNLCK:
            return None
        text = os.pread(handle, 32, 0).strip()
        return int(text) if text.isdigit() else None  # empty: it claims this very moment
    finally:
        os.close(handle)


def ensure_guard(config: Path, state_dir: Path) -> int:
    """The guard of a state directory: the living one, else a child that outlives us. Its process number."""
    return _ensure("guard", ["run", "--child"], config, state_dir)


def ensure_simulator(config: Path, state_dir: Path) -> int:
    """The simulated hardware of a state directory, found or started in the same way."""
    return _ensure("mock", [], config, state_dir)


def _ensure(name: str, arguments: list[str], config: Path, state_dir: Path) -> int:
    while True:
        handle = _taken(name, state_dir)
        if handle is not None:
            break
        pid = living(name, state_dir)
        if pid is not None:
            return pid
    try:
        os.set_inheritable(handle, True)
        pid = spawn(name, [*arguments, "--claim", str(handle)], config, state_dir)
        _sign(handle, pid)
        return pid
    finally:
        os.close(handle)


def spawn(name: str, arguments: list[str], config: Path, state_dir: Path) -> int:
    """Start `python -m hw.<name>` in a session of its own, saying what it has to say to DIR/<name>.log."""
    command = [*command_of(f"hw.{name}"), *arguments]
    command += ["--config", os.path.abspath(config), "--state", os.path.abspath(state_dir)]
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


def command_of(module: str) -> list[str]:
    """What runs a module as a program, on this interpreter. One that was started isolated (`python3 -I`, as the package
    does) stays so: a folder of that name where somebody happens to stand is no part of the program.
    """
    return [sys.executable, *(["-I"] if sys.flags.isolated else []), "-m", module]


def reap(pid: int) -> int | None:
    """Exit status of a child that has ended; None where it still runs, or is not our child."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return None
    return os.waitstatus_to_exitcode(status) if ended else None


def _taken(name: str, state_dir: Path) -> int | None:
    """The locked pid file; None where somebody else has locked it."""
    handle = os.open(_pid_file(name, state_dir), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    with contextlib.suppress(PermissionError):  # of another user who shares the folder, and so the file
        os.fchmod(handle, 0o660)
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _sign(handle: int, pid: int) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{pid}\n".encode(), 0)


def _pid_file(name: str, state_dir: Path) -> Path:
    return state_dir / f"{name}.pid"
