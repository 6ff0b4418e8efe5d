"""What guard and daemon of this version say to each other, as text: an upgrade asks whether the guard that runs
understands the new daemon.
"""

from __future__ import annotations

import dataclasses

from hw.api import Command, Fault, Permit, Reading, Report, Result
from hw.guard.wire import Hello

MESSAGES = (Hello, Permit, Command, Report, Reading, Fault, Result)


def wire() -> str:
    """One line for each kind of message: its fields and their types."""
    return "".join(f"{message.__name__}: {_fields(message)}\n" for message in MESSAGES)


def _fields(message: type) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in dataclasses.fields(message))
