"""What of a station goes into a backup.

Everything its owner would miss: configuration, settings, cards, local list, profiles, history, records, security log,
installed roots. Not what belongs to the machine or the moment: the guard's latches (they protect people, and belong to
the hardware that they were raised on), downloads, the program's log.
"""

from __future__ import annotations

import io
import json
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint.backup.archive import Backup, packed
from chargepoint.backup.sealing import seal
from chargepoint.core import catalogue
from chargepoint.core.certificatekind import Kind
from chargepoint.store.snapshot import TABLES_VERSION, snapshot
from chargepoint.version import VERSION

DATABASE, CONFIG = "state/chargepoint.db", "config/chargepoint.toml"
MEMORY = "memory.json"
"""Among the secrets: what was taken out of the database."""

PUBLIC = ("factory.toml", "certificates/*.pem", "certificates/superseded", "logs/security-*.log")
SECRET = ("secrets/*", "certificates/*.key", f"certificates/{Kind.STATION}-*.pem")
"""Below the state directory. A certificate of the station goes with its key."""

SECRET_SETTINGS = frozenset(row.name for row in catalogue.ALL if not row.readable)


def made(state: Path, config: Path, at: datetime, passphrase: str | None, *, running: bool) -> tuple[bytes, list[str]]:
    """The file's content, and what could not be taken along (sentences).

    Raises:
        Fixable, OSError: something cannot be read.
    """
    database, hidden = snapshot(state / "chargepoint.db", SECRET_SETTINGS)
    secret = dict(_files(state, SECRET, "state"))
    parts = {DATABASE: database}
    parts |= {name: content for name, content in _files(state, PUBLIC, "state") if name not in secret}
    left_out = _take_configuration(config, parts, secret)
    about = {
        "made_at": at.isoformat(timespec="seconds"), "program": VERSION, "tables": TABLES_VERSION, "running": running,
        "station": station_of(state, config),
    }  # fmt: skip
    backup = Backup(about, parts)
    if passphrase is not None:
        content = _bundle(secret | {MEMORY: json.dumps(hidden).encode()})
        sealed, how = seal(content, passphrase, backup.proven)
        backup = Backup(about, parts, sealed, how)
    return packed(backup), left_out


def station_of(state: Path, config: Path) -> dict[str, str]:
    """Whose it is: serial number and identity, by the factory file, else by the configuration."""
    factory, written = _toml(state / "factory.toml"), _toml(config)
    plate = {**_table(written, "station"), **_table(factory, "station")}
    serial = str(plate.get("serial_number", ""))
    identity = _table(written, "csms").get("identity") or plate.get("identity") or serial
    return {"serial_number": serial, "identity": str(identity)}


def _take_configuration(config: Path, parts: dict[str, bytes], secret: dict[str, bytes]) -> list[str]:
    """The file itself and those it names beside it. Returns sentences about the others."""
    if not config.is_file():
        return [f"{config} is not there, so that the backup holds no configuration"]
    parts[CONFIG] = config.read_bytes()
    folder, left_out = config.resolve().parent, []
    for key, named in _named_files(_toml(config)):
        place = (folder / named).resolve()
        if not place.is_file():
            continue
        if not place.is_relative_to(folder):
            if "secrets" not in place.parts and not any(place.name == Path(name).name for name in (*parts, *secret)):
                left_out.append(f"{place} ({key}) lies elsewhere and is not in the backup")
            continue
        target = secret if _is_secret(key) else parts
        target[f"config/{place.relative_to(folder)}"] = place.read_bytes()
    return left_out


def _named_files(table: Any) -> Iterator[tuple[str, str]]:
    """Every option that names a file, wherever it stands."""
    if isinstance(table, dict):
        for key, value in table.items():
            if key.endswith("_file") and isinstance(value, str):
                yield key, value
            yield from _named_files(value)
    elif isinstance(table, list):
        for each in table:
            yield from _named_files(each)


def _is_secret(key: str) -> bool:
    return key.endswith(("password_file", "key_file"))


def _files(folder: Path, patterns: tuple[str, ...], under: str) -> Iterator[tuple[str, bytes]]:
    for pattern in patterns:
        for file in sorted(folder.glob(pattern)):
            if file.is_file() and not file.is_symlink() and not file.name.endswith(".new"):
                yield f"{under}/{file.relative_to(folder)}", file.read_bytes()


def _bundle(files: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return sink.getvalue()


def unbundled(content: bytes) -> dict[str, bytes]:
    """What `_bundle` made: proven by the seal."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r") as tar:
        sources = [(entry.name, tar.extractfile(entry)) for entry in tar]
        return {name: source.read() for name, source in sources if source is not None}


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _table(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name)
    return table if isinstance(table, dict) else {}
