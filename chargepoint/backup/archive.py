"""The file of a backup: a tar with a manifest in front, which names every part with its size and SHA-256.

Part names are `state/…` and `config/…`, below the station's two folders and nowhere else; secrets are one more part,
sealed. Reading believes nothing: no name that leads elsewhere, no part that the manifest does not name, no byte that it
does not expect.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hw.errors import Fixable

FORMAT = 1
MANIFEST, SECRETS = "manifest.json", "secrets.sealed"
LARGEST_BYTES = 256 * 1024 * 1024
"""Of all parts together: a station's database has 64 MiB at most."""

PART = re.compile(r"(state|config)(/[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,99}){1,4}")


class BadBackup(Fixable):
    """The file is no backup that can be restored here."""


@dataclass(frozen=True, slots=True)
class Backup:
    """`about`: what the manifest says beside its parts."""

    about: Mapping[str, Any]
    parts: Mapping[str, bytes]
    sealed: bytes | None = None
    how: Mapping[str, Any] = field(default_factory=dict)

    @property
    def proven(self) -> bytes:
        """What the seal vouches for besides."""
        return json.dumps([self.about, {n: _digest(c) for n, c in self.parts.items()}], sort_keys=True).encode()


def packed(backup: Backup) -> bytes:
    files = {name: {"size": len(content), "sha256": _digest(content)} for name, content in backup.parts.items()}
    manifest: dict[str, Any] = {"format": FORMAT, "about": backup.about, "files": files, "secrets": None}
    if backup.sealed is not None:
        manifest["secrets"] = {"size": len(backup.sealed), "sha256": _digest(backup.sealed), **backup.how}
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as tar:
        _add(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
        for name, content in backup.parts.items():
            _add(tar, name, content)
        if backup.sealed is not None:
            _add(tar, SECRETS, backup.sealed)
    return sink.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def read(file: Path) -> Backup:
    """Raises BadBackup."""
    try:
        with gzip.open(file) as source:
            content = source.read(LARGEST_BYTES + 1)  # to its end, where the last checksum is
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            return _read(tar, str(file))
    except FileNotFoundError:
        raise BadBackup("there is no such file", where=str(file), fix="Name the file of the backup.") from None
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise _damaged(file, str(error) or type(error).__name__) from error


def _read(tar: tarfile.TarFile, where: str) -> Backup:
    first = tar.next()
    if first is None or first.name != MANIFEST:
        raise BadBackup("this is no backup of a station", where=where, fix="Name a file that `backup` has made.")
    manifest = json.loads(_content(tar, first, LARGEST_BYTES // 64))
    if manifest["format"] > FORMAT:
        fix = "Install that version here first."
        raise BadBackup("a newer version of this program has made the backup", where=where, fix=fix)
    expected = dict(manifest["files"]) | ({SECRETS: manifest["secrets"]} if manifest["secrets"] else {})
    if sum(int(each["size"]) for each in expected.values()) > LARGEST_BYTES:
        raise ValueError("it is too large")
    found: dict[str, bytes] = {}
    while (entry := tar.next()) is not None:
        if (
            entry.name in found
            or entry.name not in expected
            or not (entry.name == SECRETS or PART.fullmatch(entry.name))
        ):
            raise ValueError(f"it holds {entry.name[:80]!r}, which does not belong there")
        content = _content(tar, entry, int(expected[entry.name]["size"]))
        if _digest(content) != expected[entry.name]["sha256"]:
            raise ValueError(f"the checksum of {entry.name} is wrong")
        found[entry.name] = content
    if missing := expected.keys() - found.keys():
        raise ValueError(f"{sorted(missing)[0]} is missing")
    return Backup(manifest["about"], {n: c for n, c in found.items() if n != SECRETS}, found.get(SECRETS),
                  manifest["secrets"] or {})  # fmt: skip


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo, most: int) -> bytes:
    source = tar.extractfile(entry) if entry.isreg() and entry.size <= most else None
    content = source.read(most + 1) if source is not None else None
    if content is None or len(content) != entry.size:
        raise ValueError(f"{entry.name[:80]!r} is not what the manifest says")
    return content


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _damaged(file: Path, why: str) -> BadBackup:
    fix = "Copy the file once more from where it was made, or take an older one."
    return BadBackup(f"the backup is damaged or cut short ({why})", where=str(file), fix=fix)
