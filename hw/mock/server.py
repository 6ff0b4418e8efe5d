"""The process of simulated hardware: follows the wires every 10 ms, and answers on DIR/mock.sock."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from hw.errors import DeviceLost, Refused
from hw.guard.config import GuardConfig
from hw.mock.bay import Bay
from hw.mock.line import SOCKET
from hw.mock.plant import Plant
from hw.mock.registers import Registers
from hw.mock.terminals import Terminals
from hw.mock.wires import boot_id, open_wires, power_on, sync_wires
from hw.notify import Mailbox
from hw.processes import living

STEP_S = 0.010
KEEP_EVERY_S = 1.0  # the registers, in the mapped file and on the disk
UNUSED_S = 150.0  # without guard and daemon; longer than a lease, so that a restart finds the car still there


class Server:
    def __init__(self, config: GuardConfig, state_dir: Path) -> None:
        self._state_dir = state_dir
        memory = open_wires(state_dir)
        power_on(memory, boot_id())
        now_s = time.monotonic()
        sections = dict(enumerate(config.sections, 1))
        self._terminals = {evse: Terminals(memory, evse) for evse in sections}
        self._registers = Registers(self._terminals, lambda: sync_wires(state_dir))
        restored_wh = self._registers.restored_wh
        self.plant = Plant({
            evse: Bay(each.outlet, each.phases, now_s, restored_wh[evse], "phase_contactor" in each.drivers)
            for evse, each in sections.items()
        })  # fmt: skip
        self._lines = 0  # open conversations
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Until told to end, or unused for a while."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ending.set)
        folder = os.open(self._state_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        server = await asyncio.start_unix_server(self._talk, f"/proc/self/fd/{folder}/{SOCKET}")
        try:
            async with server, asyncio.TaskGroup() as tasks:
                following = tasks.create_task(self._follow())
                Mailbox().say("READY=1")  # the guard's service waits for it: a board that is off fails every test
                await self._ended()
                following.cancel()
        finally:
            await self.keep_registers()
            with suppress(FileNotFoundError):  # from Python 3.13 on it takes itself away
                os.unlink(SOCKET, dir_fd=folder)
            os.close(folder)

    async def _ended(self) -> None:
        unused_s = 0.0
        while unused_s < UNUSED_S:
            try:
                async with asyncio.timeout(KEEP_EVERY_S):
                    await self._ending.wait()
                return
            except TimeoutError:
                used = self._lines > 0 or living("guard", self._state_dir) is not None
                unused_s = 0.0 if used else unused_s + KEEP_EVERY_S
                await self.keep_registers()

    async def _follow(self) -> None:
        while True:
            self._step()
            await asyncio.sleep(STEP_S)

    def _step(self) -> None:
        now_s = time.monotonic()
        for evse, bay in self.plant.bays.items():
            terminals = self._terminals[evse]
            bay.drive(terminals.drive(), now_s)
            terminals.show(bay)

    async def keep_registers(self) -> None:
        """In a thread where the disk has to be waited for: the wires are followed meanwhile."""
        energy_wh = {evse: bay.energy_wh for evse, bay in self.plant.bays.items()}
        if self._registers.keep(energy_wh):
            await asyncio.to_thread(self._registers.put_on_disk, energy_wh)

    # --- conversations ------------------------------------------------------------------------------------------------

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines += 1
        with ExitStack() as listening:
            try:
                while line := await reader.readline():
                    writer.write(_line(self._answer(line, writer, listening)))
                    await writer.drain()
            except (OSError, ValueError):
                pass  # the other side died, or sent a line without end
            finally:
                self._lines -= 1
                writer.close()

    def _answer(self, line: bytes, writer: asyncio.StreamWriter, listening: ExitStack) -> Mapping[str, Any]:
        now_s = time.monotonic()
        try:
            order = json.loads(line)
            match order:
                case {"do": "meter", "evse": int(evse)}:
                    return dataclasses.asdict(self.plant.reading(evse, now_s))
                case {"do": "reader", "reader": int(number)}:
                    forget = self.plant.listen(number, lambda uid: writer.write(_line({"card": uid})))
                    listening.callback(forget)
                case dict():
                    self.plant.obey(order, now_s)
                    self._step()  # the wires show it before the answer is there
                case _:
                    raise Refused("An order is a JSON object.")
        except json.JSONDecodeError:
            return {"refused": "An order is a JSON object."}
        except Refused as refusal:
            return {"refused": str(refusal)}
        except DeviceLost as lost:
            return {"lost": lost.what}
        return {}


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"


async def serve(config: GuardConfig, state_dir: Path) -> None:
    await Server(config, state_dir).run()
