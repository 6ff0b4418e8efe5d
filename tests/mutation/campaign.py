"""All changes of some modules, each shown to the tests that run it: the fastest of the nearest suite first."""

from __future__ import annotations

import ast
import importlib
import os
import pickle
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from math import inf
from pathlib import Path
from types import FrameType

import hypothesis
import pytest

from tests.mutation.changes import Change, changes
from tests.mutation.reach import Line, Mentions, Reach, Watch
from tests.mutation.trial import (
    PYTEST_OPTIONS,
    Cold,
    FirstFailureEnds,
    Functions,
    Outcome,
    ToolBroken,
    be_quiet,
    first_line,
    following,
    in_a_fork,
    warm,
)

ROOT = Path(__file__).resolve().parent.parent.parent

NEAREST_S, FARTHER_S = 15.0, 4.0
"""So long the tests are run that a change is shown to, of the nearest suite and of others: the fastest of each."""


def fewer_examples() -> None:
    """Of hypothesis, always the same, and none is made smaller: nobody reads it."""
    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=30,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )


@dataclass(frozen=True)
class Group:
    """Modules that are judged together, and the tests that may notice what is wrong with them."""

    name: str
    modules: tuple[str, ...]
    nearest: tuple[str, ...]
    farther: tuple[str, ...]


def name_of(module: str, change: Change) -> str:
    """Of a mutant, as long as nobody changes its line: "chargepoint.core.session Session.handle | line | change"."""
    return f"{module} {change.where} | {change.line} | {change.told}"


@dataclass
class Campaign:
    """A plugin of pytest: instead of running the tests once, it runs them for every change."""

    group: Group
    modules: tuple[str, ...]
    wanted: Callable[[str], bool]  # the mutant of this name
    note: Callable[[str, Outcome], None]
    cold: Cold
    patiently: bool = False  # every test that runs the line is asked
    broken: BaseException | None = None
    items: list[pytest.Item] = field(default_factory=list)
    reach: Reach = field(default_factory=Reach)
    _at_import: set[Line] = field(default_factory=set)  # functions that run then: what they have made is there already
    _killers: dict[str, Counter[int]] = field(default_factory=dict)  # function -> tests that noticed something there

    def run(self) -> None:
        sys.setprofile(self._note_import)
        suites = [*self.group.nearest, *self.group.farther]
        pytest.main([*PYTEST_OPTIONS, "--no-header", "--no-summary", *suites], plugins=[self, FirstFailureEnds()])
        if self.broken is not None:
            raise self.broken

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.setprofile(None)
        try:
            self.items = [item for item in session.items if not _left_out(item)]
            self._watch_all()
            self._try_all()
        except (ToolBroken, OSError) as broken:
            self.broken = broken
        return True

    def _note_import(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith((f"{ROOT}/chargepoint/", f"{ROOT}/hw/")):
            self._at_import.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    # --- what runs what -----------------------------------------------------------------------------------------------

    def _watch_all(self) -> None:
        with tempfile.NamedTemporaryFile() as notes:
            if in_a_fork(lambda: self._watch(notes.name), patience_s=2000.0) is not Outcome.SURVIVED:
                raise ToolBroken("the tests fail although nothing is changed: run them first")
            self.reach = pickle.loads(Path(notes.name).read_bytes())

    def _watch(self, notes: str) -> int:
        be_quiet(1)
        watch = Watch(f"{ROOT}/{folder}" for folder in ("chargepoint", "hw", "tests"))
        watch.begin()
        for number, item in enumerate(self.items):
            began = os.times()
            watch.now_runs(number)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following(self.items, number))
            ended = os.times()
            self.reach.took_s[number] = ended.user + ended.system - began.user - began.system
        Path(notes).write_bytes(pickle.dumps(Reach(watch.end(), self.reach.took_s)))
        return 0

    # --- trying -------------------------------------------------------------------------------------------------------

    def _try_all(self) -> None:
        for module in self.modules:
            importlib.import_module(module)
        self._unchanged(self.modules[0])
        functions, mentions = Functions(), Mentions(ROOT, ("chargepoint", "hw", *self.group.nearest))
        for module in self.modules:
            self._killers.clear()
            tree, found = changes(source_of(module).read_text())
            for number, change in enumerate(found):
                name = name_of(module, change)
                if self.wanted(name):
                    self.note(name, self._try(module, number, change, tree, functions, mentions))

    def _unchanged(self, module: str) -> None:
        """A cold trial of nothing must find nothing."""
        outcome = self._try_cold(module, None, self._in_order(range(len(self.items)), "", ""))
        if outcome is not Outcome.SURVIVED:
            raise ToolBroken(f"{module}: a cold trial without a change is {outcome.value}")

    def _try(
        self, module: str, number: int, change: Change, tree: ast.Module, functions: Functions, mentions: Mentions
    ) -> Outcome:
        file = source_of(module)
        is_warm = functions.can_exchange(str(file), change) and (str(file), first_line(change)) not in self._at_import
        found = self.reach.of_lines(str(file), change.lines) if is_warm else self._users(change, mentions)
        if not found:
            return Outcome.NOT_REACHED
        tests = self._in_order(found, change.where, change.line)
        outcome = (
            self._try_warm(change, tree, file, functions, tests) if is_warm else self._try_cold(module, number, tests)
        )
        if outcome is not Outcome.SURVIVED and self.cold.reached[0] >= 0:
            self._killers.setdefault(change.where, Counter())[tests[self.cold.reached[0]]] += 1
        return outcome

    def _try_warm(
        self, change: Change, tree: ast.Module, file: Path, functions: Functions, tests: list[int]
    ) -> Outcome:
        items, limits_s = [self.items[test] for test in tests], [self._limit_s(test) for test in tests]
        return warm(change, tree, str(file), functions, items, limits_s, self.cold.reached)

    def _try_cold(self, module: str, number: int | None, tests: list[int]) -> Outcome:
        wanted = {self.items[test].nodeid: self._limit_s(test) for test in tests}
        files = {nodeid.partition("::")[0] for nodeid in wanted}
        known = frozenset(item.nodeid for item in self.items if item.nodeid.partition("::")[0] in files)
        return self.cold.trial(module, source_of(module), number, wanted, known)

    def _users(self, change: Change, mentions: Mentions) -> set[int]:
        """Tests of what uses the thing; all of the nearest where nobody is known to."""
        names = {change.inside.name, *change.where.split(".")} if change.inside else change.names
        found = set().union(*(self.reach.of_body(*body) for body in mentions.of(names)))
        return found or {test for test in range(len(self.items)) if self._is_near(test)}

    def _in_order(self, tests: Iterable[int], where: str, line: str) -> list[int]:
        """Those first that have noticed something in this function, then those whose names speak of it."""
        took, words = self.reach.took_s, _words(f"{where} {line}")
        killed = self._killers.get(where, Counter())

        def rank(test: int) -> tuple[int, bool, int, float]:
            kinship = len(words & _words(self.items[test].nodeid))
            return -killed[test], not self._is_near(test), -kinship, took[test]

        ordered = sorted(tests, key=rank)
        chosen, left_s = [], {True: inf, False: inf} if self.patiently else {True: NEAREST_S, False: FARTHER_S}
        for test in ordered:
            left_s[self._is_near(test)] -= took[test]
            if left_s[self._is_near(test)] > 0:
                chosen.append(test)
        return chosen

    def _is_near(self, test: int) -> bool:
        return self.items[test].nodeid.startswith(self.group.nearest)

    def _limit_s(self, test: int) -> float:
        return 2.0 + 4.0 * self.reach.took_s[test]


@cache
def _words(text: str) -> frozenset[str]:
    """Their beginnings: "measured" is akin to "measuring"."""
    return frozenset(word[:6] for word in re.findall(r"[a-z]{4,}", text.lower().replace("_", " ")))


def _left_out(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("skip", "skipif", "xfail"))


def source_of(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"
