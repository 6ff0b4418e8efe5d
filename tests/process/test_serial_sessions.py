"""Whole sessions on serial lines: plugged, authorized by a card, charged, billed. No driver is simulated."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hw.mock.bay import Bay
from tests.peers.openevse import OpenEvse
from tests.peers.pn532 import Pn532Chip
from tests.peers.pty_device import PtyDevice
from tests.peers.simpleevse import EvseDin
from tests.process.secure_station import CARD, SecureStation
from tests.process.serial_lines import SerialCable
from tests.process.serial_station import Bus, PymodbusMeter, Sdm630, serial_station

RAPI = """\
phases = 1
pilot = {{ driver = "rapi", port = "{folder}/ttyEVSE" }}
meter = {{ driver = "modbus", model = "eastron-sdm630", port = "{folder}/ttyMETER", unit = 1 }}

[[card_reader]]
driver = "pn532"
port = "{folder}/ttyCARD"
"""

AMMETER = """\
phases = 1
pilot = {{ driver = "rapi", port = "{folder}/ttyEVSE" }}
meter = {{ driver = "pilot" }}
"""

ONE_BUS = """\
pilot = {{ driver = "simpleevse", port = "{folder}/ttyBUS", unit = 1 }}
meter = {{ driver = "modbus", model = "eastron-sdm630", port = "{folder}/ttyBUS", unit = 2 }}
"""


@dataclass
class Scene:
    station: SecureStation
    cable: SerialCable  # the controller's
    bay: Bay
    reader: Pn532Chip | None = None

    def plug(self, **car: object) -> None:
        with self.cable.held():
            self.bay.plug({"reaction_s": 0.2, "draw_a": 16, **car}, time.monotonic())

    def unplug(self) -> None:
        with self.cable.held():
            self.bay.unplug("both", time.monotonic())

    def register_wh(self) -> float:
        with self.cable.held():
            self.bay.advance(time.monotonic())
            return self.bay.energy_wh

    @property
    def supplies(self) -> bool:
        return self.bay.feedback()

    async def hold_card(self) -> None:
        assert self.reader is not None
        self.reader.card = bytes.fromhex(CARD)
        asked = len(self.reader.asked)
        await self.station.until(lambda: len(self.reader.asked) > asked + 4, "nobody looks for cards")  # type: ignore[union-attr]
        self.reader.card = None

    async def charge(self) -> None:
        """A car is plugged in and authorized: by a card where there is a reader, else by the back office."""
        self.plug()
        await self.station.until_status(pilot="B1")
        if self.reader is not None:
            await self.hold_card()
        else:
            assert await self.station.office.stations["CP1"].remote_start(CARD, 1) == "Accepted"
        await self.station.until_status(status="charging", contactor="closed")
        assert self.supplies

    async def bill(self) -> tuple[float, float, str]:
        """(start, stop, token) of the one that arrives."""
        office = self.station.office
        await office.until(lambda: office.bills(), "no bill arrived", 30)
        [bill] = office.bills()
        return bill.start_wh, bill.stop_wh, bill.token


@asynccontextmanager
async def rapi(folder: Path, evse: str = RAPI) -> AsyncIterator[Scene]:
    controller = OpenEvse(time.monotonic())
    chip = Pn532Chip() if "card_reader" in evse else None
    cable = SerialCable(folder / "ttyEVSE", controller)
    reader = PtyDevice(folder / "ttyCARD", chip.hears) if chip else None
    meter = PymodbusMeter(folder / "ttyMETER", controller.bay) if "ttyMETER" in evse else None
    if reader is not None:
        reader.plug()
    try:
        async with serial_station(folder, evse.format(folder=folder)) as station:
            yield Scene(station, cable, controller.bay, chip)
    finally:
        for device in (reader, meter, cable):
            if device is not None:
                device.close()


@asynccontextmanager
async def one_bus(folder: Path) -> AsyncIterator[Scene]:
    board = EvseDin(clock=time.monotonic)
    cable = SerialCable(folder / "ttyBUS", Bus({1: board, 2: Sdm630(board.bay)}, board.tick))
    try:
        async with serial_station(folder, ONE_BUS.format(folder=folder)) as station:
            yield Scene(station, cable, board.bay)
    finally:
        cable.close()


async def test_a_car_on_a_rapi_controller_is_charged_by_card_and_billed_by_a_modbus_meter(tmp_path: Path) -> None:
    async with rapi(tmp_path) as scene:
        station = scene.station
        before_wh = scene.register_wh()
        await scene.charge()
        seen = await station.until_status(pilot="C2")
        assert (seen["faults"], seen["permit_a"]) == ([], 32.0)
        await station.until(lambda: scene.register_wh() > before_wh + 4.0, "nothing flows")
        assert (await station.until_status(contactor="closed"))["reading"]["current_a"][0] == pytest.approx(16, abs=0.1)

        await scene.hold_card()
        await station.until(lambda: not scene.supplies, "the relay did not open")
        after_wh = scene.register_wh()
        scene.unplug()
        start_wh, stop_wh, token = await scene.bill()

        assert (start_wh, token) == (pytest.approx(before_wh, abs=0.5), CARD)
        assert stop_wh == pytest.approx(after_wh, abs=0.5)
        await station.until_status(status="available", pilot="A", contactor="open")


async def test_a_rapi_controllers_adapter_is_pulled_in_mid_session_and_comes_back(tmp_path: Path) -> None:
    async with rapi(tmp_path) as scene:
        station = scene.station
        await scene.charge()

        scene.cable.unplug()
        seen = await station.until_status(status="faulted")
        assert "CommunicationFault" in [fault["name"] for fault in seen["faults"]]
        assert scene.supplies  # nobody can reach the relay
        assert seen["contactor"] == "closed"  # and nobody says that it is open

        scene.cable.plug()
        await station.until(lambda: not scene.supplies, "the relay was not opened on its return")
        await station.until_status(status="charging", contactor="closed")
        await station.until(lambda: scene.supplies, "the session was not taken up again")

        scene.unplug()
        _, stop_wh, _ = await scene.bill()
        assert stop_wh == pytest.approx(scene.register_wh(), abs=0.5)  # what flowed meanwhile is on the bill


async def test_release_opens_the_relay_of_a_guard_that_was_killed(tmp_path: Path) -> None:
    async with rapi(tmp_path) as scene:
        station = scene.station
        await scene.charge()

        station.kill_guard()
        assert scene.supplies  # the controller goes on
        assert await station.release() == 0
        await station.until(lambda: not scene.supplies, "the relay did not open", 1.0)  # its contacts take 20 ms

        await station.start_guard()
        await station.until(lambda: scene.supplies, "the session was not taken up again")
        scene.unplug()
        _, stop_wh, _ = await scene.bill()
        assert stop_wh == pytest.approx(scene.register_wh(), abs=0.5)


async def test_the_ammeter_inside_the_controller_bills(tmp_path: Path) -> None:
    async with rapi(tmp_path, AMMETER) as scene:
        station = scene.station
        await scene.charge()
        began_wh = scene.register_wh()
        await station.until(lambda: scene.register_wh() > began_wh + 4.0, "nothing flows")
        scene.unplug()
        start_wh, stop_wh, _ = await scene.bill()
        assert stop_wh - start_wh == pytest.approx(
            scene.register_wh(), abs=1.5
        )  # it counts whole watt-hours at the end


async def test_a_simpleevse_and_a_meter_on_one_bus(tmp_path: Path) -> None:
    async with one_bus(tmp_path) as scene:
        station = scene.station
        before_wh = scene.register_wh()
        await scene.charge()
        await station.until(lambda: scene.register_wh() > before_wh + 4.0, "nothing flows")
        seen = await station.until_status(contactor="closed")
        assert seen["reading"]["current_a"] == pytest.approx([16.0] * 3, abs=0.1)
        assert seen["faults"] == []

        assert await station.office.stations["CP1"].remote_stop(
            (await station.panel.evse())["session"]["transaction"]["id"]
        )
        await station.until(lambda: not scene.supplies, "the relay did not open")
        after_wh = scene.register_wh()
        scene.unplug()
        start_wh, stop_wh, _ = await scene.bill()
        assert (start_wh, stop_wh) == (pytest.approx(before_wh, abs=0.5), pytest.approx(after_wh, abs=0.5))


async def test_a_bus_is_pulled_in_mid_session_and_comes_back(tmp_path: Path) -> None:
    async with one_bus(tmp_path) as scene:
        station = scene.station
        await scene.charge()

        scene.cable.unplug()
        seen = await station.until_status(status="faulted")
        assert "CommunicationFault" in [fault["name"] for fault in seen["faults"]]

        scene.cable.plug()
        await station.until(lambda: not scene.supplies, "the relay was not opened on its return")
        await station.until(lambda: scene.supplies, "the session was not taken up again", 60)
        scene.unplug()
        _, stop_wh, _ = await scene.bill()
        assert stop_wh == pytest.approx(scene.register_wh(), abs=0.5)


async def test_release_opens_the_relay_of_a_board_whose_guard_was_killed(tmp_path: Path) -> None:
    async with one_bus(tmp_path) as scene:
        station = scene.station
        await scene.charge()

        station.kill_guard()
        assert scene.supplies
        assert await station.release() == 0
        await station.until(lambda: not scene.supplies, "the relay did not open", 1.0)  # its contacts take 20 ms
