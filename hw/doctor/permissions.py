"""May this user open the device files that the configuration names? Where not: which group, or which udev rule.

Looked at is what the kernel says of the files; no device is opened.
"""

from __future__ import annotations

import glob
import grp
import os
import pwd
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from hw.doctor.findings import Finding, failed, ok, skipped

RULES = "/etc/udev/rules.d/60-chargepoint.rules"


@dataclass(frozen=True, slots=True)
class Kind:
    """Device files of one kind."""

    pattern: str  # of their names
    group: str  # that may open them on a Debian or Raspberry Pi OS
    rule: str  # udev's words for them
    absent: str  # what to do where there is none


KINDS = (
    Kind("/dev/gpiochip*", "gpio", 'SUBSYSTEM=="gpio", KERNEL=="gpiochip*"', "This kernel shows no GPIO chip."),
    Kind("/dev/spidev*", "spi", 'SUBSYSTEM=="spidev"', "Add dtparam=spi=on to config.txt and restart the machine."),
    Kind("/dev/i2c-*", "i2c", 'SUBSYSTEM=="i2c-dev"', "Add dtparam=i2c_arm=on to config.txt and restart the machine."),
    Kind("/dev/input/*", "input", 'SUBSYSTEM=="input"', "Is it plugged in? `ls -l /dev/input/by-id` shows what is."),
    Kind("/dev/ttyUSB*", "dialout", 'SUBSYSTEM=="tty"', "Is it plugged in? `ls -l /dev/serial/by-id` shows what is."),
    Kind("/dev/ttyACM*", "dialout", 'SUBSYSTEM=="tty"', "Is it plugged in? `ls -l /dev/serial/by-id` shows what is."),
    Kind("/dev/serial/*", "dialout", 'SUBSYSTEM=="tty"', "Is it plugged in? `ls -l /dev/serial/by-id` shows what is."),
    Kind("/dev/tty*", "dialout", 'SUBSYSTEM=="tty"', "Add enable_uart=1 to config.txt and restart the machine."),
    Kind(
        "/sys/class/pwm/*", "gpio", 'SUBSYSTEM=="pwm"', "Add dtoverlay=pwm-2chan to config.txt and restart the machine."
    ),
)
OTHER = Kind("*", "", "", "Is the device there, and is its name right?")

IMPLIED: dict[str, tuple[str, ...]] = {
    "gpio": ("/dev/gpiochip*",),
    "mcp3008": ("/dev/spidev*",),
    "mcp3208": ("/dev/spidev*",),
    "rc522": ("/dev/spidev*",),
}
"""What a driver or a converter needs although its table names no file."""


def device_files(tables: Iterable[Mapping[str, Any]]) -> list[str]:
    """The files and patterns that these drivers' tables name or imply, each once."""
    return list(dict.fromkeys(name for table in tables for name in _named(table)))


def _named(table: Mapping[str, Any]) -> Iterator[str]:
    for value in table.values():
        if isinstance(value, str):
            if value.startswith(("/dev/", "/sys/")):
                yield value
            yield from IMPLIED.get(value, ())


@dataclass(frozen=True, slots=True)
class User:
    """Who opens the files."""

    name: str
    uid: int
    groups: tuple[int, ...]

    @classmethod
    def current(cls) -> User:
        return cls(user_name(os.geteuid()), os.geteuid(), tuple({os.getegid(), *os.getgroups()}))

    def group_names(self) -> list[str]:
        return sorted(group_name(group) for group in self.groups)


def permission_steps(names: Iterable[str], user: User, root: Path = Path("/")) -> Iterator[Finding]:
    """`root`: of the file system that is looked at."""
    names = list(names)
    if not names:
        yield skipped("computer.device", "device files can be opened", "no driver names one")
    for name in names:
        yield permission(name, user, root)


def permission(name: str, user: User, root: Path = Path("/")) -> Finding:
    """Can the file, or the first of a pattern, be read and written by `user`?"""
    step, proves = f"computer.device.{name.strip('/').replace('/', '-')}", f"{name} can be opened"
    kind = next((kind for kind in KINDS if fnmatch(name, kind.pattern)), OTHER)
    found = sorted(glob.glob(str(root / name.lstrip("/"))))
    if not found:
        return failed(step, proves, "there is no such file", kind.absent)
    status = os.stat(found[0])
    seen = f"{stat.filemode(status.st_mode)} {user_name(status.st_uid)} {group_name(status.st_gid)}"
    if _may(status, user):
        return ok(step, proves, seen)
    return failed(step, proves, f"user {user.name} may not: {seen}", _remedy(status, user, kind))


def _may(status: os.stat_result, user: User) -> bool:
    if user.uid == 0:
        return True
    wanted = 6
    if status.st_uid == user.uid:
        return (status.st_mode >> 6) & wanted == wanted
    if status.st_gid in user.groups:
        return (status.st_mode >> 3) & wanted == wanted
    return status.st_mode & wanted == wanted


def _remedy(status: os.stat_result, user: User, kind: Kind) -> str:
    group = group_name(status.st_gid)
    if status.st_gid != 0 and status.st_gid not in user.groups and (status.st_mode >> 3) & 6 == 6:
        return f"sudo usermod -aG {group} {user.name}; then restart the service, or log in anew."
    if not kind.rule:
        return f"Give the user {user.name} the right to read and write it."
    rule = f'{kind.rule}, GROUP="{kind.group}", MODE="0660"'
    return f"Put this line into {RULES}, then sudo udevadm trigger: {rule}"


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
