"""Runs `async def` tests: in virtual time everywhere, on a real loop in tests/process only."""

import asyncio
import inspect
from collections.abc import Callable

import pytest

from tests import left_out
from tests.virtual_time import VirtualTimeLoop


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(left_out)


def _loop_factory(path: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    return None if "/process/" in path.replace("\\", "/") else VirtualTimeLoop


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    with asyncio.Runner(loop_factory=_loop_factory(str(pyfuncitem.path))) as runner:
        runner.run(pyfuncitem.obj(**wanted))
    return True
