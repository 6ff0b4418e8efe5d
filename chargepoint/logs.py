"""Where log lines go: to stderr, which under systemd is the journal."""

from __future__ import annotations

import logging
import os
import sys

PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""syslog's numbers; journald takes them from the head of a line (sd-daemon(3))."""


class _ForJournal(logging.Formatter):
    """journald knows time and process by itself, and the priority from `<N>`."""

    def format(self, record: logging.LogRecord) -> str:
        mark = f"<{PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(mark + line for line in super().format(record).splitlines())


def to_stderr(*, verbose: bool) -> None:
    """Log from INFO on, with `verbose` from DEBUG on (every OCPP frame)."""
    handler = logging.StreamHandler(sys.stderr)
    if os.environ.get("JOURNAL_STREAM"):
        handler.setFormatter(_ForJournal("%(name)s: %(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("chargepoint").setLevel(logging.DEBUG if verbose else logging.INFO)
