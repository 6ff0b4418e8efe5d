"""gpiozero's pins on libgpiod: a pin factory for every board with a Linux GPIO chip (entry point `gpiod`).

A line is claimed in one request: direction, level, bias and who wants it. Until then it is left alone, and when it is
given back it is not turned into an input first, so that a relay sees no level that nobody meant.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

import gpiod
from gpiod.line import Bias, Direction, Edge, Value
from gpiozero import BoardInfo, PinInvalidFunction, PinInvalidPull, PinSetInput
from gpiozero.pins.local import LocalPiFactory, LocalPiPin

from hw.gpio.board import board_of
from hw.gpio.chip import read_chip, read_level, write_level
from hw.gpio.edges import EdgeWatch

CONSUMER = "chargepoint"
CONSUMER_LENGTH = 31  # what the kernel keeps of it

_BIAS = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "floating": Bias.DISABLED}
_EDGES = {"none": Edge.NONE, "rising": Edge.RISING, "falling": Edge.FALLING, "both": Edge.BOTH}
_PULL = {Bias.PULL_UP: "up", Bias.PULL_DOWN: "down"}


class GpiodPin(LocalPiPin):
    """A line of the chip. Set `consumer` before it is claimed."""

    def __init__(self, factory: GpiodFactory, info: Any) -> None:
        super().__init__(factory, info)
        self.consumer = CONSUMER
        self._settings: gpiod.LineSettings | None = None
        self._request: gpiod.LineRequest | None = None
        self._fd = -1
        self._edges = "both"
        self._bounce_s: float | None = None
        self._watch: EdgeWatch | None = None

    def close(self) -> None:
        self.when_changed = None
        self._settings, self._fd = None, -1
        if self._request is not None:
            self._request.release()
            self._request = None

    def output_with_state(self, state: bool) -> None:
        self._claim(gpiod.LineSettings(direction=Direction.OUTPUT, output_value=Value(int(bool(state)))))

    def input_with_pull(self, pull: str) -> None:
        if pull not in _BIAS:
            raise PinInvalidPull(f'pull = "{pull}" of {self!r} is none of {", ".join(_BIAS)}')
        self._claim(gpiod.LineSettings(direction=Direction.INPUT, bias=_BIAS[pull]))

    def _claim(self, settings: gpiod.LineSettings) -> None:
        if self._request is None:
            self._request = self.factory.chip.request_lines(
                {self._number: settings}, consumer=self.consumer[:CONSUMER_LENGTH]
            )
            self._fd = self._request.fd
        else:
            self._request.reconfigure_lines({self._number: settings})
        self._settings = settings

    def _get_function(self) -> str:
        output = self._settings is not None and self._settings.direction is Direction.OUTPUT
        return "output" if output else "input"

    def _set_function(self, value: str) -> None:
        if value != "input":
            raise PinInvalidFunction(f"{self!r} becomes an output only together with its level")
        self._claim(gpiod.LineSettings(direction=Direction.INPUT))

    def _get_state(self) -> bool:
        if self._request is None:
            self._set_function("input")
        return read_level(self._fd)

    def _set_state(self, value: bool) -> None:
        if self._request is None or self._get_function() == "input":
            raise PinSetInput(f"cannot set state of pin {self!r}")
        write_level(self._fd, bool(value))

    def _get_pull(self) -> str:
        return "floating" if self._settings is None else _PULL.get(self._settings.bias, "floating")

    def _set_pull(self, value: str) -> None:
        self.input_with_pull(value)

    # --- edges, for programs of gpiozero that wait for them -----------------------------------------------------------

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        self._edges = value
        self._watch_anew()

    def _get_bounce(self) -> float | None:
        return self._bounce_s

    def _set_bounce(self, value: float | None) -> None:
        self._bounce_s = value
        self._watch_anew()

    def _watch_anew(self) -> None:
        if self._watch is not None:
            self._disable_event_detect()
            self._enable_event_detect()

    def _enable_event_detect(self) -> None:
        bias = Bias.AS_IS if self._settings is None else self._settings.bias
        debounce = timedelta(seconds=self._bounce_s or 0)
        edges = _EDGES[self._edges]
        self._claim(
            gpiod.LineSettings(direction=Direction.INPUT, bias=bias, edge_detection=edges, debounce_period=debounce)
        )
        if self._request is not None:
            self._watch = EdgeWatch(self._request, lambda at_s: self._call_when_changed(at_s, self._get_state()))

    def _disable_event_detect(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None


class GpiodFactory(LocalPiFactory):
    """The pins of one chip: a device file, by default the first."""

    def __init__(self, chip: str = "/dev/gpiochip0") -> None:
        super().__init__()
        self.pins: dict[Any, GpiodPin] = {}  # ours; gpiozero's own factories share theirs
        self._reservations: defaultdict[Any, list[Any]] = defaultdict(list)
        self._info: BoardInfo | None = None
        self.path = chip
        self.chip = gpiod.Chip(chip)
        self.pin_class = GpiodPin

    def close(self) -> None:
        super().close()
        self.chip.close()

    def _get_board_info(self) -> BoardInfo:
        if self._info is None:
            self._info = board_of(read_chip(self.path))
        return self._info
