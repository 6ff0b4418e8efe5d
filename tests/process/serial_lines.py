"""Serial lines made of pseudo-terminals: a simulated device at one end, a path like a USB adapter's at the other."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

TICK_S = 0.005


class Peer(Protocol):
    """A device: feed it bytes and tick it, send what both return."""

    def feed(self, data: bytes, now_s: float) -> bytes: ...
    def tick(self, now_s: float) -> bytes: ...


def until(condition: Callable[[], object], within_s: float = 10.0) -> float:
    """Wait; how long it took."""
    began_s = time.monotonic()
    while not condition():
        assert time.monotonic() - began_s < within_s
        time.sleep(TICK_S)
    return time.monotonic() - began_s


def pause(seconds: float) -> None:
    """For what must not happen."""
    time.sleep(seconds)


class SerialCable:
    """`path` is there while it is plugged in. `mangle` is what becomes of the bytes that the device sends."""

    def __init__(self, path: Path, peer: Peer) -> None:
        self.path, self.peer = path, peer
        self.mangle: Callable[[bytes], bytes] = lambda data: data
        self.heard = b""  # all that the device was sent
        self._master: int | None = None
        self._turn = threading.RLock()
        self._ending = threading.Event()
        self.plug()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def plug(self) -> None:
        with self._turn:
            self._master, slave = os.openpty()
            tty.setraw(slave)
            os.set_blocking(self._master, False)
            self.path.unlink(missing_ok=True)
            self.path.symlink_to(os.ttyname(slave))
            os.close(slave)

    def unplug(self) -> None:
        """The adapter is pulled: whoever has the port open notices at once."""
        with self._turn:
            self.path.unlink(missing_ok=True)
            if self._master is not None:
                os.close(self._master)
            self._master = None

    @contextlib.contextmanager
    def held(self):  # type: ignore[no-untyped-def]
        """The device stands still, so that a test may look at it or change it."""
        with self._turn:
            self.peer.tick(time.monotonic())
            yield self.peer

    def say(self, data: bytes) -> None:
        """Bytes out of nowhere."""
        with self._turn:
            self._send(data)

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        self.unplug()

    def _run(self) -> None:
        while not self._ending.is_set():
            master = self._master
            if master is None:
                time.sleep(TICK_S)
            else:
                with contextlib.suppress(OSError, ValueError):
                    select.select([master], [], [], TICK_S)
            with self._turn:
                self._turn_once()

    def _turn_once(self) -> None:
        now_s = time.monotonic()
        data = self._receive()
        self.heard += data
        said = self.peer.feed(data, now_s) if data else b""
        self._send(self.mangle(said + self.peer.tick(now_s)))

    def _receive(self) -> bytes:
        if self._master is None:
            return b""
        try:
            return os.read(self._master, 4096)
        except BlockingIOError:
            return b""
        except OSError:  # nobody has the other end open
            time.sleep(TICK_S)
            return b""

    def _send(self, data: bytes) -> None:
        if data and self._master is not None:
            with contextlib.suppress(OSError):
                os.write(self._master, data)
