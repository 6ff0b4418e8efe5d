"""A thread that keeps a conversation going on a serial port, so that nobody who wants to know waits for the line.

The port is opened again whenever it has gone. One line in the log tells of a loss, one of the return.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Protocol

from hw.errors import DeviceLost
from hw.serial.port import Port

log = logging.getLogger(__name__)

REOPEN_S = 1.0
CHUNK = 512
SILENT_AFTER = 3  # requests in a row
LONGEST_WAIT_S = 1.0
ENDING_S = 2.0


class Conversation(Protocol):
    """What is said. The thread makes all the calls; others read values that are replaced as a whole."""

    silent: int
    unfit: str

    @property
    def heard(self) -> int: ...
    @property
    def answered(self) -> bool: ...
    def opened(self, now_s: float) -> None: ...
    def request(self, now_s: float) -> bytes | None: ...
    def received(self, data: bytes, now_s: float) -> None: ...
    def due_s(self, now_s: float) -> float: ...


class Talker:
    """`lost` is why there is nobody to talk to, None while there is."""

    def __init__(self, conversation: Conversation, open_port: Callable[[], Port], where: str, silence: str) -> None:
        """`silence`: what to try when the port is there and nobody answers."""
        self.lost: DeviceLost | None = DeviceLost("it has not answered yet", where=where, fix="Wait a moment.")
        self._conversation = conversation
        self._open_port = open_port
        self._where, self._silence = where, silence
        self._said = ""  # of the loss that was logged
        self._ending = threading.Event()
        self._wake, self._woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._moved = threading.Condition()  # something was said or heard
        self._thread = threading.Thread(target=self._run, name=where, daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """There is something new to say."""
        with suppress(BlockingIOError):  # it has been told often enough
            os.write(self._woken, b"!")

    def wait(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Until `condition` holds; for those who may block, such as a process that is about to end."""
        with self._moved:
            return self._moved.wait_for(condition, within_s)

    def close(self) -> None:
        self._ending.set()
        self.nudge()
        self._thread.join(ENDING_S)
        os.close(self._wake)
        os.close(self._woken)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                with closing(self._open_port()) as port:
                    self._talk(port)
            except DeviceLost as lost:
                self._lose(lost)
            self._ending.wait(REOPEN_S)

    def _talk(self, port: Port) -> None:
        """Until the port breaks."""
        poll = select.poll()
        poll.register(port.fileno(), select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        self._conversation.opened(time.monotonic())
        try:
            while not self._ending.is_set():
                self._say(port)
                self._judge(port)
                self._hear(port, poll)
        except OSError as error:
            fix = "Is it still plugged in? It is tried again by itself."
            what = f'"{port.port}" has gone ({error.strerror or error})'
            raise DeviceLost(what, where=self._where, fix=fix) from None

    def _say(self, port: Port) -> None:
        request = self._conversation.request(time.monotonic())
        if request is not None:
            os.write(port.fileno(), request)

    def _hear(self, port: Port, poll: select.poll) -> None:
        now_s = time.monotonic()
        wait_s = min(max(self._conversation.due_s(now_s) - now_s, 0.0), LONGEST_WAIT_S)
        ready = dict(poll.poll(wait_s * 1000 + 1))
        if self._wake in ready:
            os.read(self._wake, CHUNK)
        if port.fileno() in ready:
            data = os.read(port.fileno(), CHUNK)
            if not data:
                raise OSError("hung up")
            self._conversation.received(data, time.monotonic())
        with self._moved:
            self._moved.notify_all()

    def _judge(self, port: Port) -> None:
        conversation = self._conversation
        if conversation.unfit:
            fix = "Update the controller's firmware, or use another driver."
            self._lose(DeviceLost(conversation.unfit, where=self._where, fix=fix))
        elif conversation.silent >= SILENT_AFTER:
            heard = "answers with something else" if conversation.heard else "does not answer"
            self._lose(DeviceLost(f'what is at "{port.port}" {heard}', where=self._where, fix=self._silence))
        elif conversation.answered:
            self._find()

    def _lose(self, lost: DeviceLost) -> None:
        self.lost = lost
        if str(lost) != self._said:
            self._said = str(lost)
            log.warning("%s", lost)

    def _find(self) -> None:
        if self.lost is not None:
            if self._said:
                log.warning("%s: it answers again", self._where)
            self.lost, self._said = None, ""
