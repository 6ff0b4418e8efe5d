"""Log lines go to stderr, in the form that whoever reads it wants."""

import logging
from collections.abc import Iterator

import pytest

from chargepoint import logs


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("chargepoint")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.fixture(params=["", "8:1234"], ids=["by hand", "under systemd"])
def journal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("JOURNAL_STREAM", request.param)
    stream: str = request.param
    return stream


def test_a_warning_is_one_line_with_its_priority(journal: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.to_stderr(verbose=False)
    logging.getLogger("chargepoint.daemon").warning("evse=%d meter lost", 1)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("chargepoint.daemon: evse=1 meter lost")
    assert line.startswith("<4>chargepoint") if journal else " WARNING " in line


def test_every_line_of_a_traceback_has_its_priority(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1234")
    logs.to_stderr(verbose=False)
    logging.getLogger("chargepoint").error("one\ntwo")
    assert capsys.readouterr().err == "<3>chargepoint: one\n<3>two\n"


@pytest.mark.parametrize(("verbose", "lines"), [(False, 0), (True, 1)])
def test_frames_are_logged_when_asked_for(verbose: bool, lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    logs.to_stderr(verbose=verbose)
    logging.getLogger("chargepoint.ocpp.link").debug("-> [2, ...]")
    logging.getLogger("asyncio").debug("other people's noise")
    assert len(capsys.readouterr().err.splitlines()) == lines
