"""Why a file did not get here or there.

TransferFailed          it may be tried again
└── Refused             it will never work
    ├── NotAllowed      the server does not let us
    └── NoRoom          this machine's own disk does not take it
"""

from __future__ import annotations


class TransferFailed(Exception):
    """Why a file did not arrive, in a sentence. It may be tried again."""


class Refused(TransferFailed):
    """The server, or this station, will not have it: trying again is of no use."""


class NotAllowed(Refused):
    """Wrong name or password, or no right to the file."""


class NoRoom(Refused):
    """The disk of this machine is full, or takes nothing."""
