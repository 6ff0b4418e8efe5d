"""A kernel that hangs is reset by the hardware."""

from __future__ import annotations

from tests.image.machine import Machine


def test_a_hanging_kernel_is_reset(new_machine: Machine) -> None:
    new_machine.boot(options="panic=0 sysctl.kernel.panic=0 unknown_nmi_panic", watch=True)
    new_machine.says("Started .*chargepoint.service")
    new_machine.shell("sysctl -w kernel.panic=0 kernel.unknown_nmi_panic=1")
    new_machine.monitor("nmi")
    new_machine.says("Kernel panic", 60)
    new_machine.until(lambda: new_machine.console.count("Linux version") > 1, "the hardware never reset it", 120)
    assert "Rebooting in" not in new_machine.console  # it was not the kernel that gave up by itself
