"""Unix datagram sockets between guard and daemon, and who may use them.

Believed are root, our own user and, where guard and daemon run as two users, the folder's group: if the folder is
shared with that group on purpose (the group may do everything in it, others nothing: `chmod 2770`), and if it is the
sender's primary group (`Group=` of both services; the kernel tells no other). This gives nobody a right he lacks:
whoever may write in the folder could put a socket of his own in the place of ours. The kernel says who sends.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hw.guard.wire import LIMIT_BYTES

GUARD_SOCKET = "guard.sock"
_CREDENTIALS = struct.Struct("3i")  # process, user, group


@dataclass(frozen=True, slots=True)
class Datagram:
    """What came, and from whom."""

    content: bytes
    sender: str  # file name of the sender's socket, "" where it has none
    pid: int


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a datagram, as the kernel says."""

    pid: int
    uid: int
    gid: int


UNKNOWN = Sender(0, -1, -1)


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whose datagrams are read."""

    users: frozenset[int]
    group: int | None = None

    @classmethod
    def of(cls, user: int, folder: os.stat_result) -> Self:
        """By our own user and the folder with the sockets."""
        shared = folder.st_mode & (stat.S_IRWXG | stat.S_IRWXO) == stat.S_IRWXG
        return cls(frozenset({0, user}), folder.st_gid if shared else None)

    def includes(self, sender: Sender) -> bool:
        return sender.uid in self.users or (self.group is not None and sender.gid == self.group)


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
        self._trusted = Trusted.of(os.geteuid(), os.fstat(self._folder))

    def fileno(self) -> int:
        return self.socket.fileno()

    def receive(self) -> Datagram | None:
        """The next datagram; None when there is none (left). What a stranger says comes without its content."""
        try:
            content, ancillary, _, sender = self.socket.recvmsg(LIMIT_BYTES + 1, socket.CMSG_SPACE(_CREDENTIALS.size))
        except BlockingIOError:
            return None
        who = _credentials(ancillary)
        return Datagram(content if self._trusted.includes(who) else b"", os.path.basename(sender or ""), who.pid)

    def send(self, content: bytes, name: str) -> bool:
        """False where nobody listens under that name, or not to us.

        What a full mailbox does not take is lost, as a lease may be.
        """
        try:
            self.socket.sendto(content, self._address(name))
        except BlockingIOError:
            return True
        except (ConnectionRefusedError, FileNotFoundError, PermissionError):
            return False
        return True

    def close(self) -> None:
        self.socket.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self._folder)
        os.close(self._folder)

    def _address(self, name: str) -> str:
        return f"/proc/self/fd/{self._folder}/{name}"


def _credentials(ancillary: list[tuple[int, int, bytes]]) -> Sender:
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS and len(content) == _CREDENTIALS.size:
            return Sender(*_CREDENTIALS.unpack(content))
    return UNKNOWN
