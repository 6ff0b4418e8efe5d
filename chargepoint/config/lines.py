"""On which line of a TOML file does a key stand? (`tomllib` does not tell.)

A small scanner for text that `tomllib` has accepted; it never fails, at worst it knows fewer lines. A path is the way
to a key from the top: `("evse", 0, "pilot", "driver")`, numbers being places in an array, from 0.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")  # between statements, and inside arrays
_LINE = re.compile(r"[^\n]*\n?")
_CLOSING = re.compile(r"[ \t]*\]{0,2}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # several lines, with escapes
    r"|'''.*?'{3,5}"  # several lines, literal
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}\r\n#]*")  # numbers, dates, true, false
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, of every table and key in `text`."""
    return _Scanner(text).scan()


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest table around it that the file has; 0 where there is none."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.breaks = [place for place, letter in enumerate(text) if letter == "\n"]
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}  # how many [[tables]] of that name so far

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self.skip(_GAP)
        while self.at < len(self.text):
            start = self.at
            if self.text[start] == "[":
                table = self.header()
            else:
                self.assignment(table)
            self.skip(_GAP)
            if self.at == start:  # nothing understood here: leave the rest of the line alone
                self.skip(_LINE)
        return self.lines

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Step over what `pattern` matches here, and say what it was."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def take(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found

    def line(self, place: int) -> int:
        return bisect_right(self.breaks, place - 1) + 1

    def note(self, path: Path, start: int) -> None:
        """Remember the line of `path` and of every table it opens in passing (a.b.c = 1)."""
        line = self.line(start)
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def header(self) -> Path:
        """`[a.b]` or `[[a.b]]`: the path of the table that begins."""
        start = self.at
        array = self.take("[[") or not self.take("[")
        path: Path = ()
        parts = self.key()
        for place, part in enumerate(parts):
            path += (part,)
            if array and place == len(parts) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path += (self.counts[path] - 1,)
        self.skip(_CLOSING)
        self.note(path, start)
        self.lines[path] = self.line(start)  # its own header, not [a.b.c] further up
        return path

    def key(self) -> list[str]:
        parts = []
        while True:
            self.skip(_BLANK)
            quoted = self.skip(_STRING)
            parts.append(_unquoted(quoted) if quoted else self.skip(_BARE))
            self.skip(_BLANK)
            if not self.take("."):
                return parts

    def assignment(self, table: Path) -> None:
        start = self.at
        path = table + tuple(self.key())
        if not self.take("="):
            return
        self.note(path, start)
        self.value(path)

    def value(self, path: Path) -> None:
        self.skip(_BLANK)
        if self.take("{"):
            self.entries("}", lambda _: self.assignment(path))
        elif self.take("["):
            self.entries("]", lambda place: self.element((*path, place)))
        elif not self.skip(_STRING):
            self.skip(_PLAIN)

    def element(self, path: Path) -> None:
        self.note(path, self.at)
        self.value(path)

    def entries(self, end: str, entry: Callable[[int], None]) -> None:
        """The comma-separated inside of an array or an inline table."""
        place = 0
        self.skip(_GAP)
        while self.at < len(self.text) and not self.take(end):
            start = self.at
            entry(place)
            place += 1
            self.skip(_GAP)
            self.take(",")
            self.skip(_GAP)
            if self.at == start:
                return


def _unquoted(quoted: str) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    return _ESCAPE.sub(_unescaped, quoted[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPES.get(match[3], match[3])
