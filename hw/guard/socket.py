"""Unix datagram sockets between guard and daemon, and who may use them."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from hw.guard.wire import LIMIT_BYTES

GUARD_SOCKET = "guard.sock"
_CREDENTIALS = struct.Struct("3i")  # process, user, group


@dataclass(frozen=True, slots=True)
class Datagram:
    """What came, and from whom."""

    content: bytes
    sender: str  # file name of the sender's socket, "" where it has none
    pid: int
    uid: int


class Post:
    """One socket in a folder; peers are known by their file names in it.

    Addresses go by way of the open folder (/proc/self/fd/N/name), because a socket's path may have 107 bytes only and
    state directories may be deep. Nothing here ever blocks.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)  # left over by a process that was killed
        self.socket.bind(self._address(name))
        os.chmod(name, 0o660, dir_fd=self._folder)
        self._trusted = {0, os.geteuid()}

    def fileno(self) -> int:
        return self.socket.fileno()

    def receive(self) -> Datagram | None:
        """The next datagram; None when there is none (left). What a stranger says comes without its content.

        Strangers are all who are neither root nor run as our own user: folders can be left open by mistake.
        """
        try:
            content, ancillary, _, sender = self.socket.recvmsg(LIMIT_BYTES + 1, socket.CMSG_SPACE(_CREDENTIALS.size))
        except BlockingIOError:
            return None
        pid, uid = _credentials(ancillary)
        return Datagram(content if uid in self._trusted else b"", os.path.basename(sender or ""), pid, uid)

    def send(self, content: bytes, name: str) -> bool:
        """False where nobody listens under that name. What a full mailbox does not take is lost, as a lease may be."""
        try:
            self.socket.sendto(content, self._address(name))
        except BlockingIOError:
            return True
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True

    def close(self) -> None:
        self.socket.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self._folder)
        os.close(self._folder)

    def _address(self, name: str) -> str:
        return f"/proc/self/fd/{self._folder}/{name}"


def _credentials(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, int]:
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS and len(content) == _CREDENTIALS.size:
            pid, uid, _ = _CREDENTIALS.unpack(content)
            return pid, uid
    return 0, -1
