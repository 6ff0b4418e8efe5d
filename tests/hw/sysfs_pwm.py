"""A PWM chip as the kernel's sysfs shows it: real folders, and files that obey the rules of drivers/pwm/sysfs.c."""

from __future__ import annotations

import errno
import os
from pathlib import Path

PI_4 = "fe20c000.pwm"
PI_5 = "1f00098000.pwm"
PI_5_FAN = "1f0009c000.pwm"


def os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class PwmChip:
    """A test looks at `log`, the writes in their order, and at `value`, and breaks it by `taken`, `gone`, `udev_s`."""

    def __init__(self, root: Path, device: str, number: int = 0, channels: int = 2) -> None:
        self.folder = root / f"pwmchip{number}"
        self.folder.mkdir(parents=True)
        target = root / "devices" / device
        target.mkdir(parents=True)
        (self.folder / "device").symlink_to(target)
        self.channels = channels
        self.value: dict[tuple[int, str], str] = {}
        self.log: list[str] = []
        self.taken = False
        self.gone = False
        self.now_s = 100.0
        self.udev_s = 0.0  # how long a fresh channel belongs to root
        self.naps = 0
        self._ours_from_s: dict[int, float] = {}

    def export(self, channel: int, **state: str) -> None:
        """Somebody has exported it before us."""
        (self.folder / f"pwm{channel}").mkdir()
        fresh = {"period": "0", "duty_cycle": "0", "polarity": "normal", "enable": "0"}
        for name, value in (fresh | state).items():
            self.value[channel, name] = value
        self._ours_from_s[channel] = self.now_s + self.udev_s

    def high_ns(self, channel: int = 0) -> int:
        assert self.value[channel, "enable"] == "1"
        assert self.value[channel, "period"] == "1000000"
        return int(self.value[channel, "duty_cycle"])

    # --- what the driver gets instead of the kernel -------------------------------------------------------------------

    def open(self, path: Path) -> _File:
        if self.gone:
            raise os_error(errno.ENOENT)
        channel = -1 if path.name == "export" else int(path.parent.name.removeprefix("pwm"))
        if channel >= 0 and self.now_s < self._ours_from_s[channel]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return _File(self, channel, path.name)

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.naps += 1
        self.now_s += seconds

    def write(self, channel: int, name: str, text: str) -> None:
        if self.gone:
            raise os_error(errno.ENODEV)
        self.log.append(f"{name}={text}")
        if name == "export":
            self._take(int(text))
            return
        period, duty = int(self.value[channel, "period"]), int(self.value[channel, "duty_cycle"])
        wrong = (
            (name == "duty_cycle" and int(text) > period)
            or (name == "duty_cycle" and period == 0)
            or (name == "period" and int(text) < duty)
            or (name == "enable" and text == "1" and period == 0)
        )
        if wrong:
            raise os_error(errno.EINVAL)
        if name == "polarity" and self.value[channel, "enable"] == "1":
            raise os_error(errno.EBUSY)
        self.value[channel, name] = text

    def _take(self, channel: int) -> None:
        if channel >= self.channels:
            raise os_error(errno.ENODEV)
        if self.taken:
            raise os_error(errno.EBUSY)
        self.export(channel)


class _File:
    def __init__(self, chip: PwmChip, channel: int, name: str) -> None:
        self._chip, self._channel, self._name = chip, channel, name

    def read(self) -> str:
        return self._chip.value[self._channel, self._name]

    def write(self, text: str) -> None:
        self._chip.write(self._channel, self._name, text)

    def close(self) -> None:
        pass
