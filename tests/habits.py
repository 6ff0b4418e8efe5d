"""Reads the source for habits this project does not have, and those it has."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent

LONGEST_FILE = 450
USUAL_FILE = 300
MEDIAN_FUNCTION = 10

MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
"""Work left to do belongs into the tracker, not into the source."""
VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "common", "misc"})
VERSION_NAMES = frozenset({"version", "ocpp_version", "subprotocol", "ocpp"})


@dataclass(frozen=True)
class Source:
    """A Python file, as text and as a tree."""

    path: str
    text: str

    @property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))


def sources(*tops: str) -> list[Source]:
    files = [path for top in tops for path in sorted((ROOT / top).rglob("*.py")) if "generated" not in path.parts]
    return [Source(str(path.relative_to(ROOT)), path.read_text()) for path in files]


def marks(source: Source) -> list[str]:
    return [
        f"{source.path}:{number}: {line.strip()}"
        for number, line in enumerate(source.text.splitlines(), start=1)
        if MARKS.search(line)
    ]


def vague_name(source: Source) -> list[str]:
    return [source.path] if Path(source.path).stem in VAGUE_NAMES else []


def too_long(source: Source) -> list[str]:
    return [f"{source.path} has {lines_of(source)} lines"] if lines_of(source) > LONGEST_FILE else []


def lines_of(source: Source) -> int:
    return len(source.text.splitlines())


def swallowed(source: Source) -> list[str]:
    """`except Exception` and wider, unless it raises again or a comment on its line says why it must not."""
    lines = source.text.splitlines()
    return [
        f"{source.path}:{node.lineno} catches everything and does not say why"
        for node in source.nodes
        if isinstance(node, ast.ExceptHandler)
        and _names(node.type) & {"", "Exception", "BaseException"}
        and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        and "  # " not in lines[node.lineno - 1]
    ]


def _names(expression: ast.expr | None) -> set[str]:
    if expression is None:
        return {""}
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def orphans(source: Source) -> list[str]:
    """Tasks without a parent that outlives them."""
    return [
        f"{source.path}:{node.lineno} starts a task outside a TaskGroup"
        for node in source.nodes
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("asyncio.create_task", "create_task", "asyncio.ensure_future", "ensure_future")
    ]


def asserts(source: Source) -> list[str]:
    """`python -O` leaves them out: a check that matters is an `if`."""
    return [f"{source.path}:{node.lineno} asserts" for node in source.nodes if isinstance(node, ast.Assert)]


def version_questions(source: Source) -> list[str]:
    """`if version == "1.6"`: what differs between versions stands in their own packages."""
    return [
        f"{source.path}:{node.lineno} asks for the version: {ast.unparse(node)}"
        for node in source.nodes
        if isinstance(node, ast.Compare)
        and any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in _sides(node))
        and any(_last_name(side) in VERSION_NAMES for side in _sides(node))
    ]


def _sides(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _last_name(side: ast.expr) -> str:
    return side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else ""


def naps(source: Source) -> list[str]:
    """Real waiting in a test makes it slow, and wrong on a busy machine."""
    return [
        f"{source.path}:{node.lineno} sleeps"
        for node in source.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    ]


def proves_nothing(source: Source) -> list[str]:
    """A file of tests in which nothing can fail."""
    proofs = [node for node in source.nodes if isinstance(node, ast.Assert) or _raises(node)]
    return [] if proofs else [source.path]


def _raises(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.raises", "pytest.fail", "pytest.warns")


def function_lengths(source: Source) -> Iterator[int]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def median_function(files: list[Source]) -> float:
    return median(length for source in files for length in function_lengths(source))
