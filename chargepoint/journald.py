"""Log lines to the machine's journal, with what they are about as fields: `journalctl CHARGEPOINT_EVSE=1`.

By systemd-python, where it is installed. Tokens and secrets are masked by whoever makes a line, as for every other log.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from chargepoint.logfields import journal_fields

PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""syslog's numbers."""

Send = Callable[..., Any]
"""`KEY=value`, each a text."""


def is_listening(stream: int, environment: Mapping[str, str] = os.environ) -> bool:
    """Does this descriptor lead to the journal? (systemd.exec(5), JOURNAL_STREAM; nobody has led it elsewhere since)"""
    try:
        found = os.fstat(stream)
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM", "") == f"{found.st_dev}:{found.st_ino}"


def sender() -> Send | None:
    """None where there is no systemd-python."""
    try:
        from systemd.journal import sendv
    except ImportError:
        return None
    send: Send = sendv
    return send


class JournalHandler(logging.Handler):
    """`otherwise` takes what the journal does not: it may be restarting. `standing`: fields of every line."""

    def __init__(self, send: Send, otherwise: logging.Handler, standing: Mapping[str, str]) -> None:
        super().__init__()
        self._send, self._otherwise = send, otherwise
        self._standing = [f"{name}={value}" for name, value in standing.items() if value]

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._send(*self._fields(record))
        except OSError:
            self._otherwise.emit(record)

    def _fields(self, record: logging.LogRecord) -> list[str]:
        fields = [
            f"MESSAGE={self.format(record)}",
            f"PRIORITY={PRIORITIES.get(record.levelno, 6)}",
            "SYSLOG_IDENTIFIER=chargepoint",
            f"LOGGER={record.name}",
            f"CODE_FILE={record.pathname}",
            f"CODE_LINE={record.lineno}",
            f"CODE_FUNC={record.funcName}",
        ]
        about = [f"{name}={value}" for name, value in journal_fields(record).items()]
        return fields + about + self._standing
