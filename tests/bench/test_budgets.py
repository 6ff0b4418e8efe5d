"""The budgets are what was promised, and a machine is judged by its own speed."""

import json
from pathlib import Path

import pytest

import bench
from bench.__main__ import NAMES
from bench.budgets import Budgets, load, with_answer_ms
from bench.results import HEAD, Measured, as_json, judge, percentile, table

PROMISED = {
    "start.boot": (150, 110),
    "start.connectors": (10, 3),
    "memory.page_off": (24, 18),
    "memory.page_on": (44, 36),
    "memory.guard": (12, 9),
    "growth": (1, 0),
    "idle.daemon": (6, 4),
    "idle.guard": (20, 12),
    "roundtrip.1.6.rate": (3000, 4000),
    "roundtrip.1.6.p50": (0.33, None),
    "roundtrip.1.6.p99": (0.6, None),
    "roundtrip.2.0.1.rate": (3000, 4000),
    "roundtrip.2.0.1.p50": (0.33, None),
    "roundtrip.2.0.1.p99": (0.6, None),
    "session": (3, 1.5),
    "redelivery": (2, 2),
    "guard.idle": (50, 30),
    "guard.flooded": (50, 30),
    "guard.stopped": (50, 30),
    "guard.c_call": (50, 30),
    "pilot.cpu": (20, 12),
    "pilot.idle": (50, 30),
    "pilot.flooded": (50, 30),
    "pilot.stopped": (50, 30),
    "pilot.c_call": (50, 30),
    "drain.rate": (500, 2000),
    "drain.growth": (2, None),
    "writes": (20, 10),
    "schedule.composite": (10, 2),
    "schedule.profile": (10, 5),
}

SAME_MACHINE = with_answer_ms({"start_ms": 194, "answers_per_s": 1834, "cpu_us": 431})


@pytest.fixture(scope="module")
def budgets() -> Budgets:
    return load()


def test_the_file_says_what_was_promised(budgets: Budgets) -> None:
    assert {name: (q.budget, q.stretch) for name, q in budgets.quantities.items()} == PROMISED


def test_on_the_machine_of_the_anchors_the_budgets_are_as_they_stand(budgets: Budgets) -> None:
    for name, (budget, _) in PROMISED.items():
        assert budgets.limit(name, SAME_MACHINE) == pytest.approx(budget)


def test_a_machine_of_half_the_speed_gets_twice_the_time_and_owes_half_the_rate(budgets: Budgets) -> None:
    half = with_answer_ms({"start_ms": 388, "answers_per_s": 917, "cpu_us": 862})
    assert budgets.limit("start.boot", half) == pytest.approx(300)
    assert budgets.limit("session", half) == pytest.approx(6)
    assert budgets.limit("roundtrip.1.6.p99", half) == pytest.approx(1.2)
    assert budgets.limit("roundtrip.1.6.rate", half) == pytest.approx(1500)


@pytest.mark.parametrize("name", ["guard.idle", "guard.c_call", "memory.page_off", "writes"])
def test_safety_and_sizes_are_the_same_on_every_machine(budgets: Budgets, name: str) -> None:
    assert budgets.limit(name, {}) == PROMISED[name][0]


def test_a_time_cannot_be_judged_without_knowing_the_machine(budgets: Budgets) -> None:
    with pytest.raises(KeyError, match="start_ms"):
        judge(Measured("start.boot", [100.0], [190.0]), budgets, {})


def test_the_median_is_judged_but_for_safety_the_worst(budgets: Budgets) -> None:
    assert judge(Measured("start.boot", [100.0, 120.0, 900.0], [194.0]), budgets, SAME_MACHINE).ok
    guard = judge(Measured("guard.idle", [20.0, 21.0, 51.0], [20.0, 1000.0], worst=True), budgets, {})
    assert (guard.value, guard.ok, guard.beside) == (51.0, False, 1000.0)


def test_a_rate_keeps_its_budget_from_above(budgets: Budgets) -> None:
    assert judge(Measured("drain.rate", [501.0], [1800.0]), budgets, SAME_MACHINE).ok
    assert not judge(Measured("drain.rate", [499.0], [1800.0]), budgets, SAME_MACHINE).ok


def test_json_has_the_promised_keys_and_short_numbers(budgets: Budgets) -> None:
    results = [
        judge(Measured("start.boot", [123.45678], [194.0]), budgets, SAME_MACHINE),
        judge(Measured("writes", [21.0]), budgets, SAME_MACHINE),
    ]
    assert json.loads(as_json(results)) == [
        {"name": "start.boot", "value": 123.5, "unit": "ms", "budget": 150.0, "ok": True, "beside": 194.0},
        {"name": "writes", "value": 21.0, "unit": "MB/day", "budget": 20.0, "ok": False, "beside": None},
    ]


def test_the_table_says_what_is_over(budgets: Budgets) -> None:
    measured = [Measured("writes", [21.0]), Measured("memory.guard", [10.0, 11.0], [20.0])]
    rows = [(judge(one, budgets, {}), one) for one in measured]
    head, over, kept = table(rows, budgets).splitlines()
    assert head.split() == list(HEAD[:-1])
    assert "OVER  database writes" in over
    assert kept.split()[:6] == ["memory.guard", "10.5", "12", "20", "MiB", "2"]


def test_a_percentile_is_a_sample() -> None:
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile(list(map(float, range(1, 101))), 99) == 99.0
    assert percentile([7.0], 99) == 7.0


def test_every_bench_has_a_name_and_every_name_a_bench() -> None:
    folder = Path(bench.__file__).parent / "benches"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(NAMES)
    assert {name.split(".")[0] for name in PROMISED} == set(NAMES)
