"""What a station stands on: versions, drivers, machine, disks, networks. Each as lines of text; may raise anything."""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from chargepoint.records.diagnostics import about_machine
from chargepoint.version import VERSION

LIBRARIES = (
    "aiohttp", "aiomqtt", "asyncssh", "cryptography", "fastjsonschema", "gpiod", "gpiozero", "lgpio", "luma.lcd",
    "luma.oled", "ocpp", "paho-mqtt", "pillow", "pymodbus", "pyscard", "pyserial", "segno", "systemd-python",
    "websockets",
)  # fmt: skip
READABLE = ("/etc/os-release", "/etc/rpi-issue", "/proc/version", "/proc/device-tree/model", "/proc/cmdline")


def versions() -> Iterator[str]:
    yield f"chargepoint {VERSION}"
    yield f"Python {platform.python_version()} ({sys.executable})"
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def drivers() -> Iterator[str]:
    from hw.listing import installed

    for each in installed():
        broken = f"  cannot be used here: {each.broken}" if each.broken else ""
        yield f"{each.group:16} {each.name:12} {each.package} {each.version}  {each.target}{broken}"


def verdict(config: Path, state: Path) -> Iterator[str]:
    from chargepoint.config.factory import factory_of
    from chargepoint.config.file import examine

    found, findings = examine(config, factory_of(state))
    yield f"{config}: {'cannot be used' if found is None else 'in order'}"
    yield from map(str, findings)


def machine(state: Path) -> Iterator[str]:
    yield from about_machine(state)
    for path in map(Path, READABLE):
        if path.is_file():
            yield f"{path}: {path.read_text(encoding='utf-8', errors='replace').strip(chr(0) + chr(10))}"
    yield ""
    yield from _lines("/proc/meminfo", ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree"))
    yield from _lines("/proc/self/status", ("Uid", "Gid", "Groups"))
    yield ""
    yield from _mounts()
    yield from _lines("/proc/pressure/io", ("some", "full"))


def _lines(path: str, names: tuple[str, ...]) -> Iterator[str]:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    yield from (line for line in lines if line.startswith(names))


def _mounts() -> Iterator[str]:
    """Real file systems, and whether one has been turned read-only."""
    for line in Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
        device, place, kind, how = (line.split() + [""] * 4)[:4]
        if device.startswith("/") or kind in ("overlay", "tmpfs"):
            yield f"{device} on {place} ({kind}, {how})"


def network() -> Iterator[str]:
    yield f"host {socket.gethostname()}"
    for link in sorted(Path("/sys/class/net").glob("*")):
        state = _said(link / "operstate")
        kind = "wireless" if (link / "wireless").exists() else "modem" if link.name.startswith("ww") else "wired"
        counts = f"received {_said(link / 'statistics/rx_bytes')} B, sent {_said(link / 'statistics/tx_bytes')} B"
        errors = f"errors {_said(link / 'statistics/rx_errors')}/{_said(link / 'statistics/tx_errors')}"
        yield f"{link.name}: {state}, {kind}, {_said(link / 'speed') or '?'} Mbit/s, {counts}, {errors}"
    yield ""
    yield from Path("/proc/net/route").read_text(encoding="ascii", errors="replace").splitlines()
    yield ""
    yield from _lines("/etc/resolv.conf", ("nameserver", "search", "domain"))


def _said(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
