"""An event loop whose clock jumps to the next timer as soon as every task waits: an hour takes a moment."""

import asyncio
import selectors
from typing import Any


class _Jump(selectors.DefaultSelector):
    now_s = 1000.0  # not zero, so that a forgotten `or` on a time shows

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("every task waits and no timer is set: deadlock")
        self.now_s += 0.0 if ready else max(timeout or 0.0, 0.0)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now_s
