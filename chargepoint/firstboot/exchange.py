"""Replaces several files, all of them or none, also across a power cut: until it is settled, everything can go back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from chargepoint.security.wholefile import sync_folder, write_whole

LIST = "list.json"


class Exchange:
    """One exchange of files. `folder` holds what stood there before, as long as there may be a way back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, files: Mapping[Path, bytes], modes: Mapping[Path, int]) -> None:
        """Put every file into its place, owned by whoever owns its folder. Raises OSError; then `undo`."""
        self._remember(list(files))
        for path, content in files.items():
            _make_folder(path.parent)
            write_whole(path, content, modes[path])
            _give_away(path, modes[path])

    def undo(self) -> bool:
        """Everything as it was before `begin`; False where nothing had begun. Also after a power cut in the middle."""
        try:
            before: dict[str, str | None] = json.loads((self._folder / LIST).read_bytes())
        except FileNotFoundError:
            self._forget()
            return False
        for place, copy in before.items():
            path = Path(place)
            if copy is None:
                path.unlink(missing_ok=True)
            else:
                mode = (self._folder / copy).stat().st_mode & 0o7777
                write_whole(path, (self._folder / copy).read_bytes(), mode)
                _give_away(path, mode)
        self._forget()
        return True

    def settle(self) -> None:
        """No way back from here."""
        self._forget()

    def _remember(self, paths: list[Path]) -> None:
        """The copies first and the list last: it appears once all of it is true."""
        self._forget()
        before: dict[str, str | None] = {}
        for number, path in enumerate(paths):
            before[str(path)] = None
            if path.exists():
                before[str(path)] = str(number)
                write_whole(self._folder / str(number), path.read_bytes(), path.stat().st_mode & 0o7777)
        write_whole(self._folder / LIST, json.dumps(before).encode())

    def _forget(self) -> None:
        if self._folder.exists():
            (self._folder / LIST).unlink(missing_ok=True)
            sync_folder(self._folder)
            shutil.rmtree(self._folder)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        _give_away(folder, 0o700)


def _give_away(path: Path, mode: int) -> None:
    """To the owner of the folder around it: root puts here what the station's own user must read."""
    owner = path.parent.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    path.chmod(mode)
