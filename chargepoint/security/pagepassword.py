"""The page's password: where it is kept, and who may set the first one: whoever can read the label."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from chargepoint.security import setupcode
from hw.errors import Fixable

log = logging.getLogger(__name__)

FOLDER, PASSWORD, CODE = "secrets", "web-password", "setup-code"
"""In the state directory; the code's hash comes from the factory."""

SHORTEST, LONGEST = 8, 200
"""Characters of a password."""


@dataclass(slots=True)
class PagePassword:
    """What is kept of the password ("": none is set yet) and of the label's code ("": this station has none).

    `file`: where a password that is set on the page goes; None: the configuration names its own file, and the page
    cannot change it.
    """

    kept: str
    code: str = ""
    file: Path | None = None

    @property
    def is_set(self) -> bool:
        return bool(self.kept)

    @property
    def dear(self) -> bool:
        """Does a guess cost a hash?"""
        return not self.is_set or setupcode.is_hashed(self.kept)

    def is_right(self, password: str) -> bool:
        """May take a second: call it in a thread where it is `dear`."""
        return self.is_set and setupcode.matches(password, self.kept)

    def is_code(self, typed: str) -> bool:
        """Likewise. Raises setupcode.Mistyped."""
        return setupcode.matches_code(typed, self.code)

    def keep(self, password: str) -> None:
        """From now on this one is right, over restarts too. Takes as long as a guess. Raises OSError."""
        if self.file is None:
            raise PermissionError("the configuration names the password's file")
        made = setupcode.hashed(password)
        _written(self.file, made)
        self.kept = made


def page_password(named: Path | None, state: Path | None, listen: str) -> PagePassword:
    """For a page that others can reach. `named`: [web] password_file.

    Raises:
        Fixable: the file that is named cannot be used.
    """
    if named is not None:
        return PagePassword(_named(named))
    if state is None:
        return PagePassword("")
    file, code = state / FOLDER / PASSWORD, _kept(state / FOLDER / CODE)
    found = PagePassword(_kept(file), code, file)
    if not found.is_set and not code:
        log.error(
            "others can reach the page at %s, but no password is set and this station has no setup code: nobody is let "
            "in. Name a password_file in [web], or give the station a setup code: sudo chargepoint provision",
            listen,
        )
    return found


def _named(file: Path) -> str:
    fix = f"Put a password of {SHORTEST} characters or more into a file and name it, or listen on 127.0.0.1."
    try:
        password = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Fixable(f"cannot read {file} ({error})", where="[web] password_file", fix=fix) from None
    if len(password) < SHORTEST:
        raise Fixable(f"the password in {file} is too short", where="[web] password_file", fix=fix)
    return password


def _kept(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        log.error("%s cannot be read (%s)", file, error)
        return ""


def _written(file: Path, content: str) -> None:
    """All of it or nothing, whenever the power fails."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8") as sink:
        sink.write(content + "\n")
        sink.flush()
        os.fsync(sink.fileno())
    fresh.replace(file)
