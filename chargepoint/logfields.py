"""What a log line is about, beside its words: fields that the journal and `chargepoint logs` can be asked by.

`log.warning("evse=1 ...", extra=about(evse=1, driver="meter"))`. Empty ones are left out, so that a field that is there
says something. The words stay whole without them: nobody should have to look at fields to understand a line.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

FIELDS = ("evse", "session", "transaction", "driver", "csms")
"""evse: its number. session, transaction: our ids, whole. driver: a device's name, as its log lines begin ("meter of
EVSE 1"). csms: what became of the link ("connected", "lost")."""

JOURNAL_PREFIX = "CHARGEPOINT_"
"""Of a field in systemd's journal: `journalctl CHARGEPOINT_EVSE=1`."""


def about(
    *, evse: int = 0, session: str = "", transaction: str = "", driver: str = "", csms: str = ""
) -> dict[str, Mapping[str, str]]:
    """For `extra` of a log call."""
    named = {"evse": evse and str(evse), "session": session, "transaction": transaction, "driver": driver, "csms": csms}
    return {"about": {name: str(value) for name, value in named.items() if value}}


def about_fact(fact: Any) -> dict[str, Mapping[str, str]]:
    """Of a fact: its EVSE, and its session and transaction where it has them."""
    return about(
        evse=fact.evse, session=getattr(fact, "session", ""), transaction=getattr(fact, "transaction", "")
    )  # fmt: skip


def fields_of(record: logging.LogRecord) -> Mapping[str, str]:
    """What a record is about; of anybody's record, with nothing where it does not say."""
    found = getattr(record, "about", None)
    return found if isinstance(found, Mapping) else {}


def journal_fields(record: logging.LogRecord) -> dict[str, str]:
    """The same as systemd's journal wants it."""
    return {JOURNAL_PREFIX + name.upper(): value for name, value in fields_of(record).items()}


def unsaid(record: logging.LogRecord, words: str) -> str:
    """The fields that a line's own words do not tell, to be put behind them; "" for none. Ids are cut as elsewhere."""
    told = [
        f"{name}={short(value)}"
        for name, value in fields_of(record).items()
        if f"{name}={short(value)}" not in words and (name != "driver" or value not in words)
    ]
    return f" {{{', '.join(told)}}}" if told else ""


def short(value: str) -> str:
    """An id as the log shows it: its first eight letters tell it apart."""
    return value[:8] if len(value) == 36 and value.count("-") == 4 else value
