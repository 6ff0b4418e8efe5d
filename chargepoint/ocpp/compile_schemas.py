"""Turns the `ocpp` package's schema files into Python, ahead of time: `python -m chargepoint.ocpp.compile_schemas`.

One module a schema, in `generated/`, so that a running station imports only the validators it needs, and neither
fastjsonschema nor `ocpp` (whose import costs 86 to 159 ms). The generated code raises `Invalid` instead of the
library's exception, and leaves out values and schema texts, which are half a megabyte of constants.
"""

from __future__ import annotations

import ast
import compileall
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

VERSIONS = ("v16", "v201")
FORMATS = ("date-time", "uri")  # checked by schemas.py, not by the library's looser patterns
GENERATED = Path(__file__).with_name("generated")
STAMP = GENERATED / "stamp"

Validate = Callable[[Any, Mapping[str, Callable[[str], bool]]], object]


def main() -> int:
    """Write what is missing or outdated. Two processes may do so at once: every file is replaced in one step."""
    wanted = _stamp()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    for package in VERSIONS:
        for name, source in _sources(package):
            _replace(GENERATED / package / f"{name}.py", source)
        _replace(GENERATED / package / "__init__.py", "")
    _replace(GENERATED / "__init__.py", "")
    compileall.compile_dir(GENERATED, quiet=2)  # an installed station may not be able to write there
    _replace(STAMP, wanted)
    return 0


def in_memory(package: str, name: str) -> Validate:
    """The validator of one schema, compiled on the spot: for a tree where nobody could write `generated/`."""
    scope: dict[str, Any] = {}
    exec(compile(_code(_schema(package, _file_name(package, name))), f"<{package} {name}>", "exec"), scope)
    validate: Validate = scope["validate"]
    return validate


def _stamp() -> str:
    ours = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    python = sys.implementation.cache_tag
    return f"ocpp {version('ocpp')}\nfastjsonschema {version('fastjsonschema')}\npython {python}\ngenerator {ours}\n"


def _sources(package: str) -> Iterator[tuple[str, str]]:
    for file in sorted(_folder(package).glob("*.json")):
        yield _module_name(file.stem), _code(_schema(package, file.name))


def _folder(package: str) -> Path:
    return Path(str(distribution("ocpp").locate_file(f"ocpp/{package}/schemas")))


def _schema(package: str, file_name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_folder(package) / file_name).read_text(encoding="utf-8-sig"))
    return schema


def _module_name(stem: str) -> str:
    """1.6 calls its files Reset and ResetResponse, 2.x ResetRequest and ResetResponse."""
    return stem if stem.endswith(("Request", "Response")) else stem + "Request"


def _file_name(package: str, name: str) -> str:
    plain = f"{name}.json"
    return plain if (_folder(package) / plain).is_file() else f"{name.removesuffix('Request')}.json"


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(text)
    unfinished.replace(path)


# --- code -------------------------------------------------------------------------------------------------------------


def _code(schema: dict[str, Any]) -> str:
    import fastjsonschema  # here: a station that has its generated files never loads it

    # Draft 4 for all: it does not take 1.0 for an integer, and nothing in these schemas differs otherwise.
    schema = {**schema, "$schema": "http://json-schema.org/draft-04/schema#"}
    schema.pop("$id", None)
    code = fastjsonschema.compile_to_code(schema, formats=dict.fromkeys(FORMATS, bool), use_default=False)
    tree = _Slim().visit(ast.parse(code))
    body = ast.unparse(ast.fix_missing_locations(tree))
    decimals = "from decimal import Decimal\n" if "Decimal(" in body else ""
    return f"{decimals}from chargepoint.ocpp.invalid import Invalid\n{body}\n"


class _Slim(ast.NodeTransformer):
    """Our exception for the library's; without values, definitions and a `Decimal` that JSON never brings."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        node.elts = [item for item in node.elts if not (isinstance(item, ast.Name) and item.id == "Decimal")]
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        call = node.exc
        if isinstance(call, ast.Call):
            call.func = ast.Name("Invalid", ast.Load())
            call.keywords = [given for given in call.keywords if given.arg in ("name", "rule")]
        return node


if __name__ == "__main__":
    sys.exit(main())
