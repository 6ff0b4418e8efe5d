"""The computer as the kernel shows it: device files and who may open them, watchdog, supply, serial console."""

import grp
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from hw.doctor import permissions
from hw.doctor.findings import Finding, Outcome
from hw.doctor.machine import answer_of, machine_steps
from hw.doctor.permissions import User, device_files, permission, permission_steps

ME = User("pi", 1000, (1000, 20))
DIALOUT = 20  # the number of that group on every Debian


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make a device file that belongs to somebody, below a root of our own."""
    owners: dict[str, tuple[int, int, int]] = {}
    real = os.stat

    def fake(path: str) -> os.stat_result:
        mode, uid, gid = owners[str(path)]
        told = list(real(path))
        told[stat.ST_MODE], told[stat.ST_UID], told[stat.ST_GID] = stat.S_IFCHR | mode, uid, gid
        return os.stat_result(told)

    def make(name: str, mode: int = 0o660, uid: int = 0, gid: int = DIALOUT) -> Path:
        path = tmp_path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        owners[str(path)] = mode, uid, gid
        return tmp_path

    monkeypatch.setattr(permissions.os, "stat", fake)
    monkeypatch.setattr(permissions, "group_name", lambda gid: {0: "root", 20: "dialout", 997: "gpio"}.get(gid, "?"))
    return make


def by_step(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.step: finding for finding in findings}


# --- device files -----------------------------------------------------------------------------------------------------


def test_the_files_are_those_that_tables_name_and_those_that_drivers_imply() -> None:
    tables = [
        {"driver": "rapi", "port": "/dev/ttyAMA0"},
        {"driver": "gpio", "pwm_gpio": 18, "adc": "mcp3008"},
        {"driver": "gpio", "line": 17},
        {"driver": "modbus", "port": "192.168.1.5:502", "model": "eastron-sdm630"},
    ]
    assert device_files(tables) == ["/dev/ttyAMA0", "/dev/gpiochip*", "/dev/spidev*"]


def test_a_file_that_the_users_group_may_open_is_in_order(device: Callable[..., Path]) -> None:
    root = device("/dev/ttyAMA0")
    told = permission("/dev/ttyAMA0", ME, root)
    assert (told.step, told.outcome) == ("computer.device.dev-ttyAMA0", Outcome.OK)
    assert told.seen == "crw-rw---- root dialout"


def test_a_user_outside_the_group_is_told_how_to_get_into_it(device: Callable[..., Path]) -> None:
    root = device("/dev/gpiochip0", gid=997)
    told = permission("/dev/gpiochip*", ME, root)
    assert told.seen == "user pi may not: crw-rw---- root gpio"
    assert told.remedy == "sudo usermod -aG gpio pi; then restart the service, or log in anew."


def test_a_file_that_is_roots_alone_needs_a_rule_of_udev(device: Callable[..., Path]) -> None:
    root = device("/dev/spidev0.0", mode=0o600, gid=0)
    told = permission("/dev/spidev*", ME, root)
    assert told.outcome is Outcome.FAILED
    assert told.remedy == (
        "Put this line into /etc/udev/rules.d/60-chargepoint.rules, then sudo udevadm trigger: "
        'SUBSYSTEM=="spidev", GROUP="spi", MODE="0660"'
    )


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "may"),
    [
        (0o660, 0, 20, True),
        (0o640, 0, 20, False),
        (0o600, 1000, 0, True),
        (0o060, 1000, 20, False),  # the owner's rights count for the owner, even where they are less
        (0o666, 0, 0, True),
        (0o662, 0, 0, False),
    ],
)
def test_rights_are_read_as_the_kernel_does(
    device: Callable[..., Path], mode: int, uid: int, gid: int, may: bool
) -> None:
    root = device("/dev/ttyUSB0", mode=mode, uid=uid, gid=gid)
    assert (permission("/dev/ttyUSB0", ME, root).outcome is Outcome.OK) is may


def test_root_may_everything(device: Callable[..., Path]) -> None:
    assert permission("/dev/x", User("root", 0, (0,)), device("/dev/x", mode=0)).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("/dev/ttyUSB0", "Is it plugged in? `ls -l /dev/serial/by-id` shows what is."),
        ("/dev/serial/by-id/usb-FTDI", "Is it plugged in? `ls -l /dev/serial/by-id` shows what is."),
        ("/dev/ttyAMA0", "Add enable_uart=1 to config.txt and restart the machine."),
        ("/dev/spidev*", "Add dtparam=spi=on to config.txt and restart the machine."),
        ("/dev/i2c-1", "Add dtparam=i2c_arm=on to config.txt and restart the machine."),
        ("/dev/hidraw0", "Is the device there, and is its name right?"),
    ],
)
def test_a_file_that_is_not_there_comes_with_what_brings_it(tmp_path: Path, name: str, remedy: str) -> None:
    told = permission(name, ME, tmp_path)
    assert (told.seen, told.remedy) == ("there is no such file", remedy)


def test_without_device_files_there_is_nothing_to_prove() -> None:
    [told] = permission_steps([], ME)
    assert told.outcome is Outcome.SKIPPED


def test_the_user_is_known_with_all_his_groups() -> None:
    user = User.current()
    assert user.uid == os.geteuid()
    assert grp.getgrgid(os.getegid()).gr_name in user.group_names()


# --- the machine ------------------------------------------------------------------------------------------------------


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def machine(root: Path, *ports: str, systemd: str | None = "15s") -> dict[str, Finding]:
    return by_step(list(machine_steps(ports, root, lambda command: systemd)))


def test_a_good_board(tmp_path: Path) -> None:
    write(tmp_path, "dev/watchdog0", "")
    write(tmp_path, "sys/class/watchdog/watchdog0/identity", "Broadcom BCM2835 Watchdog timer\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    write(tmp_path, "sys/kernel/realtime", "1\n")
    told = machine(tmp_path, "/dev/ttyAMA0")
    assert {finding.outcome for finding in told.values()} == {Outcome.OK}
    assert told["computer.watchdog"].seen == "Broadcom BCM2835 Watchdog timer"
    assert told["computer.kernel"].seen.endswith(", real-time")


def test_a_board_without_watchdog_or_with_one_that_nobody_feeds(tmp_path: Path) -> None:
    assert machine(tmp_path)["computer.watchdog"].outcome is Outcome.FAILED
    for off in ("0", "infinity", ""):
        assert machine(tmp_path, systemd=off)["computer.watchdog_fed"].outcome is Outcome.FAILED
    assert machine(tmp_path, systemd=None)["computer.watchdog_fed"].outcome is Outcome.SKIPPED


def test_a_supply_that_has_been_too_low_is_remembered_by_the_board(tmp_path: Path) -> None:
    assert machine(tmp_path)["computer.supply"].outcome is Outcome.SKIPPED
    write(tmp_path, "sys/class/hwmon/hwmon0/name", "rpi_volt\n")
    write(tmp_path, "sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n")
    assert machine(tmp_path)["computer.supply"].seen == "it has been too low"


def test_a_serial_console_disturbs_only_a_port_that_is_used(tmp_path: Path) -> None:
    write(tmp_path, "proc/cmdline", "console=serial0,115200 console=tty1 root=PARTUUID=1\n")
    write(tmp_path, "dev/ttyAMA0", "")
    (tmp_path / "dev/serial0").symlink_to("ttyAMA0")
    assert "computer.console" not in machine(tmp_path, "/dev/ttyUSB0")
    told = machine(tmp_path, "/dev/ttyAMA0")["computer.console"]
    assert told.seen == "the kernel writes to serial0"
    assert "console=serial0" in told.remedy


def test_a_program_that_is_not_there_says_nothing() -> None:
    assert answer_of(["no-such-program-anywhere"]) is None
    assert answer_of(["false"]) is None
    assert answer_of(["echo", "15s"]) == "15s"
