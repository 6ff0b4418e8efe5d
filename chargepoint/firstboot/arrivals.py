"""The files an installer may put on the boot partition, as he names them, and where the station keeps each."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chargepoint.firstboot import wifi
from chargepoint.firstboot.places import Places
from chargepoint.firstboot.wording import Trouble

CONFIGURATION = "chargepoint.toml"
LOGIN_KEYS = "authorized_keys"
WIFI = "wifi.toml"

LARGEST = 1_000_000  # bytes; a certificate chain has some thousands, a configuration fewer
ADDED = ".txt"  # what Notepad adds to every name, and Windows then hides


@dataclass(frozen=True, slots=True)
class Kind:
    """One name that is looked for."""

    name: str
    folder: str  # attribute of Places
    kept_as: str = ""  # another name there
    secret: bool = False  # removed from the boot partition once it has been taken over
    is_text: bool = False  # one line for people: what an editor adds to its ends does not belong to it


KINDS = (
    Kind(CONFIGURATION, "etc"),
    Kind("csms-ca.pem", "etc"),
    Kind("station.pem", "etc"),
    Kind("known_hosts", "etc"),
    Kind("csms-password", "secrets", secret=True, is_text=True),
    Kind("web-password", "secrets", secret=True, is_text=True),
    Kind("mqtt-password", "secrets", secret=True, is_text=True),
    Kind("station.key", "secrets", secret=True),
    Kind(WIFI, "network", kept_as="wifi.nmconnection", secret=True),
    Kind(LOGIN_KEYS, "login"),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that lies on the boot partition."""

    kind: Kind
    file: Path
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()

    def kept(self) -> bytes:
        """The content as the station keeps it. Raises Trouble."""
        if self.kind.name == WIFI:
            return wifi.connection(self.file.name, self.content).encode()
        return _one_line(self.file.name, self.content) if self.kind.is_text else self.content


def arrivals(places: Places) -> tuple[list[Arrival], list[Trouble]]:
    """What lies there, the configuration first, and what cannot be read of it."""
    found, troubles = [], []
    for kind in KINDS:
        files = list(_named(places.boot, kind.name))
        if len(files) > 1:
            names = " and ".join(file.name for file in files)
            troubles.append(Trouble(kind.name, f"{names} both lie here", "Remove the one that is not meant."))
            continue
        for file in files:
            try:
                found.append(Arrival(kind, file, _content(file)))
            except Trouble as trouble:
                troubles.append(trouble)
    return found, troubles


def _named(folder: Path, name: str) -> Iterator[Path]:
    """Files of that name as Windows sees it: capitals do not count, nor does the ending that Notepad has added."""
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return
    for file in files:
        if file.name.lower() in (name, name + ADDED):
            yield file


def _content(file: Path) -> bytes:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise Trouble(file.name, "this is a folder, not a file", "Put the file itself here.")
        with file.open("rb") as source:
            content = source.read(LARGEST + 1)
    except OSError as error:
        what = f"it cannot be read: {error.strerror}"
        raise Trouble(file.name, what, "Copy it here again; if that does not help, the card is failing.") from None
    if len(content) > LARGEST:
        raise Trouble(file.name, f"it is larger than {LARGEST} bytes", "This is another file than it is called.")
    if not content.strip():
        raise Trouble(file.name, "it is empty", "Copy it here again, or remove it.")
    return content


def _one_line(name: str, content: bytes) -> bytes:
    """A password, without what an editor of Windows writes before and after it. Raises Trouble."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding).strip()
    except UnicodeDecodeError:
        raise Trouble(name, "a letter in it is not UTF-8", 'Save the file as "UTF-8" in the editor.') from None
    if len(text.splitlines()) != 1:
        raise Trouble(name, "it has several lines", "Leave the one line that it is about.")
    return f"{text}\n".encode()
