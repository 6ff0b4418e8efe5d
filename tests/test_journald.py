"""Log lines with fields, to the machine's journal."""

from __future__ import annotations

import io
import logging
import os
from pathlib import Path

from chargepoint.journald import JournalHandler, is_listening
from chargepoint.logfields import about

TRANSACTION = "0d0f1c7a-1f2e-4a53-9a77-25a3f7f6c001"


class FakeJournal:
    works = True

    def __init__(self) -> None:
        self.lines: list[dict[str, str]] = []
        self.stderr = io.StringIO()
        self.logger = logging.Logger("chargepoint.daemon")
        plain = logging.StreamHandler(self.stderr)
        self.logger.addHandler(JournalHandler(self._send, plain, {"CHARGEPOINT_IDENTITY": "CP1", "EMPTY": ""}))

    def _send(self, *fields: str) -> None:
        if not self.works:
            raise ConnectionRefusedError
        self.lines.append(dict(field.split("=", 1) for field in fields))


def test_a_line_goes_with_what_it_is_about() -> None:
    journal = FakeJournal()
    journal.logger.warning("evse=%d meter lost", 1, extra=about(evse=1, driver="meter of EVSE 1"))
    [line] = journal.lines
    assert (line["MESSAGE"], line["PRIORITY"], line["LOGGER"]) == ("evse=1 meter lost", "4", "chargepoint.daemon")
    assert (line["CHARGEPOINT_EVSE"], line["CHARGEPOINT_DRIVER"]) == ("1", "meter of EVSE 1")
    assert line["CHARGEPOINT_IDENTITY"] == "CP1"
    assert "EMPTY" not in line
    assert line["CODE_FILE"] == __file__


def test_a_traceback_is_part_of_its_line() -> None:
    journal = FakeJournal()
    try:
        raise OSError("no room = no bill")
    except OSError:
        journal.logger.exception("not written")
    assert journal.lines[0]["MESSAGE"].startswith("not written\nTraceback")
    assert journal.lines[0]["MESSAGE"].endswith("OSError: no room = no bill")


def test_what_the_journal_does_not_take_goes_to_stderr() -> None:
    journal = FakeJournal()
    journal.works = False
    journal.logger.error("the bill")
    assert journal.stderr.getvalue() == "the bill\n"


def test_the_journal_listens_where_the_stream_is_its_own(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        found = os.fstat(stream.fileno())
        environment = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert is_listening(stream.fileno(), environment)
        assert not is_listening(stream.fileno(), {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino + 1}"})
        assert not is_listening(stream.fileno(), {})
    assert not is_listening(12345, environment)
