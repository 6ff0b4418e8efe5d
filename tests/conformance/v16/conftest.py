"""`stage`: a station that speaks OCPP 1.6, on, accepted and idle (tests/conformance/stage.py)."""

from functools import partial
from pathlib import Path

import pytest

from tests.conformance.stage import MakeStage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> MakeStage:
    return partial(a_stage, "1.6", tmp_path)
