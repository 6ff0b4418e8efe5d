"""debian/copyright: our own licence and, for every package carried, what its author states."""

from __future__ import annotations

from email.parser import HeaderParser
from pathlib import Path

HEAD = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: chargepoint

Files: *
Copyright: 2026, the authors of chargepoint
License: Apache-2.0
 On Debian systems the full text of the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.
"""


def copyright_file(site: Path) -> str:
    return "\n".join([HEAD, *(_paragraph(folder) for folder in sorted(site.glob("*.dist-info")) if not _ours(folder))])


def _ours(folder: Path) -> bool:
    return folder.name.startswith("chargepoint-")


def _paragraph(folder: Path) -> str:
    about = HeaderParser().parsestr((folder / "METADATA").read_text(encoding="utf-8"))
    name = about["Name"]
    author = _line(about["Author-email"] or about["Author"] or about["Maintainer-email"] or f"the authors of {name}")
    return (
        f"Files: usr/lib/chargepoint/site-packages/{name} (version {about['Version']})\n"
        f"Copyright: {author}\nLicense: {_licence(about)}\n{_texts(folder, name)}"
    )


def _licence(about: object) -> str:
    stated = about["License-Expression"] or about["License"] or ""  # type: ignore[index]
    if stated and "\n" not in stated.strip():
        return _line(stated)
    classifiers: list[str] = about.get_all("Classifier") or []  # type: ignore[attr-defined]
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return ", ".join(named) or _line(stated)[:80]


def _texts(folder: Path, name: str) -> str:
    """Where the full texts lie: they travel in the package, beside what they are about."""
    texts = sorted(
        path.relative_to(folder.parent).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name.lower().startswith(("licen", "copying", "notice", "epl", "lgpl", "gpl"))
    )
    if not texts:
        return f" As stated in the metadata of {name}.\n"
    return "".join(f" /usr/lib/chargepoint/site-packages/{text}\n" for text in texts)


def _line(text: str) -> str:
    return " ".join(text.split())
