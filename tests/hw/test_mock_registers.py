"""Simulated meters' registers: on the disk when they have moved, and back after a power cut."""

from __future__ import annotations

import asyncio
import errno
import math
import os
from pathlib import Path

import pytest

from hw.guard.config import read_config
from hw.mock import server
from hw.mock.registers import Registers
from hw.mock.server import Server
from hw.mock.terminals import Terminals
from hw.mock.wires import FILE, FILE_BYTES, open_wires


class Disk:
    def __init__(self) -> None:
        self.syncs = 0
        self.full = False

    def sync(self) -> None:
        if self.full:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.syncs += 1


def a_bay(state: Path) -> dict[int, Terminals]:
    return {1: Terminals(open_wires(state), 1)}


def test_a_register_that_has_moved_has_to_go_to_the_disk_and_one_that_rests_has_not(tmp_path: Path) -> None:
    disk = Disk()
    registers = Registers(a_bay(tmp_path), disk.sync)
    assert not registers.keep({1: 0.0})
    assert registers.keep({1: 7.5})
    registers.put_on_disk({1: 7.5})
    assert not registers.keep({1: 7.5})
    assert disk.syncs == 1
    assert Registers(a_bay(tmp_path), disk.sync).restored_wh == {1: 7.5}


@pytest.mark.parametrize("damage", [math.nan, math.inf, -1.0])
def test_a_damaged_register_starts_again_at_zero_and_that_is_said_once(
    tmp_path: Path, damage: float, capsys: pytest.CaptureFixture[str]
) -> None:
    bays = a_bay(tmp_path)
    bays[1].keep_energy(damage)
    registers = Registers(bays, Disk().sync)
    registers.keep(registers.restored_wh)
    assert registers.restored_wh == {1: 0.0}
    assert Registers(bays, Disk().sync).restored_wh == {1: 0.0}
    assert capsys.readouterr().err.count("start again at 0") == 1


def test_a_disk_that_does_not_take_it_is_complained_of_once_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = Disk()
    registers, disk.full = Registers(a_bay(tmp_path), disk.sync), True
    for wh in (1.0, 2.0):
        assert registers.keep({1: wh})
        registers.put_on_disk({1: wh})
    assert capsys.readouterr().err.count("cannot be put on the disk") == 1
    disk.full = False
    assert registers.keep({1: 2.0})
    registers.put_on_disk({1: 2.0})
    assert not registers.keep({1: 2.0})


def test_the_process_puts_its_meters_on_the_disk_and_finds_them_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bytes] = []
    monkeypatch.setattr(server, "sync_wires", lambda state: synced.append((state / FILE).read_bytes()))
    (tmp_path / "chargepoint.toml").write_text("[[evse]]\n")
    config = read_config(tmp_path / "chargepoint.toml")
    before = Server(config, tmp_path)
    before.plant.bays[1].energy_wh = 4321.0
    for _ in range(3):
        asyncio.run(before.keep_registers())
    [on_disk] = synced
    assert len(on_disk) == FILE_BYTES

    (tmp_path / "after").mkdir()
    (tmp_path / "after" / FILE).write_bytes(on_disk)
    monkeypatch.setattr(server, "boot_id", lambda: "the next boot")
    assert Server(config, tmp_path / "after").plant.bays[1].energy_wh == 4321.0
