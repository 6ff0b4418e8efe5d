"""Where log lines go: to stderr, which under systemd is the journal."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping

from chargepoint.journald import PRIORITIES, JournalHandler, is_listening, sender


class _ForJournal(logging.Formatter):
    """journald knows time and process by itself, and the priority from `<N>` (sd-daemon(3))."""

    def format(self, record: logging.LogRecord) -> str:
        mark = f"<{PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(mark + line for line in super().format(record).splitlines())


def to_stderr(*, verbose: bool, standing: Mapping[str, str] | None = None) -> None:
    """Log from INFO on, with `verbose` from DEBUG on (every OCPP frame).

    Where stderr is the journal, and systemd-python is there, with fields; `standing`: those of every line.
    """
    root = logging.getLogger()
    root.addHandler(_handler(standing or {}))
    root.setLevel(logging.INFO)
    logging.getLogger("chargepoint").setLevel(logging.DEBUG if verbose else logging.INFO)


def _handler(standing: Mapping[str, str]) -> logging.Handler:
    plain = logging.StreamHandler(sys.stderr)
    if not os.environ.get("JOURNAL_STREAM"):
        plain.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        return plain
    plain.setFormatter(_ForJournal("%(name)s: %(message)s"))
    send = sender() if is_listening(2) else None
    return plain if send is None else JournalHandler(send, plain, standing)
