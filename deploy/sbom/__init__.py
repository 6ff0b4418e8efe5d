"""Software bill of materials (CycloneDX 1.6, JSON) of the program, a package, or a whole image.

`python -m deploy.sbom --help`, or `./dev sbom`. Needs the standard library and no network.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from deploy.sbom.debian import installed
from deploy.sbom.document import Json, bill
from deploy.sbom.python import distributions

SITE = Path("usr/lib/chargepoint/site-packages")
"""Where the package keeps what the program imports."""


def of_package(site: Path, version: str, supplier: str = "", at: datetime | None = None) -> Json:
    """Of the Debian package: the program, and everything that it brings along in `site`. `at`: when it was made."""
    return bill("chargepoint", version, "application", distributions(site), supplier=supplier, at=at)


def of_image(root: Path, version: str, supplier: str = "", name: str = "chargepoint-image") -> Json:
    """Of an image: its Debian packages, and what the program's package brings along. `root`: its root folder."""
    python = distributions(root / SITE) if (root / SITE).is_dir() else []
    return bill(name, version, "firmware", [*python, *installed(root)], supplier=supplier)


def as_text(told: Json) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"
