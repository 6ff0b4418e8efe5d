"""Reads `chargepoint.toml`: everything that is wrong with it in one report, each with its line and its remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from chargepoint.config import Config
from chargepoint.config.lines import lines_of, nearest_line
from chargepoint.config.syntax import explain
from chargepoint.config.tables import Reader
from chargepoint.errors import ConfigMistakes, Finding
from hw.discovery import Mistake

if TYPE_CHECKING:
    from chargepoint.config.factory import Factory

DEFAULT_PATH = Path("/etc/chargepoint/chargepoint.toml")

ARRAYS = ("evse", "card_reader", "meter", "display")


def load(path: Path, factory: Factory | None = None) -> Config:
    """The configuration in `path`, on a station whose maker has written that factory file.

    Raises:
        ConfigMistakes: it cannot be used as it stands.
    """
    config, findings = examine(path, factory)
    if config is None:
        raise ConfigMistakes(path, findings)
    return config


def check(path: Path, factory: Factory | None = None) -> list[Finding]:
    """Everything there is to say about the file, in the order of its lines. No device is touched."""
    return examine(path, factory)[1]


def examine(path: Path, factory: Factory | None = None) -> tuple[Config | None, list[Finding]]:
    """The configuration, or None if there are mistakes; and all findings, warnings included."""
    try:
        text, document = read_toml(path)
    except Unreadable as trouble:
        return None, [trouble.finding]
    reader = Reader(path.parent, factory)
    config = reader.read(document, path)
    if config is not None:
        whole = text + (factory.digest if factory else "")
        config = replace(config, digest=f"{crc32(whole.encode()):08x}-{len(text)}", written=digest(text))
    findings = found(text, reader.mistakes, reader.warnings)
    return None if reader.mistakes else config, findings


def digest(text: str) -> str:
    """Of a file's text: another one, another digest."""
    return f"{crc32(text.encode()):08x}-{len(text)}"


def found(text: str, mistakes: Iterable[Mistake], warnings: Iterable[Mistake] = ()) -> list[Finding]:
    """Each with its line, in the order of the lines."""
    lines = lines_of(text)
    findings = [Finding(_line(mistake, lines), mistake) for mistake in mistakes]
    findings += [Finding(_line(mistake, lines), mistake, warning=True) for mistake in warnings]
    findings.sort(key=lambda finding: (finding.line or len(text), finding.warning))
    return findings


# --- the bytes --------------------------------------------------------------------------------------------------------


class Unreadable(Exception):
    """The file cannot be read, or is no TOML."""

    def __init__(self, what: str, fix: str, line: int = 0) -> None:
        self.finding = Finding(line, Mistake("", what, fix))


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Its text and its tables.

    Raises:
        Unreadable: with what an installer can do about it.
    """
    text = _text(path)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, mistake = explain(error, text)
        raise Unreadable(mistake.what, mistake.fix, line) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets without end
        what = "something in this file is too long or too deeply nested to be read"
        raise Unreadable(what, "Compare it with deploy/chargepoint.toml.") from None


def _text(path: Path) -> str:
    """The file's text, whatever a Windows editor did to its first bytes and its line ends."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        fix = f"Begin with the example: sudo cp {_example()} {path}; then `chargepoint check {path}`."
        raise Unreadable("there is no such file", fix) from None
    except PermissionError:
        raise Unreadable("this user may not read it", f"Try: sudo chargepoint check {path}") from None
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror}", "Correct the path.") from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
        raise Unreadable("it is written in UTF-16", 'Save the file as "UTF-8" in the editor.')
    return _decoded(content).replace("\r\n", "\n")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fix = 'Save the file as "UTF-8" in the editor.'
        raise Unreadable("a letter that is not UTF-8", fix, line) from None


def _example() -> Path:
    """The file with every option: beside the source, or where the package puts it."""
    beside = Path(__file__).parents[2] / "deploy" / "chargepoint.toml"
    return beside if beside.is_file() else Path("/usr/share/doc/chargepoint/chargepoint.toml")


# --- lines ------------------------------------------------------------------------------------------------------------


def _line(mistake: Mistake, lines: dict[tuple[str | int, ...], int]) -> int:
    path: tuple[str | int, ...] = ()
    for part in mistake.where.split(".") if mistake.where else ():
        numbered = path and path[-1] in ARRAYS and part.isdigit()
        path += (int(part) - 1,) if numbered else (part,)
    return nearest_line(lines, (*path, mistake.key) if mistake.key else path)
