"""The driver of OpenEVSE controllers on a real terminal: its thread, the port, and what installers do to it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hw.api import Contactor, HostedMeter, SelfSwitching
from hw.discovery import Place, load
from hw.errors import DeviceLost
from hw.guard.pilot import duty_for
from tests.peers.openevse import OpenEvse
from tests.process.serial_lines import SerialCable, pause, until

WHERE = "evse.1.pilot"


class Mute:
    """A device that hears and says nothing, or says something of its own."""

    def __init__(self, says: bytes = b"") -> None:
        self.says = says

    def feed(self, data: bytes, now_s: float) -> bytes:
        return self.says

    def tick(self, now_s: float) -> bytes:
        return b""


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[SerialCable]:
    cable = SerialCable(tmp_path / "ttyUSB0", OpenEvse(time.monotonic()))
    yield cable
    cable.close()


@pytest.fixture
def pilot(cable: SerialCable) -> Iterator[Any]:
    pilot = build(cable.path)
    yield pilot
    pilot.close()


def build(path: Path) -> Any:
    return load("pilot", {"driver": "rapi", "port": str(path)}, Place(WHERE, path.parent, 1, phases=1))


def answers(pilot: Any) -> bool:
    try:
        pilot.levels()
    except DeviceLost:
        return False
    return True


def complaint(pilot: Any) -> str:
    with pytest.raises(DeviceLost) as lost:
        pilot.levels()
    return str(lost.value)


def test_it_has_the_roles_of_its_controller(pilot: Any) -> None:
    assert isinstance(pilot, Contactor)
    assert isinstance(pilot, SelfSwitching)
    assert isinstance(pilot, HostedMeter)


def test_a_car_is_charged_and_the_relay_opens_at_once_when_forbidden(cable: SerialCable, pilot: Any) -> None:
    until(lambda: answers(pilot))
    with cable.held() as controller:
        controller.bay.plug({"reaction_s": 0.2}, controller.now_s)
    until(lambda: pilot.levels().high_v == 9.0)
    pilot.switch(True)
    pilot.offer(duty_for(16))
    until(lambda: pilot.feedback() is True)
    assert (pilot.levels().high_v, pilot.levels().low_v) == (6.0, -12.0)

    pilot.switch(False)
    pilot.offer(1.0)
    assert until(lambda: pilot.feedback() is False) < 0.2
    pilot.settle(1.0)
    assert pilot.levels().high_v == 9.0
    until(lambda: pilot.reading() is not None)


def test_no_call_waits_for_the_line(cable: SerialCable, pilot: Any) -> None:
    until(lambda: answers(pilot))
    cable.mangle = lambda data: b""
    began_s = time.perf_counter()
    for _ in range(100):
        pilot.levels(), pilot.sensors(), pilot.feedback(), pilot.reading()
        pilot.offer(duty_for(16)), pilot.switch(True)
        pilot.switch(False)
    assert time.perf_counter() - began_s < 0.2


def test_pulling_the_adapter_is_told_once_and_its_return_too(
    cable: SerialCable, pilot: Any, caplog: pytest.LogCaptureFixture
) -> None:
    until(lambda: answers(pilot))
    caplog.clear()
    cable.unplug()
    until(lambda: not answers(pilot), 0.5)
    pause(2.5)
    assert "there is no port" in complaint(pilot)
    cable.plug()
    until(lambda: answers(pilot))

    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) <= 3, told  # gone, not there, there again
    assert told[-1] == "[evse.1.pilot]: it answers again"


def test_orders_given_while_it_was_away_are_carried_out_on_its_return(cable: SerialCable, pilot: Any) -> None:
    until(lambda: answers(pilot))
    with cable.held() as controller:
        controller.bay.plug({"reaction_s": 0.2}, controller.now_s)
    pilot.switch(True)
    pilot.offer(duty_for(16))
    until(lambda: pilot.feedback() is True)
    cable.unplug()
    pilot.switch(False)
    pilot.offer(1.0)
    pause(0.5)
    assert cable.peer.relay  # type: ignore[attr-defined] - nobody can open it now but itself
    cable.plug()
    until(lambda: not cable.peer.relay)  # type: ignore[attr-defined]


def test_a_port_that_is_missing_is_named(tmp_path: Path) -> None:
    pilot = build(tmp_path / "ttyUSB7")
    until(lambda: "there is no port" in complaint(pilot))
    assert "[evse.1.pilot]" in complaint(pilot)
    assert pilot.feedback() is None
    pilot.close()


def test_a_port_in_use_is_named(cable: SerialCable, pilot: Any) -> None:
    until(lambda: answers(pilot))
    second = build(cable.path)
    until(lambda: "is in use" in complaint(second))
    second.close()
    assert answers(pilot)


@pytest.mark.parametrize(
    ("says", "verdict"), [(b"", "does not answer"), (b"\x01\x04\xff$\x80\xf0\r", "answers with something else")]
)
def test_silence_and_garbage_say_to_check_speed_and_wires(tmp_path: Path, says: bytes, verdict: str) -> None:
    cable = SerialCable(tmp_path / "ttyUSB0", Mute(says))
    pilot = build(cable.path)
    until(lambda: verdict in complaint(pilot))
    assert "TX and RX are crossed, and baud" in complaint(pilot)
    pilot.close()
    cable.close()


def test_old_firmware_is_refused_with_its_version(tmp_path: Path) -> None:
    cable = SerialCable(tmp_path / "ttyUSB0", OpenEvse(time.monotonic(), protocol="3.0.1"))
    pilot = build(cable.path)
    until(lambda: "speaks RAPI 3.0.1" in complaint(pilot))
    pilot.close()
    cable.close()


def test_settling_in_vain_says_why(tmp_path: Path) -> None:
    pilot = build(tmp_path / "ttyUSB7")
    with pytest.raises(DeviceLost, match="no port"):
        pilot.settle(0.3)
    pilot.close()


def test_noise_out_of_nowhere_changes_nothing(cable: SerialCable, pilot: Any) -> None:
    until(lambda: answers(pilot))
    for number in range(200):
        cable.say(random.Random(number).randbytes(number % 40))
        pause(0.005)
        assert not cable.peer.relay  # type: ignore[attr-defined]
    until(lambda: answers(pilot))
    assert pilot.levels().high_v == 12.0
