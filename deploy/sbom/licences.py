"""What a Python distribution says about its licence, in SPDX's words as far as it does."""

from __future__ import annotations

import re
from email.message import Message

from deploy.sbom.document import Json

SPDX = {
    "MIT License": "MIT",
    "MIT": "MIT",
    "BSD License": "",  # which one it does not say
    "BSD": "",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "ISC License (ISCL)": "ISC",
    "The Unlicense (Unlicense)": "Unlicense",
    "Public Domain": "",
}
"""Trove classifiers, and words people write, that stand for one licence; "": that much is known, and no more."""

EXPRESSION = re.compile(
    r"[A-Za-z0-9.+()-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+()-]+)+|[A-Za-z0-9]+(?:-[A-Za-z0-9.]+)*-\d[\w.-]*"
)
LONGEST_NAME = 80
"""Some put the whole text of the licence where its name belongs."""


def licence_of(told: Message) -> list[Json]:
    """CycloneDX's `licenses`: one expression, or names."""
    words = str(told["License-Expression"] or told["License"] or "").strip()
    if told["License-Expression"] or EXPRESSION.fullmatch(words):
        return [{"expression": words}]
    classified = [
        str(line).rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if "License ::" in str(line)
    ]
    named = [name for name in classified if name != "OSI Approved"]
    if words and "\n" not in words and len(words) <= LONGEST_NAME:
        named = [words, *(name for name in named if SPDX.get(name) and not SPDX.get(words))]
    return list({str(choice): choice for choice in map(_choice, named)}.values())


def _choice(name: str) -> Json:
    known = SPDX.get(name)
    return {"license": {"id": known} if known else {"name": name}}
