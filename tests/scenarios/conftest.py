"""`world`: a station that is on and accepted, in each OCPP version."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.world import VERSIONS, World, a_world

MakeWorld = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture(params=VERSIONS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> MakeWorld:
    return partial(a_world, request.param, tmp_path)
