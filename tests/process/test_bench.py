"""The bench still runs. What it measures here means nothing: other tests run beside it."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


async def bench(*arguments: str) -> tuple[int | None, str, str]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench", *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(120):
        out, err = await running.communicate()
    return running.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("name", ["start", "redelivery", "roundtrip", "drain", "writes", "schedule"])
async def test_a_bench_runs_and_says_it_in_json(name: str) -> None:
    status, out, err = await bench(name, "--quick", "--json")
    assert status == 0, err
    results = json.loads(out)
    assert results
    for result in results:
        assert list(result) == ["name", "value", "unit", "budget", "ok", "beside"]
        assert result["name"].split(".")[0] == name
    assert "figures mean nothing" in err


async def test_an_unknown_bench_is_a_usage_mistake() -> None:
    status, _, err = await bench("nonsense")
    assert status == 2
    assert "no such bench: nonsense" in err
