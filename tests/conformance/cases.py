"""The certification cases of each OCPP version, and which tests execute them.

A catalogue is a table, `ocpp1.6.tsv`: the case, its profile, when it applies, what is expected in our own words, and,
where no configuration of this software could meet its condition, why. A test claims one case by its marker,
`@pytest.mark.case("TC_003_CS")`, and is named after it, `test_tc_003_...`. Claims are read from the source, so that
the tests of one file can run by themselves.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

FOLDERS = {"1.6": "v16"}
"""Version -> where its tests are. A version is here from its first test on."""


@dataclass(frozen=True)
class Case:
    case: str
    title: str
    profile: str
    status: str  # mandatory, conditional
    condition: str  # on the configured station; "" where there is none
    expected: str
    not_applicable: str  # why no configuration meets the condition; "" where one does


@dataclass(frozen=True)
class Claim:
    """A test that executes a case."""

    case: str
    test: str
    file: str  # below the repository


@cache
def catalogue(version: str) -> dict[str, Case]:
    with (HERE / f"ocpp{version}.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["case"]: Case(**row) for row in rows}


@dataclass(frozen=True)
class Key:
    """A configuration key as the standard describes it."""

    key: str
    profile: str  # of which it is a part
    need: str  # required, optional
    access: str  # R, RW, W, or R/RW where both are right
    type: str


@cache
def keys(version: str) -> dict[str, Key]:
    with (HERE / f"keys{version}.tsv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: Key(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


@cache
def claims(version: str) -> tuple[Claim, ...]:
    return tuple(claim for path in sorted(folder(version).rglob("test_*.py")) for claim in _claims_in(path))


def folder(version: str) -> Path:
    return HERE / FOLDERS[version]


def _claims_in(path: Path) -> Iterator[Claim]:
    file = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (Claim(name, node.name, file) for name in map(_named, node.decorator_list) if name)


def _named(decorator: ast.expr) -> str:
    match decorator:
        case ast.Call(func=func, args=[ast.Constant(value=str(name))]) if ast.unparse(func) == "pytest.mark.case":
            return name
    return ""


def missing(version: str) -> list[str]:
    """Cases with neither a test nor a reason."""
    claimed = {claim.case for claim in claims(version)}
    return [name for name, case in catalogue(version).items() if name not in claimed and not case.not_applicable]


def misnamed(claim: Claim) -> bool:
    return not claim.test.startswith(f"test_{claim.case.removesuffix('_CS').lower()}_")
