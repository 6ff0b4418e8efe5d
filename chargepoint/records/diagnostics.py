"""What a support engineer wants to know of a station before the log begins: who it is, what it runs on, what it is set
to, how it is, and what was said to the back office last. Secrets and tokens are masked."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.masking import masked_frame, masked_location
from chargepoint.version import VERSION
from chargepoint.web.status import document, rfc3339

if TYPE_CHECKING:
    from chargepoint.localcontrols import LocalControls
    from chargepoint.web.trace import RecentFrames

HIDDEN = "***"
LETTERS_SHOWN = 50
LIBRARIES = ("websockets", "aiohttp", "cryptography", "pymodbus", "serial", "gpiozero", "asyncssh")

_SECRET = re.compile(
    r"""([\w.]*(?:password|passphrase|secret|psk|key|token|pin)"?\s*=\s*)"""
    r"""("{3}.*|"[^"]*"|'[^']*'|[^,}\s]+)""",
    re.IGNORECASE,
)
"""A TOML key that ends so, and its value; names of files end in _file."""

_ADDRESS = re.compile(r"\w+://[^\s\"']+")


def report(controls: LocalControls, frames: RecentFrames | None, state: Path) -> str:
    """Sections, each under its own title. What cannot be found out is left out."""
    sections: dict[str, Callable[[], Iterator[str]]] = {
        "Station": lambda: _station(controls),
        "Machine": lambda: about_machine(state),
        "Status": lambda: iter([json.dumps(document(controls), indent=1, ensure_ascii=False)]),
        "Given up": lambda: _letters(controls),
        "Settings": lambda: _settings(controls),
        "Configuration": lambda: _configuration(controls.config.path),
        "Last frames": lambda: _frames(frames),
    }
    return "\n\n".join("\n".join([f"== {title} ==", *_found(lines)]) for title, lines in sections.items()) + "\n"


def _found(lines: Callable[[], Iterator[str]]) -> Iterator[str]:
    """A machine may tell odd things of itself: as far as they can be read."""
    try:
        yield from lines()
    except (OSError, ValueError, LookupError) as error:
        yield f"(the rest could not be read: {error!r})"


def _station(controls: LocalControls) -> Iterator[str]:
    plate, clock = controls.config.station, controls.clock
    yield f"{plate.vendor} {plate.model} {plate.serial_number}".strip()
    yield f"firmware {controls.firmware}, chargepoint {VERSION}"
    yield f"it is {rfc3339(clock.now().at)} by {clock.source}, {'trusted' if clock.trusted else 'not trusted'}"


def about_machine(state: Path) -> Iterator[str]:
    system = os.uname()
    yield f"{_release()} {system.sysname} {system.release} {system.machine}, Python {platform.python_version()}"
    loaded = [(name, getattr(sys.modules.get(name), "__version__", "")) for name in LIBRARIES]
    yield "loaded: " + ", ".join(f"{name} {version}" for name, version in loaded if version)
    if uptime := _first_line("/proc/uptime"):
        yield f"up for {float(uptime.split()[0]) / 3600:.1f} h, load {' '.join(f'{n:.2f}' for n in os.getloadavg())}"
    if heat := _first_line("/sys/class/thermal/thermal_zone0/temp"):
        yield f"{int(heat) / 1000:.0f} degrees Celsius at the processor"
    if state.exists():
        disk = os.statvfs(state)
        free, total = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        yield f"{free // 1_048_576} of {total // 1_048_576} MiB free at {state}"


def _letters(controls: LocalControls) -> Iterator[str]:
    letters = controls.journal.dead_letters()
    yield f"{len(letters)} messages were given up"
    for letter in letters[:LETTERS_SHOWN]:
        yield f"{rfc3339(letter.at)} {letter.action or letter.kind}: {letter.why}"


def _settings(controls: LocalControls) -> Iterator[str]:
    for setting in controls.settings:
        value = controls.settings.text(setting) if setting.readable else HIDDEN
        yield f"{setting.name_1_6 or setting.name} = {value}"


def _configuration(path: Path | None) -> Iterator[str]:
    if path is None:
        return
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        yield f"{path} cannot be read: {error}"
        return
    for line in text.splitlines():
        yield _without_secrets(line)


def _without_secrets(line: str) -> str:
    shown = _SECRET.sub(lambda found: f'{found[1]}"{HIDDEN}"', line)
    return _ADDRESS.sub(lambda found: masked_location(found[0]), shown)


def _frames(frames: RecentFrames | None) -> Iterator[str]:
    for at, direction, text in frames or ():
        yield f"{rfc3339(at)} {direction} {json.dumps(masked_frame(text), ensure_ascii=False)}"


def _release() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
