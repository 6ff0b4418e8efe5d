"""Setup codes of labels that were printed before their stations were made: a CSV file of serial numbers and codes."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from chargepoint.security.setupcode import Mistyped, read_code, shown
from hw.errors import Fixable

HEADS = ("serial_number", "setup_code")


def serial_numbers(file: Path) -> list[str]:
    """The first column; a line that says "serial_number" is its head. Raises Fixable."""
    found = [row[0].strip() for row in _rows(file) if row and row[0].strip()]
    found = found[1:] if found[:1] == [HEADS[0]] else found
    twice = sorted({each for each in found if found.count(each) > 1})
    if twice or not found:
        what = f"{twice[0]} stands there twice" if twice else "there is no serial number in it"
        raise Fixable(what, where=str(file), fix="One serial number a line, each once.")
    return found


def code_of(file: Path, serial_number: str) -> str:
    """Of the label that was printed for that station. Raises Fixable."""
    codes = [row[1] for row in _rows(file) if len(row) > 1 and row[0].strip() == serial_number]
    if len(codes) != 1:
        what = f"there {'are several labels' if codes else 'is no label'} for {serial_number}"
        raise Fixable(what, where=str(file), fix="Give the file that `chargepoint label --batch` has written.")
    try:
        return shown(read_code(codes[0]))
    except Mistyped as why:
        raise Fixable(f"the code of {serial_number}: {why}", where=str(file), fix="Print that label anew.") from None


def as_csv(codes: Iterable[tuple[str, str]]) -> str:
    sink = StringIO()
    csv.writer(sink, lineterminator="\n").writerows([HEADS, *codes])
    return sink.getvalue()


def _rows(file: Path) -> list[list[str]]:
    try:
        return list(csv.reader(StringIO(file.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Fixable(f"cannot be read: {error}", where=str(file), fix="Save it as CSV in UTF-8.") from None
