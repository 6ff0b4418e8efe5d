"""Hardware PWM by the kernel's sysfs class: the 1 kHz of a control pilot, correct to the nanosecond.

Only hardware PWM: software timing cuts the duty cycle to whole percents and lets it tremble. The chip is found by what
its `device` link ends in, because its number changes with the kernel; other boards name `pwm_chip` and `pwm_channel`.
Hardware PWM outlives its process, so whoever ends drives steady +12 V before it goes.

Sources: Linux `Documentation/driver-api/pwm.rst`; Raspberry Pi firmware, overlays README; raspberrypi/linux 6818.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hw.errors import DeviceLost, OptionsWrong

ROOT = Path("/sys/class/pwm")
PERIOD_NS = 1_000_000
UDEV_S = 2.0  # a fresh channel belongs to root until udev has run, 80 to 100 ms; a slow card takes longer
LOOK_S = 0.02
AGAIN_S = 1.0  # between two tries to open a channel that was lost
ROUNDING_NS = 1e-3

PI_1_TO_4 = {12: 0, 18: 0, 13: 1, 19: 1}  # GPIO -> channel of the chip whose device is …20c000.pwm
PI_5 = {12: 0, 13: 1, 18: 2, 19: 3}  # of 1f00098000.pwm; 1f0009c000.pwm is the fan
CHIPS = {"20c000.pwm": PI_1_TO_4, "1f00098000.pwm": PI_5}  # how the device's name ends -> its channels
PI_GPIOS = tuple(sorted(PI_1_TO_4))
_FUNCTIONS = {12: 4, 13: 4, 18: 2, 19: 2}  # of the pin, as the overlay wants it


class Attribute(Protocol):
    """One file of sysfs."""

    def read(self) -> str: ...
    def write(self, text: str) -> None: ...
    def close(self) -> None: ...


class SysfsAttribute:
    """Kept open, so that a write is one system call."""

    def __init__(self, path: Path) -> None:
        mode = os.O_WRONLY if path.name == "export" else os.O_RDWR  # nobody may read that one
        self._handle = os.open(path, mode | os.O_CLOEXEC)

    def read(self) -> str:
        return os.pread(self._handle, 64, 0).decode().partition("\n")[0]

    def write(self, text: str) -> None:
        os.pwrite(self._handle, f"{text}\n".encode(), 0)

    def close(self) -> None:
        os.close(self._handle)


Opener = Callable[[Path], Attribute]


def overlay_for(gpio: int) -> str:
    """The line of config.txt that gives a Raspberry Pi's GPIO its PWM."""
    return f"dtoverlay=pwm,pin={gpio},func={_FUNCTIONS.get(gpio, 2)}"


def find(root: Path, gpio: int, where: str) -> tuple[Path, int]:
    """Chip folder and channel behind a GPIO of a Raspberry Pi.

    Raises:
        OptionsWrong: that GPIO has no hardware PWM on this board.
        DeviceLost: the kernel shows no PWM for it.
    """
    for chip in sorted(root.glob("pwmchip*")):
        device = os.path.realpath(chip / "device")
        channels = next((channels for end, channels in CHIPS.items() if device.endswith(end)), None)
        if channels is not None:
            if gpio not in channels:
                raise no_pwm(gpio, where)
            return chip, channels[gpio]
    what = f"the kernel shows no hardware PWM for GPIO {gpio}"
    fix = f"Add {overlay_for(gpio)} to /boot/firmware/config.txt and restart; on another board name pwm_chip"
    raise DeviceLost(what, where=f"[{where}]", fix=f"{fix} and pwm_channel.")


def no_pwm(gpio: int, where: str) -> OptionsWrong:
    """A control pilot is never made by software."""
    choices = ", ".join(map(str, PI_GPIOS))
    fix = f"Use one of {choices}, with {overlay_for(18)} in /boot/firmware/config.txt."
    return OptionsWrong(f"GPIO {gpio} has no hardware PWM", where=f"[{where}]", fix=fix)


class HardwarePwm:
    """One channel. It drives steady +12 V from the moment it is opened, and when it is closed."""

    def __init__(
        self,
        chip: Path,
        channel: int,
        where: str,
        *,
        inverted: bool = False,
        open_attribute: Opener = SysfsAttribute,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`inverted`: the stage behind the pin turns the level over.

        Raises:
            DeviceLost: no such chip or channel, taken by something else, or not ours to write.
        """
        self._chip, self._channel, self._where = chip, channel, where
        self._inverted = inverted
        self._open_attribute, self._clock = open_attribute, clock
        self._duty_ns: int | None = None  # on the pin; None: not known
        self._files: dict[str, Attribute] = {}
        self._next_try_s = 0.0
        self._open(sleep)

    def drive(self, duty: float) -> None:
        """`duty` 0 (steady -12 V) to 1 (steady +12 V), rounded down to a nanosecond; nothing is written twice.

        Raises:
            DeviceLost: the kernel does not take it.
        """
        high_ns = int(duty * PERIOD_NS + ROUNDING_NS)
        wanted_ns = PERIOD_NS - high_ns if self._inverted else high_ns
        if wanted_ns == self._duty_ns:
            return
        if not self._files:
            self._open_again()
        try:
            self._files["duty_cycle"].write(str(wanted_ns))
        except OSError as error:
            self._forget()
            raise self._lost(error) from None
        self._duty_ns = wanted_ns

    def close(self) -> None:
        """Steady +12 V goes on after us: a channel that is unexported falls to its idle level, whatever that means."""
        if self._files:
            self.drive(1.0)
            self._forget()

    def _open(self, sleep: Callable[[float], None] | None) -> None:
        """`sleep` None: now or never, as the guard's loop needs it."""
        try:
            self._export()
            self._open_files(sleep)
            self._begin()
        except OSError as error:
            self._forget()
            raise self._lost(error) from None

    def _open_again(self) -> None:
        if self._clock() < self._next_try_s:
            raise self._lost(OSError(errno.ENODEV, os.strerror(errno.ENODEV)))
        self._next_try_s = self._clock() + AGAIN_S
        self._open(None)

    @property
    def _folder(self) -> Path:
        return self._chip / f"pwm{self._channel}"

    def _export(self) -> None:
        if self._folder.exists():
            return
        export = self._open_attribute(self._chip / "export")
        try:
            export.write(str(self._channel))
        finally:
            export.close()

    def _open_files(self, sleep: Callable[[float], None] | None) -> None:
        until_s = self._clock() + UDEV_S
        for name in ("period", "duty_cycle", "polarity", "enable"):
            while name not in self._files:
                try:
                    self._files[name] = self._open_attribute(self._folder / name)
                except (PermissionError, FileNotFoundError):
                    if sleep is None or self._clock() >= until_s:
                        raise
                    sleep(LOOK_S)

    def _begin(self) -> None:
        """Steady +12 V. The kernel refuses a duty longer than the period, and another polarity while it runs."""
        files = self._files
        if files["polarity"].read() != "normal":
            files["enable"].write("0")
            files["polarity"].write("normal")
        if files["period"].read() != str(PERIOD_NS):
            if files["duty_cycle"].read() != "0":
                files["duty_cycle"].write("0")
            files["period"].write(str(PERIOD_NS))
        self._duty_ns = None
        self.drive(1.0)
        if files["enable"].read() != "1":
            files["enable"].write("1")

    def _forget(self) -> None:
        for file in self._files.values():
            file.close()
        self._files = {}
        self._duty_ns = None

    def _lost(self, error: OSError) -> DeviceLost:
        what = f"{self._folder} does not work: {error.strerror}"
        return DeviceLost(what, where=f"[{self._where}]", fix=_REMEDIES.get(error.errno or 0, _CHECK))


_CHECK = "Check the PWM overlay in /boot/firmware/config.txt and restart."
_REMEDIES = {
    errno.EACCES: (
        "Add the user of the guard to the group gpio; where the system is not Raspberry Pi OS, a udev rule has to give "
        "that group the files below /sys/class/pwm."
    ),
    errno.EBUSY: "Something else uses this PWM; headphone audio does: set dtparam=audio=off in config.txt and restart.",
    errno.ENODEV: "This chip has no such channel: check pwm_gpio, or pwm_chip and pwm_channel.",
}
