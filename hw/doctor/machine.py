"""The computer itself: a watchdog that restarts it when the kernel hangs, its kernel, and its own supply."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hw.doctor.findings import Finding, failed, ok, skipped, verdict

ROOT = Path("/")
WATCHDOG_SETTING = "Write RuntimeWatchdogSec=15 into /etc/systemd/system.conf below [Manager], and restart the machine."
NO_WATCHDOG = "Add dtparam=watchdog=on to config.txt, or enable the board's watchdog in its firmware."

Ask = Callable[[list[str]], str | None]


def answer_of(command: list[str]) -> str | None:
    """What a program says; None where it cannot be asked."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def machine_steps(ports: Iterable[str], root: Path = ROOT, ask: Ask = answer_of) -> Iterator[Finding]:
    """`ports`: the serial ports that the configuration names."""
    yield _watchdog(root)
    yield _watchdog_is_fed(ask)
    yield _kernel(root)
    yield _supply(root)
    console = _console(root, ports)
    if console:
        yield console


def _watchdog(root: Path) -> Finding:
    there = (root / "dev/watchdog0").exists() or (root / "dev/watchdog").exists()
    identity = _text(root / "sys/class/watchdog/watchdog0/identity")
    seen = identity or ("/dev/watchdog" if there else "there is no /dev/watchdog")
    return verdict(there, "computer.watchdog", "hardware watchdog is there", seen, NO_WATCHDOG)


def _watchdog_is_fed(ask: Ask) -> Finding:
    """By systemd: a kernel that hangs feeds it no more."""
    step, proves = "computer.watchdog_fed", "systemd feeds the watchdog"
    told = ask(["systemctl", "show", "--property=RuntimeWatchdogUSec", "--value"])
    if told is None:
        return skipped(step, proves, "no systemd to ask here")
    off = told in ("0", "", "infinity", "off")
    return verdict(
        not off, step, proves, "it is switched off" if off else f"every {told} at the latest", WATCHDOG_SETTING
    )


def _kernel(root: Path) -> Finding:
    realtime = _text(root / "sys/kernel/realtime") == "1"
    return ok(
        "computer.kernel",
        "kernel",
        f"{os.uname().release}, {'real-time' if realtime else 'not real-time, which is fine'}",
    )


def _supply(root: Path) -> Finding:
    """A Raspberry Pi notes when its own 5 V were too low: a board that restarts under load."""
    step, proves = "computer.supply", "the computer's 5 V are enough"
    for name in sorted((root / "sys/class/hwmon").glob("hwmon*/name")):
        if _text(name) == "rpi_volt":
            low = _text(name.with_name("in0_lcrit_alarm")) == "1"
            remedy = "Use a stronger supply, or a shorter and thicker cable: 5.1 V, 3 A or more."
            return verdict(not low, step, proves, "it has been too low" if low else "never too low", remedy)
    return skipped(step, proves, "this computer does not tell")


def _console(root: Path, ports: Iterable[str]) -> Finding | None:
    """Where the kernel talks on a serial port, the device there is disturbed."""
    words = _text(root / "proc/cmdline").split()
    consoles = [word.removeprefix("console=").partition(",")[0] for word in words if word.startswith("console=")]
    used = {_device(root, port.removeprefix("/dev/")) for port in ports}
    for console in consoles:
        if _device(root, console) in used:
            remedy = f"Take console={console},… out of /boot/firmware/cmdline.txt, and restart the machine."
            return failed(
                "computer.console", "serial ports are free of the kernel", f"the kernel writes to {console}", remedy
            )
    return None


def _device(root: Path, name: str) -> str:
    """The device behind an alias such as serial0."""
    return (root / "dev" / name).resolve().name


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip("\0\n ")
    except OSError:
        return ""
