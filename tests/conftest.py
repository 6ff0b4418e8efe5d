"""Runs `async def` tests: in virtual time everywhere, on a real loop in tests/process and tests/deploy only."""

import asyncio
import inspect
import os
import signal
from collections.abc import Callable, Generator

import hypothesis
import pytest

from tests import left_out, open_databases, shared_out
from tests.virtual_time import VirtualTimeLoop

HANGING_S = 900 if left_out.in_ci() or "GPIOSIM_DIR" in os.environ else 300
if "CHARGEPOINT_IMAGE" in os.environ:
    HANGING_S = 7200  # twenty starts of an emulated machine
"""Of real time; a test that takes longer hangs. CI tries many examples; the machine of ./dev test-gpio is emulated."""

EXAMPLES = 1000 if left_out.in_ci() else 100  # of what a property must hold for, unless its test says otherwise
hypothesis.settings.register_profile("steady", deadline=None, max_examples=EXAMPLES)  # a busy machine fails no test
hypothesis.settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    for plugin in (left_out, open_databases, shared_out):
        config.pluginmanager.register(plugin)


def _loop_factory(path: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    real = any(f"/{folder}/" in path.replace("\\", "/") for folder in ("process", "deploy"))
    return None if real else VirtualTimeLoop


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    with asyncio.Runner(loop_factory=_loop_factory(str(pyfuncitem.path))) as runner:
        runner.run(pyfuncitem.obj(**wanted))
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """End a test that hangs, even in a loop that never awaits; the traceback says where."""

    def give_up(signum: int, frame: object) -> None:
        pytest.fail(f"hangs: not done after {HANGING_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(HANGING_S)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
