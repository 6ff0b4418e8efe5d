"""Python distributions in a folder, as their own metadata tells them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import Distribution
from importlib.metadata import distributions as found_in
from pathlib import Path

from deploy.sbom.document import Component, Json
from deploy.sbom.licences import licence_of

REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*([^;]*)(?:;(.*))?")
KEPT = ("type", "name", "version", "purl", "licenses", "description")
"""What is taken over of a component that a wheel's own bill names."""


def distributions(site: Path) -> list[Component]:
    """All that are installed in `site`, one for each name."""
    named = {normal(each.metadata["Name"]): each for each in found_in(path=[str(site)]) if each.metadata["Name"]}
    return [_component(name, each) for name, each in sorted(named.items())]


def needed_by(name: str, site: Path) -> list[Component]:
    """Of those in `site`, the ones a program needs: itself, and what that needs in turn. Extras are left out."""
    all_of_them = {each.ref: each for each in distributions(site)}
    wanted, waiting = set[str](), [_ref(normal(name))]
    while waiting:
        ref = waiting.pop()
        if ref in all_of_them and ref not in wanted:
            wanted.add(ref)
            waiting += all_of_them[ref].needs
    return [each for ref, each in all_of_them.items() if ref in wanted]


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(name: str, found: Distribution) -> Component:
    told = found.metadata
    return Component(
        ref=_ref(name),
        name=name,
        version=found.version,
        purl=f"pkg:pypi/{name}@{found.version}",
        licenses=tuple(licence_of(_message(told))),
        kind="application" if name == "chargepoint" else "library",
        description=(told["Summary"] or "").strip(),
        maker=_maker(_message(told)),
        needs=tuple(_ref(need) for need in _needs(found)),
        inside=tuple(_inside(name, found)),
    )


def _message(told: object) -> Message:
    if not isinstance(told, Message):  # every version of importlib.metadata so far
        raise TypeError(f"metadata is a {type(told).__name__}")
    return told


def _ref(name: str) -> str:
    return f"pypi:{name}"


def _maker(told: Message) -> str:
    author = told["Author"] or told["Author-email"] or told["Maintainer"] or told["Maintainer-email"] or ""
    return re.sub(r"\s*<[^>]*>", "", str(author).splitlines()[0] if author else "").strip(' "')


def _needs(found: Distribution) -> Iterator[str]:
    """Names of what it requires whatever extra is chosen. Markers about the machine are not judged: what is not
    installed is left out later."""
    for text in found.requires or ():
        match = REQUIREMENT.match(text)
        if match and "extra" not in (match[3] or match[2]):
            yield normal(match[1])


# --- what is compiled in ----------------------------------------------------------------------------------------------


def _inside(name: str, found: Distribution) -> Iterator[Json]:
    """What the bills in the wheel itself name (PEP 770): OpenSSL in cryptography, image formats in Pillow."""
    seen = set[str]()
    for file in sorted(Path(str(found.locate_file(""))).glob(f"{_folder(found)}/sboms/*.json")):
        for each in _components_in(file):
            purl = str(each.get("purl", each["name"])).partition("?")[0]
            if normal(str(each["name"])) != name and purl not in seen:
                seen.add(purl)
                yield _taken_over(each)


def _folder(found: Distribution) -> str:
    return getattr(found, "_path", Path("none")).name


def _components_in(file: Path) -> list[Json]:
    try:
        told = json.loads(file.read_text())
    except (OSError, ValueError):
        return []
    listed = told.get("components", []) if isinstance(told, dict) and told.get("bomFormat") == "CycloneDX" else []
    return [each for each in listed if isinstance(each, dict) and each.get("name") and each.get("type")]


def _taken_over(each: Json) -> Json:
    kept = {key: each[key] for key in KEPT if each.get(key)}
    if "download_url=file" in kept.get("purl", ""):  # a path of the machine that built it
        kept["purl"] = kept["purl"].partition("?")[0]
    return kept
