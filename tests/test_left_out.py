"""A skip is a failure in CI unless somebody has written down why."""

import pytest

from tests import left_out

pytest_plugins = ["pytester"]

TESTS = """
import pytest

def test_that_passes():
    pass

def test_that_gives_up():
    pytest.skip("no rain today")

@pytest.mark.xfail(reason="known")
def test_that_is_known_to_fail():
    assert False
"""

CONFTEST = """
from tests import left_out

def pytest_configure(config):
    config.pluginmanager.register(left_out)
"""

WHOLE_FILE = """
import pytest

pytest.skip("no sun today", allow_module_level=True)
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setattr(left_out, "FILE", pytester.path / "skips.toml")
    (pytester.path / "skips.toml").write_text("")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_weather=TESTS)
    return pytester


def test_at_home_it_is_named_at_the_end(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = project.runpytest_inprocess("-p", "no:xdist")
    result.assert_outcomes(passed=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["left out: 1 test: no rain today"])


def test_in_ci_it_fails(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = project.runpytest_inprocess("-p", "no:xdist")
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["*CI may leave out only what tests/skips.toml names: no rain today*"])


def test_in_ci_a_whole_file_left_out_fails_too(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    project.makepyfile(test_weather=WHOLE_FILE)
    assert project.runpytest_inprocess("-p", "no:xdist").ret != 0


def test_in_ci_a_reason_excuses(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    reason = '[[skip]]\ntest = "test_weather.py::test_that_gives_up"\nreason = "it rains elsewhere"\n'
    (project.path / "skips.toml").write_text(reason)
    project.runpytest_inprocess("-p", "no:xdist").assert_outcomes(passed=1, skipped=1, xfailed=1)


def test_a_suite_without_its_program_says_how_to_get_it(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setitem(left_out.SUITES, "browser", left_out.Suite("the page", ("no-such-browser",), "install one"))
    project.makeini("[pytest]\nmarkers = browser")
    project.makepyfile(test_weather="import pytest\n\n@pytest.mark.browser\ndef test_page():\n    assert False\n")
    result = project.runpytest_inprocess("-p", "no:xdist")
    result.stdout.fnmatch_lines(["left out: 1 test: the page: no no-such-browser here; to run it: install one"])


def test_every_excuse_of_this_project_has_a_reason() -> None:
    assert all(reason.strip() for reason in left_out.excused().values())
