"""What an installer is told of a serial port that does not open."""

from __future__ import annotations

import errno

import pytest
import serial

from hw.errors import DeviceLost
from hw.serial.port import open_port

BY_ID = "/dev/serial/by-id/usb-FTDI_TTL232R-if00-port0"


@pytest.mark.parametrize(
    ("path", "number", "remedy"),
    [
        ("/dev/serial0", errno.ENOENT, "enable_uart=1"),
        ("/dev/serial1", errno.ENOENT, "enable_uart=1"),
        ("/dev/ttyAMA0", errno.ENOENT, "enable_uart=1"),
        ("/dev/ttyS0", errno.ENOENT, "enable_uart=1"),
        (BY_ID, errno.ENOENT, "Is it plugged in?"),
        ("/dev/serial/by-path/pci-0", errno.ENOENT, "Is it plugged in?"),
        ("/dev/ttyUSB0", errno.ENOENT, "Is it plugged in?"),
        ("/dev/ttySomething", errno.ENOENT, "Is it plugged in?"),
        ("/dev/serial0", errno.EBUSY, "serial console"),
        (BY_ID, errno.EBUSY, f"sudo fuser {BY_ID}"),
    ],
)
def test_the_remedy_is_that_of_the_port_s_kind(
    path: str, number: int, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*about: object, **options: object) -> None:
        raise serial.SerialException(number, "it does not open")

    monkeypatch.setattr("hw.serial.port.serial.Serial", refuse)

    with pytest.raises(DeviceLost) as lost:
        open_port(path, baudrate=9600, where="[evse.1.pilot]")

    assert remedy in lost.value.fix
