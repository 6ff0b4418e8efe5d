"""These tests need the kernel's simulated chip: `./dev test-gpio` runs them in the virtual machine (vm.sh)."""

from tests.hw.gpio_wires import simulated_chip

collect_ignore_glob = [] if simulated_chip() else ["test_*.py"]
