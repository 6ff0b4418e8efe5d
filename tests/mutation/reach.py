"""Which test runs which lines: a change is shown only to the tests that can notice it."""

from __future__ import annotations

import ast
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

Line = tuple[str, int]  # of which file

ENOUGH = 200
"""Calls of one function by one test that are watched line by line: it takes ten times as long as running them."""


@dataclass
class Reach:
    """What a run of all tests has shown, by the tests' numbers."""

    by_line: dict[Line, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_function: dict[Line, set[int]] = field(default_factory=lambda: defaultdict(set))
    took_s: dict[int, float] = field(default_factory=dict)

    @contextmanager
    def watched(self, test: int, near: frozenset[str], far: tuple[str, ...]) -> Iterator[None]:
        """Notes the lines that run in the files `near`, and the functions that are called anywhere in folders `far`."""
        calls: Counter[CodeType] = Counter()

        def entered(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
            file = frame.f_code.co_filename
            if not file.startswith(far):
                return None
            calls[frame.f_code] += 1
            if calls[frame.f_code] == 1:
                self.by_function[file, frame.f_code.co_firstlineno].add(test)
            return passed if file in near and calls[frame.f_code] <= ENOUGH else None

        def passed(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
            self.by_line[frame.f_code.co_filename, frame.f_lineno].add(test)
            return passed

        threading.settrace(entered)
        sys.settrace(entered)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def of_lines(self, file: str, lines: Iterable[int]) -> set[int]:
        return set().union(*(self.by_line.get((file, line), ()) for line in lines))

    def of_function(self, file: str, line: int) -> set[int]:
        return set(self.by_function.get((file, line), ()))


class Mentions:
    """Which functions use a name, directly or through a constant made of it: for what happens at import."""

    def __init__(self, root: Path, folders: Iterable[str]) -> None:
        self._functions: dict[str, set[Line]] = defaultdict(set)
        self._constants: dict[str, set[str]] = defaultdict(set)
        for folder in folders:
            for path in (root / folder).rglob("*.py"):
                if "generated" not in path.parts:
                    self._read(str(path), ast.parse(path.read_text()))

    def _read(self, file: str, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                for name in _names(node):
                    self._functions[name].add((file, first))
        everything = {name for node in tree.body if isinstance(node, _Definition) for name in _targets(node)}
        for statement in tree.body:
            if isinstance(statement, _Definition):
                for name in _names(statement):
                    self._constants[name] |= _targets(statement)
                if "globals" in _names(statement):
                    for other in everything:
                        self._constants[other] |= _targets(statement)

    def of(self, names: Iterable[str]) -> set[Line]:
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
