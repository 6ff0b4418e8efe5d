"""Started by the firmware as on a desk: the boot loader takes the slot on trial once, or another where it is empty."""

from __future__ import annotations

import subprocess

from tests.image.machine import Machine


def slots(machine: Machine) -> dict[str, str]:
    """What the boot loader remembers."""
    file = machine.folder / "slots.env"
    file.write_bytes(machine.read("slots.env"))
    listed = subprocess.run(["grub-editenv", file, "list"], capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in listed.splitlines())


def test_an_empty_slot_on_trial_is_followed_by_the_old_one(new_machine: Machine) -> None:
    file = new_machine.folder / "slots.env"
    file.write_bytes(new_machine.read("slots.env"))
    subprocess.run(["grub-editenv", file, "set", "try=B"], check=True)
    new_machine.put("slots.env", file.read_bytes())
    new_machine.put("kernel-options.cfg", 'set kernel_options="$kernel_options systemd.debug_shell=ttyS1"\n')
    new_machine.boot(by_firmware=True)
    assert "rauc.slot=A" in new_machine.shell("cat /proc/cmdline", 600)
    new_machine.cut_power()
    assert slots(new_machine) == {"primary": "A", "try": ""}
