"""What `tomllib` says about a file it cannot read, in plain words with the likely cause."""

from __future__ import annotations

import re
from collections.abc import Callable
from tomllib import TOMLDecodeError

from hw.discovery import Mistake

_PLACE = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL)
_YES_NO = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}

Remedy = Callable[[re.Match[str]], str]


def explain(error: TOMLDecodeError, text: str) -> tuple[int, Mistake]:
    """The line, from 1, and what is wrong there."""
    lines = text.split("\n")
    match = _PLACE.match(str(error))
    what = match["what"] if match else str(error)
    number = int(match["line"]) if match and match["line"] else _unfinished(lines)
    number = min(number, len(lines))
    column = f" (column {match['column']})" if match and match["column"] else ""
    if what == "Cannot overwrite a value":
        return number, _written_twice(lines, number)
    clause, fix = _by_line(what, lines[number - 1]) or _by_error(what)
    return number, Mistake("", clause + column, fix)


def _unfinished(lines: list[str]) -> int:
    """Where the text or list begins that is still open when the file ends; else the last line."""
    for number, line in enumerate(lines, 1):
        if re.search(r"""=\s*('[^']*|\"{3}((?!\"{3}).)*|'{3}((?!'{3}).)*)$""", line):
            return number
    return len(lines)


def _written_twice(lines: list[str], number: int) -> Mistake:
    line = lines[number - 1].strip()
    if line.startswith("["):
        name = line.strip("[] ")
        return Mistake("", f"[{name}] and [[{name}]] do not go together", f"Write [[{name}]] each time.")
    key = line.partition("=")[0].strip()
    for earlier in range(number - 1, 0, -1):
        above = lines[earlier - 1].strip()
        if above.partition("=")[0].strip() == key:
            return Mistake("", f"{key} stands on line {earlier} already", "Keep one of the two.")
        if above.startswith("["):
            break
    return Mistake("", f"{key} is written twice", "Keep one of the two.")


_VALUE = ("Invalid value",)
_AFTER = ("Expected newline or end of document",)
_KEY = ("Expected '=' after", "Invalid statement")
_STRING = ("Illegal character '\\n'", "Illegal character '\n'", 'Expected "\'"', "Unterminated string")

# (beginnings of the parser's words, pattern in the line, what is wrong, what to do; \1 and \g<name> as in re)
_LINES: list[tuple[tuple[str, ...], re.Pattern[str], str, str | Remedy]] = [
    (
        ("",),
        re.compile("[“”„‘’‚«»]"),
        "curly quotes, as a word processor makes them",
        'Type straight quotes ("), in a plain text editor.',
    ),
    (
        _VALUE,
        re.compile(r"=\s*(true|yes|on|false|no|off)\s*(?:#|$)", re.IGNORECASE),
        "not a value of this file",
        lambda match: f"Write {_YES_NO[match[1].lower()]}, in small letters and without quotes.",
    ),
    (_VALUE, re.compile(r"^\s*([^=]*?)\s*=\s*(?:#.*)?$"), r"\1 has no value", r"Write \1 = …, or take the line away."),
    (
        _VALUE,
        re.compile(r"^\s*([^=]*?)\s*=\s*([A-Za-z/_][^#\"']*?)\s*(?:#.*)?$"),
        "text without quotes",
        r'Write \1 = "\2".',
    ),
    (_VALUE, re.compile(r"=\s*\.(\d+)"), "a number that begins with a point", r"Write 0.\1."),
    (_AFTER, re.compile(r"=\s*(\d+),(\d+)\s*(?:#|$)"), "a decimal comma", r"Write \1.\2 with a point."),
    (_AFTER, re.compile(r"=\s*\d+\.\s*(?:#|$)"), "a number that ends with a point", "Write a digit after it."),
    (
        _AFTER,
        re.compile(r"^\s*([^=]*?)\s*=\s*([\d.]+)\s*([A-Za-z%]+)\s*(?:#|$)"),
        "a number with its unit",
        r"Write \1 = \2: the unit is in the option's name.",
    ),
    (
        _AFTER,
        re.compile(r"=.*[;,]\s*(?:#|$)"),
        "something after the value",
        "End the line after the value, without ; or ,",
    ),
    (_AFTER, re.compile(r"=\s*0\d+\s*(?:#|$)"), "a number that begins with 0", "Take the leading zeros away."),
    (
        _AFTER,
        re.compile(r"^\s*([^=]*?)\s*=\s*(\d+\.\d+\.[\d.:]+)"),
        "an address without quotes",
        r'Write \1 = "\2".',
    ),
    (
        _KEY,
        re.compile(r"^\s*(\w+)\s*:\s*(.*)$"),
        "a colon where TOML has an equals sign",
        r"Write \1 = \2",
    ),
    (_KEY, re.compile(r"^\s*(\w+)[ \t]+(\w+)\s*="), "a space in an option's name", r"Write \1_\2 = …"),
    (_KEY, re.compile(r"^\s*(//|;|--|/\*)"), "not an option", "A comment begins with #."),
    (_KEY, re.compile(r"^\s*[{}]"), "not TOML; it looks like JSON", "Write option = value, one on a line."),
    (_KEY, re.compile(r"^\s*(\w+)\]"), "a table's name without its opening bracket", r"Write [\1]."),
    (_KEY, re.compile(r"^\s*(\S+)\s*$"), "a word alone on its line", r"Write \1 = value, or # before it."),
]

# (beginnings of the parser's words, what is wrong, what to do)
_ERRORS: list[tuple[tuple[str, ...], str, str]] = [
    (_STRING, "a text that does not end", "Put the closing quote at its end."),
    (("Unclosed array",), "a list that does not end", "Put ] after its last value."),
    (("Unclosed inline table",), "a table in { } that does not end", "Put } at its end, on the same line."),
    (("Expected ']'", "Expected ']]'"), "a table's name without its end",
     "Put as many ] behind it as it has [ before it."),
    (
        ("Invalid hex value", "Unescaped '\\'", "Escaped character"),
        "a backslash, which begins a special character",
        r"Write \\ for one backslash, or 'single quotes' around the text.",
    ),
    (("Invalid initial character for a key",), "no option's name where one should be", "Look for a comma too many."),
    (("Duplicate inline table key",), "an option that stands twice in one { }", "Keep one of the two."),
    (("Expected newline",), "something after the value", "One option a line; text stands between quotes."),
    (_KEY, "not a line of this file", 'Write option = value, [table], or # before a comment.'),
    (_VALUE, "not a value", 'Text stands between quotes: "text".'),
    (("Illegal character", "Found invalid character"), "a character that may not stand here", "Type it anew."),
]  # fmt: skip


def _by_line(what: str, line: str) -> tuple[str, str] | None:
    """By what the line looks like."""
    for words, pattern, clause, fix in _LINES:
        match = pattern.search(line) if what.startswith(words) else None
        if match:
            return match.expand(clause), match.expand(fix) if isinstance(fix, str) else fix(match)
    return None


def _by_error(what: str) -> tuple[str, str]:
    """By what the parser said."""
    declared = re.match(r"Cannot declare \((.*?),?\) twice", what)
    if declared:
        name = ".".join(part.strip(" '\"") for part in declared[1].split(","))
        fix = f"Write [[{name}]] for each of several." if name in ("evse", "card_reader") else "Put both together."
        return f"[{name}] stands twice", fix
    for words, clause, fix in _ERRORS:
        if what.startswith(words):
            return clause, fix
    return what[:1].lower() + what[1:], "See deploy/chargepoint.toml for how it is written."
