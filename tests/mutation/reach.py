"""Which test runs which lines: a change is shown only to the tests that can notice it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from coverage import Coverage

Line = tuple[str, int]  # of which file
Body = tuple[str, int, int]  # a function's: file, first and last line


@dataclass
class Reach:
    """What a run of all tests has shown, by the tests' numbers."""

    by_line: dict[str, dict[int, set[int]]] = field(default_factory=dict)  # file -> line -> tests
    took_s: dict[int, float] = field(default_factory=dict)

    def of_lines(self, file: str, lines: Iterable[int]) -> set[int]:
        known = self.by_line.get(file, {})
        return set().union(*(known.get(line, ()) for line in lines))

    def of_body(self, file: str, first: int, last: int) -> set[int]:
        return self.of_lines(file, range(first, last + 1))


class Watch:
    """Every line that runs is noted, with the test that runs it: a rule that is taken at the thousandth tick, too."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._coverage = Coverage(
            data_file=None, config_file=False, include=[f"{folder}/*" for folder in folders], messages=False
        )

    def begin(self) -> None:
        self._coverage.start()

    def now_runs(self, test: int) -> None:
        self._coverage.switch_context(str(test))

    def end(self) -> dict[str, dict[int, set[int]]]:
        self._coverage.stop()
        data = self._coverage.get_data()
        return {file: _tests(data.contexts_by_lineno(file)) for file in data.measured_files()}


def _tests(contexts: dict[int, list[str]]) -> dict[int, set[int]]:
    return {line: {int(context) for context in names if context} for line, names in contexts.items()}


class Mentions:
    """Which functions use a name, directly or through a constant made of it: for what happens at import."""

    def __init__(self, root: Path, folders: Iterable[str]) -> None:
        self._functions: dict[str, set[Body]] = defaultdict(set)
        self._constants: dict[str, set[str]] = defaultdict(set)
        for folder in folders:
            for path in (root / folder).rglob("*.py"):
                if "generated" not in path.parts:
                    self._read(str(path), ast.parse(path.read_text()))

    def _read(self, file: str, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = file, node.body[0].lineno, node.end_lineno or node.lineno
                for name in _names(node):
                    self._functions[name].add(body)
        everything = {name for node in tree.body if isinstance(node, _Definition) for name in _targets(node)}
        for statement in tree.body:
            if isinstance(statement, _Definition):
                for name in _names(statement):
                    self._constants[name] |= _targets(statement)
                if "globals" in _names(statement):
                    for other in everything:
                        self._constants[other] |= _targets(statement)

    def of(self, names: Iterable[str]) -> set[Body]:
        known, waiting = set(names), list(names)
        while waiting:
            more = self._constants.get(waiting.pop(), set()) - known
            known |= more
            waiting += more
        return set().union(*(self._functions.get(name, set()) for name in known))


_Definition = ast.Assign | ast.AnnAssign | ast.ClassDef


def _names(node: ast.AST) -> set[str]:
    found: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                found.add(name)
    return found


def _targets(node: _Definition) -> set[str]:
    if isinstance(node, ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}
