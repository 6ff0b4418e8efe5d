"""Several files of the state directory changed as one: all of them or none, also after a power cut.

They are written into a folder beside, whose renaming is the moment at which they count; moving each to its place can be
done again as often as it takes (`settle`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from chargepoint.provisioning import DECIDED
from chargepoint.security.wholefile import sync_folder, write_whole

DRAFT = f"{DECIDED}.new"
ORDER, FILES = "order.json", "files"

PUBLIC = 0o644
SECRET = 0o600


def commit(state: Path, files: Mapping[str, bytes], removed: Iterable[str] = (), public: Iterable[str] = ()) -> None:
    """Write `files` (path below `state` -> content) and take `removed` away. `public`: those that everybody may read.

    Raises:
        OSError: the disk does not take it; nothing has changed.
    """
    import shutil

    settle(state)
    draft = state / DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    order = {"removed": sorted(removed), "files": sorted(files)}
    for number, name in enumerate(order["files"]):
        mode = PUBLIC if name in public else SECRET
        write_whole(draft / FILES / str(number), files[name], mode)
    write_whole(draft / ORDER, json.dumps(order).encode())
    draft.rename(state / DECIDED)
    sync_folder(state)
    settle(state)


def settle(state: Path) -> None:
    """Finish what was decided before a power cut. By the one who holds the state directory (`app.hold`)."""
    decided = state / DECIDED
    if not decided.is_dir():
        return
    order = json.loads((decided / ORDER).read_bytes())
    for name in order["removed"]:
        (state / name).unlink(missing_ok=True)
    folders = {state}
    for number, name in enumerate(order["files"]):
        moved, place = decided / FILES / str(number), state / name
        if moved.exists():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            moved.replace(place)
        folders.add(place.parent)
    for folder in folders:
        sync_folder(folder)
    _forget(state)


def _forget(state: Path) -> None:
    """By name first: half of an order must not be taken for one."""
    import shutil

    (state / DECIDED).rename(state / DRAFT)
    sync_folder(state)
    shutil.rmtree(state / DRAFT)
