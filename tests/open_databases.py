"""Closes the databases that a test left open, as a program that is killed does.

Else Python warns of each when it finds it (from 3.13 on), in the middle of another test, and a warning is an error.
A plugin that conftest.py registers.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from chargepoint.store.database import Database


@pytest.fixture(autouse=True)
def databases_are_closed_afterwards() -> Iterator[None]:
    opened: list[Database] = []
    open_database = Database.__init__

    def noting(self: Database, *args: Any, **named: Any) -> None:
        open_database(self, *args, **named)
        opened.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "__init__", noting)
        yield
    for database in opened:
        database.abandon()
