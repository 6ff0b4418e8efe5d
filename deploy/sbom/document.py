"""A list of components as a CycloneDX 1.6 document (ECMA-424)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Component:
    """Something that is in there. `ref` is its name within one document."""

    ref: str
    name: str
    version: str
    purl: str
    licenses: tuple[Json, ...] = ()  # CycloneDX's licenseChoice
    kind: str = "library"
    description: str = ""
    maker: str = ""
    needs: tuple[str, ...] = ()  # refs
    inside: tuple[Json, ...] = ()  # components that are compiled into it
    properties: tuple[tuple[str, str], ...] = field(default=())

    def as_json(self) -> Json:
        told: Json = {"type": self.kind, "bom-ref": self.ref, "name": self.name, "version": self.version}
        told |= {"publisher": self.maker} if self.maker else {}
        told |= {"description": self.description} if self.description else {}
        told |= {"licenses": list(self.licenses)} if self.licenses else {}
        told |= {"purl": self.purl}
        told |= (
            {"properties": [{"name": name, "value": value} for name, value in self.properties]}
            if self.properties
            else {}
        )
        return told | ({"components": list(self.inside)} if self.inside else {})


def bill(
    name: str, version: str, kind: str, components: Sequence[Component], supplier: str = "", at: datetime | None = None
) -> Json:
    """The document. The same content gives the same, but for its date: `at`, or SOURCE_DATE_EPOCH, or now."""
    components = sorted(components, key=lambda each: each.ref)
    told = [each.as_json() for each in components]
    ref = f"{name}@{version}"
    subject: Json = {"type": kind, "bom-ref": ref, "name": name, "version": version}
    subject |= {"supplier": {"name": supplier}} if supplier else {}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, ref + json.dumps(told, sort_keys=True))}",
        "version": 1,
        "metadata": {
            "timestamp": (at or _made_at()).isoformat().replace("+00:00", "Z"),
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": "chargepoint deploy.sbom", "version": version}]},
            "component": subject,
        },
        "components": told,
        "dependencies": _dependencies(ref, components),
    }


def _dependencies(ref: str, components: Sequence[Component]) -> list[Json]:
    known = {each.ref for each in components}
    needed = {need for each in components for need in each.needs}
    told: list[Json] = [{"ref": ref, "dependsOn": sorted(known - needed)}]
    for each in components:
        needs = sorted(set(each.needs) & known - {each.ref})
        told.append({"ref": each.ref} | ({"dependsOn": needs} if needs else {}))
    return told


def _made_at() -> datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    at = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return at.replace(microsecond=0)
