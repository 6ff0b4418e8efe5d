"""Shows one change to the tests, in a process of its own, and says whether they noticed.

Two ways. A change inside a function is tried *warm*: everything is imported and collected once, and each trial is a
fork in which the function's code is exchanged. What happens at import (tables, constants, defaults) is tried *cold*: a
fork of a process that has loaded libraries only imports the changed module, and the tests, anew.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import mmap
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

import pytest

from tests.mutation.changes import Change, changes

PATIENCE_S = 600.0
"""Of real time for one trial; the time limits of the tests themselves are in processor time."""
MEMORY = 3 << 30


class Outcome(Enum):
    KILLED = "killed"
    TIMED_OUT = "timed out"  # it runs for ever: that is noticed too
    SURVIVED = "survived"
    NOT_REACHED = "not reached"  # by any test


SURVIVED, KILLED, BROKEN = 0, 1, 70  # exit status of a trial


class ToolBroken(Exception):
    """The trial itself failed, which says nothing about the tests."""


# --- processes --------------------------------------------------------------------------------------------------------


def in_a_fork(trial: Callable[[], int], patience_s: float = PATIENCE_S) -> Outcome:
    pid = os.fork()
    if pid == 0:
        _end_with(trial)
    return _wait_for(pid, patience_s)


def _end_with(trial: Callable[[], int]) -> NoReturn:
    status = BROKEN
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        status = trial()
    except BaseException:  # whatever it was, it must not go on in the parent's code
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def _wait_for(pid: int, patience_s: float) -> Outcome:
    handle = os.pidfd_open(pid)
    try:
        if not select.select([handle], [], [], patience_s)[0]:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(handle)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return Outcome.TIMED_OUT
    match os.waitstatus_to_exitcode(status):
        case 0:
            return Outcome.SURVIVED
        case 1:
            return Outcome.KILLED
        case code:
            raise ToolBroken(f"a trial ended with status {code}")


def be_quiet(*streams: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams or (1, 2):
        os.dup2(nowhere, stream)


def limit_processor_time(seconds: float) -> None:
    """From now on; a loop without an end is ended, with whatever runs it."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)


class FirstFailureEnds:
    """A plugin of pytest: one test that fails is enough, and nobody reads why."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            print(f"fails: {item.nodeid}", file=sys.__stderr__, flush=True)
            os._exit(KILLED)


# --- warm -------------------------------------------------------------------------------------------------------------


class Functions:
    """All functions that are alive, by file and line: also those behind properties, decorators and slots."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, int, str], list[FunctionType]] = {}
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType):
                code = thing.__code__
                key = code.co_filename, code.co_firstlineno, code.co_name
                self._all.setdefault(key, []).append(thing)

    def like(self, code: CodeType) -> list[FunctionType]:
        return self._all.get((code.co_filename, code.co_firstlineno, code.co_name), [])

    def exchange(self, changed: CodeType, change: Change) -> None:
        for code in _codes(changed):
            if change.inside is not None and (code.co_firstlineno, code.co_name) == (
                first_line(change),
                change.inside.name,
            ):
                for function in self.like(code):
                    function.__code__ = code

    def can_exchange(self, file: str, change: Change) -> bool:
        """Not where a function uses names of those around it, as `super()` does: a change may leave one of them out."""
        alive = self._all.get((file, first_line(change), change.inside.name), []) if change.inside else []
        return bool(alive) and not any(function.__code__.co_freevars for function in alive)


def first_line(change: Change) -> int:
    """As Python counts it, of the function that has the change; 0 where it happens at import."""
    function = change.inside
    return min([function.lineno, *(each.lineno for each in function.decorator_list)]) if function else 0


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def warm(
    change: Change,
    tree: ast.Module,
    file: str,
    functions: Functions,
    items: Sequence[pytest.Item],
    limits_s: Sequence[float],
    reached: memoryview,
) -> Outcome:
    """`reached[0]`, shared between processes, is left at the item that noticed the change."""

    def trial() -> int:
        be_quiet()
        change.apply()
        functions.exchange(compile(tree, file, "exec"), change)
        for index, item in enumerate(items):
            reached[0] = index
            limit_processor_time(limits_s[index])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following(items, index))
        return SURVIVED

    return in_a_fork(trial)


def following(items: Sequence[pytest.Item], index: int) -> pytest.Item | None:
    return items[index + 1] if index + 1 < len(items) else None


# --- cold -------------------------------------------------------------------------------------------------------------


class Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module in its changed form."""

    def __init__(self, module: str, file: Path, number: int | None) -> None:
        self.module, self.file = module, file
        self.tree, found = changes(file.read_text())
        if number is not None:
            found[number].apply()

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.file, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, str(self.file), "exec"), module.__dict__)

    def get_source(self, fullname: str) -> str:
        return self.file.read_text()


class Chosen(FirstFailureEnds):
    """Runs these tests, and those that a changed table has made of them; stops a test that does not end."""

    def __init__(self, wanted: dict[str, float], known: frozenset[str], reached: memoryview) -> None:
        self.wanted, self.known, self.reached = wanted, known, reached
        self.order = {nodeid: place for place, nodeid in enumerate(wanted)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.wanted or item.nodeid not in self.known]
        items.sort(key=lambda item: self.order.get(item.nodeid, -1))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.reached[0] = self.order.get(nodeid, -1)
        limit_processor_time(self.wanted.get(nodeid, 10.0))


class Cold:
    """A process that has loaded libraries and nothing of ours; it forks one more for each trial."""

    def __init__(self) -> None:
        self.reached = memoryview(mmap.mmap(-1, 8)).cast("q")
        """Where the last trial was when it ended: a test's place in the order given; -1: before any of them."""
        self._requests, self._answers = os.pipe(), os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _end_with(self._serve)
        self._to = os.fdopen(self._requests[1], "w")
        self._from = os.fdopen(self._answers[0])

    def _serve(self) -> int:
        os.close(self._requests[1])
        with os.fdopen(self._requests[0]) as requests, os.fdopen(self._answers[1], "w") as answers:
            for line in requests:
                request = ast.literal_eval(line)
                try:
                    answer = in_a_fork(partial(_cold_trial, self.reached, *request)).name
                except ToolBroken as broken:
                    answer = str(broken)
                print(answer, file=answers, flush=True)
        return 0

    def trial(
        self, module: str, file: Path, number: int | None, wanted: dict[str, float], known: frozenset[str]
    ) -> Outcome:
        self.reached[0] = -1
        print(repr((module, str(file), number, wanted, sorted(known))), file=self._to, flush=True)
        answer = self._from.readline().strip()
        if answer not in Outcome.__members__:
            raise ToolBroken(answer or "the process for cold trials has ended")
        return Outcome[answer]

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._to.close()
        os.waitpid(self._pid, 0)


def _cold_trial(
    reached: memoryview, module: str, file: str, number: int | None, wanted: dict[str, float], known: list[str]
) -> int:
    finder = Changed(module, Path(file), number)
    be_quiet()
    sys.meta_path.insert(0, finder)
    limit_processor_time(30.0)
    files = list(dict.fromkeys(nodeid.partition("::")[0] for nodeid in wanted))
    plugins = [Chosen(wanted, frozenset(known), reached)]
    status = pytest.main([*PYTEST_OPTIONS, *files], plugins=plugins)
    return SURVIVED if status == pytest.ExitCode.OK else KILLED


PYTEST_OPTIONS = (
    "-q", "-s", "-x", "--tb=native", "-p", "no:cacheprovider", "-p", "no:xdist",
    "--hypothesis-profile=mutants", "-W", "ignore::pytest.PytestAssertRewriteWarning",  # hypothesis is loaded already
)  # fmt: skip
