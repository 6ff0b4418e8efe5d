"""Which of two versions is the older one, as RAUC compares them: semantic versioning, with any number of parts."""

from __future__ import annotations

import re

_PARTS = re.compile(r"\d+|[A-Za-z-]+")


def is_older(version: str, than: str) -> bool:
    """Does `version` come before `than`? One that says nothing comparable is older than none."""
    return bool(_core(version) and _core(than)) and _order(version) < _order(than)


def _order(version: str) -> tuple[list[int], bool, list[tuple[bool, int, str]]]:
    """2.1 = 2.1.0 < 2.1.1; 2.1.0-rc1 < 2.1.0, its pre-release comes first. Build data, behind a "+", does not count."""
    core, pre = _core(version), version.partition("+")[0].partition("-")[2]
    while core and core[-1] == 0:
        core.pop()
    words = [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _PARTS.findall(pre)]
    return core, not pre, words


def _core(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version.partition("+")[0].partition("-")[0])]
