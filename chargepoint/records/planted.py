"""Finds every secret that a station holds, so that a text can be searched for it: files, configuration, memory."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from chargepoint.masking import SECRET_SETTINGS, SECRETS

LONGEST_FILE = 65_536
"""Bytes of a file that holds a secret."""

_SECRET_FILE = re.compile(r"(password|key|secret|token|pin)_file$")
_SECRET_KEY = re.compile(r"(password|passphrase|secret|psk|key|token|pin)$", re.IGNORECASE)
_PUBLIC = re.compile(r"^(true|false|none|null|\d{1,3})$", re.IGNORECASE)


def secrets_of(config: Path, state: Path, memory: dict[str, Any]) -> Iterator[str]:
    """May hold the same one several times."""
    yield from _of_configuration(config)
    for folder in (state / "secrets", state / "certificates"):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if folder.name == "secrets" or path.suffix in (".key", ".pem"):
                yield from _of_file(path)
    for place, value in memory.items():
        yield from _of_value(value, place.rpartition("/")[2])
        if place.startswith("network/"):
            yield from _of_trial(value)


def _of_configuration(config: Path) -> Iterator[str]:
    try:
        document = tomllib.loads(config.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return
    for key, value in _pairs(document):
        if _SECRET_FILE.search(key):
            yield from _of_file(config.parent / value)
        elif _SECRET_KEY.search(key) and not key.endswith("_file"):
            yield value
        yield from _of_address(value)


def _pairs(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _pairs(inner, name)
        case list():
            for inner in value:
                yield from _pairs(inner, key)
        case str():
            yield key, value


def _of_file(path: Path) -> Iterator[str]:
    """A password is the whole file; of a private key each line is enough to be missed."""
    try:
        if not path.is_file() or path.stat().st_size > LONGEST_FILE:
            return
        text = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return
    if "-----BEGIN" not in text:
        yield text
        yield from (line.strip() for line in text.splitlines())
    elif "PRIVATE KEY" in text:
        for block in re.findall(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", text, re.DOTALL):
            yield from (line.strip() for line in block.splitlines() if len(line.strip()) >= 16)


def _of_address(text: str) -> Iterator[str]:
    if "://" not in text or "@" not in text:
        return
    try:
        parts = urlsplit(text)
    except ValueError:
        return
    for part in (parts.username, parts.password):
        if part:
            yield from (part, unquote(part))


def _of_value(value: Any, name: str) -> Iterator[str]:
    """A setting that is a secret, and what such settings look like inside of each other."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _of_value(inner, "password" if _is_secret(name) else f"vpn.{key}" if name == "vpn" else key)
        case list():
            for inner in value:
                yield from _of_value(inner, name)
        case str() if _is_secret(name):
            yield from _secret_texts(value)
        case str() if value.startswith("{"):
            yield from _of_value(_json(value), name)
        case str():
            yield from _of_address(value)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_trial(value: Any) -> Iterator[str]:
    """Of a way to the back office that is on trial, and the one before: [profile, password], each [text, ...]."""
    for pair in value.values() if isinstance(value, dict) else ():
        for kept in pair or ():
            if isinstance(kept, list) and kept and isinstance(kept[0], str) and not kept[0].isdigit():
                yield from _secret_texts(kept[0])


def _is_secret(name: str) -> bool:
    plain = name.rpartition(".")[2]
    return plain.casefold() in SECRET_SETTINGS or plain in SECRETS or name in SECRETS


def _secret_texts(value: str) -> Iterator[str]:
    if _PUBLIC.match(value) or value in ("csms", "file", "local"):
        return
    yield value
    try:
        yield bytes.fromhex(value).decode()  # 1.6 writes the password in hex
    except (ValueError, UnicodeDecodeError):
        return
