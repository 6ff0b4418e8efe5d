"""A temperature from the kernel's files: 1-wire sensors (DS18B20) and hwmon chips.

Reading a 1-wire sensor takes the kernel 0.75 s, hence a thread that does nothing else.
"""

from __future__ import annotations

import glob
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hw.errors import DeviceLost

EVERY_S = 5.0
STALE_S = 30.0  # heat builds up over minutes; a sensor that is silent for longer is lost
POWER_ON_DEGC = 85.0  # a DS18B20 says so before its first conversion, and after every loss of its supply
COLDEST_DEGC, HOTTEST_DEGC = -55.0, 125.0  # what a DS18B20 can measure; anything beyond is a broken wire


class Thermometer:
    """The latest temperature, at once. `latest()` raises DeviceLost when there has been none for 30 s."""

    def __init__(self, pattern: str, where: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`pattern`: the file, `*` allowed in it; it holds thousandths of a degree."""
        self._pattern, self._where, self._clock = pattern, where, clock
        self._degc: float | None = None
        self._taken_s = clock()  # none yet, but it has so long to come
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"thermometer of {self._where}", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def latest(self) -> float | None:
        """Degrees Celsius; None before the first."""
        if self._clock() - self._taken_s > STALE_S:
            what = f'temperature_file = "{self._pattern}" has told no temperature for {STALE_S:.0f} s'
            raise DeviceLost(what, where=f"[{self._where}]", fix=_FIX)
        return self._degc

    def look(self) -> None:
        """Read the file once; blocks as long as the sensor takes."""
        degc = read_degc(self._pattern)
        if degc is None or not COLDEST_DEGC <= degc <= HOTTEST_DEGC:
            return
        if degc == POWER_ON_DEGC and (self._degc is None or abs(self._degc - degc) > 5.0):
            return
        self._degc, self._taken_s = degc, self._clock()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(EVERY_S)


def read_degc(pattern: str) -> float | None:
    """None where there is no such file, more than one, or nothing sensible in it."""
    found = glob.glob(pattern)
    if len(found) != 1:
        return None
    try:
        return int(Path(found[0]).read_text()) / 1000
    except (OSError, ValueError):  # the sensor did not answer, or its checksum was wrong
        return None


_FIX = (
    "Check the sensor's wires and the overlay (dtoverlay=w1-gpio); the file is "
    "/sys/bus/w1/devices/28-*/temperature or /sys/class/hwmon/hwmon*/temp1_input, and one file must match."
)
