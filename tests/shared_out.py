"""Shares tests out to the workers of pytest-xdist: each file of tests/process to one worker, all others as they come.

A file of tests/process may count the processes that it starts. (Marks with `xdist_group` would say the same; but
pytest-xdist 3.8 does not see them under pytest 9.2, whose node ids do not change.) A plugin that conftest.py registers.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class Shares(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        """What must run in one worker, in turn."""
        return nodeid.partition("::")[0] if nodeid.startswith("tests/process/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    return Shares(config, log)
