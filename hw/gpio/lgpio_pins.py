"""gpiozero's own pins on lgpio, with what a contactor needs put right.

- An output is claimed with its level in one step. gpiozero's pin first becomes an input without bias, then a low
  output, then gets its level: an active-low relay clicks (seen on a simulated chip).
- The board is whatever chip is there. gpiozero's factory wants a Raspberry Pi's revision number.
- No file is left behind. Importing lgpio makes a pipe `.lgd-nfy0` in the working directory, which never goes away.
- A line is given back as it is, not turned into an input.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gpiozero import BoardInfo, PinInvalidFunction, PinInvalidPull, PinSetInput

from hw.gpio.board import board_of
from hw.gpio.chip import read_chip


@contextmanager
def _elsewhere() -> Iterator[None]:
    """Work in a folder that is gone afterwards; a pipe in it lives on as long as somebody has it open."""
    home, folder = os.open(".", os.O_PATH), tempfile.mkdtemp(prefix="lgpio-")
    wanted = os.environ.get("LG_WD")
    os.environ["LG_WD"] = folder  # half of lgpio goes by this, the other half by the working directory
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(home)
        os.close(home)
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop("LG_WD")
        if wanted is not None:
            os.environ["LG_WD"] = wanted


with _elsewhere():
    import lgpio
    from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

_PULL = {"up": lgpio.SET_PULL_UP, "down": lgpio.SET_PULL_DOWN, "floating": lgpio.SET_PULL_NONE}
_ERRNO = {lgpio.error_text(lgpio.GPIO_BUSY): errno.EBUSY, lgpio.error_text(lgpio.BAD_GPIO_NUMBER): errno.EINVAL}
CONSUMER = "chargepoint"


class ClaimingPin(LGPIOPin):
    """A line of the chip. Set `consumer` before it is claimed."""

    def __init__(self, factory: ClaimingFactory, info: Any) -> None:
        super(LGPIOPin, self).__init__(factory, info)  # not LGPIOPin's own, which claims the line as an input at once
        self._pwm = None
        self._bounce = None
        self._callback = None
        self._edges = lgpio.BOTH_EDGES
        self.consumer = CONSUMER
        self._direction = ""  # "" = not claimed

    def close(self) -> None:
        if self.factory._handle is not None and self._direction:
            self._free()

    def output_with_state(self, state: bool) -> None:
        level = int(bool(state))
        if self._direction == "output":
            self._set_state(state)
        else:
            self._claim("output", lambda chip: lgpio.gpio_claim_output(chip, self._number, level))

    def input_with_pull(self, pull: str) -> None:
        if pull not in _PULL:
            raise PinInvalidPull(f'pull = "{pull}" of {self!r} is none of {", ".join(_PULL)}')
        flags = _PULL[pull]
        self._claim("input", lambda chip: lgpio.gpio_claim_input(chip, self._number, flags))

    def _claim(self, direction: str, claim: Callable[[int], int]) -> None:
        if self._direction:
            self._free()
        self.factory.introduce(self.consumer)
        _said(claim, self.factory._handle)
        self._direction = direction

    def _free(self) -> None:
        self._direction = ""
        _said(lgpio.gpio_free, self.factory._handle, self._number)

    def _get_function(self) -> str:
        return self._direction or "input"

    def _set_function(self, value: str) -> None:
        if value != "input":
            raise PinInvalidFunction(f"{self!r} becomes an output only together with its level")
        self.input_with_pull("floating")

    def _get_state(self) -> bool:
        if not self._direction:
            self.input_with_pull("floating")
        return bool(_said(lgpio.gpio_read, self.factory._handle, self._number))

    def _set_state(self, value: bool) -> None:
        if self._direction != "output":
            raise PinSetInput(f"cannot set state of pin {self!r}")
        _said(lgpio.gpio_write, self.factory._handle, self._number, int(bool(value)))

    def _set_pull(self, value: str) -> None:
        self.input_with_pull(value)


class ClaimingFactory(LGPIOFactory):
    """The pins of one chip: a device file, by default the first."""

    def __init__(self, chip: str = "/dev/gpiochip0") -> None:
        self.path = chip
        digits = os.path.realpath(chip).rpartition("gpiochip")[2]
        _said(super().__init__, int(digits))
        self.pins: dict[Any, ClaimingPin] = {}  # ours; gpiozero's own factories share theirs
        self._reservations: defaultdict[Any, list[Any]] = defaultdict(list)
        self._info: BoardInfo | None = None
        self.pin_class = ClaimingPin
        self._set_user = _set_user()

    def introduce(self, consumer: str) -> None:
        """Under this name the kernel lists who holds the lines that are claimed from now on."""
        if self._set_user is not None:
            self._set_user(self._handle & 0xFFFF, consumer.encode()[:31])

    def _get_board_info(self) -> BoardInfo:
        if self._info is None:
            self._info = board_of(read_chip(self.path))
        return self._info


def _set_user() -> Any:
    """The library's function for the consumer's name, which its Python half leaves out; None where it is hidden."""
    try:
        return ctypes.CDLL(lgpio._lgpio.__file__).lgGpioSetUser
    except (OSError, AttributeError):
        return None


def _said(call: Callable[..., Any], *arguments: Any) -> Any:
    """What lgpio answers; its complaints as the OSError that the kernel made of them."""
    try:
        return call(*arguments)
    except lgpio.error as error:
        raise OSError(_ERRNO.get(error.value, errno.EIO), f"lgpio: {error.value}") from None
