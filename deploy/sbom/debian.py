"""Debian packages in a root folder, as dpkg has noted them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from deploy.sbom.document import Component, Json

STATUS = "var/lib/dpkg/status"
FIELD = re.compile(r"^([A-Za-z][A-Za-z-]*):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)
LICENCE = re.compile(r"^License:[ \t]*(\S.{0,78})$", re.MULTILINE)
DEP5 = re.compile(r"^Format:.*copyright-format", re.MULTILINE)


def installed(root: Path) -> list[Component]:
    """Every package that is installed there; none where there is no dpkg."""
    try:
        text = (root / STATUS).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    distro = _distro(root)
    found = [dict(FIELD.findall(entry)) for entry in text.split("\n\n") if entry.strip()]
    return [_component(each, root, distro) for each in found if each.get("Status", "").endswith(" installed")]


def _component(told: dict[str, str], root: Path, distro: str) -> Component:
    name, version, arch = told["Package"], told["Version"], told.get("Architecture", "all")
    source = told.get("Source", name)
    release = f"&distro={distro}" if distro else ""
    return Component(
        ref=f"deb:{name}:{arch}",
        name=name,
        version=version,
        purl=f"pkg:deb/debian/{quote(name, safe='')}@{quote(version, safe='.~-')}?arch={arch}{release}",
        licenses=tuple(_licences(root, name)),
        description=told.get("Description", "").partition("\n")[0],
        maker=re.sub(r"\s*<[^>]*>", "", told.get("Maintainer", "")),
        needs=tuple(_needs(told, arch)),
        properties=(("debian:source", source),),
    )


def _needs(told: dict[str, str], arch: str) -> Iterator[str]:
    """The first of each group of alternatives; what is not there under that name is left out later."""
    text = ",".join(told.get(key, "") for key in ("Depends", "Pre-Depends"))
    for group in text.split(","):
        name = re.split(r"[\s(|:]", group.strip(), maxsplit=1)[0]
        if name:
            yield f"deb:{name}:{arch}"
            yield f"deb:{name}:all"


def _licences(root: Path, name: str) -> list[Json]:
    """Where its copyright file is one that programs can read (DEP 5)."""
    try:
        text = (root / "usr/share/doc" / name / "copyright").read_text(encoding="utf-8", errors="replace")
    except OSError:  # an image without documentation
        return []
    words = sorted({found.strip() for found in LICENCE.findall(text)}) if DEP5.search(text) else []
    return [{"license": {"name": word}} for word in words]


def _distro(root: Path) -> str:
    """Such as debian-13."""
    try:
        text = (root / "etc/os-release").read_text()
    except OSError:
        return ""
    told = dict(re.findall(r'^([A-Z_]+)="?([^"\n]*)"?$', text, re.MULTILINE))
    return f"{told.get('ID', 'debian')}-{told['VERSION_ID']}" if "VERSION_ID" in told else ""
