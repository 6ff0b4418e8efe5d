"""Habits of this source tree (docs/architecture.md), and proof that each check bites."""

from collections.abc import Callable

import pytest

from tests.habits import (
    LONGEST_FILE,
    MEDIAN_FUNCTION,
    USUAL_FILE,
    Source,
    asserts,
    function_lengths,
    lines_of,
    marks,
    median_function,
    naps,
    orphans,
    proves_nothing,
    sources,
    swallowed,
    too_long,
    vague_name,
    version_questions,
)

Check = Callable[[Source], list[str]]

PROGRAM = (swallowed, orphans, asserts, version_questions, too_long)
EVERYWHERE = (marks, vague_name)
OF_THESE_CHECKS = ("tests/habits.py", "tests/test_repository.py")


@pytest.mark.parametrize("check", PROGRAM + EVERYWHERE, ids=lambda check: check.__name__)
def test_the_program_keeps_its_habits(check: Check) -> None:
    assert [found for source in sources("chargepoint", "hw") for found in check(source)] == []


@pytest.mark.parametrize("check", EVERYWHERE, ids=lambda check: check.__name__)
def test_tests_and_bench_keep_theirs(check: Check) -> None:
    files = [source for source in sources("tests", "bench") if source.path not in OF_THESE_CHECKS]
    assert [found for source in files for found in check(source)] == []


def test_tests_do_not_sleep_and_each_file_of_them_can_fail() -> None:
    files = [source for source in sources("tests") if source.path.rpartition("/")[2].startswith("test_")]
    assert len(files) > 10
    assert [found for source in files for check in (naps, proves_nothing) for found in check(source)] == []


def test_functions_are_short() -> None:
    assert median_function(sources("chargepoint", "hw")) <= MEDIAN_FUNCTION


def test_nine_files_in_ten_are_read_at_one_sitting() -> None:
    lengths = sorted(map(lines_of, sources("chargepoint", "hw")))
    assert lengths[len(lengths) * 9 // 10] <= USUAL_FILE


BITES = [
    (marks, "x = 1  # TODO: later"),
    (swallowed, "try:\n    f()\nexcept Exception:\n    pass"),
    (swallowed, "try:\n    f()\nexcept (OSError, BaseException) as e:\n    log(e)"),
    (swallowed, "try:\n    f()\nexcept:\n    pass"),
    (orphans, "asyncio.create_task(f())"),
    (orphans, "asyncio.ensure_future(f())"),
    (asserts, "assert x > 1"),
    (version_questions, 'if version == "1.6":\n    f()'),
    (version_questions, 'ok = "ocpp2.0.1" != link.subprotocol'),
    (too_long, "x = 1\n" * (LONGEST_FILE + 1)),
    (naps, "time.sleep(1)"),
    (proves_nothing, "def test_x() -> None:\n    f()"),
]


@pytest.mark.parametrize(("check", "broken"), BITES, ids=lambda part: getattr(part, "__name__", ""))
def test_a_check_bites(check: Check, broken: str) -> None:
    assert len(check(Source("made_up.py", broken))) == 1


FINE = [
    (swallowed, "try:\n    f()\nexcept Exception:\n    undo()\n    raise"),
    (swallowed, "try:\n    f()\nexcept OSError:\n    pass"),
    (swallowed, "try:\n    f()\nexcept Exception:  # one bad frame costs one answer\n    pass"),
    (orphans, "tasks.create_task(f())"),
    (version_questions, 'if status == "Accepted":\n    f()'),
    (proves_nothing, "def test_x():\n    with pytest.raises(ValueError):\n        f()"),
    (too_long, "x = 1\n" * LONGEST_FILE),
]


@pytest.mark.parametrize(("check", "good"), FINE, ids=lambda part: getattr(part, "__name__", ""))
def test_a_check_lets_good_source_be(check: Check, good: str) -> None:
    assert check(Source("made_up.py", good)) == []


def test_a_vague_name_is_found() -> None:
    assert vague_name(Source("chargepoint/utils.py", "")) == ["chargepoint/utils.py"]


def test_functions_are_measured_in_lines() -> None:
    assert list(function_lengths(Source("x.py", "def f():\n    a()\n    b()\n\nasync def g(): pass"))) == [3, 1]
