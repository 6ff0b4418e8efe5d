"""The pages of docs/ as the package has them: what they link to lies elsewhere there, or is not in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath

from deploy.debian.wheels import ROOT

KINDS = (".md", ".svg", ".png")

EXAMPLES = (
    "deploy/chargepoint.toml",
    "deploy/grafana/chargepoint.json",
    "deploy/image/rpi/config.txt",
    "deploy/prometheus/chargepoint-alerts.test.yml",
    "deploy/prometheus/chargepoint-alerts.yml",
)
"""Of this tree, for the package's examples/."""

UP = "../../../.."  # from /usr/share/doc/chargepoint/docs to /usr
CODE = f"{UP}/lib/chargepoint/site-packages"
UNITS = f"{UP}/lib/systemd/system"

_LINK = re.compile(r"(?<!!)\[([^]]+)\]\(((?!\w+:|#)[^)\s]+)\)")


def pages() -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of docs/, its links right for where the package puts it."""
    for source in sorted((ROOT / "docs").iterdir()):
        if source.suffix in KINDS:
            content = source.read_bytes()
            yield source.name, _relinked(content.decode()).encode() if source.suffix == ".md" else content


def examples() -> Iterator[tuple[str, bytes]]:
    """Names without folders: what is told to lie beside something else does."""
    for source in map(Path, EXAMPLES):
        yield source.name, (ROOT / source).read_bytes()


def _relinked(page: str) -> str:
    return _LINK.sub(_link, page)


def _link(found: re.Match[str]) -> str:
    words, target = found.groups()
    path, hash_, place = target.partition("#")
    where = _in_package(normpath(f"docs/{path}"))
    return words if where is None else f"[{words}]({where}{hash_}{place})"


def _in_package(path: str) -> str | None:
    """Of a file of this tree, seen from the package's docs; None: it is not in the package."""
    folder, _, name = path.rpartition("/")
    if folder == "docs":
        return name
    if path in EXAMPLES:
        return f"../examples/{name}"
    if path in ("CHANGELOG.md", "SECURITY.md"):
        return f"../{name}"
    if path.startswith(("chargepoint/", "hw/")):
        return f"{CODE}/{path}"
    if folder == "deploy" and name.endswith((".service", ".path")):
        return f"{UNITS}/{name}"
    return None
