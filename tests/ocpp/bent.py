"""Payloads made from a JSON schema: one that is right, and every way to bend it a little."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
Path = tuple[str | int, ...]

WRONG_TYPES: dict[str, tuple[Json, ...]] = {
    "string": (5, 1.5, True, [], {}),
    "integer": ("5", 1.5, True, [], {}),
    "number": ("5", True, [], {}),
    "boolean": ("true", 0, [], {}),
    "array": ({}, "x", 5),
    "object": ([], "x", 5),
}
LONGEST = 64  # of a text that has no limit; else one character too many
NO_DATE_TIMES = ("", "now", "2026-11-22", "2026-11-22T12:00:00", "2026-02-30T12:00:00Z", "2026-11-22T25:00:00Z")
NO_URIS = ("", "no address", "//somewhere")


@dataclass(frozen=True)
class Bent:
    how: str  # missing, null, mistyped, too long, out of range, unknown word, no date, no address, extra
    path: Path
    payload: Json

    def __str__(self) -> str:
        return f"{self.how}: {'.'.join(map(str, self.path))}"


def inlined(schema: Json, definitions: Json | None = None) -> Json:
    """Without `$ref`: each definition stands where it is meant."""
    definitions = schema.get("definitions", {}) if definitions is None else definitions
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    flat = dict(schema)
    if "properties" in flat:
        flat["properties"] = {name: inlined(part, definitions) for name, part in flat["properties"].items()}
    if "items" in flat:
        flat["items"] = inlined(flat["items"], definitions)
    return flat


def right(schema: Json, *, whole: bool = True) -> Json:
    """A payload that the schema allows; `whole`: with every optional field."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            required = schema.get("required", ())
            named = schema.get("properties", {}).items()
            return {name: right(part, whole=whole) for name, part in named if whole or name in required}
        case "array":
            return [right(schema["items"], whole=whole)]
        case "string":
            return {"date-time": "2027-01-01T00:00:00Z", "uri": "ftp://files.example/x"}.get(schema.get("format"), "x")
        case "boolean":
            return True
    return 1


def bent(schema: Json) -> Iterator[Bent]:
    """Each payload is wrong in exactly one place."""
    whole = right(schema)
    for path, part in _places(schema, ()):
        for how, value in _wrong(part):
            yield Bent(how, path, _put(whole, path, value))
    for path, part in _objects(schema, ()):
        yield Bent("extra", path, _put(whole, (*path, "surprise"), 1))
        for name in part.get("required", ()):
            yield Bent("missing", (*path, name), _take(whole, (*path, name)))


def _places(schema: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    """Every value inside, but for the whole itself."""
    if path:
        yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from _places(part, (*path, name))
    if "items" in schema:
        yield from _places(schema["items"], (*path, 0))


def _objects(schema: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    return ((at, part) for at, part in ((path, schema), *_places(schema, path)) if part.get("type") == "object")


def _wrong(part: Json) -> Iterator[tuple[str, Json]]:
    kind = part["type"]
    yield "null", None
    for value in WRONG_TYPES[kind]:
        yield "mistyped", value
    if "enum" in part:
        yield "unknown word", "Surprise"
        yield "unknown word", part["enum"][0].lower()
    elif "maxLength" in part:
        yield "too long", "x" * (part["maxLength"] + 1)
    if part.get("format") == "date-time":
        yield from (("no date", text) for text in NO_DATE_TIMES)
    if part.get("format") == "uri":
        yield from (("no address", text) for text in NO_URIS)
    if "multipleOf" in part:
        yield "out of range", 1.23
    if "minimum" in part:
        yield "out of range", part["minimum"] - 1
    if part.get("minItems"):
        yield "out of range", []


def _put(payload: Json, path: Path, value: Json) -> Json:
    changed = copy.deepcopy(payload)
    _owner(changed, path)[path[-1]] = value
    return changed


def _take(payload: Json, path: Path) -> Json:
    changed = copy.deepcopy(payload)
    del _owner(changed, path)[path[-1]]
    return changed


def _owner(payload: Json, path: Path) -> Json:
    for step in path[:-1]:
        payload = payload[step]
    return payload
