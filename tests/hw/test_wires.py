"""What becomes of simulated pins: levels outlive processes, and no power cut; meters' registers outlive both."""

from __future__ import annotations

from pathlib import Path

from hw.mock.wires import COIL_AT, REGISTER, REGISTER_AT, offset_of, open_wires, power_on, stamps


def test_levels_outlive_their_process_but_no_power_cut_and_registers_both(tmp_path: Path) -> None:
    for evse in (1, 16):
        with open_wires(tmp_path) as wires:
            power_on(wires, "boot-1")
            wires[offset_of(evse) + COIL_AT] = 1
            REGISTER.pack_into(wires, offset_of(evse) + REGISTER_AT, 1234.5)
        with open_wires(tmp_path) as wires:
            power_on(wires, "boot-1")
            assert stamps(wires, evse).coil
        with open_wires(tmp_path) as wires:
            power_on(wires, "boot-2")
            assert not stamps(wires, evse).coil
            assert REGISTER.unpack_from(wires, offset_of(evse) + REGISTER_AT) == (1234.5,)
