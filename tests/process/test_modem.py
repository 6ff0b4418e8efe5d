"""ModemManager's program, played by a script: it answers, hangs, says nonsense, or is not there."""

import time
from pathlib import Path

import pytest

from chargepoint import modem
from chargepoint.modem import NoModem, mmcli


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the script lies that is found first."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "mmcli"


def played(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


async def test_its_json_is_read(program: Path) -> None:
    played(program, 'printf \'{"asked": "%s"}\' "$*"')
    assert await mmcli(["-m", "0"]) == {"asked": "-J -m 0"}


@pytest.mark.parametrize("script", ["echo 'error: couldn'; exit 1", "exit 1", "printf '\\377\\376'"])
async def test_without_modemmanager_there_is_no_modem(program: Path, script: str) -> None:
    played(program, script)
    with pytest.raises(NoModem, match="does not run"):
        await mmcli(["-L"])


async def test_one_that_hangs_is_given_up_and_ended(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modem, "ANSWERS_WITHIN_S", 0.2)
    played(program, "exec sleep 60")
    began_s = time.monotonic()
    with pytest.raises(NoModem, match="does not answer"):
        await mmcli(["-L"])
    assert time.monotonic() - began_s < 10


async def test_a_program_that_is_not_there_is_no_modem(program: Path) -> None:
    with pytest.raises(NoModem, match="cannot be started"):
        await mmcli(["-L"])
