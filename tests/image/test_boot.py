"""From the image to a session: what a maker and an installer get who do what the manual says."""

from __future__ import annotations

import re

from tests.image.station import Station

MIB = 1024 * 1024


def test_it_charges(running: Station) -> None:
    running.charge()
    start = running.says("StartTransaction")
    running.says("MeterValues", nth=2)
    running.leave()
    stop = running.says("StopTransaction")
    assert stop["meterStop"] >= start["meterStart"]
    assert running.violations() == []


def test_the_root_cannot_be_written(running: Station) -> None:
    assert "ok" in running.machine.shell(
        "touch /usr/x /boot/x /boot/firmware/x 2>&1 | grep -c Read-only | grep -x 3 && echo ok"
    )
    assert "squashfs ro" in running.machine.shell("findmnt -n -o FSTYPE,OPTIONS / | tr -s ' ' | cut -d, -f1")


def test_what_is_written_to_etc_and_var_is_gone_with_the_power_except_for_what_must_stay(running: Station) -> None:
    places = running.machine.shell("findmnt -n -l -o TARGET,SOURCE -t ext4").split()
    assert set(places[::2]) == {
        "/data", "/etc/chargepoint", "/var/lib/chargepoint", "/etc/NetworkManager/system-connections",
        "/var/lib/NetworkManager", "/var/lib/systemd/timesync",
    }  # fmt: skip
    assert "noatime" in running.machine.shell("findmnt -n -o OPTIONS /data")
    assert "commit=30" in running.machine.shell("findmnt -n -o OPTIONS /data")


def test_the_data_partition_grew_to_the_end_of_the_disk(running: Station) -> None:
    start, size = running.machine.partition("data")
    assert start + size > 4 * 1024 * MIB - 4 * MIB
    free = int(running.machine.shell("df -B1 --output=size /data | tail -1").split()[-1])
    assert free > 0.9 * size


def test_every_unit_is_well(running: Station) -> None:
    running.machine.shell("systemctl is-system-running --wait || true")
    assert running.machine.shell("systemctl --failed --no-legend --plain").strip() == ""


def test_nothing_asks_for_a_password(running: Station) -> None:
    assert "login:" not in running.machine.console
    shadow = running.machine.shell("cat /etc/shadow")
    assert all(line.split(":")[1].startswith(("!", "*")) for line in shadow.split())


def test_logs_are_kept_in_memory_and_no_card_is_swapped_to(running: Station) -> None:
    assert running.machine.shell("test -d /var/log/journal && echo yes || echo no").strip() == "no"
    assert running.machine.shell("cat /proc/swaps").count("\n") == 1


def test_its_name_is_its_serial_number(running: Station) -> None:
    assert running.machine.shell("hostname").strip() == "chargepoint-a-000123"


def test_the_hardware_watchdog_watches(running: Station) -> None:
    said = running.machine.shell("cat /sys/class/watchdog/watchdog0/state; journalctl -b -o cat | grep -i hardware")
    assert said.startswith("active\n")
    assert re.search(r"Using hardware watchdog .i6300ESB", said)
    assert "Watchdog running with a hardware timeout of 20s" in said
